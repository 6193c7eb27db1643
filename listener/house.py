"""The house opened: config, store, clock and the stages joined; each method is one round of one part of the work.

The command line does one round and leaves; the service lets its scheduler call the same methods.
"""

import asyncio
import os
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import structlog

from listener.clock import Clock, SystemClock
from listener.config import Brand, Config, load
from listener.deliver import channels
from listener.deliver.mail import forget as forget_mails
from listener.deliver.mail import transport
from listener.deliver.outbox import SendReport, send_due
from listener.errors import StoreError
from listener.gather import rounds
from listener.gather.again import look_again
from listener.gather.backfill import OnStep, Walk
from listener.gather.net import Web
from listener.intake.batch import Intake
from listener.intake.mutes import apply_mutes
from listener.records import Alert, SourceHealth, Told
from listener.report import alerting, digests
from listener.report.due import due_digests
from listener.report.watching import Memory
from listener.store.gathered import Backfill
from listener.store.protocol import Removed, Store
from listener.store.sqlite import open_store

log = structlog.get_logger()

RETENTION_WITHOUT_CONFIG = 730  # days, for posts of brands that are no longer in the config: their default there

Progress = Callable[[str, int], None]


@dataclass
class Noted:
    """What there is to tell of a round that is under way; filled in by it."""

    trouble: str = ""


@dataclass(frozen=True)
class House:
    """Everything opened; made by `open_house`. `owner` is this process's name on leases."""

    config: Config
    store: Store
    clock: Clock
    intake: Intake
    owner: str
    memory: Memory = field(default_factory=Memory)

    async def gather(
        self,
        names: Sequence[str] = (),
        on_progress: Progress | None = None,
        web: Web | None = None,
        budget_s: float | None = None,
    ) -> tuple[SourceHealth, ...]:
        """Visit the sources that are due (or `names`, due or not) and take in what they brought.

        `web` is kept by callers that run for long, so that robots.txt and pauses outlive a round; `budget_s` is how
        long they give one round. Without `names`, a few posts that are quoted are looked at again.
        """
        self.store.sync_sources(self.config.source_records(), self.clock.now())

        def take(posts: Sequence[Told]) -> Mapping[str, int]:
            if on_progress is not None:
                on_progress(posts[-1].source, len(posts))
            return self.intake.take(posts)

        with self._noted("" if names else "gather"):
            async with rounds.entered(web, self.config, self.clock) as door:
                visits = await rounds.gather(
                    self.store, self.config, self.clock, take, names=names, owner=self.owner, web=door,
                    budget_s=budget_s,
                )  # fmt: skip
                if not names and (gone := await look_again(self.store, self.clock, self.intake.take, door)):
                    log.info("quoted_posts_were_deleted", posts=gone)
        for visit in visits:
            log.info("source_visited", source=visit.source, state=visit.state, posts=visit.posts, new=visit.new)
        return visits

    async def backfill(
        self, name: str, since: datetime, on_step: OnStep, again: bool = False, web: Web | None = None
    ) -> Backfill:
        """Walk into a source's history back to `since`; see gather/backfill.py. Neither watch nor digest reacts."""
        self.store.sync_sources(self.config.source_records(), self.clock.now())
        async with rounds.entered(web, self.config, self.clock) as door:

            async def visit() -> None:
                await self.gather([name], web=door)

            walk = Walk(
                self.store,
                self.config,
                self.clock,
                door,
                lambda posts: self.intake.take(posts, backfill=True),
                visit,
                self.owner,
                on_step,
            )
            return await walk.run(name, since, again)

    def watch(self) -> tuple[Alert, ...]:
        """Look at every brand's counts since the last look; queue alert mails. Returns the alerts that changed.

        A brand whose look fails keeps no other from being looked at; the first failure is raised in the end.
        """
        with self._noted("watch"):
            return self._watch()

    def _watch(self) -> tuple[Alert, ...]:
        now = self.clock.now()  # one for all brands: then what was heard is asked for once
        changed = list(alerting.close_orphans(self.store, self.config, now))
        failures: list[Exception] = []
        for brand in self.config.brands:
            try:
                found = alerting.watch(self.store, self.config, brand, now, self.memory)
            except Exception as error:
                log.error("watch_failed", brand=brand.id, error=str(error))
                failures.append(error)
                continue
            for alert in found:
                log.info("alert_changed", brand=brand.id, alert=alert.key[:8], state=alert.state, voices=alert.voices)
                changed.append(alert)
        waiting = alerting.tell_waiting(self.store, self.config, self.clock.now())
        if waiting:
            log.info("alerts_told", mails=waiting)
        if failures:
            raise failures[0]
        return tuple(changed)

    def digest(self, brand: Brand, day: date, *, mail: bool = True, late: bool = False, again: bool = False) -> bool:
        """Make a brand's digest for a day and queue it for its readers, once. False if it stood already."""
        made = digests.make_digest(
            self.store, self.config, brand, day, self.clock.now(), mail=mail, late=late, again=again
        )
        if made:
            log.info("digest_made", brand=brand.id, day=day.isoformat(), late=late)
        return made

    def digest_page(self, brand: Brand, day: date, language: str) -> str:
        """A brand's digest of a day as one HTML page with its charts inside."""
        return digests.digest_page(self.store, self.config, brand, day, language)

    def due_digests(self) -> tuple[tuple[Brand, date, bool], ...]:
        """Digests whose time has come and that were not made yet: (brand, day, late), oldest first."""
        return due_digests(self.store, self.config, self.clock.now())

    async def send(self) -> SendReport:
        """Send the mail that is due in the outbox."""
        mail = self.config.main.mail
        self._withdraw()
        with self._noted("send") as noted:
            sent = await send_due(
                self.store,
                transport(mail, self.config.home, os.environ),
                self.clock,
                self.owner,
                max_attempts=mail.max_attempts,
            )
            noted.trouble = sent.trouble
        if sent.sent or sent.failed:
            log.info("outbox_sent", sent=sent.sent, failed=sent.failed, waiting=sent.waiting)
        if sent.trouble:
            log.error("outbox_closed", trouble=sent.trouble, waiting=sent.waiting)
        return sent

    async def post(self) -> SendReport:
        """Tell the channels what is due for them, all at once: none waits for another, nor mail for any."""
        self._withdraw()
        with self._noted("post") as noted:
            sent = await asyncio.gather(
                *(
                    send_due(
                        self.store,
                        channels.transport(channel, os.environ, self.clock),
                        self.clock,
                        self.owner,
                        limit=channels.AT_ONCE,
                        max_attempts=self.config.main.mail.max_attempts,
                        way=channels.recipient(channel.id),
                    )
                    for channel in self.config.channels
                )
            )
            noted.trouble = "; ".join(one.trouble for one in sent if one.trouble)
        for channel, one in zip(self.config.channels, sent, strict=True):
            if one.sent or one.failed:
                log.info("channel_told", channel=channel.id, sent=one.sent, failed=one.failed, waiting=one.waiting)
            if one.trouble:
                log.error("channel_closed", channel=channel.id, trouble=one.trouble, waiting=one.waiting)
        return SendReport(
            sum(one.sent for one in sent),
            sum(one.failed for one in sent),
            sum(one.waiting for one in sent),
            noted.trouble,
        )

    @contextmanager
    def _noted(self, name: str) -> Iterator[Noted]:
        """Book this round as the last of its kind ("": book nothing), with why it failed if it did."""
        noted, began = Noted(), self.clock.now()
        try:
            yield noted
        except Exception as error:
            noted.trouble = str(error) or type(error).__name__
            raise
        except BaseException:
            name = ""  # cut short: neither well nor failed
            raise
        finally:
            if name:
                with suppress(StoreError):  # what the round itself came to matters more
                    self.store.note_round(name, self.owner, began, self.clock.now(), noted.trouble)

    def _withdraw(self) -> None:
        """What waits for somebody who has left the config is not sent any more."""
        readers = {person.mail for person in self.config.people}
        readers |= {channels.recipient(channel.id) for channel in self.config.channels}
        if withdrawn := self.store.withdraw_messages(readers, self.clock.now()):
            log.warning("messages_withdrawn", messages=withdrawn)

    def acknowledge(self, key: str, by: str) -> Alert:
        """Acknowledge the alert whose key begins with `key`, or whose token stands in it; see alerting.acknowledge."""
        return alerting.acknowledge(self.store, key, by, self.clock.now())

    def forget(self, what: str, *, unknown: bool = False) -> Removed:
        """Forget an author's name or a post's URL everywhere, and make the digests that quoted them anew."""
        removed = digests.forget(self.store, self.config, what, self.clock.now(), unknown=unknown)
        self._clear(removed)
        for path in (self.config.store_path.parent / "broken").glob("*.bin"):
            path.unlink()  # whole pages, kept for whoever mends a reader: nobody knows who speaks in them
        return removed

    def _clear(self, removed: Removed) -> None:
        """Take mails that quoted what was removed out of the outbox folder."""
        forget_mails(self.config.main.mail, self.config.home, removed.messages)

    def housekeep(self) -> dict[str, int]:
        """Retention by brand, then the store's own upkeep. Returns posts expired by brand."""
        with self._noted("housekeeping"):
            return self._keep_house()

    def _keep_house(self) -> dict[str, int]:
        now = self.clock.now()
        expired = {}
        for gone in set(self.store.brands()) - {brand.id for brand in self.config.brands}:
            removed = self.store.expire(gone, now - timedelta(days=RETENTION_WITHOUT_CONFIG))
            self._clear(removed)
            expired[gone] = removed.posts
        for brand in self.config.brands:
            if brand.retention_days:
                # A whole day goes at once, or voices on the day of the cut would count twice.
                first_kept = now.astimezone(brand.zone).date() - timedelta(days=brand.retention_days)
                removed = self.store.expire(brand.id, datetime.combine(first_kept, time(), brand.zone))
                self._clear(removed)
                expired[brand.id] = removed.posts
        if keep := self.config.main.mail.keep_days:
            forget_mails(
                self.config.main.mail, self.config.home, self.store.empty_old_messages(now - timedelta(days=keep))
            )
        self.store.housekeep(now)
        log.info("housekeeping_done", expired=sum(expired.values()))
        return expired


@contextmanager
def open_house(folder: Path, clock: Clock | None = None) -> Iterator[House]:
    """Read the config in `folder`, open its store, and close it in the end.

    Raises:
        ConfigError, StoreError: see config.load and store.sqlite.open_store.
    """
    config = load(folder)
    config.store_path.parent.mkdir(parents=True, exist_ok=True)
    store = open_store(config.store_path, keep_author_names=config.main.privacy.keep_author_names)
    now = clock or SystemClock()
    _take_over(store)
    try:
        intake = Intake(store, config, now)
        for brand, marked in apply_mutes(store, config, intake.book).items():
            log.info("mutes_applied", brand=brand, mentions=marked)
        yield House(config, store, now, intake, _owner())
    finally:
        store.close()


@contextmanager
def look_in(folder: Path) -> Iterator[tuple[Config, Store]]:
    """The config in `folder` and its store, for reading only: nothing is made, taken over or brought up to date.

    Raises:
        ConfigError, StoreError: see open_house; also if there is no store yet, or an older Listener made it.
    """
    config = load(folder)
    store = open_store(config.store_path, read_only=True)
    try:
        if outdated := store.outdated():
            raise StoreError(outdated)
        yield config, store
    finally:
        store.close()


def at_home(owner: str) -> bool | None:
    """Whether the process that calls itself `owner` on leases is there; None: it is, or was, another machine's."""
    host, _, rest = owner.partition(":")
    number = rest.partition(":")[0]
    if host != socket.gethostname() or not number.isdigit():
        return None
    return _alive(int(number))


def _take_over(store: Store) -> None:
    """Free what processes of this machine hold that are no more: their sources need not wait for the lease's end."""
    for owner in store.lease_owners():
        if at_home(owner) is False:
            store.release_sources(owner)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is somebody else's: alive
        return True
    return True


def _owner() -> str:
    """A name for this process's leases: host, process, and a random part, for process numbers come back."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"


def day_of(brand: Brand, text: str, now: datetime) -> date:
    """A day as a person writes it: 2026-03-21, "yesterday" or "today", in the brand's zone.

    Raises:
        ValueError: none of these.
    """
    today = now.astimezone(brand.zone).date()
    if text == "yesterday":
        return today - timedelta(days=1)
    day = today if text == "today" else date.fromisoformat(text)
    if day.year < 1980:  # before there was anybody to listen to; and no date's window may reach below year 1
        raise ValueError(f"{day} is before anybody wrote in public")
    return day
