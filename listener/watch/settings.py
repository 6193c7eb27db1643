"""The watch's constants, the same for every brand, each with its reason. Times in hours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """How the watch decides. A replay with other values is `watch(…, settings=Settings(fire=5))`.

    Attributes:
        windows_h: looked at ending with each mention: an outcry of minutes, of an evening, of a day.
        fire: −log10 of the probability at which an alert is raised: one in 10,000 looks.
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
        late_h: a post that reaches us so long after it was written is still news; later it is history.
        future_h: a post dated further ahead than this of our first sight of it has a wrong clock and is left out.
        gap_h: a source unheard for longer is coming back: what it dates to the very hour of its return is left out,
            because undated posts that piled up meanwhile all bear that hour. Twice the longest poll interval.
        fresh_h: a post first seen within this time of its own date may be undated (see gap_h).
        grow: an open alert is written anew when its posts grew by this factor, in a new place, or after an hour.
        triple: voices against the last mail at which an alert escalates.
        places: platforms beyond which each new one escalates.
        escalations: at most so many a crisis: the reader already knows.
        escalate_after_h: not within this time of the last mail.
        overlap_h: an alert on another stream joins an open one only if that was active within this time.
        overlap: and if this share of its posts, or of their threads, is the open one's too.
        evidence: posts kept with an alert.
        replay: play the past: every post counts as seen when it was written, although it was gathered later.
    """

    windows_h: tuple[int, ...] = (1, 3, 6, 24)
    fire: float = 4.0
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
    late_h: float = 24.0
    future_h: float = 2.0
    gap_h: float = 12.0
    fresh_h: float = 0.1
    grow: float = 1.25
    triple: float = 3.0
    places: int = 2
    escalations: int = 2
    escalate_after_h: float = 1.0
    overlap_h: float = 24.0
    overlap: float = 0.25
    evidence: int = 12
    replay: bool = False


DEFAULTS = Settings()
