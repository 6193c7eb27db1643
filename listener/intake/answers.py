"""What each reply answers: the post that it quotes, its parent, the post before it, or its thread's opener.

Intake and rejudging ask it, so that a post is judged alike by both: one `Answers` a batch, and the batch in its order.
Left undone: a parent that comes in after its reply changes the reply's judgement only at the next rejudging.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from listener.fold import fold
from listener.judge.judge import Judge
from listener.judge.language import language_of
from listener.judge.replies import nearest, side_of, takes_side
from listener.records import Judgement, Mention, ParentSide, Post
from listener.store.protocol import Store

Match: TypeAlias = Callable[[Post, frozenset[str]], tuple[Mention, ...]]


class Answers:
    """For one batch: its order, and what its replies answer, from the store and from the batch itself.

    Args:
        match: as Matcher.match; quoted words are matched before they are judged.
        languages: the configured ones, as `language_of` takes them.

        for post in answers.load(batch):
            judgements = judge.judge_post(post, mentions, language, answers.of(post, mentions))
            answers.note(post, judgements)  # those that count
    """

    def __init__(self, store: Store, match: Match, judge: Judge, languages: Sequence[str]) -> None:
        self._store, self._match, self._judge, self._languages = store, match, judge, languages
        self._sides: dict[str, ParentSide] = {}
        self._threads: dict[str, dict[int, str]] = {}

    def load(self, posts: Sequence[Post]) -> list[Post]:
        """The batch in the order in which it is to be judged; looks up what its replies may answer."""
        replies = [post for post in posts if post.position != 0]
        places = [(post.thread_url, post.position if post.position > 0 else 1) for post in replies]
        if places:
            for url, position, key in self._store.posts_before(places):
                self._threads.setdefault(url, {})[position] = key
            parents = {post.parent_key for post in replies if post.parent_key}
            parents |= {key for thread in self._threads.values() for key in thread.values()}
            self._sides.update(self._store.sides(sorted(parents)))
        for post in posts:
            if post.position >= 0:
                self._threads.setdefault(post.thread_url, {})[post.position] = post.key
        return in_order(posts)

    def of(self, post: Post, mentions: Sequence[Mention]) -> ParentSide | None:
        """What the post answers says of the brands; None for an opener and where nothing is known."""
        if post.position == 0 or not mentions:
            return None
        brands = frozenset(mention.brand for mention in mentions)
        quoted = [self._quoted(post, text, brands) for _, text in post.quotes if text.strip()]
        thread = self._threads.get(post.thread_url, {})
        keys: list[str | None]
        if post.parent_key in self._sides:
            keys = [post.parent_key]
        else:
            # "+1" goes with the post above it; whatever else is said there, it is said on the opener's matter.
            places = sorted(thread) if post.position > 0 and takes_side(fold(post.text)) else []
            at = bisect_left(places, post.position)
            keys = [*map(thread.get, places[max(0, at - 1) : at])]
        keys.append(thread.get(0))
        known = (self._sides.get(key) for key in keys if key is not None and key != post.key)
        return nearest([side for side in (*quoted, *known) if side is not None])

    def note(self, post: Post, judgements: Iterable[Judgement], muted: Collection[str] = ()) -> None:
        """This post has been judged: later ones of the batch may answer it, as if it stood in the store.

        Args:
            muted: brands for which it counts nowhere; what it says of them is answered by nobody.
        """
        side = side_of(post.key, (one for one in judgements if one.brand not in muted))
        self._sides.pop(post.key, None)
        if side.sides:
            self._sides[post.key] = side

    def look_up(self, post: Post) -> None:
        """What the store says of this post now is what later ones of the batch may answer."""
        self._sides.pop(post.key, None)
        self._sides.update(self._store.sides([post.key]))

    def _quoted(self, post: Post, text: str, brands: frozenset[str]) -> ParentSide:
        """What the quoted words say, judged as a reply of the same thread: they may be of a post that we never saw."""
        said = replace(post, text=text, quotes=(), parent_key=None, position=max(1, post.position))
        mentions = self._match(said, brands)
        language = language_of(text, post.language, self._languages)
        return side_of(post.parent_key or "", self._judge.judge_post(said, mentions, language))


def in_order(posts: Sequence[Post]) -> list[Post]:
    """Openers first, then parents before their replies, then as they stand in their threads; a loop ends nowhere."""
    batch = {post.key: post for post in posts}
    depths: dict[str, int] = {}
    for post in posts:
        chain: list[str] = []
        key: str | None = post.key
        while key in batch and key not in depths and key not in chain:
            chain.append(key)
            key = batch[key].parent_key
        depth = depths[key] + 1 if key in depths else 0
        for one in reversed(chain):
            depths[one] = depth
            depth += 1
    return sorted(posts, key=lambda one: (one.position != 0, depths[one.key], one.position < 0, one.position))
