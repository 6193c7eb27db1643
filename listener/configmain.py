"""listener.toml: store, net, mail, privacy and service; and what every table of the config has in common."""

from datetime import time
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from listener.configkinds import HoursText, MailAddress, Strings, TimeOfDay, Zone, as_tuple
from listener.hours import Hours


class Part(BaseModel):
    """Every table of the config: frozen, and no key that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, strict=False)


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
    """Where mail goes. `url`: file:FOLDER, smtp://user@host:587 (STARTTLS) or smtps://user@host:465."""

    url: str = "file:data/outbox"
    sender: MailAddress = "listener@localhost"
    sender_name: str = "Listener"
    password_env: str = "LISTENER_SMTP_PASSWORD"  # noqa: S105  the name of the variable, never the password
    ca_file: str = ""
    starttls: bool = True
    max_attempts: int = Field(default=8, ge=1)


class Privacy(Part):
    """What is kept about people."""

    keep_author_names: bool = False
    keep_unmatched: bool = False
    redact: bool = True


class Service(Part):
    """The ticks of `listener run`. Seconds, or the hour of the day in the brand's own zone."""

    gather_every_s: float = Field(default=60, gt=0)
    watch_every_s: float = Field(default=60, gt=0)
    send_every_s: float = Field(default=20, gt=0)
    digest_at: TimeOfDay = time(7, 0)
    housekeeping_at: TimeOfDay = time(3, 30)
    missed_days: int = Field(default=3, ge=0, description="how many days back a missed digest is still sent")


class Main(Part):
    """listener.toml."""

    store: str = "data/listener.db"
    languages: Strings = ("en", "zh-Hant", "zh-Hans")
    net: Net = Net()
    mail: Mail = Mail()
    privacy: Privacy = Privacy()
    service: Service = Service()
