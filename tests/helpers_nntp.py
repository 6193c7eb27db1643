"""A news server on loopback, as RFC 3977 has it, with articles by number; and as rude as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class News:
    """`articles` by number in the group test.talk; `log` of commands."""

    def __init__(self) -> None:
        self.articles: dict[int, bytes] = {}
        self.hidden: set[int] = set()  # listed, but cancelled before they are asked for
        self.log: list[str] = []
        self.greeting = b"200 hello\r\n"
        self.login = False
        self.over = True
        self.flood: set[int] = set()
        self.port = 0

    def add(self, number: int, body: bytes | str, **headers: str | bytes) -> None:
        lines = [
            name.replace("_", "-").encode() + b": " + (value if isinstance(value, bytes) else value.encode())
            for name, value in {"Message_ID": f"<m{number}@x>", "From": "Ann <ann@x.example>", **headers}.items()
        ]
        self.articles[number] = b"\n".join(lines) + b"\n\n" + (body if isinstance(body, bytes) else body.encode())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.greeting)
        try:
            while line := await reader.readline():
                command, _, args = line.decode().strip().partition(" ")
                self.log.append(f"{command} {args}".strip())
                writer.write(self.answer(command.upper(), args))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def answer(self, command: str, args: str) -> bytes:
        if command == "MODE":
            return b"200 reader\r\n"
        if self.login and command == "GROUP":
            return b"480 login first\r\n"
        if command == "AUTHINFO":
            return b"481 no\r\n"
        if command == "GROUP":
            if args != "test.talk":
                return b"411 no such group\r\n"
            low, high = min(self.articles, default=1), max(self.articles, default=0)
            return f"211 {len(self.articles)} {low} {high} {args}\r\n".encode()
        if command in ("OVER", "XOVER"):
            return self._overview(command, args)
        if command == "ARTICLE":
            return self._article(int(args))
        return b"500 what?\r\n"

    def _overview(self, command: str, args: str) -> bytes:
        if command == "OVER" and not self.over:
            return b"500 what?\r\n"
        low, high = map(int, args.split("-"))
        listed = [number for number in sorted(self.articles) if low <= number <= high]
        if not listed:
            return b"423 none\r\n"
        rows = []
        for number in listed:
            raw = self.articles[number]
            subject = next((row[9:] for row in raw.split(b"\n") if row.startswith(b"Subject: ")), b"")
            date = next((row[6:] for row in raw.split(b"\n") if row.startswith(b"Date: ")), b"d")
            rows.append(
                b"\t".join([str(number).encode(), subject, b"f", date, b"i", b"", str(len(raw)).encode(), b"1"])
            )
        return b"224 overview\r\n" + b"".join(row + b"\r\n" for row in rows) + b".\r\n"

    def _article(self, number: int) -> bytes:
        if number in self.hidden or number not in self.articles:
            return b"423 no such article\r\n"
        if number in self.flood:
            return b"220 1 <x>\r\n" + b"x" * 4_000_000
        rows = self.articles[number].split(b"\n")
        return (
            b"220 1 <x>\r\n" + b"".join((b"." if row[:1] == b"." else b"") + row + b"\r\n" for row in rows) + b".\r\n"
        )


@asynccontextmanager
async def news() -> AsyncIterator[News]:
    """A News server on a free port of 127.0.0.1."""
    town = News()
    server = await asyncio.start_server(town.serve, "127.0.0.1", 0)
    town.port = server.sockets[0].getsockname()[1]
    try:
        yield town
    finally:
        server.close()
        await server.wait_closed()
