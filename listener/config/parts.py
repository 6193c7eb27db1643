"""brands.toml, people.toml, sources.toml, topics.toml and playbook.toml: what a person can say in each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from listener.config.kinds import (
    WEEKDAYS,
    Days,
    HoursText,
    Id,
    Ids,
    Language,
    MailAddress,
    Periods,
    RuleUrl,
    SourceName,
    SourceUrl,
    Strings,
    Zone,
    as_tuple,
    zone_name,
)
from listener.config.main import Mute, Part, Watch
from listener.hours import Hours
from listener.records import Source, TopicKind


class Names(Part):
    """One text in the digest's two languages."""

    en: str
    zh_hant: str = Field(alias="zh-Hant")

    def get(self, language: str) -> str:
        return self.zh_hant if language == "zh-Hant" else self.en


class Lists(Part):
    """One list of texts in the digest's two languages."""

    en: Strings
    zh_hant: Strings = Field(alias="zh-Hant")

    def get(self, language: str) -> tuple[str, ...]:
        return self.zh_hant if language == "zh-Hant" else self.en


def _in_both(value: Any) -> Any:
    """A name that is given once, or in one language, is the same in the other: not every brand has a Chinese one."""
    if isinstance(value, str):
        return {"en": value, "zh-Hant": value}
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value.values()
        return {"en": name, "zh-Hant": name} | value
    return value


class Brand(Part):
    """A brand that is listened for.

    `name` is a text, or one in each of the digest's two languages.
    `digest_to` and `alerts_to` name people, `digest_in` and `alerts_in` channels.
    `own_authors` are the names under which the company itself writes: their posts are answers, not voices.
    `retention_days` is how long posts are kept; 0 keeps them for ever.
    """

    id: Id
    name: Annotated[Names, BeforeValidator(_in_both)]
    query: str
    time_zone: Zone = "UTC"
    rivals: Ids = ()
    digest_to: Ids = ()
    alerts_to: Ids = ()
    digest_in: Ids = ()
    alerts_in: Ids = ()
    own_authors: Strings = ()
    retention_days: int = Field(default=730, ge=0)
    mute: Annotated[tuple[Mute, ...], BeforeValidator(as_tuple)] = ()
    watch: Watch = Watch()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Person(Part):
    """A reader of digests and alerts.

    `after_minutes`: told of an alert only if it is high and nobody took it up for so long; 0: told at once. `quiet` are
    hours and `holidays` days ("2026-12-25", "sat") of `time_zone` at which only high alerts are mailed.
    `digests`: which of a brand's digests they are mailed, of those whose `digest_to` names them. `portfolio`: of which
    periods they get all their brands on one page.
    """

    id: Id
    name: str
    mail: MailAddress
    language: Language = "en"
    after_minutes: float = Field(default=0, ge=0, le=7 * 24 * 60)
    quiet: HoursText = ""
    holidays: Days = ()
    time_zone: Zone = "UTC"
    digests: Periods = ("day",)
    portfolio: Periods = ()

    def resting(self, at: datetime) -> bool:
        """Whether only what cannot wait is mailed at `at` (aware)."""
        if self.quiet and Hours.parse(self.quiet, self.time_zone).within(at):
            return True
        local = at.astimezone(ZoneInfo(self.time_zone))
        return local.date().isoformat() in self.holidays or WEEKDAYS[local.weekday()] in self.holidays


Rule: TypeAlias = Literal["", "open", "disclose", "ask-moderator", "no-brands"]


class SourcePart(Part):
    """A place that is listened to; see records.Source. `every` is the shortest and longest time between visits.

    `hours` are the only ones in which it is read, in `time_zone` (that of its options if it is not said).
    `rule` says whether a brand may post there: open (yes), disclose (if it says who it is), ask-moderator, no-brands;
    "" is not known. `rule_note` and `rule_url` are shown with it.
    """

    name: SourceName
    kind: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    url: SourceUrl
    brands: Ids = ()
    every: Annotated[tuple[int, int], BeforeValidator(as_tuple)] = (300, 21600)
    options: Mapping[str, Any] = {}
    hours: HoursText = ""
    time_zone: Zone | None = None
    rule: Rule = ""
    rule_note: Names | None = None
    rule_url: RuleUrl = ""

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if not 1 <= self.every[0] <= self.every[1]:
            raise ValueError(f"every = {list(self.every)} should be [shortest, longest] in seconds, the shorter first")
        if self.hours and not self.time_zone:
            zone_name(str(self.options.get("time_zone", "UTC")))
        return self

    def record(self) -> Source:
        low, high = self.every
        zone = self.time_zone or str(self.options.get("time_zone", "UTC"))
        hours = Hours.parse(self.hours, zone) if self.hours else None
        return Source(self.name, self.kind, self.url, self.brands, low, high, self.options, hours)


class Cues(Part):
    """The words that tell a topic; the syntax is explained at the head of topics.toml."""

    en: Strings = ()
    zh: Strings = ()


class Topic(Part):
    """What a post can be about. `weight` is a weight of concern, not a probability."""

    id: Id
    kind: TopicKind
    label: Names
    touchpoint: Id
    weight: float = Field(default=1.0, gt=0, le=4)
    cluster: Literal["", "victim", "accidental", "preventable"] = ""
    owner: Names
    caps: bool = False
    cues: Cues


def _for_both(value: Any) -> Any:
    """One list serves both languages."""
    return {"en": value, "zh-Hant": value} if isinstance(value, list | tuple) else value


class Advice(Part):
    """One card of the playbook: what to do about one topic, and on what ground (`basis`)."""

    topic: Id
    answer: Literal["thread", "private", "hold", "none"]
    deadline_h: float = Field(gt=0)
    clock_h: float | None = None
    basis: Annotated[Lists, BeforeValidator(_for_both)]
    escalate: Names
    say: Names
    do: Lists
    dont: Lists
    first_hour: Names
    no_reply_when: Names
    why: Names


class General(Part):
    """Advice that holds for every topic."""

    disclosure: Names
    one_reply: Names


class Playbook(Part):
    """playbook.toml."""

    version: str
    general: General
    advice: Annotated[tuple[Advice, ...], BeforeValidator(as_tuple)]
    no_answer: Annotated[tuple[Names, ...], BeforeValidator(as_tuple)] = ()
