"""The advice cards in words, and the matters that are better left alone."""

from listener.advise.model import Card
from listener.advise.page import STANDING_DAYS, CardView, Item, Line, Teller

_POINTS = {"high": 5, "medium": 4, "low": 2}


def card_view(teller: Teller, number: int, card: Card) -> CardView:
    """One card; a LOW one says less."""
    words = teller.words
    kind = words(f"growth.{card.growth.kind}", hours=words.number(card.growth.doubling_h or 0)) if card.growth else ""
    badge = words(f"severity.{card.severity}")
    return CardView(
        number=number,
        title=_title(teller, card),
        severity=card.severity,
        badge=badge,
        kind=" · ".join(part for part in (teller.topic(card.topic), kind) if part),
        facts=_facts(teller, card),
        quotes=tuple(teller.quote(quote) for quote in card.quotes),
        lines=_lines(teller, card),
    )


def _title(teller: Teller, card: Card) -> str:
    """A thread's own title says best what it is about: where it began, or where a standing complaint is loudest."""
    title = teller.private(
        card.busiest.thread_title if card.standing_days >= STANDING_DAYS else card.origin.thread_title
    )
    return title or teller.topic(card.topic)


def _facts(teller: Teller, card: Card) -> tuple[Item, ...]:
    """Size, growth, what is usual, where it began and where it is loudest, what else is in it."""
    words = teller.words
    size = words(
        "card.lead", voices=words.count("voices", card.voices), posts=words.count("posts", card.posts),
        places=words.count("places", card.places),
    )  # fmt: skip
    size += words("card.lead_before", n=words.number(card.voices_before)) if card.voices_before else ""
    if card.voices_all > card.voices:
        size += words("card.lead_all", voices=words.count("voices", card.voices_all))
    moving = ""
    if card.growth and words.has(f"card.growth_{card.growth.kind}"):  # "few" and "new" are told by the figures
        moving = words(
            f"card.growth_{card.growth.kind}", hours=words.number(card.growth.doubling_h or 0),
            window=words.number(card.growth.hours), earlier=card.growth.earlier, later=card.growth.later,
        )  # fmt: skip
    found = [Item(words.sentences([words("frame.sentence", text=size), moving, _usual(teller, card)]))]
    origin = card.origin
    if card.standing_days < STANDING_DAYS:
        began = words("card.began", time=words.moment(origin.at), place=origin.platform)  # its thread is the title
        found.append(
            Item(words("frame.sentence", text=began), teller.ref(words("frame.post"), origin.url, origin.post_key))
        )
    else:
        refs = teller.ref(words("frame.thread"), card.busiest.url, card.busiest.post_key)
        found.append(Item(words("card.standing", n=card.standing_days), refs))
    if card.busiest.url != origin.thread_url and card.standing_days < STANDING_DAYS:
        loud = words(
            "card.busiest", thread=teller.thread(card.busiest), voices=words.count("voices", card.busiest.voices)
        )
        refs = teller.ref(words("frame.thread"), card.busiest.url, card.busiest.post_key)
        found.append(Item(words("frame.sentence", text=loud), refs))
    if card.also:
        inside = [words("card.also_item", topic=teller.topic(also.topic), n=also.voices) for also in card.also]
        found.append(Item(words("card.also", list=words.join(inside))))
    known = []
    if card.alert and card.alert_opened:
        state = words(f"alert.{card.alert}")
        known.append(words("card.alert", time=words.moment(card.alert_opened), state=state))
    if card.advised_since:
        known.append(words("card.advised", day=words.short_day(card.advised_since)))
    if known:
        found.append(Item(words.sentences(known)))
    return tuple(found)


def _usual(teller: Teller, card: Card) -> str:
    words, usual = teller.words, card.usual
    if usual is None:
        return words("card.usual_none")
    usually = teller.usual(usual)
    if usual.same_weekday:
        return words("card.usual_weekday", weekday=words.weekday(teller.digest.day), n=usual.days, usual=usually)
    return words("card.usual_days", n=usual.days, usual=usually)


def _lines(teller: Teller, card: Card) -> tuple[Line, ...]:
    """Severity, what to do and not, who and by when, where, when not, why."""
    words, language, advice = teller.words, teller.words.language, card.advice
    points = _POINTS[card.severity]
    grounds = [
        words(
            f"reason.{reason.kind}",
            n=words.number(reason.n),
            m=words.number(reason.m),
            voices=words.count("voices", int(reason.n)),
        )
        for reason in card.reasons
        if reason.kind != "unanswered" or card.answered is None
    ]
    grave = words(
        "frame.because", what=words(f"severity.{card.severity}"), why=words("frame.semicolon").join(grounds[:5])
    )
    lines = [Line(words("card.severity"), (words("frame.sentence", text=grave),))]
    owner = card.topic.owner.get(language)
    if advice is None:
        lines.append(Line(words("card.who"), (words("frame.sentence", text=owner) + " " + words("card.no_card"),)))
        return (*lines, Line(words("card.why"), _why(teller, card)))
    if card.severity == "high":
        lines.append(Line(words("card.first_hour"), (advice.first_hour.get(language),)))
    if card.severity != "low":
        lines.append(Line(words("card.say"), (advice.say.get(language),)))
    lines.append(Line(words("card.do"), advice.do.get(language)[:points], "do"))
    lines.append(Line(words("card.dont"), advice.dont.get(language)[:points], "dont"))
    lines.append(Line(words("card.who"), _who(teller, card, owner)))
    if card.clock_ends and advice.clock_h:
        clock = words(
            "card.clock", first=words.moment(card.origin.at), seen=words.moment(card.origin.seen),
            hours=words.number(advice.clock_h), end=words.moment(card.clock_ends),
        )  # fmt: skip
        lines.append(Line(words("card.clock_label", hours=words.number(advice.clock_h)), (clock,), "clock"))
    lines.append(
        Line(words("card.place"), (words.sentences([words(f"card.answer_{advice.answer}"), _answered(teller, card)]),))
    )
    lines.append(Line(words("card.silent"), (advice.no_reply_when.get(language),)))
    lines.append(Line(words("card.why"), _why(teller, card)))
    return tuple(line for line in lines if any(line.texts))


def _who(teller: Teller, card: Card, owner: str) -> tuple[str, ...]:
    words = teller.words
    assert card.advice is not None  # asked only where there is a card
    due = words.moment(card.due) if card.due else ""
    told = words("card.by", who=owner, time=due)
    escalate = card.advice.escalate.get(words.language)
    return (words.sentences([told, escalate]),)


def _answered(teller: Teller, card: Card) -> str:
    words = teller.words
    threads = words.count("threads", card.threads)
    if card.answered is None:
        return words("card.place_none", threads=threads)
    time = words.moment(card.answered)
    if card.answered_threads:
        return words("card.place_some", threads=threads, n=card.answered_threads, time=time)
    return words("card.place_earlier", threads=threads, time=time)


def _why(teller: Teller, card: Card) -> tuple[str, ...]:
    """The playbook's ground, the crisis type, and the words that told the topic."""
    words, advice = teller.words, card.advice
    told = [teller.private(word) for word in card.told_by]
    marks = "「{}」" if words.chinese else "“{}”"
    confidence = f"{card.confidence:.2f}"
    judged = words("card.told_bare", confidence=confidence)
    if told:
        judged = words("card.told", confidence=confidence, words=words.join([marks.format(word) for word in told]))
    cluster = words(f"card.cluster_{card.topic.cluster}") if card.topic.cluster else ""
    if advice is None or card.severity == "low":
        return (words.sentences([cluster, judged]),)
    basis = words("frame.semicolon").join(advice.basis)
    basis = words("frame.sentence", text=basis) if basis and not basis.endswith((".", "。")) else basis
    return tuple(part for part in (advice.why.get(words.language), basis, words.sentences([cluster, judged])) if part)


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
