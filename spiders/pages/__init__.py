"""Page objects, one module a forum engine: HTML in, boards and threads out, no I/O.

An engine is a module with `NAME`, `recognises(page)`, `read_board(page)` and `read_thread(page)`; it is listed here.
Readers raise nothing but Unreadable. The order matters: the first that recognises a page reads it.
"""

from dataclasses import replace
from types import ModuleType

from listener.errors import ConfigError
from spiders.pages import (
    bbpress,
    discourse,
    flarum,
    fluxbb,
    generic,
    hackernews,
    invision4,
    lemmy,
    lobsters,
    machina,
    mobile01,
    mybb,
    nodebb,
    phpbb,
    ptt,
    reddit_old,
    smf2,
    stackexchange,
    vanilla,
    vbulletin3,
    vbulletin4,
    vbulletin5,
    woltlab,
    wpforo,
    xenforo1,
    xenforo2,
)
from spiders.pages.thread import Page, PostBlock, ThreadPage

ENGINES: tuple[ModuleType, ...] = (
    phpbb,
    machina,
    discourse,
    xenforo2,
    xenforo1,
    vbulletin5,
    vbulletin4,
    vbulletin3,
    smf2,
    mybb,
    invision4,
    fluxbb,
    nodebb,
    flarum,
    vanilla,
    bbpress,
    wpforo,
    woltlab,
    stackexchange,
    reddit_old,
    lemmy,
    lobsters,
    hackernews,
    ptt,
    mobile01,
    generic,
)


def engine_for(page: Page, wanted: str = "", without: str = "") -> ModuleType:
    """The page object for a page, or the one named `wanted`.

    Args:
        without: an engine that is not asked, whatever its version ("phpbb3" is "phpbb"); "all" leaves the generic
            reader alone. For measuring how pages of unknown engines fare.

    Raises:
        ConfigError: there is no engine of that name.
    """
    if wanted:
        for engine in ENGINES:
            if wanted == engine.NAME:
                return engine
        known = ", ".join(engine.NAME for engine in ENGINES)
        raise ConfigError(f"no forum engine {wanted!r}; known are {known}")
    return next((engine for engine in ENGINES if not _left_out(engine, without) and engine.recognises(page)), generic)


def read_thread(page: Page, engine: ModuleType | None = None, without: str = "") -> ThreadPage:
    """The posts of a thread page, by its engine, else by what it declares and what repeats on it.

    An engine that is recognised but finds nothing (a theme that nobody knew) leaves the page to the generic reader; one
    that finds posts without authors or dates has them filled in by it.
    """
    engine = engine or engine_for(page, without=without)
    found: ThreadPage = engine.read_thread(page)
    if engine is generic or (found.posts and not _thin(found)):
        return found
    guessed = generic.read_thread(Page(page.html, page.url, page.now, page.zone))
    return _filled(found, guessed) if found.posts else guessed


def _thin(found: ThreadPage) -> bool:
    """Do most posts lack an author or a date? Then the theme has other names for them than the engine's own."""
    few = len(found.posts) / 2
    return (
        sum(bool(post.author) for post in found.posts) < few or sum(bool(post.published) for post in found.posts) < few
    )


def _filled(found: ThreadPage, guessed: ThreadPage) -> ThreadPage:
    """What the engine's page object read, with authors and dates that the generic reader saw beside the same words."""

    def start(post: PostBlock) -> str:
        return "".join(post.text[:200].split())[:40]

    seen = {start(post): post for post in guessed.posts if len(start(post)) >= 12}
    posts = []
    for post in found.posts:
        if (other := seen.get(start(post))) is not None:
            author, dated = post.author or other.author, post if post.published else other
            url = post.author_url or other.author_url
            post = replace(post, author=author, author_url=url, published=dated.published, precision=dated.precision)
        posts.append(post)
    return replace(found, posts=tuple(posts))


def _left_out(engine: ModuleType, without: str) -> bool:
    if without == "all":
        return engine is not generic
    return bool(without) and engine.NAME.rstrip("0123456789") == without.rstrip("0123456789")
