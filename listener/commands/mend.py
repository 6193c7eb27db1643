"""Mend: say where a judgement is wrong."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click
from rich.markup import escape
from rich.text import Text

from listener.commands.complete import BRANDS
from listener.commands.shared import CONFIG, JSON, err, out, print_json
from listener.records import Label

if TYPE_CHECKING:
    from listener.again.correct import Said
    from listener.house import House
    from listener.records import Judged

LABELS: tuple[Label, ...] = get_args(Label)
KEYS: dict[str, Label] = {"n": "negative", "u": "neutral", "p": "positive"}
HELP = (
    "\\[n]egative  ne\\[u]tral  \\[p]ositive  \\[enter] right as it stands  \\[t]opics  "
    "\\[x] not the brand  \\[s]kip  \\[q]uit"
)


def _topics(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[tuple[str, bool], ...]:
    for one in given:
        if one[:1] not in "+-" or len(one) < 2:
            raise click.BadParameter(f"{one!r}: write +{one} where the topic is there, -{one} where it is not")
    return tuple((one[1:], one[0] == "+") for one in given)


@click.command()
@CONFIG
@click.argument("post", required=False)
@click.option(
    "--brand",
    "brand_id",
    metavar="ID",
    shell_complete=BRANDS,
    help="The brand, where the post speaks of several; with --next, whose mentions.",
)
@click.option("--feeling", type=click.Choice(LABELS), help="What the post feels towards the brand.")
@click.option(
    "--topic", "topics", multiple=True, callback=_topics, help="+id: it is there; -id: it is not. Repeatable."
)
@click.option("--not-brand", is_flag=True, help="It is not about the brand at all: it counts nowhere, and teaches.")
@click.option("--is-brand", is_flag=True, help="It is about the brand after all.")
@click.option("--all-right", is_flag=True, help="Feeling and topics are right as they stand.")
@click.option("--by", default=getpass.getuser, show_default="you", envvar="LISTENER_BY", help="Who says so.")
@click.option("--note", default="", help="Why, for whoever reads the history.")
@click.option("--next", "following", type=click.IntRange(1), help="Walk through so many posts, the least sure first.")
@click.option("--random", "at_random", is_flag=True, help="With --next: posts drawn at random, a fair sample.")
@JSON
def label(
    folder: Path, post: str | None, brand_id: str | None, feeling: Label | None, topics: tuple[tuple[str, bool], ...],
    not_brand: bool, is_brand: bool, all_right: bool, by: str, note: str, following: int | None, at_random: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Say what a post really feels or is about.

    POST is its link, or the first digits of its key; or walk through some with --next.

    Without anything said, shows what stands and its history.

    \b
    Examples:
      listener label https://forum.example/t/7#p9 --feeling negative --topic +outage
      listener label --next 20 --random --brand acme
    """
    from listener.again.correct import Said, correct, find
    from listener.house import open_house

    said = Said(feeling, topics, not_brand, is_brand, all_right)
    if (post is None) == (following is None):
        raise click.UsageError("give the link of a post, or --next N and --brand to walk through some")
    if at_random and following is None:
        raise click.UsageError("--random goes with --next")
    with open_house(folder) as house:
        if following is not None:
            if said != Said():
                raise click.UsageError(
                    "with --next you say it post by post: leave out --feeling, --topic and their like"
                )
            _walk(house, brand_id, following, at_random, by, note)
            return
        before = find(house.store, house.config, str(post), brand_id)
        if said == Said():
            _show_standing(house, before, as_json)
            return
        after = correct(house.store, house.config, house.clock, house.intake, before, said, by, note)
    if as_json:
        print_json({"link": after.url, "brand": after.brand, "before": _told(before), "after": _told(after), "by": by})
        return
    out.print(f"{_line(before)} → {_line(after)}", highlight=False)
    out.print(f"the account of this voice on {after.when:%Y-%m-%d} is booked anew", highlight=False)


def _walk(house: "House", brand_id: str | None, number: int, at_random: bool, by: str, note: str) -> None:
    """One post after the other, one key each."""
    from listener.again.correct import correct

    brands = house.config.brands
    if brand_id is None and len(brands) > 1:
        raise click.UsageError(f"--next needs --brand, one of: {', '.join(brand.id for brand in brands)}")
    brand = house.config.brand(brand_id or brands[0].id)
    posts = house.store.unlabelled(brand.id, number, at_random=at_random)
    if not posts:
        err.print(f"nothing of {brand.id} is left to look at")
        return
    chosen, done = "random" if at_random else "unsure", 0
    for place, post in enumerate(posts, 1):
        out.print(f"\n[bold]{place} of {len(posts)}[/]  {escape(post.url)}", highlight=False)
        out.print(_marked(post))
        out.print(_line(post), highlight=False)
        said = _asked()
        if said is None:
            break
        if said == "skip":
            continue
        after = correct(house.store, house.config, house.clock, house.intake, post, said, by, note, chosen)
        out.print(f"→ {_line(after)}", highlight=False)
        done += 1
    out.print(f"{done} said; `listener evaluate --brand {brand.id}` tells what they come to", highlight=False)


def _asked() -> "Said | Literal['skip'] | None":
    """What a person says by one key; "skip", or None to stop."""
    from listener.again.correct import Said

    topics: tuple[tuple[str, bool], ...] = ()
    while True:
        err.print(HELP, highlight=False)
        try:
            key = click.getchar()
        except (EOFError, KeyboardInterrupt):
            return None
        if key in KEYS:
            return Said(KEYS[key], topics, all_right=True)
        if key in ("\r", "\n"):
            return Said(topics=topics, all_right=True)
        if key == "x":
            return Said(not_brand=True)
        if key == "s":
            return "skip"
        if key in ("q", "\x03", "\x04", ""):
            return None
        if key == "t":
            given = tuple(click.prompt("topics, as +outage -delivery", default="", show_default=False).split())
            try:
                topics = _topics(click.get_current_context(), click.Option(["--topic"]), given)
            except click.BadParameter as error:
                err.print(escape(error.format_message()))


def _show_standing(house: "House", post: "Judged", as_json: bool) -> None:
    history = house.store.corrections(post.brand, post.post_key)
    if as_json:
        print_json({"link": post.url, "brand": post.brand, "stands": _told(post), "history": history})
        return
    out.print(_marked(post))
    out.print(_line(post), highlight=False)
    for one in history:
        said = (
            f"{one.field} {one.old or 'none'} → {one.new or 'none'}" if one.old != one.new else f"{one.field} {one.new}"
        )
        out.print(
            f"{one.at:%Y-%m-%d %H:%M} {escape(one.by)}: {said}{f' ({escape(one.note)})' if one.note else ''}",
            highlight=False,
        )


def _told(post: "Judged") -> dict[str, Any]:
    return {
        "feeling": post.label, "confidence": post.confidence, "sentiment": post.sentiment,
        "topics": [tag.topic for tag in post.topics], "muted": post.muted, "context": post.context,
    }  # fmt: skip


def _line(post: "Judged") -> str:
    """What stands of a mention, in one line."""
    told = f"{post.brand}: {post.label} {post.confidence:.2f}"
    if post.topics:
        told += ", " + ", ".join(tag.topic for tag in post.topics)
    if post.muted:
        told += f"; counts nowhere ({post.muted})"
    if post.context:
        told += f"; context {post.context}"
    return escape(told)


def _marked(post: "Judged") -> Text:
    """The post with the words that told in bold."""
    text = Text(post.text)
    for start, end in (*post.evidence, *(span for tag in post.topics for span in tag.spans)):
        text.stylize("bold", start, end)
    return Text(f"{post.thread_title}\n" if post.thread_title else "", style="dim") + text


COMMANDS = (label,)
