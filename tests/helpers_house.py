"""A house in a temporary folder, with a brand or two and no network: for tests of intake, report and service."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from listener.clock import ManualClock
from listener.house import House, open_house
from listener.records import Post, Source, SourceHealth
from listener.shipped import shipped
from listener.store.gathered import Visit
from listener.urls import post_key

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
# Refused before anything is sent: a visit costs nothing and ends "blocked".
SOURCE = Source("town", "feed", "http://127.0.0.1:9/feed")

# Four voices on a topic that alarms by itself.
LEAK = (
    "Acme leaked my personal data to marketers",
    "So Acme sold our personal data. I never agreed to that",
    "Data breach at Acme: my address is on a list that anybody can buy",
    "Acme shared my personal data without asking, I have the letter here",
)

BRANDS = """
[[brand]]
id = "acme"
name.en = "Acme"
name.zh-Hant = "頂好"
query = "Acme OR 頂好"
time_zone = "Asia/Taipei"
digest_to = ["ann", "mei"]
alerts_to = ["ann"]
own_authors = ["Acme_Help"]

[[brand]]
id = "bolt"
name.en = "Bolt"
name.zh-Hant = "閃電"
query = "Bolt OR 閃電電信"
time_zone = "UTC"
"""
PEOPLE = """
[[person]]
id = "ann"
name = "Ann"
mail = "ann@brand.example"

[[person]]
id = "mei"
name = "Mei"
mail = "mei@brand.example"
language = "zh-Hant"
"""


def write_home(home: Path, more: str = "") -> Path:
    """A config folder in `home`; `more` is added to listener.toml."""
    folder = home / "config"
    folder.mkdir(parents=True)
    for name in ("topics.toml", "playbook.toml"):
        (folder / name).write_text((shipped("config") / name).read_text("utf-8"), encoding="utf-8")
    (folder / "listener.toml").write_text('store = "listener.db"\n' + more, encoding="utf-8")
    (folder / "brands.toml").write_text(BRANDS, encoding="utf-8")
    (folder / "people.toml").write_text(PEOPLE, encoding="utf-8")
    source = f'[[source]]\nname = "{SOURCE.name}"\nkind = "feed"\nurl = "{SOURCE.url}"\n'
    (folder / "sources.toml").write_text(source, encoding="utf-8")
    return folder


@contextmanager
def house_in(home: Path, now: datetime = NOW, more: str = "") -> Iterator[tuple[House, ManualClock]]:
    """An open house whose one source was heard hourly in the ten days before `now`."""
    clock = ManualClock(now)
    folder = home / "config" if (home / "config").exists() else write_home(home, more)
    with open_house(folder, clock) as house:
        yield house, clock


def heard(house: House, since: datetime, until: datetime, source: Source = SOURCE) -> None:
    """The source was visited hourly and had posts."""
    house.store.sync_sources([source], since)
    visits = []
    at = since
    while at <= until:
        visits.append(Visit(SourceHealth(source.name, at, "heard", posts=1), {}, at + timedelta(hours=1), 3600.0))
        at += timedelta(hours=1)
    for visit in visits:
        house.store.claim_sources(visit.health.at, house.owner, 1, timedelta(minutes=5), 9, [source.name])
        house.store.finish_visits([visit], house.owner)


def post(
    number: int,
    text: str,
    at: datetime = NOW,
    author: str = "",
    title: str = "A thread",
    thread: int | None = None,
    position: int = 0,
    fetched: datetime | None = None,
) -> Post:
    """One post of town.example; its thread is its own unless told otherwise."""
    url = f"https://town.example/t/{number if thread is None else thread}#p{number}"
    return Post(
        source=SOURCE.name,
        platform="town.example",
        url=url,
        key=post_key(url),
        thread_url=url.partition("#")[0],
        thread_title=title,
        position=position,
        author=author or f"writer {number}",
        text=text,
        fetched=fetched or at,
        published=at,
    )
