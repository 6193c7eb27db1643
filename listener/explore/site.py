"""What every page has at hand: the config, ways to read and to write, and how a page is put together."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from datasette.utils.asgi import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from listener.clock import Clock
from listener.config import Brand, Config
from listener.explore import show
from listener.explore.days import Days
from listener.explore.desk import Desk
from listener.explore.reading import Reader
from listener.explore.speech import LANGUAGES, Speech, pick

LANGUAGE_COOKIE = "listener_language"
TABS = ("today", "mentions", "bank", "desk", "alerts", "coverage", "share", "store")
TRIAGE = "listener-triage"  # the permission to write


@dataclass(frozen=True)
class Site:
    """Everything opened; made by serve.open_site.

    Attributes:
        token: what signs people in. address: where we are reached, without a slash at the end.
        private: to read one has to be signed in, too.
        database: what Datasette calls the store. readable, views: see sql.readable.
    """

    config: Config
    clock: Clock
    read: Reader
    desk: Desk
    days: Days
    token: str
    address: str
    private: bool = False
    database: str = "store"
    readable: frozenset[tuple[str, str]] = frozenset()
    views: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Whether cookies may go over https only."""
        return self.address.startswith("https:")

    def speech(self, request: Any, brand: Brand | None = None) -> Speech:
        """The words in the reader's language: as the address says, else the cookie, else the browser."""
        for wanted in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
            if wanted in LANGUAGES:
                language = wanted
                break
        else:
            language = pick(request.headers.get("accept-language", ""))
        zone = brand.zone if brand else self.zone
        return Speech(language, self.clock.now().astimezone(zone).date(), zone)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which times of several brands are told: that of the first one."""
        return self.config.brands[0].zone if self.config.brands else ZoneInfo("UTC")

    def brand_name(self, brand: str, language: str) -> str:
        """As the config names it; a brand that has left it goes by its id."""
        for known in self.config.brands:
            if known.id == brand:
                return known.name.get(language)
        return brand

    def frame(self, request: Any, tab: str, brand: str = "", say: Speech | None = None) -> dict[str, Any]:
        """What base.html asks for."""
        say = say or self.speech(request)
        other = LANGUAGES[1 - LANGUAGES.index(say.language)]
        actor = request.actor
        return {
            "say": say,
            "tab": tab,
            "tabs": TABS,
            "brand": brand,
            "brands": [(one.id, one.name.get(say.language)) for one in self.config.brands],
            "actor": show.actor_name(actor) if actor else "",
            # asking for it sets a cookie, so only who may write is asked to keep one
            "csrf": request.scope["csrftoken"]() if actor else "",
            "here": here(request),
            "other_language": other,
            "assets": f"/assets/explore.css?{style_mark()}",
        }

    def page(
        self, request: Any, template: str, tab: str, brand: str = "", /, *, say: Speech | None = None,
        status: int = 200, **context: Any,
    ) -> Response:  # fmt: skip
        """A page of ours as an answer."""
        frame = self.frame(request, tab, brand, say)
        html = environment().get_template(template).render(frame=frame, say=frame["say"], site=self, **context)
        return Response.html(html, status=status)

    def now(self) -> datetime:
        return self.clock.now()


def here(request: Any) -> str:
    """The path that was asked for, with its query; always of this site."""
    return "/" + str(request.full_path).lstrip("/\\")


def own_path(text: str) -> str:
    """`text` if it is a path of this site, else "/": nobody is led elsewhere."""
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and all(" " < char < "\x7f" for char in text)
    return text if plain else "/"


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(str(files("listener.explore").joinpath("templates"))),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(show.FILTERS)
    env.globals.update(show.FUNCTIONS)
    return env


@cache
def style_mark() -> str:
    """Changes with the style sheet, so that no browser shows an old one."""
    return sha256(files("listener.explore").joinpath("static", "explore.css").read_bytes()).hexdigest()[:8]
