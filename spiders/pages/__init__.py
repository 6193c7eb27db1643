"""Page objects, one module a forum engine: HTML in, boards and threads out, no I/O.

An engine is a module with `NAME`, `recognises(page)`, `read_board(page)` and `read_thread(page)`; it is listed here.
Readers raise nothing but Unreadable. The order matters: the first that recognises a page reads it.
"""

from types import ModuleType

from listener.errors import ConfigError
from spiders.pages import generic, machina, phpbb
from spiders.pages.thread import Page

ENGINES: tuple[ModuleType, ...] = (phpbb, machina, generic)


def engine_for(page: Page, wanted: str = "") -> ModuleType:
    """The page object for a page, or the one named `wanted`.

    Raises:
        ConfigError: there is no engine of that name.
    """
    if wanted:
        for engine in ENGINES:
            if wanted == engine.NAME:
                return engine
        known = ", ".join(engine.NAME for engine in ENGINES)
        raise ConfigError(f"no forum engine {wanted!r}; known are {known}")
    return next(engine for engine in ENGINES if engine.recognises(page))
