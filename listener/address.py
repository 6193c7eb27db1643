"""The address guard: what is fetched lies out on the public net, however an address is written or looked up."""

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL  # what aiohttp reads an address with

from listener.errors import NoAddress, RefusedAddress


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host name literally is, also written as 2130706433, 0x7f.1 or 0177.0.0.1; else None."""
    bare = host.strip("[]").split("%", 1)[0]
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare)) if bare[:1].isdigit() else None
    except OSError:
        return None


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in ipaddress.ip_network("64:ff9b::/96"):  # NAT64 carries an IPv4 address
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


@lru_cache(maxsize=4096)
def _is_private_host(host: str) -> bool:
    """The host as a URL writes it is, without asking a name server, not out on the public net."""
    address = _address(host)
    return host == "localhost" or host.endswith(".localhost") or (address is not None and not _is_public(address))


class AddressGuard:
    """Refuses addresses that are not out on the public net, unless the config allows them."""

    def __init__(self, allow_private: bool) -> None:
        self.allow_private = allow_private

    def check_url(self, url: str) -> None:
        """Raises RefusedAddress: not http(s), or its host is, written in any way, a private or reserved address.

        The host is looked at as it will be connected to: IDNA makes 127.0.0.1 of ①②⑦.0.0.1 and 127。0。0。1, and an
        address in digits is connected to without asking any resolver.
        """
        try:
            url.encode()
            parts = urlsplit(url)
            hosts = {parts.hostname or "", URL(url).host or ""}
        except ValueError as error:  # brackets without an end, a port beyond 65535, bytes that are no text
            raise NoAddress(url.encode("utf-8", "replace").decode(), f"is no address ({error})") from error
        if parts.scheme not in ("http", "https") or "" in hosts:
            raise RefusedAddress(url, "only http and https addresses are fetched")
        for host in hosts:
            if _is_private_host(host.rstrip(".")):
                self._refuse(url, host)

    def check_address(self, address: str, name: str) -> None:
        """Raises RefusedAddress: the public name `name` points to a private address."""
        found = _address(address)
        if found is None or not _is_public(found):
            self._refuse(name, address)

    def _refuse(self, url: str, what: str) -> None:
        if not self.allow_private:
            raise RefusedAddress(url, f"{what} is a private or reserved address; [net] allow_private = true allows it")


class GuardedResolver(AbstractResolver):
    """Looks names up and refuses answers that are private addresses: connections go to what was checked."""

    def __init__(self, guard: AddressGuard, inner: AbstractResolver) -> None:
        self._guard, self._inner = guard, inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host.endswith(".localhost"):  # always this machine, whatever a name server says (RFC 6761 §6.3)
            host = "localhost"
        found = await self._inner.resolve(host, port, family)
        for result in found:
            self._guard.check_address(result["host"], host)
        return found

    async def close(self) -> None:
        await self._inner.close()
