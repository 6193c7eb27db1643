"""listener.toml: store, net, mail, privacy and service; channels; and what every table of the config has in common."""

from datetime import date, time
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from listener.config.kinds import (
    HoursText,
    Id,
    Language,
    MailAddress,
    Strings,
    TimeOfDay,
    Variable,
    Zone,
    as_tuple,
    mail_address,
)
from listener.hours import Hours
from listener.urls import canonical


class Part(BaseModel):
    """Every table of the config: frozen, and no key that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, strict=False)


class Mute(Part):
    """What one brand does not want to hear; see listener/intake/mutes.py. What any of the lists holds is muted.

    Attributes:
        sites: hosts ("forum.example", with all below it), or names of sources; compared in lower case.
        authors: names as the sites show them, on every site.
        words: words or phrases, in the post or its thread's title; case, width, Traditional or Simplified do not
            matter. As whole words, where words have ends.
        threads: their addresses.
        reason: for whoever reads the config.
        until: the last day, in the brand's zone, whose posts it holds for.
    """

    sites: Strings = ()
    authors: Strings = ()
    words: Strings = ()
    threads: Strings = ()
    reason: str = ""
    until: date | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        lists = {"sites": self.sites, "authors": self.authors, "words": self.words, "threads": self.threads}
        if not any(lists.values()):
            raise ValueError("mutes nothing; give it sites, authors, words or threads")
        for name, texts in lists.items():
            if any(not text.strip() for text in texts):
                raise ValueError(f"{name} holds an empty text, which would mute everything; take it out")
        for word in self.words:
            if len(word.strip()) < 2:
                raise ValueError(f"words: {word!r} is too short to mute anything by; give a longer word or a phrase")
        for thread in self.threads:
            try:
                canonical(thread)
            except ValueError as error:
                raise ValueError(f"threads: {thread!r} is no address; copy it from the browser") from error
        return self


class HostPart(Part):
    """One host's own manners, where they differ from those of [net]; `name` as in its addresses, with a port if any.

    `hours` are the only ones in which anything of it is read, in `time_zone`.
    """

    name: str = Field(pattern=r"^[^\s/:A-Z]+(:[0-9]+)?$")
    slots: int | None = Field(default=None, ge=1, le=16)
    delay_s: float | None = Field(default=None, ge=0)
    hours: HoursText = ""
    time_zone: Zone = "UTC"

    @cached_property
    def opening(self) -> Hours | None:
        return Hours.parse(self.hours, self.time_zone) if self.hours else None


class Net(Part):
    """How every fetch behaves. Times in seconds, sizes in bytes."""

    contact: str = Field(default="", description="address or page for the people whose servers we visit")
    allow_private: bool = False
    timeout_s: float = Field(default=30.0, gt=0)
    max_body_bytes: int = Field(default=8_000_000, gt=0)
    host_delay_s: float = Field(default=1.0, ge=0)
    host_slots: int = Field(default=1, ge=1, le=16)
    total_slots: int = Field(default=32, ge=1)
    hosts: Annotated[tuple[HostPart, ...], BeforeValidator(as_tuple)] = Field(default=(), alias="host")

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [part.name for part in self.hosts]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"host {name!r} stands here twice")
        return self


class Mail(Part):
    """Where mail goes. `url`: file:FOLDER, smtp://user@host:587 (STARTTLS) or smtps://user@host:465.

    `ack_url` and `ack_to`: where an alert may be taken up without a terminal; the alert's token is put behind the one,
    and into the subject of a mail to the other. What is there hands it to `listener ack` (docs/alerts.md).
    """

    url: str = "file:data/outbox"
    sender: MailAddress = "listener@localhost"
    sender_name: str = "Listener"
    password_env: str = "LISTENER_SMTP_PASSWORD"  # noqa: S105  the name of the variable, never the password
    ca_file: str = ""
    starttls: bool = True
    max_attempts: int = Field(default=8, ge=1)
    keep_days: int = Field(default=90, ge=0, description="bodies of messages older than this are emptied; 0: never")
    ack_url: str = Field(default="", pattern=r"^(https?://[^\s\"'<>]+)?$")
    ack_to: Annotated[str, AfterValidator(lambda text: mail_address(text) if text else "")] = ""


class Channel(Part):
    """A room that reads: a chat, by any address that apprise knows, or a webhook of the user's own.

    `url_env` and `secret_env` are the names of environment variables; what these hold is a secret and stands nowhere.
    """

    id: Id
    kind: Literal["chat", "webhook"] = "chat"
    url_env: Variable
    secret_env: Variable | None = None
    language: Language = "en"
    allow_private: bool = False

    @model_validator(mode="after")
    def _signed(self) -> Self:
        if self.kind == "webhook" and self.secret_env is None:
            raise ValueError("a webhook is signed: secret_env names the variable that holds the secret")
        if self.kind == "chat" and self.secret_env is not None:
            raise ValueError('secret_env is for kind = "webhook"; a chat\'s secrets stand inside its address')
        return self


class Privacy(Part):
    """What is kept about people."""

    keep_author_names: bool = False
    keep_unmatched: bool = False
    redact: bool = True


class Service(Part):
    """The ticks of `listener run`. Seconds, or the hour of the day in the brand's own zone."""

    gather_every_s: float = Field(default=60, gt=0)
    watch_every_s: float = Field(default=30, gt=0)
    send_every_s: float = Field(default=20, gt=0)
    digest_at: TimeOfDay = time(7, 0)
    housekeeping_at: TimeOfDay = time(3, 30)
    missed_days: int = Field(default=3, ge=0, description="how many days back a missed digest is still sent")


class Watch(Part):
    """How readily an alert is raised: a name of listener/watch/settings.py; None: as listener.toml says, or normal."""

    sensitivity: Literal["calm", "normal", "keen"] | None = None


class Main(Part):
    """listener.toml."""

    store: str = "data/listener.db"
    languages: Strings = ("en", "zh-Hant", "zh-Hans")
    net: Net = Net()
    mail: Mail = Mail()
    privacy: Privacy = Privacy()
    service: Service = Service()
    watch: Watch = Watch()
