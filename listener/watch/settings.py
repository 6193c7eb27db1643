"""The watch's constants, the same for every brand, each with its reason. Times in hours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Settings:
    """How the watch decides. A replay with other values is `watch(…, settings=Settings(fire=5))`.

    Attributes:
        windows_h: looked at ending with each mention: an outcry of minutes, of an evening, of a day.
        fire: −log10 of the probability at which so many voices in a window raise an alert, on all streams but those of
            threads and topics that alarm by themselves. One in 100,000 at each mention that is looked at: there are
            twenty streams, and four widths of window.
        few_looks: more voices a day than this mean more looks: `fire` rises by log10(voices a day / this).
        rearm: below this, plus log10(voices a day), a stream counts as quiet again, so that one alert does not flicker.
        least_voices: fewer are no crisis, however improbable.
        quiet_h: this long below `rearm` closes an alert: a weekend passes without a second alert for one matter.
        quiet_acknowledged_h: the same once a person has taken it up, counted from then or from the last activity.
        half_life_h: of the baseline's memory: a month, so that it follows seasons and forgets campaigns.
        least_exposure_h: no baseline pretends to know less time than this (warm-up less hold-out). The rate's prior is
            Gamma(1, 0): one voice is always still to come. DESIGN's Gamma(1, one week) held the rate of a talkative
            brand a third too low for weeks, and rang three to six times as often on simulated quiet brands.
        hold_out_h: the last hours teach the baseline nothing: a crisis must not become its own yardstick.
        crisis_h: nor do the first hours of an alert's life; later ones do, else a new normal would never be learnt.
        warm_up_h: hours for which a source must have been heard before its posts can be improbable (DESIGN §7).
        answers: variance / mean − 1 before a stream has shown its own. People answer one another, so voices come in
            clusters; with the logarithmic series as the size of a cluster their count is negative binomial with just
            this, whatever the rate (Quenouille 1949). 1 is a thread of one opener and one or two answers.
        answers_trust: how many voices the value above weighs against what was seen.
        least_answers: the learnt value stays above this: no crowd is as regular as a Poisson clock.
        floor_topics: raise an alert by themselves, from the first day on.
        floor_voices, floor_h: so many different voices, none a copy, in so many hours.
        floor_fire: and with a history, so improbable: once in 1,000 looks, or one thread about safety on a large board
            rings every week; at 3.3 the demo's crisis rang 18 minutes later. It is not asked of a brand of which
            nothing is known yet.
        threads_fire, threads_rare: −log10 of the probability at which anger in several threads (threads.py) raises an
            alert where one thread a day is angry: one in 5,600. It moves with log10 of their daily number, for who has
            ten times as many is looked at ten times as often: one in 56,000 at ten a day, one in 560 at a tenth, which
            is the lowest it goes: odds below that would call three angry threads in a day an alarm of any brand.
        threads_answers: as `answers`, for threads: they hardly answer one another.
        thread_h: a thread is new for so long; what takes longer to turn is no news.
        thread_again, thread_near: a thread that critical voices fill raises an alert if fewer than `thread_again` like
            it are remembered (a half: one that is a month ago is forgotten), one that came a voice less far counting
            as `thread_near`.
        thread_known_h: and if the brand could be heard for three weeks, else nobody knows what its threads are like.
        late_h: a post that reaches us so long after it was written is still news; later it is history.
        future_h: a post dated further ahead than this of our first sight of it has a wrong clock and is left out.
        gap_h: a source unheard for longer is coming back: what it dates to the very hour of its return is left out,
            because undated posts that piled up meanwhile all bear that hour. Twice the longest poll interval.
        fresh_h: a post first seen within this time of its own date may be undated (see gap_h).
        grow: an open alert is written anew when its posts grew by this factor, in a new place, or after an hour.
        triple: voices against the last mail at which an alert escalates.
        place_voices: different voices in a place that the last mail did not name, at which an alert escalates: one
            alone may be chance, or somebody who writes in both.
        escalations: at most so many a crisis: the reader already knows.
        escalate_after_h: not within this time of the last mail.
        overlap_h: an alert on another stream joins an open one only if that was active within this time.
        overlap: and if this share of its posts, or of their threads, is the open one's too.
        evidence: posts kept with an alert.
        busy_h: voices an hour over the last days from which a brand is watched by bins of five minutes (habit.py):
            one a bin. Under it the counts of a quarter of an hour are too small to have a shape.
        calm_h: below it a brand is watched mention by mention again. Half of it, so that none goes to and fro.
        busy_fire: height at which a busy stream raises an alert. Chosen, as everything down to `spread_days`, on five
            brands' counts, their thinned, cut and re-ordered weeks, leaving one brand out at a time: see
            bench/watch.py and docs/decisions.md. The neighbourhood is flat: 1.4 to 1.9 differ by a point.
        busy_part_fire: the same for the streams of anger, leaving and each complaint: there are twenty of them, and
            together they shall not ring more often than the one of all voices.
        busy_rearm: half a spread lower a stream counts as calm again.
        busy_quiet_h: so long below `busy_rearm` closes an alert: the evening's second wave is the same crisis, the one
            of the day after tomorrow is another. A busy brand would else be in alarm for half of the time.
        busy_voices: fewer in an hour are no crisis of a busy brand.
        settle_h: learning lags by so much: the longest poll interval, so that it is known what was heard.
        memory_d: days whose peaks are remembered: four weekends.
        peak_quantile: of the daily peaks, that counts as a usual one. At the same `busy_fire` the median rings half as
            often again outside of marked windows, and from 0.7 on one bad week hides the next (5 to 9 points).
        spread, spread_days: how far daily peaks stray, in doublings, and how many days of its own a brand must show to
            weigh as much as this value. Four weeks of peaks tell little of their own spread.
        level_half_life_h: of the level: two days.
        clusters: variance beyond Poisson, per mean squared, up to which an hour teaches the level whole.
        day_visits, week_visits, week_prior: an hour of the day is the mean of its last two weeks, an hour of the week
            of its last four; and until it has been seen so often as the prior, the hour of the day speaks for it.
        replay: play the past: every post counts as seen when it was written, although it was gathered later.
    """

    windows_h: tuple[int, ...] = (1, 3, 6, 24)
    fire: float = 5.0
    few_looks: float = 10.0
    rearm: float = 2.0
    least_voices: int = 3
    quiet_h: float = 72.0
    quiet_acknowledged_h: float = 24.0
    half_life_h: float = 30 * 24.0
    least_exposure_h: float = 38.5
    hold_out_h: float = 24.0
    crisis_h: float = 72.0
    warm_up_h: float = 62.5
    answers: float = 1.0
    answers_trust: float = 10.0
    least_answers: float = 0.05
    floor_topics: tuple[str, ...] = ("safety", "data-misuse")
    floor_voices: int = 3
    floor_h: int = 24
    floor_fire: float = 3.0
    threads_fire: float = 3.75
    threads_rare: float = 0.1
    threads_answers: float = 0.1
    thread_again: float = 0.5
    thread_near: float = 0.5
    thread_known_h: float = 20 * 24.0
    thread_h: float = 24.0
    late_h: float = 24.0
    future_h: float = 2.0
    gap_h: float = 12.0
    fresh_h: float = 0.1
    grow: float = 1.25
    triple: float = 3.0
    place_voices: int = 2
    escalations: int = 2
    escalate_after_h: float = 1.0
    overlap_h: float = 24.0
    overlap: float = 0.25
    evidence: int = 12
    busy_h: float = 12.0
    calm_h: float = 6.0
    busy_fire: float = 1.6
    busy_part_fire: float = 3.0
    busy_rearm: float = 1.1
    busy_quiet_h: float = 24.0
    busy_voices: int = 5
    settle_h: int = 6
    memory_d: int = 28
    peak_quantile: float = 0.6
    spread: float = 0.5
    spread_days: float = 50.0
    level_half_life_h: float = 48.0
    clusters: float = 0.2
    day_visits: int = 14
    week_visits: int = 4
    week_prior: float = 2.0
    replay: bool = False


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One of the three settings that a person may choose by name, and what it costs.

    Attributes:
        quiet_false: false alarms a brand and week at simulated quiet brands, where every alert is false.
        busy_false: alerts a brand and week outside of marked windows at the busy brands of bench.watch.
        busy_found: share of the marked windows that were found.
    """

    settings: Settings
    quiet_false: float
    busy_false: float
    busy_found: float


def _step(by: int) -> Settings:
    """So many steps away from the usual. One is a factor of ten in the odds of a count, of two in how often a thread
    like this one is to be expected, and at busy brands about as far as the flat neighbourhood of `busy_fire` reaches.
    Topics that alarm by themselves do so at each: safety is no matter of taste. What is learnt from is the same.
    """
    return replace(
        DEFAULTS,
        fire=DEFAULTS.fire + by,
        threads_fire=DEFAULTS.threads_fire + by,
        thread_again=DEFAULTS.thread_again * 2.0**-by,
        busy_fire=DEFAULTS.busy_fire + 0.3 * by,
        busy_rearm=DEFAULTS.busy_rearm + 0.3 * by,
        busy_part_fire=DEFAULTS.busy_part_fire + 0.6 * by,
    )


# The figures: python -m bench.sensitivity, bench/results/sensitivity.json.
SENSITIVITIES: Mapping[str, Sensitivity] = {
    "calm": Sensitivity(_step(1), 0.024, 0.21, 1.0),
    "normal": Sensitivity(DEFAULTS, 0.044, 0.27, 1.0),
    "keen": Sensitivity(_step(-1), 0.121, 0.37, 1.0),
}
