"""The advice cards in words, and the matters that are better left alone."""

from listener.advise.model import Card, Cluster, ThreadCount, ThreadLife
from listener.advise.page import STANDING_DAYS, CardView, Item, Line, Ref, Teller
from listener.records import Severity

LONG_WAIT_H = 48.0  # from then on a wait is told in days
_POINTS = {"high": 3, "medium": 2, "low": 2}  # of what the playbook says to do, after what to say
_LIVES: dict[Severity, int] = {"high": 3, "medium": 2, "low": 1}  # threads that are told of one by one
_DONT = 2
_GROUNDS = 3  # of the sources of an advice


def card_view(teller: Teller, number: int, card: Card) -> CardView:
    """One card; a LOW one says less."""
    words = teller.words
    kind = ""
    if card.growth and words.has(f"growth.{card.growth.kind}"):  # not for "few"
        kind = words(f"growth.{card.growth.kind}", hours=words.number(card.growth.doubling_h or 0))
    badge = words(f"severity.{card.severity}")
    named = card.title != ""
    return CardView(
        number=number,
        title=teller.private(card.title) or teller.topic(card.topic),
        severity=card.severity,
        badge=badge,
        kind=" · ".join(part for part in (teller.topic(card.topic) if named else "", kind) if part),
        facts=_facts(teller, card),
        quotes=tuple(teller.quote(quote) for quote in card.quotes),
        lines=_lines(teller, card),
    )


def _facts(teller: Teller, card: Card) -> tuple[Item, ...]:
    """Size, growth, what is usual and why so grave; where it began or is loudest; what else is in it, what is known."""
    words = teller.words
    size = words(
        "card.lead", voices=words.count("voices", card.voices), posts=words.count("posts", card.posts),
        places=words.count("places", card.places),
    )  # fmt: skip
    size += words("card.lead_before", n=words.number(card.voices_before)) if card.voices_before else ""
    if card.voices_all > 1.2 * card.voices:
        size += words("card.lead_all", voices=words.count("voices", card.voices_all))
    moving = ""
    if card.growth and words.has(f"card.growth_{card.growth.kind}"):  # "few", "new" and "steady" are told by the rest
        moving = words(
            f"card.growth_{card.growth.kind}", hours=words.number(card.growth.doubling_h or 0),
            window=words.number(card.growth.hours), earlier=card.growth.earlier, later=card.growth.later,
        )  # fmt: skip
    found = [Item(words.sentences([words("frame.sentence", text=size), moving, _usual(teller, card)]))]
    found.append(_where(teller, card))
    if card.with_card is None:  # else they stand there
        found += [_life(teller, life) for life in card.lives[: _LIVES[card.severity]]]
    known = [_grave(teller, card)]
    if card.also:
        inside = [words("card.also_item", topic=teller.topic(also.topic), n=also.voices) for also in card.also]
        known.append(words("card.also", list=words.join(inside)))
    if card.alert and card.alert_opened:
        state = words(f"alert.{card.alert}")
        known.append(words("card.alert", time=words.moment(card.alert_opened), state=state))
    if card.advised_since:
        known.append(words("card.advised", day=words.short_day(card.advised_since)))
    known.append(teller.hand(card.hand))
    told = words.sentences(known)
    return (*found, Item(told)) if told else tuple(found)


def _where(teller: Teller, card: Card) -> Item:
    """Where it began, with its thread unless that is the title; of a standing complaint, where it is loudest."""
    words, origin = teller.words, card.origin
    if card.standing_days >= STANDING_DAYS:
        refs = teller.ref(words("frame.thread"), card.busiest.url, card.busiest.post_key)
        return Item(words("card.standing", n=card.standing_days), refs)
    told = words("card.began", time=words.moment(origin.at), place=origin.platform)
    title = teller.private(origin.thread_title)
    if title and title != teller.private(card.title):
        told += words("card.began_in", title=title)
    return Item(words("frame.sentence", text=told), teller.ref(words("frame.post"), origin.url, origin.post_key))


def _life(teller: Teller, life: ThreadLife) -> Item:
    """A thread: how many, whether it grows, when somebody last spoke, and whether we answered."""
    words = teller.words
    if life.answered:
        time = words.moment(life.answered)
        answer = words("card.life_settled", time=time)
        if life.after:
            answer = words("card.life_answered", time=time, after=words.count("voices", life.after))
    elif life.waiting_h < LONG_WAIT_H:
        answer = words("card.life_waiting", hours=words.number(life.waiting_h))
    else:
        answer = words("card.life_waiting_days", days=words.days(int(life.waiting_h // 24)))
    name = teller.title(ThreadCount(life.url, life.title, life.voices, life.post_key))
    told = words(
        "card.life", thread=f"{name}{words('frame.comma')}{life.platform}", voices=words.count("voices", life.voices),
        course=words(f"card.life_{life.course}") if life.course else "", time=words.moment(life.last), answer=answer,
    )  # fmt: skip
    return Item(words("frame.sentence", text=told), teller.ref(words("frame.thread"), life.url, life.post_key))


def _grave(teller: Teller, card: Card) -> str:
    """Why the severity: the grounds that nothing else on the card tells."""
    words = teller.words
    grounds = [
        words(f"reason.{reason.kind}", n=words.number(reason.n))
        for reason in card.reasons
        if words.has(f"reason.{reason.kind}")
    ]
    if card.severity == "low" or not grounds:
        return ""
    what = words("card.grave", severity=words(f"severity.{card.severity}"))
    told = words("frame.because", what=what, why=words.join(grounds[:5]))
    return words("frame.sentence", text=told)


def _usual(teller: Teller, card: Card) -> str:
    words, usual = teller.words, card.usual
    if usual is None:
        return words("card.usual_none")
    usually = teller.usual(usual)
    if usual.same_weekday:
        return words("card.usual_weekday", weekday=words.weekday(teller.digest.day), n=usual.days, usual=usually)
    return words("card.usual_days", n=usual.days, usual=usually)


def _lines(teller: Teller, card: Card) -> tuple[Line, ...]:
    """What to say and do, what not, who and by when, where, why; when to stay silent, where that is likely."""
    words, language, advice = teller.words, teller.words.language, card.advice
    points = _POINTS[card.severity]
    owner = card.topic.owner.get(language)
    if advice is None:
        lines = [
            Line(words("card.who"), (words.sentences([words("frame.sentence", text=owner), words("card.no_card")]),)),
            _place(teller, card, ""),
            *_silent(teller, card),
            Line(words("card.why"), (_why(teller, card),)),
        ]
        return tuple(lines)
    say = (advice.say.get(language),) if card.severity != "low" else ()
    lines = [
        Line(words("card.do"), (*say, *advice.do.get(language)[:points]), "do"),
        Line(words("card.dont"), advice.dont.get(language)[:_DONT], "dont"),
        Line(words("card.who"), (_who(teller, card, owner),)),
    ]
    if card.clock_ends and advice.clock_h:
        clock = words(
            "card.clock", first=words.moment(card.origin.at),
            seen=words("card.clock_seen", time=words.moment(card.origin.seen)),
            hours=words.number(advice.clock_h), end=words.moment(card.clock_ends),
        )  # fmt: skip
        lines.append(Line(words("card.clock_label", hours=words.number(advice.clock_h)), (clock,), "clock"))
    lines.append(_place(teller, card, advice.answer))
    lines += _silent(teller, card)
    lines.append(Line(words("card.why"), (_why(teller, card),)))
    basis = advice.basis.get(language)[: 1 if card.severity == "low" else _GROUNDS]
    if basis:
        text = words("card.basis", text=words("frame.semicolon").join(basis))
        lines.append(Line(words("card.ground"), (text,)))
    return tuple(line for line in lines if any(line.texts))


def _silent(teller: Teller, card: Card) -> tuple[Line, ...]:
    """Why not to reply now; else, on a low card or where the playbook is silent, when not to."""
    words, advice = teller.words, card.advice
    if card.silence:
        return (Line(words("card.silent"), (words(f"card.silence_{card.silence}"),), "dont"),)
    if advice and (card.severity == "low" or advice.answer == "none"):
        return (Line(words("card.silent"), (advice.no_reply_when.get(words.language),)),)
    return ()


def _who(teller: Teller, card: Card, owner: str) -> str:
    """Who decides and by when, and who else has to know; a LOW one needs nobody else."""
    words = teller.words
    time = words.moment(card.due) if card.due else ""
    escalate = card.advice.escalate.get(words.language) if card.advice and card.severity != "low" else ""
    if owner.casefold() in escalate.casefold():
        return words("card.by_whom", time=time, who=escalate)
    return words.sentences([words("card.by", who=owner, time=time), escalate])


def _place(teller: Teller, card: Card, answer: str) -> Line:
    """Where to answer, how far we have, which card's threads they are, and what each place allows."""
    words = teller.words
    told = []
    barred = bool(card.rules) and all(rule.rule == "no-brands" for rule in card.rules)
    if not card.silence and answer:
        told.append(words("card.answer_barred" if barred and answer != "none" else f"card.answer_{answer}"))
    told.append(_answered(teller, card))
    if card.with_card is not None:
        told.append(words("card.with_card", n=card.with_card + 1))
    refs: tuple[Ref, ...] = ()
    if answer != "none" and not card.silence:
        for rule in card.rules:
            if rule.rule:
                note = words("card.rule_note", note=rule.note.get(words.language)) if rule.note else ""
                what = words(f"card.rule_{rule.rule}", place=rule.platform)
                told.append(words("frame.sentence", text=what + note))
            refs += teller.ref(words("frame.rules"), rule.url) if rule.url else ()
        unknown = [rule.platform for rule in card.rules if not rule.rule]
        if unknown:
            told.append(words("card.rule_unknown", places=words.join(unknown)))
    return Line(words("card.place"), (words.sentences(told),), refs=refs)


def _answered(teller: Teller, card: Card) -> str:
    words = teller.words
    threads = words.count("threads", card.threads)
    if card.answered is None:
        return words("card.place_none", threads=threads)
    time = words.moment(card.answered)
    if card.answered_threads:
        return words("card.place_some", threads=threads, n=card.answered_threads, time=time)
    return words("card.place_earlier", threads=threads, time=time)


def _why(teller: Teller, card: Card) -> str:
    """The playbook's reason, the crisis type, and the words that told the topic; a lower one says less."""
    words, advice = teller.words, card.advice
    told = [teller.private(word) for word in card.told_by]
    marks = "「{}」" if words.chinese else "“{}”"
    confidence = f"{card.confidence:.2f}"
    judged = words("card.told_bare", confidence=confidence)
    if told:
        judged = words("card.told", confidence=confidence, words=words.join([marks.format(word) for word in told]))
    if advice is None or card.severity == "low":
        return judged
    why = advice.why.get(words.language) if card.severity == "high" or not advice.basis.get(words.language) else ""
    return words.sentences([why, _cluster(teller, card.cluster), judged])


def _cluster(teller: Teller, cluster: Cluster | None) -> str:
    if cluster is None:
        return ""
    words = teller.words
    grounds = [words(f"card.because_{kind}", n=words.number(n)) for kind, n in cluster.grounds]
    return words(f"card.cluster_{cluster.kind}", why=words.join(grounds))


def leave_items(teller: Teller) -> tuple[Item, ...]:
    """What needs no answer, and the playbook's word on it."""
    words, found = teller.words, []
    for matter in teller.digest.leave:
        why = words(
            "decide.leave_why", threads=words.count("threads", matter.threads),
            places=words.count("places", matter.places), others=words.count("voices", matter.others),
        )  # fmt: skip
        title = words("decide.leave", title=teller.private(matter.thread_title))
        found.append(Item(why, teller.ref(words("frame.post"), matter.quote.url, matter.quote.post_key), title=title))
    for rule in teller.digest.no_answer[:2] if found else ():
        found.append(Item(words("decide.rule", text=rule.get(words.language))))
    return tuple(found)


def more_items(teller: Teller) -> tuple[Item, ...]:
    """Matters without a card, and what holds for every reply."""
    digest, words = teller.digest, teller.words
    found = []
    if digest.more_matters:
        found.append(Item(words("decide.more", list=words.join([teller.topic(t) for t in digest.more_matters]))))
    if digest.cards:
        always = words.sentences([digest.disclosure.get(words.language), digest.one_reply.get(words.language)])
        found.append(Item(always, title=words("decide.always")))
    return tuple(found)
