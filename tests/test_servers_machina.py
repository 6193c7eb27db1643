"""The forum spider against a real django-machina, over real HTTP (pip installs it; a few seconds, so no marker)."""

from datetime import UTC, datetime
from pathlib import Path

from listener.records import Source
from tests.helpers_net import FakeStore, Sink, go
from tests.servers.machina import running

TALK = [
    (
        "Phones",
        "Battery of the Kite 3",
        f"writer{number % 3}",
        f"2026-03-02T10:{number:02d}:00+00:00",
        f"Day {number}: it lasts.",
    )
    for number in range(12)
]
OTHERS = [
    ("Phones", f"Question {number}", "ann", f"2026-03-03T{number:02d}:00:00+00:00", f"Who knows {number}?")
    for number in range(7)
]
HAN = [("生活", "客服都不回", "阿霞", "2026-03-04T08:00:00+00:00", "> 他們說三天\n\n已經三週了")]


async def test_a_real_forum_is_read_whole_and_then_where_it_grew(tmp_path: Path) -> None:
    with running(tmp_path) as forum:
        forum.say([*TALK, *OTHERS, *HAN])
        store, sink = FakeStore([Source("kite", "forum", forum.url)]), Sink()
        healths, *_ = await go(store.sources, tmp_path, store=store, sink=sink)
        assert (healths["kite"].state, healths["kite"].detail, healths["kite"].new) == ("heard", "", 20)
        talk = sorted(
            (post for post in sink.posts.values() if "battery" in post.thread_url), key=lambda post: post.position
        )
        assert [post.text for post in talk] == [said[4] for said in TALK]
        assert [post.author for post in talk] == [said[2] for said in TALK]
        assert [post.published for post in talk] == [datetime.fromisoformat(said[3]).astimezone(UTC) for said in TALK]
        assert [post.position for post in talk] == list(range(12))
        assert {post.thread_title for post in talk} == {"Battery of the Kite 3"}
        han = next(post for post in sink.posts.values() if post.author == "阿霞")
        assert (han.text, han.quotes, han.thread_title) == ("已經三週了", (("", "他們說三天"),), "客服都不回")

        store.due.clear()
        healths, *_ = await go(store.sources, tmp_path, store=store, sink=sink)
        assert (healths["kite"].state, healths["kite"].posts, healths["kite"].requests) == ("heard", 0, 1)

        forum.say([("Phones", "Battery of the Kite 3", "zoe", "2026-03-05T08:00:00+00:00", "Mine swelled.")])
        store.due.clear()
        healths, *_ = await go(store.sources, tmp_path, store=store, sink=sink)
        assert healths["kite"].new == 1
        assert healths["kite"].posts <= 5, "only the page on which it grew"
        assert next(post.position for post in sink.posts.values() if post.author == "zoe") == 12
