"""Hours of the day in which a place may be read."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.hours import Hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "now", "opens"),
    [
        ("01:00-06:00", "UTC", "2026-03-22T01:00", "2026-03-22T01:00"),
        ("01:00-06:00", "UTC", "2026-03-22T05:59", "2026-03-22T05:59"),
        ("01:00-06:00", "UTC", "2026-03-22T06:00", "2026-03-23T01:00"),
        ("01:00-06:00", "UTC", "2026-03-22T00:10", "2026-03-22T01:00"),
        ("01:00-06:00", "Asia/Taipei", "2026-03-22T12:00", "2026-03-22T17:00"),
        ("22:30-05:00", "UTC", "2026-03-22T04:00", "2026-03-22T04:00"),
        ("22:30-05:00", "UTC", "2026-03-22T05:00", "2026-03-22T22:30"),
        ("20:00-00:00", "UTC", "2026-03-22T23:59", "2026-03-22T23:59"),
        # 2026-03-29: in Berlin the clocks go from 02:00 to 03:00, so that night has no such hour
        ("02:00-03:00", "Europe/Berlin", "2026-03-29T00:30", "2026-03-30T00:00"),
    ],
)
def test_when_it_opens(hours: str, zone: str, now: str, opens: str) -> None:
    assert Hours.parse(hours, zone).opens(at(now)) == at(opens)


@given(
    st.times(), st.times(), st.sampled_from(["UTC", "Asia/Taipei", "Europe/Berlin", "America/St_Johns"]),
    st.integers(0, 2 * 365 * 86400).map(lambda seconds: at("2025-01-01") + timedelta(seconds=seconds)),
)  # fmt: skip
def test_it_opens_within_its_hours_soon_and_never_in_the_past(begin, end, zone, now) -> None:  # type: ignore[no-untyped-def]
    text = f"{begin:%H:%M}-{end:%H:%M}"
    if text[:5] == text[6:]:
        with pytest.raises(ValueError, match="same time"):
            Hours.parse(text, zone)
        return
    hours = Hours.parse(text, zone)
    opens = hours.opens(now)
    assert hours.within(opens)
    assert now <= opens <= now + timedelta(days=3)
    assert Hours.parse(str(hours)) == hours


@pytest.mark.parametrize("text", ["", "1-6", "01:00", "25:00-06:00", "01:00-06:60", "night", "06:00-06:00"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hours|same time"):
        Hours.parse(text)
