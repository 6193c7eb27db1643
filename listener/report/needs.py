"""What needs a person: the rules behind the verdict and the exit code of `listener status`.

A rule is told once it would not mend itself: what is late waits for the user's patience, a source for a day.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from listener.report.standing import Heard, Need, Stands
from listener.text import span

UNHEARD = timedelta(hours=24)  # a source that fails for so long will not mend itself
UPKEEP = timedelta(days=3)  # without retention
LEAST_FREE = 500_000_000  # bytes: a migration and a night's upkeep may write the file anew
WELL = frozenset({"heard", "empty", "new", "resting"})
MENDS = {
    "config": "`listener check` says what is wrong in sources.toml",
    "robots": "robots.txt forbids it: take it out of sources.toml, or look for another way with `listener discover`",
    "blocked": "take it out of sources.toml, or look for another way with `listener discover`",
    "gone": "look at its address in a browser; `listener discover` finds where it went, or take it out of sources.toml",
    "unreadable": "a copy of the page lies in data/broken/; is the address still what its kind reads?",
    "late": "look at its address in a browser: if it is down for good, take it out of sources.toml",
}
DOING = {"gather": "gathering", "watch": "the watch", "housekeeping": "the nightly upkeep"}


def needs(stands: Stands, created: datetime, patience: timedelta) -> tuple[Need, ...]:
    """Most urgent first: alerts, then what keeps alerts from being raised or read, then the rest.

    Args:
        created: when the store was made; a young one has no upkeep yet.
        patience: for how long what is due may wait.
    """
    return (
        *_alerts(stands),
        *_service(stands, patience),
        *_rounds(stands, created, patience),
        *_outbox(stands, patience),
        *_digests(stands, patience),
        *_sources(stands),
        *_upkeep(stands, created),
    )


def _ago(stands: Stands, at: datetime) -> str:
    return span((stands.now - at).total_seconds())


def _alerts(stands: Stands) -> Iterator[Need]:
    for alert in stands.alerts:
        if alert.state != "acknowledged":
            about = alert.topic or alert.stream
            yield Need(
                "alert",
                f"{alert.brand}: {about}, {alert.severity}, {max(alert.total, alert.voices)} voices, "
                f"{alert.state} for {_ago(stands, alert.opened)}, and nobody has taken it up",
                f"`listener ack {alert.key[:8]} --by NAME`",
            )


def _service(stands: Stands, patience: timedelta) -> Iterator[Need]:
    if not stands.sources:
        yield Need("source", "there is no source, so nothing can be heard", "`listener discover URL` proposes some")
        return
    run, state = stands.service, stands.service_state
    if run is not None and state == "gone":
        yield Need(
            "service",
            f"the service ended without being stopped; its last sign of life was {_ago(stands, run.beat)} ago",
            "start it again (`listener run`, or systemctl); the end of its log says why",
        )
        return
    if run is not None and state == "silent":
        yield Need(
            "service",
            f"the service is there, but gave no sign of life for {_ago(stands, run.beat)}",
            "restart it; the end of its log says what it was at",
        )
        return
    if all(source.last_heard is None and source.state == "new" for source in stands.sources):
        if state != "running":
            yield Need("service", "nothing was gathered yet", "`listener run`, or `listener gather` once")
        return
    late = [one.next for one in stands.sources if one.next is not None and one.next < stands.now - patience]
    if late:
        begin = "it is overwhelmed or stuck: its log tells" if state == "running" else "start `listener run`, or cron"
        yield Need(
            "service",
            f"{len(late)} of {len(stands.sources)} sources are due, the first for {_ago(stands, min(late))}",
            f"{begin} (docs/running.md)",
        )


def _rounds(stands: Stands, created: datetime, patience: timedelta) -> Iterator[Need]:
    by_name = {one.round: one for one in stands.rounds}
    for name, doing in DOING.items():
        one = by_name.get(name)
        if one is not None and one.trouble and (one.well is None or one.ended - one.well > patience):
            since = f"; it last went well {_ago(stands, one.well)} ago" if one.well else ""
            yield Need("service", f"{doing} fails: {one.trouble}{since}", "mend what it says; it is tried again")
    gathered, watched = by_name.get("gather"), by_name.get("watch")
    if gathered is not None and gathered.ended - (watched.ended if watched else created) > patience:
        yield Need("service", "posts are gathered, but nobody watches", "let cron call `listener watch` as well")


def _outbox(stands: Stands, patience: timedelta) -> Iterator[Need]:
    box = stands.outbox
    why = next((f": {one.error}" for one in box.troubled if one.state != "failed"), "")
    if box.waiting and box.oldest is not None and stands.now - box.oldest > patience:
        yield Need(
            "outbox",
            f"{box.waiting} messages wait, the first for {_ago(stands, box.oldest)}{why}",
            "`listener check`, then `listener send` (docs/mail.md)",
        )
    given_up = [one for one in box.troubled if one.state == "failed"]
    if box.failed:
        error = f", the last one with: {given_up[0].error}" if given_up else ""
        yield Need(
            "outbox",
            f"{box.failed} messages were given up in the last 7 days{error}",
            "mend the address in people.toml; what they said stands in the store",
        )


def _digests(stands: Stands, patience: timedelta) -> Iterator[Need]:
    for one in stands.coming:
        if one.overdue and stands.now - (one.at - timedelta(days=1)) > patience:
            yield Need(
                "digest",
                f"{one.brand}: the digest of {', '.join(one.overdue)} is due and was not made",
                f"`listener digest --brand {one.brand} --day {one.overdue[-1]}`, or start `listener run`",
            )


def _sources(stands: Stands) -> Iterator[Need]:
    for one in stands.sources:
        if one.state in WELL or not _broken(one, stands.now):
            continue
        heard = f"; last heard {_ago(stands, one.last_heard)} ago" if one.last_heard else "; never heard yet"
        detail = f", {one.detail}" if one.detail else ""
        yield Need("source", f"{one.source}: {one.state}{detail}{heard}", MENDS.get(one.state, "`listener check`"))


def _broken(one: Heard, now: datetime) -> bool:
    """Whether it is past hoping that it mends itself."""
    if one.state == "config":
        return True
    if one.last_heard is None:
        return one.state != "late" or now - one.since > UNHEARD
    return now - one.last_heard > UNHEARD


def _upkeep(stands: Stands, created: datetime) -> Iterator[Need]:
    if stands.free_bytes < LEAST_FREE:
        yield Need("disk", f"{stands.free_bytes // 1_000_000:,} MB are free beside the store", "make room")
    kept = next((one.well for one in stands.rounds if one.round == "housekeeping"), None)
    gathers = any(one.round == "gather" for one in stands.rounds)
    if gathers and stands.now - (kept or created) > UPKEEP:
        since = f"for {_ago(stands, kept)}" if kept else "yet"
        yield Need(
            "service",
            f"the nightly upkeep, which ends what retention ends, did not run {since}",
            "`listener housekeep`, each night (docs/running.md)",
        )
