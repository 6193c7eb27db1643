"""`listener status`: reads the store, and tells how things stand and what needs a person (needs.py)."""

from dataclasses import replace
from datetime import datetime, timedelta

from listener.config import Config
from listener.report.due import due_digests, next_digest
from listener.report.needs import needs
from listener.report.standing import Coming, Heard, ServiceState, Stands
from listener.store.gathered import SourceLine
from listener.store.protocol import Store
from listener.store.standing import Round, ServiceRun

SILENT = timedelta(minutes=3)  # six beats missed: a service that lives does not need so long for any round
LOOK_BACK = timedelta(days=7)  # of messages that were given up


def look(
    store: Store, config: Config, now: datetime, *, alive: bool | None, patience: timedelta, free_bytes: int
) -> Stands:
    """Read the store and tell how things stand.

    Args:
        alive: whether the process of `last_service(store)` is there; None: it is another machine's, who knows.
        patience: for how long what is due may wait before it needs a person.
        free_bytes: on the store's disk.
    """
    service = last_service(store)
    rounds = store.rounds()
    visiting, due = store.due_counts(now)
    hours = store.heard_hours(now - timedelta(hours=24), now)
    names = [part.name for part in config.sources]
    lines = [line for line in store.source_lines(now) if line.source in names]
    known = {line.source for line in lines}
    sources = [_heard(line, len(hours.get(line.source, ()))) for line in lines]
    sources += [
        Heard(part.name, part.kind, "new", now, 0, None, now, 0, "", part.hours)
        for part in config.sources
        if part.name not in known
    ]
    missing: dict[str, list[str]] = {}
    for brand, day, _ in due_digests(store, config, now):
        missing.setdefault(brand.id, []).append(day.isoformat())
    coming = tuple(
        Coming(brand.id, next_digest(brand, config, now), tuple(missing.get(brand.id, ()))) for brand in config.brands
    )
    digests = store.digest_lines([brand.id for brand in config.brands])
    state = _state(service, rounds, now, alive)
    stands = Stands(
        now=now,
        service_state=state,
        service=service,
        rounds=tuple(rounds.values()),
        visiting=visiting,
        due=due,
        sources=tuple(sources),
        outbox=store.outbox_line(now - LOOK_BACK),
        digests=tuple(digests[brand.id] for brand in config.brands if brand.id in digests),
        coming=coming,
        alerts=tuple(store.alerts(open_only=True)),
        free_bytes=free_bytes,
        needs=(),
    )
    return replace(stands, needs=needs(stands, store.created(), patience))


def last_service(store: Store) -> ServiceRun | None:
    """The service that gave a sign of life last; beside one that was just stopped another that goes on."""
    found = store.services()
    if not found:
        return None
    return next((one for one in found if one.stopped is None and found[0].beat - one.beat <= SILENT), found[0])


def _state(service: ServiceRun | None, rounds: dict[str, Round], now: datetime, alive: bool | None) -> ServiceState:
    """Of a service that was killed nothing is left to tell once somebody else has gathered since."""
    if service is None:
        return "never"
    if service.stopped is not None:
        return "stopped"
    if alive is not False and now - service.beat <= SILENT:
        return "running"
    gathered = rounds.get("gather")
    if gathered is not None and gathered.owner != service.owner and gathered.ended > service.beat:
        return "stopped"
    return "silent" if alive else "gone"


def _heard(line: SourceLine, hours: int) -> Heard:
    return Heard(
        line.source, line.kind, line.state, line.since, min(24, hours), line.last_heard, line.due,
        sum(line.posts_by_day[-2:]), line.detail, line.hours,
    )  # fmt: skip
