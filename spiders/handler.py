"""Scrapy's way to the network is Listener's own door (listener.gather.net.Web)."""

from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes


class WebHandler(BaseDownloadHandler):
    """Fetches with the manners of the visit's `web`. A SourceError reaches the request's errback as it is."""

    lazy = False

    async def download_request(self, request: Request) -> Response:
        spider: Any = self.crawler.spider
        spider.basket.requests += 1
        wanted = {name.decode(): b",".join(values).decode("latin-1") for name, values in request.headers.items()}
        answer = await spider.web.get(request.url, wanted)
        spider.basket.requests += answer.hops - 1
        headers = Headers({name: value for name, value in answer.headers.items() if name.lower() != "content-encoding"})
        kind = responsetypes.from_args(headers=headers, url=answer.url, body=answer.body)
        return kind(url=answer.url, status=answer.status, headers=headers, body=answer.body)
