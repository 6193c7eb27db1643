"""The site opened and served."""

import asyncio
import ipaddress
import socket
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
import uvicorn
from datasette.app import Datasette
from datasette.database import AttachedDatabase, Database
from datasette.plugins import DEFAULT_PLUGINS, pm

from listener.clock import Clock, SystemClock
from listener.config import load
from listener.errors import ConfigError, ListenerError, StoreError
from listener.explore import plugin, show, sql
from listener.explore.days import PATIENCE_S, Days
from listener.explore.desk import Desk
from listener.explore.door import secret_of, token_of
from listener.explore.guard import LOOPBACK, App, Guard
from listener.explore.reading import Reader
from listener.explore.site import Site
from listener.store.canned import canned

log = structlog.get_logger()

HOST, PORT = "127.0.0.1", 8400
SETTINGS = {
    "allow_download": False,
    "allow_facet": True,
    "suggest_facets": False,
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "num_sql_threads": 2,
    "sql_time_limit_ms": 5000,
    "facet_time_limit_ms": 500,
    "truncate_cells_html": 600,
    "default_cache_ttl": 0,
}
_ANY = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # only compared with


class _Store(Database):  # type: ignore[misc]  # Datasette ships no types
    """The store's file as Datasette sees it: views and no tables, and nothing of where on the disk it lies."""

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Read-only whatever is asked for; and a path may hold any character."""
        address = Path(self.path).absolute().as_uri() + "?mode=ro"
        conn = sqlite3.connect(address, uri=True, check_same_thread=False)
        self._all_file_connections.append(conn)
        return conn

    async def attached_databases(self) -> list[AttachedDatabase]:
        return []

    async def table_counts(self, limit: int = 10) -> dict[str, int]:
        """Counting takes long in a large store, and the tables are not shown."""
        return {}

    async def execute(self, *given: Any, **options: Any) -> Any:
        """Who writes wrong SQL is told on the page, not in our log."""
        return await super().execute(*given, **{**options, "log_sql_errors": False})


@dataclass(frozen=True)
class Opened:
    """An open site: its ASGI application, and the Datasette in it."""

    site: Site
    app: App
    datasette: Datasette

    def close(self) -> None:
        """Wait for what runs and close everything."""
        plugin.SITES.pop(self.datasette, None)
        self.datasette.executor.shutdown()
        self.datasette.get_database(self.site.database).close()
        for part in (self.site.read, self.site.days, self.site.desk):
            part.close()

    @property
    def sign_in_link(self) -> str:
        return f"{self.site.address}/-/sign-in?{urlencode({'token': self.site.token})}"


def open_site(
    folder: Path,
    environment: Mapping[str, str],
    *,
    host: str = HOST,
    port: int = PORT,
    url: str = "",
    private: bool = False,
    clock: Clock | None = None,
    patience_s: float = PATIENCE_S,
) -> Opened:
    """Open the store of the config in `folder`, bring it up to date, and build the site over it.

    Args:
        url: where people reach it, if that is not host and port: behind a proxy, or by a name of its own.
        patience_s: how long a reader is kept waiting for a digest that is being made.

    Raises:
        ConfigError: the config, the token, `url`; or `host` is every address of the machine and there is no `url`.
        StoreError: see store.sqlite.open_store.
    """
    address, hosts = _address(host, port, url)
    token = token_of(environment)
    config = load(folder)
    now = clock or SystemClock()
    desk = Desk(folder, now)
    try:
        try:
            columns, views = sql.readable(config.store_path, [one.sql for one in canned()])
        except sqlite3.Error as error:
            raise StoreError(f"{config.store_path}: {error}; is it of this Listener's schema?") from error
        site = Site(
            config=config,
            clock=now,
            read=Reader(config.store_path),
            desk=desk,
            days=Days(config.store_path, config, now, patience_s),
            token=token,
            address=address,
            private=private,
            readable=columns,
            views=views,
        )
        datasette = _datasette(site)
    except BaseException:
        desk.close()
        raise
    return Opened(site, Guard(datasette.app(), hosts), datasette)


def _datasette(site: Site) -> Datasette:
    if not pm.has_plugin("listener"):
        for other in [one for one in pm.get_plugins() if pm.get_name(one) not in DEFAULT_PLUGINS]:
            pm.unregister(other)  # whatever else is installed: this site is what is written here
        pm.register(plugin, "listener")
        # These two print whole pages of what was being read when something failed; ours stand in for them.
        for name in ("datasette.handle_exception", "datasette.forbidden"):
            pm.unregister(name=name)
    ours = files("listener.explore")
    datasette = Datasette(
        [],
        memory=False,
        template_dir=str(ours.joinpath("templates")),
        static_mounts=[("assets", str(ours.joinpath("static")))],
        settings=SETTINGS,
        secret=secret_of(site.token),
        cors=False,
    )
    plugin.SITES[datasette] = site
    datasette.remove_database("_memory")
    datasette.add_database(_Store(datasette, str(site.config.store_path)), name=site.database)
    datasette.jinja_env.filters.update(show.FILTERS)
    datasette.jinja_env.globals.update(show.FUNCTIONS)
    return datasette


def _address(host: str, port: int, url: str) -> tuple[str, frozenset[str]]:
    """(where we are reached, the names that may be asked for)."""
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ConfigError(f"--url {url}: give it as https://listener.example.org, without a path")
        return url.rstrip("/"), LOOPBACK | {parts.hostname}
    if host in _ANY:
        raise ConfigError(
            f"--host {host or '(none)'} answers on every address of this machine: say by which name people reach it, "
            "with --url http://NAME:PORT, or leave --host away"
        )
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}", LOOPBACK | {host.lower()}


def is_open(host: str) -> bool:
    """Whether others than this machine can reach a server on `host`."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() != "localhost"


def bound(host: str, port: int) -> socket.socket:
    """The place to answer on, taken before anything is opened.

    Raises:
        ListenerError: somebody else has it, or it is no address of this machine.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ListenerError(
            f"cannot answer on {host} port {port}: {error.strerror or error}; give another --port"
        ) from error


def serve(opened: Opened, place: socket.socket) -> None:
    """Answer until Ctrl-C."""
    settings = uvicorn.Config(
        opened.app, log_level="warning", access_log=False, server_header=False,
        proxy_headers=False, timeout_graceful_shutdown=3, limit_concurrency=100,
    )  # fmt: skip
    try:
        asyncio.run(uvicorn.Server(settings).serve([place]))
    finally:
        opened.close()
