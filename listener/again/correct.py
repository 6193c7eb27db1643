"""People correct it: what `listener label` does.

A correction is kept and counts at once: the account of that voice's day is booked anew. Neither alerts nor digests that
stand react.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from listener.clock import Clock
from listener.config import Config
from listener.errors import ConfigError
from listener.intake.batch import Intake
from listener.records import Judged, Label
from listener.store.corrected import CONTEXT, NOT_BRAND, UNMATCHED, Correction
from listener.store.protocol import Store

Statement: TypeAlias = tuple[Literal["feeling", "topic", "brand"], str, str]  # field, old, new


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of one mention; None, empty and False: nothing. `not_brand` excludes the others.

    Attributes:
        topics: (id, is it there?). is_brand: it is about the brand after all.
        all_right: feeling and topics are right as they stand, but for what is said otherwise.
    """

    feeling: Label | None = None
    topics: tuple[tuple[str, bool], ...] = ()
    not_brand: bool = False
    is_brand: bool = False
    all_right: bool = False


def find(store: Store, config: Config, post: str, brand: str | None) -> Judged:
    """The one mention that a person means by a post's address or key, and a brand where it speaks of several.

    Raises:
        ConfigError: there is none, or more than one.
    """
    if brand is not None:
        config.brand(brand)
    found = [one for one in store.mentions_of(post) if brand in (None, one.brand)]
    if len({one.post_key for one in found}) > 1:
        raise ConfigError(f"{post!r} begins the keys of {len(found)} posts; give more of it")
    if not found:
        raise ConfigError(
            f"no post in the store is {post!r}" + (f" and speaks of {brand}" if brand else "") +
            "; give its link or the first 8 digits of its key, as `listener search --json` shows them"
        )  # fmt: skip
    if len(found) > 1:
        raise ConfigError(
            f"that post speaks of {', '.join(one.brand for one in found)}; say which: --brand {found[0].brand}"
        )
    return found[0]


def correct(
    store: Store,
    config: Config,
    clock: Clock,
    intake: Intake,
    post: Judged,
    said: Said,
    by: str,
    note: str = "",
    chosen: str = "link",
) -> Judged:
    """Keep what a person says of a mention, book its account anew, and return the mention as it stands now.

    Raises:
        ConfigError: nothing is said, a topic is unknown, or --not-brand stands beside something else.
        StoreError: the mention is not there any more.
    """
    statements = _statements(post, said, config)
    now = clock.now()
    rows = [
        Correction(post.post_key, post.brand, now, by, field_, old, new, note.strip(), chosen)
        for field_, old, new in statements
    ]
    with store.transaction():
        account = store.correct(post.post_key, post.brand, rows)
        if any(brand.id == post.brand for brand in config.brands):
            intake.book({account})
        return next(one for one in store.mentions_of(post.post_key) if one.brand == post.brand)


def _statements(post: Judged, said: Said, config: Config) -> list[Statement]:
    was = "no" if post.muted in (NOT_BRAND, CONTEXT, UNMATCHED) else "yes"
    more = bool(said.feeling or said.topics or said.all_right)
    if said.not_brand:
        if more or said.is_brand:
            raise ConfigError(
                "what is not about the brand has no feeling and no topics towards it: give --not-brand alone"
            )
        return [("brand", was, "no")]
    rows: list[Statement] = []
    if said.is_brand:
        rows.append(("brand", was, "yes"))
    feeling = said.feeling or (post.label if said.all_right else None)
    if feeling:
        rows.append(("feeling", post.label, feeling))
    given = {tag.topic for tag in post.topics}
    topics = {**(dict.fromkeys(sorted(given), True) if said.all_right else {}), **dict(said.topics)}
    for topic, there in topics.items():
        if topic not in given and not there:
            raise ConfigError(
                f"that post has no topic {topic!r} to take away; it has: {', '.join(sorted(given)) or 'none'}"
            )
        if topic not in given:
            config.topic(topic)  # raises with the nearest name
        rows.append(("topic", topic if topic in given else "", topic if there else ""))
    if not rows:
        raise ConfigError("say what is right: --feeling, --topic, --not-brand, --is-brand or --all-right")
    return rows
