"""Forgetting reaches every table and every byte; retention keeps counts and loses people."""

import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.records import Alert, Entry, Message, SourceHealth, TopicTag
from listener.store.gathered import Visit
from listener.store.protocol import Removed, StoredDigest
from listener.store.sqlite import SqliteStore, open_store
from listener.store.strike import REMOVED, may_strike, moved, pattern, places, strike
from tests.helpers_store import NOON, edited, make_store, make_taken

DAY = NOON.date()
NAMES = ["harbour_rat", "王小明", 'O\'Brien "x"', "Zoë Müller"]


def everywhere(folder: Path, *names: str) -> list[str]:
    """Files that hold one of the names in UTF-8, UTF-16, base64-free; any case."""
    return [
        path.name
        for path in folder.iterdir()
        for name in names
        if name.lower().encode() in path.read_bytes().lower() or name.encode("utf-16-le") in path.read_bytes()
    ]


def in_tables(store: SqliteStore, name: str) -> list[str]:
    """Tables (shadow tables of the index too) that hold the name in any column, also as part of a mail."""
    found = []
    for (table,) in store.read("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for row in store.read(f'SELECT * FROM "{table}"'):
            texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row]
            if any(name.casefold() in text.casefold() for text in texts):
                found.append(table)
    return found


def mail(text: str, subject: str = "Digest", transfer: str = "base64") -> bytes:
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content("plain words")
    message.add_alternative(text, subtype="html", cte=transfer)
    return message.as_bytes()


def put(store: SqliteStore, key: str, body: bytes, evidence: list[str], subject: str = "Digest") -> None:
    store.queue(Message(key, "mei@example.org", subject, "", ""), f"<{key}>", body, "cause", evidence, NOON)


def digest(number: int, text: str, evidence: tuple[str, ...] = (), facts: str = "{}") -> StoredDigest:
    day = DAY + timedelta(days=number)
    return StoredDigest(
        "wagtail", day, "en", NOON, False, "Subject", "Verdict", f"<p>{text}</p>", text, facts, evidence
    )


@pytest.mark.parametrize("name", NAMES)
def test_an_author_is_forgotten_everywhere(tmp_path: Path, name: str) -> None:
    store = make_store(tmp_path)
    store.close()
    store = open_store(tmp_path / "listener.db", keep_author_names=True)
    filler = [make_taken(store, 1000 + n, f"Wagtail filler {n} " * 20, author=f"other{n}", thread=n) for n in range(60)]
    store.add(filler[:30], [], NOON)
    theirs = make_taken(store, 1, "Wagtail took my secretphrase", author=name, title="Secrettitle by me", thread=500)
    elsewhere = make_taken(store, 2, "Wagtail on news", author=name.upper(), source="news", thread=501, position=2)
    text = f"@{name}: Wagtail says {name.title()}, sorry {name}!"
    naming = make_taken(
        store, 3, text, author="bob", thread=500, position=1, title="Secrettitle by me",
        topics=[TopicTag("outage", 0.9, ((text.find("sorry"), text.find("sorry") + 5),))],
        quotes=[(name, "secretphrase quoted"), ("carol", f"ask {name}"), ("", "anonymous")],
        url=f"https://forum.example/t/500/re-{quote(name)}#p3",
    )  # fmt: skip
    titled = make_taken(store, 4, "Wagtail reply", author="dora", thread=502, title=f"About {name}, again")
    store.add([theirs, elsewhere, naming, titled], [], NOON)
    store.add(filler[30:], [], NOON)
    voice = theirs.voice
    store.replace_entries("wagtail", voice, DAY, [Entry("wagtail", voice, DAY, -5, "x", "", theirs.post.key)])
    keys = (theirs.post.key, naming.post.key)
    alert = Alert(
        "alert1", "wagtail", "all", "", "low", "open", NOON, NOON, NOON, 5, 3, 1, 6, ("forum",), (), keys,
    )  # fmt: skip
    store.save_alert(alert, "opened", NOON, detail=f"began with {name}")
    store.save_digest(digest(0, "quotes them", keys))
    store.save_digest(digest(1, name.replace('"', "&quot;")))
    store.save_digest(digest(2, "in facts", facts=f'{{"who": {ascii_json(name)}}}'))
    store.save_digest(digest(3, "innocent"))
    put(store, "quoting", b"Subject: x\n\nquotes", [keys[0]])
    put(store, "naming", mail(f"<p>{name}</p>"), [])
    put(store, "sent", mail(f"<p>{name}</p>", transfer="quoted-printable"), [], f"About {name}")
    put(store, "innocent", mail("<p>nobody</p>"), [keys[1]])
    store.write("UPDATE outbox SET state = 'sent' WHERE key = 'sent'")
    detail = f"https://forum.example/u/{name} is gone"
    store.finish_visits([Visit(SourceHealth("forum", NOON, "gone", detail), {}, NOON, 60)], "me")

    removed = store.forget_author(name, NOON)

    assert removed == Removed(
        posts=2, entries=1, digests=tuple(("wagtail", DAY + timedelta(days=n)) for n in range(3)),
        messages=("<quoting>", "<naming>", "<sent>"), voices=2, mentions_of_name=1, name_left=False,
    )  # fmt: skip
    for wanted in (name, "secretphrase", "secrettitle"):
        assert in_tables(store, wanted) == []
        assert everywhere(tmp_path, wanted, quote(wanted) if wanted == name else wanted) == []
    assert store.known([theirs.post.key]) == {theirs.post.key: theirs.content_hash}
    assert store.digest_days("wagtail") == [DAY + timedelta(days=3)]
    assert store.rows("SELECT key, state, length(body) > 0 AS body, subject FROM outbox ORDER BY message") == [
        {"key": "sent", "state": "sent", "body": 0, "subject": f"About {REMOVED}"},
        {"key": "innocent", "state": "queued", "body": 1, "subject": "Digest"},
    ]
    assert [one.evidence for one in store.alerts()] == [(naming.post.key,)]
    (found,) = store.judged("wagtail", keys=[naming.post.key])
    assert found.text == f"@{REMOVED}: Wagtail says {REMOVED}, sorry {REMOVED}!"
    assert [found.text[start:end] for start, end in (*found.evidence, *found.topics[0].spans)] == ["Wagtail", "sorry"]
    assert store.rows("SELECT quotes FROM posts WHERE key = :key", {"key": naming.post.key})[0]["quotes"] == (
        f'[["{store.voice("forum.example", "carol")}","ask {REMOVED}"],["","anonymous"]]'
    )
    assert found.thread_title == REMOVED
    assert [one.thread_title for one in store.search("reply")] == [f"About {REMOVED}, again"]
    assert len(store.search("filler", limit=100)) == 60
    assert store.search("sorry")[0].post_key == naming.post.key
    # and it stays so, even if the post is edited and gathered again
    store.add([edited(theirs, "Wagtail secretphrase again")], [], NOON)
    assert in_tables(store, "secretphrase") == []
    assert store.read("PRAGMA integrity_check") == [("ok",)]
    assert store.read("PRAGMA foreign_key_check") == []
    store.close()


def ascii_json(text: str) -> str:
    """As json.dumps writes it by default: \\u escapes."""
    return '"' + "".join(c if c.isalnum() and c.isascii() else f"\\u{ord(c):04x}" for c in text) + '"'


@pytest.mark.parametrize(("name", "left"), [("Al", True), ("王", True), ("WAGTAIL", True), ("Ali", False)])
def test_names_that_would_take_words_out_of_others_mouths_stay_there(tmp_path: Path, name: str, left: bool) -> None:
    store = make_store(tmp_path)
    store.add(
        [make_taken(store, 1, author=name), make_taken(store, 2, f"Wagtail, {name}, Alibaba", author="b")], [], NOON
    )
    removed = store.forget_author(name, NOON)
    assert (removed.posts, removed.name_left) == (1, left)
    (found,) = store.judged("wagtail")
    assert found.text == f"Wagtail, {name if left else REMOVED}, Alibaba"
    store.close()


def test_a_stranger_is_told_as_nothing(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store)], [], NOON)
    assert store.forget_author("nobody here", NOON) == Removed()
    assert store.forget_post("https://forum.example/t/7#p7", NOON) == Removed()
    assert store.forget_post("not a url", NOON) == Removed()
    assert len(store.judged("wagtail")) == 1
    store.close()


def test_a_post_is_forgotten_by_any_form_of_its_address(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    posts = [make_taken(store, 1, "Wagtail secretphrase"), make_taken(store, 2, "Wagtail too", position=1)]
    store.add(posts, [], NOON)
    voice = posts[0].voice
    store.replace_entries("wagtail", voice, DAY, [Entry("wagtail", voice, DAY, -5, "x", "", posts[0].post.key)])
    store.save_digest(digest(0, "x", (posts[0].post.key,)))
    put(store, "m", b"Subject: x\n\nquotes", [posts[0].post.key])
    removed = store.forget_post("HTTPS://forum.example:443/t/1?utm_source=x#p1", NOON)
    assert removed == Removed(
        posts=1, entries=1, digests=(("wagtail", DAY),), messages=("<m>",), accounts=(("wagtail", voice, DAY),)
    )
    assert [found.text for found in store.judged("wagtail")] == ["Wagtail too"]
    assert everywhere(tmp_path, "secretphrase") == []
    unseen = make_taken(store, 8)
    store.forget_post(unseen.post.url, NOON)
    store.add([unseen], [(posts[0].post.key, "h", "forum")], NOON)
    assert len(store.judged("wagtail")) == 1
    assert store.rows("SELECT count(*) AS n FROM seen WHERE forgotten = 1") == [{"n": 2}]
    store.close()


def test_retention_loses_words_and_people_and_keeps_the_counts(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    old = [make_taken(store, n, f"Wagtail secretphrase{n}", author=a) for n, a in ((1, "ann"), (2, "ann"), (3, "bob"))]
    shared = make_taken(store, 4, "Wagtail and Copperline", author="ann", brand=("wagtail", "copperline"), thread=2)
    new = make_taken(store, 5, "Wagtail now", author="ann", at=NOON + timedelta(days=9), thread=3)
    store.add([*old, shared, new], [], NOON)
    ann = new.voice
    store.replace_entries("wagtail", ann, DAY, [Entry("wagtail", ann, DAY, -5, "x", "", old[0].post.key)])
    store.save_digest(digest(0, "secretphrase1", (old[0].post.key,)))
    put(store, "m", b"Subject: x\n\nsecretphrase1", [old[0].post.key])
    before = store.rows("SELECT * FROM v_daily"), store.balance_lines("wagtail", date(2100, 1, 1))

    removed = store.expire("wagtail", NOON + timedelta(days=5))

    assert (removed.posts, removed.voices, removed.digests, removed.messages) == (4, 1, (("wagtail", DAY),), ("<m>",))
    assert (store.rows("SELECT * FROM v_daily"), store.balance_lines("wagtail", date(2100, 1, 1))) == before
    assert [found.text for found in store.judged("wagtail")] == ["Wagtail now"]
    assert [found.text for found in store.judged("copperline")] == ["Wagtail and Copperline"]
    assert everywhere(tmp_path, "secretphrase", "#p1") == []
    assert store.search("secretphrase1") == []
    assert store.known([old[0].post.key]) == {old[0].post.key: old[0].content_hash}
    hidden = store.rows("SELECT DISTINCT text, link, thread_title, thread_link FROM v_mentions WHERE expired = 1")
    assert hidden == [{"text": None, "link": None, "thread_title": None, "thread_link": None}]
    assert ann not in {row["voice"] for row in store.rows("SELECT voice FROM v_mentions WHERE expired = 1")}
    (kept,) = [stored for stored in [store.digest("wagtail", DAY, "en")] if stored]
    assert (kept.verdict, kept.html, kept.text) == ("Verdict", "", "")
    assert [row["voice"] for row in store.rows("SELECT voice FROM v_relationships WHERE brand = 'wagtail'")] == [ann]
    assert store.expire("wagtail", NOON + timedelta(days=5)) == Removed()
    assert store.expire("copperline", NOON + timedelta(days=5)).posts == 1
    assert store.rows("SELECT text FROM posts WHERE text <> ''") == [{"text": "Wagtail now"}]
    assert store.read("PRAGMA foreign_key_check") == []
    store.close()


def test_forgetting_reaches_what_an_older_version_of_a_post_said(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    taken = make_taken(store, text="Wagtail oldsecret " * 300, author="harbour_rat")
    store.add([taken], [], NOON)
    store.add([edited(taken, "Wagtail newsecret")], [], NOON)
    store.forget_author("Harbour_Rat", NOON)
    assert everywhere(tmp_path, "oldsecret", "newsecret", "harbour_rat") == []
    store.close()


# striking


@given(
    st.lists(st.sampled_from(["ann", "Ann", "annex", " ", "王小明", "客", "ＡＮＮ", "x", "Wagtail", ","]), max_size=12)
)
def test_spans_follow_their_words(parts: list[str]) -> None:
    text = "".join(parts)
    at = places(pattern("ann"), text)
    struck = strike(text, at)
    words = [found.span() for found in re.finditer("Wagtail|王小明|客|,", text)]
    words = [(start, end) for start, end in words if not any(s < end and start < e for s, e in at)]
    assert [struck[s:e] for s, e in moved(words, at)] == [text[s:e] for s, e in words]
    inside = moved(at, at)
    assert [struck[s:e] for s, e in inside] == [REMOVED] * len(at)
    assert places(pattern("ann"), struck) == ()


@pytest.mark.parametrize(
    ("name", "text", "struck"),
    [
        ("ann", "Ann, annex @ann's ＡＮＮ", "#, annex @#'s #"),
        ("小明", "王小明說：小明", "王#說：#"),
        ("蘋果迷", "苹果迷很多", "#很多"),
        ("ann", "客ann服", "客#服"),
        ("a.b", "a.b axb a.bc", "# axb a.bc"),
        ("$cash$", "x$cash$y", "x#y"),
    ],
)
def test_where_a_name_stands(name: str, text: str, struck: str) -> None:
    assert strike(text, places(pattern(name), text), "#") == struck


def test_which_names_may_be_struck() -> None:
    assert not any(may_strike(name) for name in ("", "  ", "ab", "Ｊo", "王", "---"))
    assert all(may_strike(name) for name in ("bob", "小明", "李a"))
    assert not may_strike("蘋果", ["苹果"])


def test_forgetting_joins_a_larger_transaction(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store)], [], NOON)

    def give_up() -> None:
        with store.transaction():
            store.forget_author("ann", NOON)
            raise KeyError

    with pytest.raises(KeyError):
        give_up()
    assert len(store.judged("wagtail")) == 1
    with store.transaction():
        assert store.forget_author("ann", datetime(2026, 3, 15, tzinfo=UTC)).posts == 1
    assert store.judged("wagtail") == []
    store.close()


def test_replacing_what_was_removed_is_possible(tmp_path: Path) -> None:
    removed = Removed(digests=(("wagtail", DAY),))
    store = make_store(tmp_path)
    for brand, day in removed.digests:
        store.save_digest(replace(digest(0, "made anew"), brand=brand, day=day))
    assert store.digest_days("wagtail") == [DAY]
    store.close()


@pytest.mark.parametrize("seed", [5, 24])  # in these two, secure_delete alone left words behind
def test_no_byte_of_a_person_stays_between_the_pages(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    store = make_store(tmp_path)
    taken = [
        make_taken(
            store, n, (f"zqsecret{n} " if n % 3 == 0 else f"filler{n} ") * chance.randint(1, 400) + "Wagtail",
            author=f"o{n}" if n % 3 else "victim", thread=chance.randint(1, 30), position=1,
        )
        for n in range(chance.randint(20, 300))
    ]  # fmt: skip
    chance.shuffle(taken)
    while taken:
        size = chance.randint(1, 40)
        store.add(taken[:size], [], NOON)
        if chance.random() < 0.4:
            again = [edited(one, one.post.text[: chance.randint(10, 900)]) for one in taken[: size // 2]]
            store.add(again, [], NOON)
        taken = taken[size:]
    store.forget_author("victim", NOON)
    assert everywhere(tmp_path, "zqsecret") == []
    store.close()


def test_what_a_forget_was_kept_from_finishing_is_done_at_night(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    store.add([make_taken(store, text="Wagtail secretphrase")], [], NOON)
    with store.transaction():
        store.forget_author("ann", NOON)
    assert store.rows("SELECT value FROM meta WHERE name = 'rewrite'") == [{"value": "due"}]
    store.housekeep(NOON)
    assert store.rows("SELECT value FROM meta WHERE name = 'rewrite'") == []
    assert everywhere(tmp_path, "secretphrase") == []
    store.close()
