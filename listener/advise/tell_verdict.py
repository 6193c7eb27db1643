"""The head of the page in words: verdict, what it rests on, the four figures, and what stands beside the charts."""

from listener.advise.model import Verdict
from listener.advise.page import ChartView, Item, Teller, Tile

ALL_SHARE = 0.845  # of the day's withdrawals: reads as 85 %
MOST_SHARE = 0.6
HELPED_SHARE = 0.4  # of the day's deposits, for a praise topic to be named


def headline(teller: Teller) -> str:
    """The one line: what moved, by how much against what is usual, why, and how sure. Never surer than the verdict."""
    digest, words = teller.digest, teller.words
    verdict, coverage = digest.verdict, digest.coverage
    brand = digest.name.get(words.language)
    missing, total = coverage.blind, coverage.total
    cause = digest.cards[verdict.cause] if verdict.cause is not None else None
    told = teller.matter(cause) if cause else ""
    hours = "" if missing else "_hours"  # every source was heard, but not all day
    share = words.share(coverage.hours_share)
    match verdict.direction:
        case "zero" if total == 0:
            return words("verdict.zero_nosource", brand=brand)
        case "zero":
            name = f"verdict.zero_{coverage.trust}{hours if coverage.trust != 'full' else ''}"
            return words(name, brand=brand, missing=missing, total=total, share=share)
        case "unknown":
            name = f"verdict.unknown_{'but' if cause else 'plain'}{hours}"
            return words(name, missing=missing, total=total, matter=told, share=share)
        case "worse":
            size = _size(verdict) if cause else "plain"
            line = words(f"verdict.worse_{size}", degree=_degree(teller), moved=_moved(teller), matter=told)
            return line + _loud(teller)
        case "better":
            size = "plain"
            if verdict.praise and verdict.share >= HELPED_SHARE:
                size = "most" if verdict.share >= MOST_SHARE else "topic"
            topic = teller.topic(verdict.praise) if verdict.praise else ""
            good = words(f"verdict.better_{size}", degree=_degree(teller), moved=_moved(teller), topic=topic)
            return good + (words("verdict.better_but", matter=told) if cause else "")
        case "same":
            return _ordinary(teller, told)
        case direction:
            return words(f"verdict.{direction}_{'but' if cause else 'plain'}", matter=told)


def _size(verdict: Verdict) -> str:
    """How much of a worse day its cause explains: "but" where it explains nothing and only cannot wait."""
    if not verdict.share:
        return "but"
    return "one" if verdict.share >= ALL_SHARE else "most" if verdict.share >= MOST_SHARE else "part"


def _degree(teller: Teller) -> str:
    """How far, and so how surely, the day lies outside its usual range."""
    verdict, words = teller.digest.verdict, teller.words
    name = f"verdict.{verdict.direction}_{verdict.sure if verdict.sure in ('far', 'few') else 'edge'}"
    return words(name, voices=words.count("voices", teller.digest.voices))


def _moved(teller: Teller) -> str:
    """The day's love units beside what is usual, in brackets."""
    words, account = teller.words, teller.digest.account
    usual = account.usual_net
    if usual is None:
        return ""
    return words(
        "verdict.moved", net=words.signed(account.net), basis=teller.basis(usual),
        low=words.signed(usual.low), high=words.signed(usual.high),
    )  # fmt: skip


def _ordinary(teller: Teller, told: str) -> str:
    digest, words = teller.digest, teller.words
    usual, voices = digest.usual_voices, words.count("voices", digest.voices)
    moved = _moved(teller)
    if told:
        return words("verdict.same_but", moved=moved, matter=told)
    if usual and not usual.low <= digest.voices <= usual.high:
        kind = "loud" if digest.voices > usual.high else "quiet"
        return words(f"verdict.same_{kind}", moved=moved, voices=voices, usual=teller.range(usual, words.number))
    return words("verdict.same_plain", moved=moved)


def _loud(teller: Teller) -> str:
    """Said with a bad day where more than twice the usual voices spoke, and ten at least."""
    digest, words = teller.digest, teller.words
    usual = digest.usual_voices
    if usual is None or digest.voices < 10 or digest.voices <= 2 * usual.high:
        return ""
    voices = words.count("voices", digest.voices)
    return words("verdict.loud", voices=voices, usual=teller.range(usual, words.number))


def weighed_title(teller: Teller) -> str:
    """What stands above the posts of `weighed`; "" without any."""
    posts = teller.digest.weighed
    if not posts:
        return ""
    return teller.words("verdict.said" if all(post.amount == 0.0 for post in posts) else "verdict.weighed")


def weighed(teller: Teller) -> tuple[Item, ...]:
    """The worst posts of a bad day that no matter explains, and the loudest thread."""
    digest, words = teller.digest, teller.words
    found = []
    if digest.loudest and not (digest.causes and digest.causes.threads):  # else the threads stand above already
        threads = [
            words("verdict.loudest_one", thread=teller.thread(thread), voices=words.count("voices", thread.voices))
            for thread in digest.loudest
        ]
        refs = [teller.ref(words("frame.thread"), thread.url, thread.post_key) for thread in digest.loudest]
        told = words("verdict.loudest", list=words("frame.semicolon").join(threads))
        found.append(Item(words("frame.sentence", text=told), sum(refs, ())))
    for post in digest.weighed:
        if post.amount == 0.0:
            found.append(Item(words("verdict.said_meta"), quote=teller.quote(post.quote)))
            continue
        amount = words("verdict.weighed_meta", amount=words.signed(post.amount))
        what = words.join([amount, *([teller.topic(post.topic)] if post.topic else [])])
        found.append(Item(what, quote=teller.quote(post.quote)))
    return tuple(found)


def figures(teller: Teller) -> tuple[str, ...]:
    """The balance and the day in sentences."""
    digest, words = teller.digest, teller.words
    account = digest.account
    told = []
    now = words.signed(account.today.balance)
    if account.before is None:
        told.append(words("verdict.balance_first", now=now))
    else:
        month = (
            words("verdict.balance_month", n=words.signed(account.month_ago)) if account.month_ago is not None else ""
        )
        before = words("verdict.balance_before", n=words.signed(account.before))
        told.append(words("verdict.balance", now=now, before=before, month=month))
    usual = account.usual_net
    if usual and digest.verdict.direction == "unknown":  # else the headline says it, or there is nothing to compare
        told.append(
            words(
                "verdict.net_usual", net=words.signed(account.net), basis=teller.basis(usual),
                low=words.signed(usual.low), high=words.signed(usual.high),
            )
        )  # fmt: skip
    elif digest.voices and usual is None:
        told.append(words("verdict.net", net=words.signed(account.net)))
    return tuple(told)


def support(teller: Teller) -> tuple[str, ...]:
    """The sentences under the line: the cause's share, the voices, alerts without a card, how sure."""
    digest, words = teller.digest, teller.words
    verdict = digest.verdict
    told = []
    if verdict.cause is not None and verdict.share > 0 and verdict.direction != "better":
        told.append(_share(teller))
    if verdict.streak > 1:
        told.append(words(f"verdict.streak_{verdict.direction}", n=verdict.streak))
    if verdict.after:
        told.append(words(f"verdict.after_{'one' if verdict.after == 1 else 'many'}", n=verdict.after))
    if digest.voices:
        voices, places = words.count("voices", digest.voices), words.count("places", digest.places)
        share = words.share(digest.negative_voices / digest.voices)
        if digest.usual_voices and not (verdict.direction == "worse" and _loud(teller)):  # the headline has said it
            told.append(
                words(
                    "verdict.voices_usual", voices=voices, places=places, share=share,
                    basis=teller.basis(digest.usual_voices), usual=teller.range(digest.usual_voices, words.number),
                )
            )  # fmt: skip
        else:
            told.append(words("verdict.voices", voices=voices, places=places, share=share))
    for alert in digest.alerts:
        what = teller.topic(alert.topic) if alert.topic else words("verdict.alert_all")
        state = words(f"alert.{alert.state}")
        told.append(words("verdict.alert", time=words.moment(alert.opened), what=what, state=state))
    if verdict.sure in ("far", "edge", "few") and verdict.direction in ("worse", "better", "same"):
        told.append(words(f"verdict.sure_{verdict.sure}", voices=words.count("voices", digest.voices)))
    if digest.coverage.blind and verdict.direction in ("worse", "better", "same", "first"):
        told.append(words("verdict.sure_blind", missing=digest.coverage.blind, total=digest.coverage.total))
    return tuple(told)


def _share(teller: Teller) -> str:
    verdict, words = teller.digest.verdict, teller.words
    size = {"one": "all", "most": "most"}.get(_size(verdict), "part")
    share = words(f"verdict.share_{size}", share=words.share(verdict.share))
    usual = teller.digest.account.usual_net
    if usual and verdict.without > usual.high:  # what is left is kind words in a storm: nothing to lean on
        return words("frame.sentence", text=share.rstrip(";；"))
    rest = {True: "ordinary", False: "bad", None: "plain"}[verdict.without_ordinary]
    return share + words(f"verdict.without_{rest}", net=words.signed(verdict.without))


def tiles(teller: Teller) -> tuple[Tile, ...]:
    """Balance, the day, voices, sources."""
    digest, words = teller.digest, teller.words
    account, coverage = digest.account, digest.coverage
    no_usual = words("tile.no_usual")
    net_usual = (
        words("tile.usual", range=teller.range(account.usual_net, words.signed)) if account.usual_net else no_usual
    )
    voices_usual = no_usual
    if digest.usual_voices:
        voices_usual = words("tile.usual", range=teller.range(digest.usual_voices, words.number))
    was = words("tile.was", n=words.signed(account.before)) if account.before is not None else ""
    heard = words("tile.all_heard") if coverage.heard == coverage.total else words("tile.missing", n=coverage.blind)
    return (
        Tile(words("tile.balance"), words.signed(account.today.balance), was),
        Tile(words("tile.net"), words.signed(account.net), net_usual),
        Tile(words("tile.voices"), words.number(digest.voices), voices_usual),
        Tile(
            words("tile.heard"), words("tile.of", n=coverage.heard, m=coverage.total), heard if coverage.total else ""
        ),
    )


def subject(teller: Teller) -> str:
    """Brand, day, direction, and the cause's topic: what a full inbox has to show."""
    digest, words = teller.digest, teller.words
    filled = {
        "brand": digest.name.get(words.language),
        "day": words.short_day(digest.day),
        "tone": words(f"tone.{digest.verdict.direction}"),
    }
    if digest.verdict.cause is None:
        return words("frame.subject", **filled)
    return words("frame.subject_cause", topic=teller.topic(digest.cards[digest.verdict.cause].topic), **filled)


def balance_chart(teller: Teller) -> ChartView:
    """Caption and alternative text of the first picture."""
    words, days = teller.words, teller.digest.account.days
    span = words.days(len(days))
    balances = [day.balance for day in days]
    alt = words(
        "chart.balance_alt", days=span, first=words.signed(balances[0]), last=words.signed(balances[-1]),
        low=words.signed(min(balances)), deposits=words.signed(days[-1].deposits),
        withdrawals=words.signed(days[-1].withdrawals),
    )  # fmt: skip
    return ChartView(words("chart.balance_caption", days=span), alt)


def voices_chart(teller: Teller) -> ChartView:
    """Caption and alternative text of the second picture."""
    words, days = teller.words, teller.digest.voice_days
    last = days[-1]
    expected = teller.range(last.usual, words.number) if last.usual else words("tile.no_usual")
    alt = words(
        "chart.voices_alt", days=words.days(len(days)), high=words.number(max(day.voices for day in days)),
        last=words.number(last.voices), usual=expected,
    )  # fmt: skip
    return ChartView(words("chart.voices_caption"), alt)


def topics_chart(teller: Teller) -> ChartView:
    """Caption and alternative text of the third picture; the topics are named here, the picture has letters."""
    words = teller.words
    lines = [(chr(ord("A") + n), teller.topic(one.topic), one) for n, one in enumerate(teller.digest.topic_days)]
    told = (
        words("chart.topics_line", letter=letter, topic=name, high=words.number(max(one.voices)),
              last=words.number(one.voices[-1]))
        for letter, name, one in lines
    )  # fmt: skip
    legend = words("chart.topics_join").join(f"{letter} {name}" for letter, name, _ in lines)
    return ChartView(words("chart.topics_caption", legend=legend), words("chart.topics_alt", lines="".join(told)))
