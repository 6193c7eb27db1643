"""The promised views as data: their columns in order, what kind of value stands in each, what they are picked by.

docs/store.md tells people the same; tests/test_store_promised.py holds this module, that page and views.sql together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

# time: "2026-03-21T12:40:00Z" (UTC); day: "2026-03-21"; yes: 1 or 0; names: ids with commas between;
# json: a JSON list of texts. Any of them may be NULL where docs/store.md says so.
Kind = Literal["text", "time", "day", "whole", "number", "yes", "names", "json"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a view."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class View:
    """A promised view.

    Attributes:
        picked_by: the column that days are picked by: a day of the brand's zone, or a UTC time; "" if it has none.
        order: what its rows are sorted by when they are exported, so that the same store gives the same file. Of
            v_mentions an index brings that order: a million rows are never sorted.
        counted_in: a table that has one row for each of the view's, with the same `brand` and `picked_by`, and is
            quicker to count; "" if there is none.
    """

    name: str
    columns: tuple[Column, ...]
    picked_by: str
    order: str
    counted_in: str = ""

    @property
    def has_brand(self) -> bool:
        """Whether its rows belong to brands."""
        return any(column.name == "brand" for column in self.columns)

    def kind(self, column: str) -> Kind:
        """What stands in a column; text for one that this version does not know (an older or a tampered file)."""
        return next((one.kind for one in self.columns if one.name == column), "text")


def _view(name: str, columns: str, picked_by: str, order: str, counted_in: str = "") -> View:
    """`columns`: "name:kind", blanks between; text if no kind is told."""
    made = []
    for one in columns.split():
        column, _, kind = one.partition(":")
        known: dict[str, Kind] = {name: name for name in get_args(Kind)}
        made.append(Column(column, known[kind or "text"]))
    return View(name, tuple(made), picked_by, order, counted_in)


_ALL = (
    _view(
        "v_mentions",
        "brand day:day at:time link thread_title thread_link source platform published:time first_seen:time voice "
        "language sentiment:number label confidence:number topics:names leaving:yes place text by_brand:yes "
        "position:whole likes:whole replies:whole deleted:time expired:yes backfilled:yes muted pull:number story "
        "story_kind author post_key",
        picked_by="day",
        order="brand, day",
        counted_in="mentions",
    ),
    _view(
        "v_daily",
        "brand day:day mentions:whole voices:whole negative_voices:whole neutral_voices:whole positive_voices:whole "
        "negative_share:number sources:whole deposits_lu:number withdrawals_lu:number",
        picked_by="day",
        order="brand, day",
    ),
    _view(
        "v_topics_daily",
        "brand day:day topic voices:whole posts:whole mean_sentiment:number",
        picked_by="day",
        order="brand, day, topic",
    ),
    _view(
        "v_balance",
        "brand day:day deposits_lu:number withdrawals_lu:number balance_lu:number running_lu:number",
        picked_by="day",
        order="brand, day",
    ),
    _view(
        "v_relationships",
        "brand voice platform first_day:day last_day:day posts:whole deposits:whole withdrawals:whole "
        "balance_lu:number leaving:yes worst_lu:number at_risk:yes at_risk_reason",
        picked_by="last_day",
        order="brand, voice",
    ),
    _view("v_share_of_voice", "day:day brand voices:whole share:number", picked_by="day", order="day, brand"),
    _view(
        "v_threads",
        "thread_link thread_title source brand posts:whole voices:whole first:time last:time posts_last_24h:whole "
        "answered_by_brand:time",
        picked_by="last",
        order="brand, last, thread_link",
    ),
    _view(
        "v_alerts",
        "brand topic stream severity state first_post:time opened:time minutes_to_alert:number last_activity:time "
        "voices:whole peak_voices:whole window_voices:whole expected_voices:number window_h:number score:number "
        "sources:json reasons:json acknowledged:time acknowledged_by closed:time life told alert_key",
        picked_by="opened",
        order="opened, alert_key",
    ),
    _view(
        "v_coverage",
        "source day:day hours_heard:whole hours_late:whole hours_blocked:whole hours_blocked_by_robots:whole "
        "hours_unreadable:whole hours_gone:whole hours_config:whole visits:whole posts_read:whole posts_new:whole "
        "state_now state_now_since:time state_now_detail last_heard:time read_only_in active:yes",
        picked_by="day",
        order="source, day",
    ),
    _view(
        "v_labels",
        "brand link at:time by field old new note chosen holds:yes post_key",
        picked_by="at",
        order="at, post_key, field",
    ),
    _view("v_brands", "brand", picked_by="", order="brand"),
    _view(
        "v_evidence",
        "brand quoted:time at:time seen:time link platform text sha256 became author post_key",
        picked_by="quoted",
        order="brand, quoted, post_key, sha256",
    ),
    _view(
        "v_triage",
        "brand what status owner note by at:time turns:whole link title topic thread:whole in_thread:whole post_key "
        "turn:whole",
        picked_by="at",
        order="turn",
    ),
)
PROMISED: Mapping[str, View] = {view.name: view for view in _ALL}
# Views that others stand on; not promised.
HELPERS = frozenset({"v_weights", "live_days", "live_topics", "live_relationships", "live_threads", "live_coverage"})
