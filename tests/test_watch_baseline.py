"""The negative binomial tail against exact sums, exposure by heard hours, and what the baseline learns from."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.watch.baseline import Baseline, Decay, Exposure, hours, surprise
from listener.watch.settings import DEFAULTS
from listener.watch.window import Windows
from tests.helpers_watch import at, heard

NOW = hours(at(30 * 24))


def exact_tail(count: int, mean: int, size: int) -> float:
    """−log10 P[N ≥ count], summed in fractions, for a whole-numbered size."""
    p = Fraction(mean, mean + size)
    below = sum(math.comb(k + size - 1, k) * p**k * (1 - p) ** size for k in range(count))
    tail = 1 - below
    return math.log10(tail.denominator) - math.log10(tail.numerator)


@given(st.integers(1, 60), st.integers(1, 40), st.integers(1, 12))
def test_tail_is_the_exact_sum(count: int, mean: int, size: int) -> None:
    assert surprise(count, mean, size) == pytest.approx(exact_tail(count, mean, size), rel=1e-9, abs=1e-10)


def test_tail_at_the_edges() -> None:
    assert surprise(0, 1.0, 1.0) == 0.0
    assert surprise(3, 0.0, 1.0) == math.inf
    assert surprise(1, 1e-9, 1.0) == pytest.approx(9, abs=1e-6)
    assert surprise(3, 2.0, 1e6) == pytest.approx(-math.log10(1 - 5 * math.exp(-2)), rel=1e-5), "Poisson"
    assert surprise(2_000_000, 1_000_000.0, 1e6) > 1000
    assert surprise(1_000_000, 1_000_000.0, 1e6) == pytest.approx(math.log10(2), abs=0.01)
    assert surprise(900_000, 1_000_000.0, 1e6) == pytest.approx(0, abs=1e-6)
    assert 0 < surprise(5000, 1000.0, 0.5) < 3, "a wide spread makes even five times the mean ordinary"


@given(st.floats(0.001, 1000), st.floats(0.05, 1000), st.integers(1, 500))
def test_tail_grows_with_the_count(mean: float, size: float, count: int) -> None:
    assert surprise(count + 1, mean, size) >= surprise(count, mean, size) - 1e-9


def exposure(sources: tuple[str, ...] = ("forum",), since_h: int = 0, until_h: int = 30 * 24) -> Exposure:
    decay = Decay(NOW, DEFAULTS.half_life_h)
    return Exposure(heard(until_h, sources, since_h), hours(at(0)), DEFAULTS, decay)


def baseline(posts: list[tuple[float, str, str]]) -> Baseline:
    made = Baseline(DEFAULTS, Decay(NOW, DEFAULTS.half_life_h))
    for when, source, voice in posts:
        made.learn(hours(at(when)), source, voice)
    return made


def test_rate_is_learnt_within_a_few_percent() -> None:
    posts = [(hour + 0.3, "forum", f"v{hour}") for hour in range(30 * 24)]
    usual = baseline(posts).expected(NOW, exposure(), ["forum"], ())
    assert usual.rate_h == pytest.approx(1.0, rel=0.01)


def test_a_day_back_is_held_out() -> None:
    burst = [(30 * 24 - 12.0, "forum", f"v{n}") for n in range(50)]
    usual = baseline(burst).expected(NOW, exposure(), ["forum"], ())
    assert usual.rate_h == baseline([]).expected(NOW, exposure(), ["forum"], ()).rate_h


def test_one_voice_an_hour_counts_once() -> None:
    many = [(100.1 + n / 1000, "forum", "ann") for n in range(50)]
    one = baseline(many[:1]).expected(NOW, exposure(), ["forum"], ())
    assert baseline(many).expected(NOW, exposure(), ["forum"], ()) == one


def test_a_known_crisis_teaches_nothing() -> None:
    quiet = [(hour + 0.3, "forum", f"v{hour}") for hour in range(0, 700, 10)]
    loud = [(300.5 + n / 100, "forum", f"c{n}") for n in range(90)]
    span = ((hours(at(300.4)), hours(at(302.0))),)
    with_it = baseline(quiet + loud).expected(NOW, exposure(), ["forum"], ())
    without = baseline(quiet + loud).expected(NOW, exposure(), ["forum"], span)
    calm = baseline(quiet).expected(NOW, exposure(), ["forum"], ())
    assert with_it.rate_h > 1.5 * calm.rate_h
    assert without.rate_h == pytest.approx(calm.rate_h, rel=0.02)


def test_a_younger_source_counts_by_its_own_hours() -> None:
    """A board that has been read for a fifth of the time, at one voice an hour, is expected at one an hour."""
    old = {"forum": heard(720)["forum"], "new": heard(720, ("new",), 576)["new"]}
    seen = Exposure(old, hours(at(0)), DEFAULTS, Decay(NOW, DEFAULTS.half_life_h))
    posts = [(hour + 0.3, "new", f"v{hour}") for hour in range(576, 720)]
    usual = baseline(posts).expected(NOW, seen, ["forum", "new"], ())
    assert usual.rate_h == pytest.approx(1.0, rel=0.02)


def test_clusters_widen_the_band_and_a_short_history_too() -> None:
    regular = [(hour + 0.3, "forum", f"v{hour}") for hour in range(720)]
    clustered = [(24 * day + 0.3 + n / 100, "forum", f"v{day}-{n}") for day in range(30) for n in range(24)]
    even = baseline(regular).expected(NOW, exposure(), ["forum"], ())
    uneven = baseline(clustered).expected(NOW, exposure(), ["forum"], ())
    assert uneven.size[1] < even.size[1] / 10
    short = baseline(regular[-72:]).expected(NOW, exposure(since_h=648), ["forum"], ())
    assert short.rate_h == pytest.approx(even.rate_h, rel=0.05)
    assert short.size[24] < even.size[24]


@given(st.permutations(range(40)))
def test_order_of_arrival_does_not_matter(order: list[int]) -> None:
    posts = [(13.7 * n, "forum", f"v{n % 7}") for n in range(40)]
    made = baseline([])
    for number in order:
        made.learn(hours(at(posts[number][0])), *posts[number][1:])
        if number % 5 == 0:
            made.expected(NOW - 100, exposure(), ["forum"], ())
    assert made.expected(NOW, exposure(), ["forum"], ()) == baseline(posts).expected(NOW, exposure(), ["forum"], ())


def test_exposure_knows_alive_returning_and_warm() -> None:
    moments = (*heard(50)["forum"], *heard(120, since_h=70)["forum"])
    seen = Exposure({"forum": moments}, hours(at(0)), DEFAULTS, Decay(NOW, DEFAULTS.half_life_h))
    assert seen.alive("forum", hours(at(49.5)))
    assert not seen.alive("forum", hours(at(50.5)))
    assert not seen.alive("elsewhere", hours(at(1)))
    assert [h for h in range(120) if seen.returning("forum", hours(at(h)))] == [0, 70]
    assert seen.warm(hours(at(82)), 62.5) == frozenset()
    assert seen.warm(hours(at(83)), 62.5) == {"forum"}
    assert seen.after("forum", hours(at(45.5)), 24) == hours(at(90))
    assert seen.after("forum", hours(at(110)), 24) is None


def test_no_date_overflows() -> None:
    for years in (-60, 0, 200):
        now = hours(at(0)) + years * 8766
        decay = Decay(now, 24.0)
        assert 1 <= decay(now) < math.inf


def test_windows_count_voices_not_posts() -> None:
    windows = Windows((1, 24))
    for when, voice in ((0.0, "a"), (0.5, "a"), (23.9, "b"), (23.2, "c")):
        windows.add(when, voice)
    assert windows.counts(23.9) == {1: 2, 24: 3}
    assert windows.counts(24.0) == {1: 2, 24: 3}, "the second post of a voice keeps it in the window"
    assert windows.counts(24.5) == {1: 1, 24: 2}


@pytest.mark.parametrize("since_h", [-50.0, 0.0, 30.0, 30.5, 99.0, 150.0])
def test_one_reading_of_the_hours_serves_every_brand(since_h: float) -> None:
    """A brand that had a chance from some hour on sees what an exposure of its own would show it."""
    decay, moments = Decay(NOW, DEFAULTS.half_life_h), heard(120, ("forum", "town"), 5)
    whole = Exposure(moments, -math.inf, DEFAULTS, decay).only(hours(at(since_h)))
    own = Exposure({name: [one for one in row if hours(one) + 1 > hours(at(since_h))] for name, row in moments.items()},
                   -math.inf, DEFAULTS, decay)  # fmt: skip
    crises = [(hours(at(20)), hours(at(40))), (hours(at(60)), hours(at(70.5)))]
    for end_h in (0, 31, 65, 119, 200):
        end = hours(at(end_h))
        assert whole.weighed("forum", end, crises) == pytest.approx(own.weighed("forum", end, crises), abs=1e-9)
        assert whole.warm(end, 30) == own.warm(end, 30)
