"""A room on this machine: an HTTP server that keeps what it is told and answers as it is bidden."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

SECRET_PATH = "services/T00-sesame/B11-sesame"  # as chats have it: who knows the address may post
SIGNING = "whsec_c2VzYW1lLXNlc2FtZS1zZXNhbWUtc2VzYW1lLXNlc2FtZQ=="
SECRETS = ("sesame", "c2VzYW1l")


@dataclass
class Room:
    """What came: (path, headers, body). `status` is what it answers once it is `open`; a redirect leads elsewhere."""

    port: int = 0
    status: int = 200
    came: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def chat(self) -> str:
        """Its address as apprise writes it."""
        return f"json://{self.host}/{SECRET_PATH}"

    @property
    def hook(self) -> str:
        return f"http://{self.host}/{SECRET_PATH}"

    def documents(self) -> list[Any]:
        return [json.loads(body) for _, _, body in self.came]


@asynccontextmanager
async def room() -> AsyncIterator[Room]:
    """An open one."""
    one = Room()
    one.open.set()

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        one.came.append((request.path, headers, await request.read()))
        await one.open.wait()
        elsewhere = {"Location": f"http://{one.host}/elsewhere"} if 300 <= one.status < 400 else {}
        return web.Response(status=one.status, headers=elsewhere, text="sesame")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    one.port = runner.addresses[0][1]
    try:
        yield one
    finally:
        await runner.cleanup()
