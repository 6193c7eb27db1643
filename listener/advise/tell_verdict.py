"""The head of the page in words: verdict, what it rests on, the four figures, and what stands beside the charts."""

from listener.advise.page import ChartView, Item, Teller, Tile


def headline(teller: Teller) -> str:
    """The one line. Never more certain than the verdict it tells."""
    digest, words = teller.digest, teller.words
    verdict, coverage = digest.verdict, digest.coverage
    brand = digest.name.get(words.language)
    missing, total = coverage.blind, coverage.total
    cause = digest.cards[verdict.cause] if verdict.cause is not None else None
    told = teller.matter(cause) if cause else ""
    match verdict.direction:
        case "zero" if total == 0:
            return words("verdict.zero_nosource", brand=brand)
        case "zero":
            return words(f"verdict.zero_{coverage.trust}", brand=brand, missing=missing, total=total)
        case "unknown":
            return words(f"verdict.unknown_{'but' if cause else 'plain'}", missing=missing, total=total, matter=told)
        case "worse" if cause is None:
            return words("verdict.worse_plain") + _loud(teller)
        case "worse":
            size = "but" if not verdict.share else "one" if verdict.share >= 0.6 else "part"
            return words(f"verdict.worse_{size}", matter=told) + _loud(teller)
        case "better":
            good = words("verdict.better_plain")
            if verdict.praise and verdict.share >= 0.4:
                good = words("verdict.better_topic", topic=teller.topic(verdict.praise))
            return good + (words("verdict.better_but", matter=told) if cause else "")
        case "same" if cause is None:
            usual = digest.usual_voices
            if usual and digest.voices > usual.high:
                voices = words.count("voices", digest.voices)
                return words("verdict.same_loud", voices=voices, usual=teller.range(usual, words.number))
            return words("verdict.same_plain")
        case direction:
            return words(f"verdict.{direction}_{'but' if cause else 'plain'}", matter=told)


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
    if digest.loudest:
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
    if account.usual_net:
        usual = account.usual_net
        told.append(
            words(
                "verdict.net_usual", net=words.signed(account.net), basis=teller.basis(usual),
                low=words.signed(usual.low), high=words.signed(usual.high),
            )
        )  # fmt: skip
    elif digest.voices:
        told.append(words("verdict.net", net=words.signed(account.net)))
    return tuple(told)


def support(teller: Teller) -> tuple[str, ...]:
    """The sentences under the line: the cause's share, the voices, alerts without a card, how sure."""
    digest, words = teller.digest, teller.words
    verdict = digest.verdict
    told = []
    if verdict.cause is not None and verdict.share > 0 and verdict.direction != "better":
        told.append(_share(teller))
    if digest.voices:
        voices, places = words.count("voices", digest.voices), words.count("places", digest.places)
        share = words.share(digest.negative_voices / digest.voices)
        if digest.usual_voices:
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
    size = "all" if verdict.share >= 0.845 else "most" if verdict.share >= 0.6 else "part"
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
