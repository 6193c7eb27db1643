"""The long-running process: one asyncio loop on which APScheduler ticks the house's rounds.

The scheduler keeps no state: what is due stands in the store, so a restart, a missed night or a second process costs
nothing. A round that fails is logged and tried again at the next tick; SIGTERM lets the round under way end.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from listener.desk import Desk
from listener.errors import ListenerError
from listener.gather.net import Web
from listener.house import House

log = structlog.get_logger()

# A gathering may hang on a slow server for a time-out; SIGTERM must be over in 10 s, and what is read but not yet
# taken in is read again next time.
GRACE_S = 7.0
BEAT_S = 30.0  # how often it says in the store that it lives, for `listener status`
ROUND_S = 300.0  # a gathering begins no visit after this long: whoever fell due meanwhile has the next round


class Service:
    """Run with `await Service(house).run()`; ends on SIGTERM or SIGINT, or when `stop` is set."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.stop = asyncio.Event()
        self._busy: set[asyncio.Task[None]] = set()
        self._web: Web | None = None

    async def run(self) -> None:
        """Tick until told to stop; then let what is under way end."""
        async with Web(self._house.config.main.net, self._house.clock) as self._web:
            await self._tick()

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop.set)
        times = self._house.config.main.service
        scheduler = AsyncIOScheduler(timezone="UTC")
        for name, tick, trigger in (
            ("gather", self._gather, IntervalTrigger(seconds=times.gather_every_s)),
            ("watch", self._watch, IntervalTrigger(seconds=times.watch_every_s)),
            ("digest", self._digest, IntervalTrigger(seconds=times.watch_every_s)),
            ("send", self._send, IntervalTrigger(seconds=times.send_every_s)),
            ("post", self._post, IntervalTrigger(seconds=times.send_every_s)),
            (
                "housekeeping",
                self._housekeep,
                CronTrigger(hour=times.housekeeping_at.hour, minute=times.housekeeping_at.minute),
            ),
        ):
            scheduler.add_job(
                self._guarded(name, tick), trigger, id=name, max_instances=1, coalesce=True, misfire_grace_time=None
            )
        log.info("service_started", brands=len(self._house.config.brands), sources=len(self._house.config.sources))
        beating = asyncio.create_task(self._beat())
        # What was missed while we slept comes first, in the order of a post's way: a digest reads what gather brought.
        first = asyncio.create_task(self._catch_up())
        self._busy.add(first)
        first.add_done_callback(self._busy.discard)
        first.add_done_callback(lambda task: None if self.stop.is_set() else scheduler.start())
        await self.stop.wait()
        log.info("service_stopping")
        if scheduler.running:
            scheduler.shutdown(wait=False)
        await self._drain()
        await beating
        with suppress(ListenerError):
            self._house.store.stop_service(self._house.owner, self._house.clock.now())
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        log.info("service_stopped")

    async def _catch_up(self) -> None:
        for name, tick in (
            ("gather", self._gather),
            ("watch", self._watch),
            ("digest", self._digest),
            ("send", self._send),
            ("post", self._post),
        ):
            if self.stop.is_set():
                return
            await self._guarded(name, tick)()

    async def _drain(self) -> None:
        """Let rounds under way end; cancel those that take longer than the grace (a slow server, never the store)."""
        if self._busy:
            _, late = await asyncio.wait(self._busy, timeout=GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _guarded(self, name: str, tick: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """One failing round never ends the service."""

        async def guarded() -> None:
            task = asyncio.current_task()
            if task is not None:
                self._busy.add(task)
            try:
                await tick()
            except ListenerError as error:
                log.error("round_failed", round=name, error=str(error))
            except Exception:
                log.exception("round_failed", round=name)
            finally:
                if task is not None:
                    self._busy.discard(task)

        return guarded

    async def _beat(self) -> None:
        """Apart from the scheduler, for that begins only when the first gathering is over."""
        while not self.stop.is_set():
            with suppress(ListenerError):
                self._house.store.beat(self._house.owner, self._house.clock.now())
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), BEAT_S)

    async def _gather(self) -> None:
        visits = await self._house.gather(web=self._web, budget_s=ROUND_S)
        if any(visit.new for visit in visits) and not self.stop.is_set():
            await self._watch()  # what trips an alert need not wait for the next tick

    async def _watch(self) -> None:
        self._house.watch()

    async def _digest(self) -> None:
        for brand, day, late in self._house.due_digests():
            self._house.digest(brand, day, late=late)
            await asyncio.sleep(0)  # between two digests the loop may breathe
        Desk(self._house.config, self._house.store, self._house.clock).due()

    async def _send(self) -> None:
        await self._house.send()

    async def _post(self) -> None:
        await self._house.post()

    async def _housekeep(self) -> None:
        self._house.housekeep()
