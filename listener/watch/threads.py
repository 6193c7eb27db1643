"""Threads about a quiet brand: anger in more and more of them, and one in which everybody is angry.

Voices answer one another, so that ten of them in one thread say little; the counts of alarm.py must allow for that.
Two things say more, and earlier:

* threads: they open independently of one another. Threads with an angry post about the brand (about.py), in the last
  W hours, are counted against their habit as voices are, only that they hardly come in clusters. One person is one,
  however many threads it opened.
* thread: a new thread, opened by somebody angry about the brand, in which those who name the brand in anger outnumber
  by three and more everybody else who speaks of it, within its first day. How rare that is the brand's own threads of
  the last weeks tell: s = −log10 P[a day brings one that is as one-sided], which grows with every quiet day.
"""

import math
from dataclasses import dataclass, field, replace
from itertools import chain

from listener.records import Judged
from listener.watch.about import in_passing, is_about, names
from listener.watch.baseline import Baseline, Decay, Exposure, Spans, Usual, surprise
from listener.watch.life import Look
from listener.watch.settings import Settings
from listener.watch.window import Windows

THREADS, THREAD = "threads", "thread"


@dataclass(slots=True)
class _Thread:
    """A thread since its angry opener, in its first day. `lead`: most that the angry were ahead of the others."""

    opened: float
    angry: set[str] = field(default_factory=set)
    critical: set[str] = field(default_factory=set)
    praising: set[str] = field(default_factory=set)
    peak: int = 0

    @property
    def lead(self) -> int:
        """How far critical voices outnumber praising ones; 0 where most of them are not plainly angry."""
        plain = 3 * len(self.angry) >= 2 * len(self.critical)
        return max(0, len(self.critical) - len(self.praising)) if plain else 0


@dataclass(frozen=True, slots=True)
class Ended:
    """The threads of a brand before some hour, summed up.

    Attributes:
        about, opened: threads in which somebody was about the brand; that an angry opener began.
        leads: of opened ones whose first day was over: when, and their peak; only those that ever matter.
        young: the other opened ones.
    """

    usual: Usual = field(default_factory=Usual)
    about: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    leads: tuple[tuple[float, int], ...] = ()
    young: tuple[tuple[str, _Thread], ...] = ()


class Threads:
    """The threads of one brand, fed in the order of arrival. Hours are since 1970. `before` as with a Baseline."""

    def __init__(self, settings: Settings, decay: Decay, before: Ended | None = None) -> None:
        self._settings, self._decay, self._before = settings, decay, before or Ended()
        settled = replace(settings, answers=settings.threads_answers)
        self._baseline = Baseline(settled, decay, self._before.usual)
        self._by_thread, self._by_voice = Windows(settings.windows_h), Windows(settings.windows_h)
        self._threads = {
            url: replace(one, angry=set(one.angry), critical=set(one.critical), praising=set(one.praising))
            for url, one in self._before.young
        }
        self._about: set[str] = set()  # threads in which somebody was about the brand

    def sum_up(self, edge: float, without: Spans) -> Ended:
        """What posts before the hour `edge` came to; `without` are the spans of crises before it."""
        over = edge - self._settings.thread_h
        least = self._settings.least_voices - 1  # see _thread
        return Ended(
            usual=self._baseline.sum_up(edge, without),
            about=frozenset(self._about),
            opened=frozenset(url for url, one in self._threads.items() if one.opened < over),
            leads=tuple(
                (one.opened, one.peak) for one in self._threads.values() if one.opened < over and one.peak >= least
            ),
            young=tuple((url, one) for url, one in self._threads.items() if one.opened >= over),
        )

    def passes(self, post: Judged) -> bool:
        """Whether a post is no talk of the brand: it names it in passing, or answers somebody who did."""
        if post.where == "thread":
            return post.thread_url not in self._about and post.thread_url not in self._before.about
        self._about.update(() if in_passing(post) else (post.thread_url,))
        return in_passing(post)

    def take(self, post: Judged, at: float, counts: bool, alive: bool) -> tuple[str, ...]:
        """A post at hour `at`; the streams of threads that it belongs to.

        Args:
            counts: it is news of a source that is known for long enough. alive: it may teach what is usual.
        """
        streams = []
        if post.label == "negative" and is_about(post):
            streams.append(THREADS)
            if counts:
                self._by_thread.add(at, post.thread_url)
                self._by_voice.add(at, post.voice)
            if alive:
                self._baseline.learn(at, post.source, post.thread_url)
        known = post.thread_url in self._before.opened
        if post.position == 0 and not known and post.label != "positive" and is_about(post):
            self._threads.setdefault(post.thread_url, _Thread(at))
        thread = self._threads.get(post.thread_url)
        if thread is not None and 0 <= at - thread.opened <= self._settings.thread_h:
            streams.append(THREAD)
            if post.label == "positive":
                thread.praising.add(post.voice)
            elif names(post):
                thread.critical.add(post.voice)
                if post.label == "negative":
                    thread.angry.add(post.voice)
            thread.peak = max(thread.peak, thread.lead)
        return tuple(streams)

    def looks(
        self, post: Judged, head: float, exposure: Exposure, warm: frozenset[str], crises: Spans
    ) -> tuple[Look, ...]:
        """How both stand at hour `head`, at a post that was just taken; none where there is nothing to see."""
        both = (self._thread(post, head, exposure, warm, crises), self._many(head, exposure, warm, crises))
        return tuple(look for look in both if look is not None)

    def _many(self, head: float, exposure: Exposure, warm: frozenset[str], crises: Spans) -> Look | None:
        """How improbable it is that so many threads are angry at hour `head`."""
        settings, voices = self._settings, self._by_voice.counts(head)
        counts = {width: min(count, voices[width]) for width, count in self._by_thread.counts(head).items()}
        if not warm or not max(counts.values(), default=0):
            return None
        usual = self._baseline.expected(head, exposure, warm, crises)
        scores = {width: surprise(count, usual.rate_h * width, usual.size[width]) for width, count in counts.items()}
        enough = [width for width in counts if counts[width] >= settings.least_voices]
        best = max(enough or counts, key=lambda width: (scores[width], -width))
        fire = settings.threads_fire + math.log10(max(settings.threads_rare, usual.rate_h * 24))
        return Look(
            stream=THREADS, score=scores[best], window_h=best, voices=counts[best], expected=usual.rate_h * best,
            since_h=head - best, active=scores[best] >= settings.rearm, fired=bool(enough) and scores[best] >= fire,
            by_floor=False,
        )  # fmt: skip

    def _thread(
        self, post: Judged, head: float, exposure: Exposure, warm: frozenset[str], crises: Spans
    ) -> Look | None:
        """How rare a thread as one-sided as the post's is; None if it is not."""
        settings, thread = self._settings, self._threads.get(post.thread_url)
        if thread is None or post.source not in warm or head - thread.opened > settings.thread_h:
            return None
        lead = thread.lead
        if lead < settings.least_voices:
            return None
        cutoff = head - settings.hold_out_h
        known = max(exposure.weighed(source, cutoff, crises) for source in warm)
        alike = [
            self._decay(opened) * (1.0 if peak >= lead else settings.thread_near)
            for opened, peak in chain(self._before.leads, ((one.opened, one.peak) for one in self._threads.values()))
            if peak >= lead - 1 and opened < cutoff and not any(low <= opened < high for low, high in crises)
        ]
        again = sum(alike) / self._decay(cutoff)
        rate_h = (1 + again) / max(known, settings.least_exposure_h)
        score = surprise(1, rate_h * 24, 1.0)
        fired = again < settings.thread_again and known >= settings.thread_known_h
        return Look(
            stream=THREAD, score=score, window_h=24, voices=len(thread.critical), expected=rate_h * 24 * lead,
            since_h=thread.opened - 1e-6, active=True, fired=fired, by_floor=False,
        )  # fmt: skip
