"""The questions that an analyst asks again and again: queries/NAME.sql, each with its explanation in its head.

A file begins with lines of comment and goes on with one SELECT:

    -- en: What it answers, as a question.
    -- zh: 同一個問題。
    -- en, about: How it is meant; several such lines make one text.
    -- zh, about: …
    -- columns: brand, day, voices
    -- :days = 28 | en: how far to look back | zh: 往回看幾天
    SELECT …

A parameter that is bound to '' (an empty form) stands for its default too: the queries begin with a row `asked` that
sees to it. "Now" is the newest mention of the store, so an answer is the same on last month's copy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from listener.errors import StoreError

_PARAMETER = re.compile(r":(\w+) = (.*?) \| en: (.*?) \| zh: (.*)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a query takes; `default` is text, as a form or a command line gives it. The rest says what it is."""

    name: str
    default: str
    english: str
    chinese: str


@dataclass(frozen=True, slots=True)
class Canned:
    """A canned query.

    Attributes:
        name: of the file, kebab-case.
        title, title_zh: what it answers. about, about_zh: how it is meant, plain text.
        columns: what the answer has, in order. sql: one statement without a semicolon, its head left out.
    """

    name: str
    title: str
    title_zh: str
    about: str
    about_zh: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    sql: str

    def values(self, given: Mapping[str, str]) -> dict[str, str]:
        """What to bind: `given`, and the defaults for what is not.

        Raises:
            StoreError: `given` names a parameter that the query does not take.
        """
        known = {one.name: one.default for one in self.parameters}
        if unknown := sorted(given.keys() - known.keys()):
            takes = ", ".join(known) or "none"
            raise StoreError(f"query {self.name} takes no parameter {', '.join(unknown)}; it takes: {takes}")
        return known | dict(given)


@cache
def canned() -> tuple[Canned, ...]:
    """All of them, by name.

    Raises:
        StoreError: a file's head cannot be read (it names file and line).
    """
    folder = files("listener.store").joinpath("queries")
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".sql")), key=lambda one: one.name)
    return tuple(parse(one.name, one.read_text("utf-8")) for one in found)


def query(name: str) -> Canned:
    """The one of that name.

    Raises:
        StoreError: there is none.
    """
    for one in canned():
        if one.name == name:
            return one
    raise StoreError(f"there is no query {name!r}; there are: {', '.join(one.name for one in canned())}")


def parse(filename: str, text: str) -> Canned:
    """Read one file.

    Raises:
        StoreError: its head is not as the module says.
    """
    said: dict[str, list[str]] = {"en": [], "zh": [], "en, about": [], "zh, about": [], "columns": []}
    parameters = []
    lines = text.splitlines()
    number = 0
    for number, line in enumerate(lines):
        if not line.startswith("-- "):
            break
        told = line.removeprefix("-- ")
        key, _, rest = told.partition(": ")
        if found := _PARAMETER.fullmatch(told):
            name, default, english, chinese = found.groups()
            parameters.append(Parameter(name, default.strip("'"), english, chinese))
        elif key in said:
            said[key].append(rest.strip())
        else:
            raise StoreError(f"{filename}:{number + 1}: {told[:40]!r} is neither a text nor a parameter of the query")
    if missing := [key for key, texts in said.items() if not texts]:
        raise StoreError(f"{filename}: its head does not say: {'; '.join(missing)}")
    return Canned(
        name=filename.removesuffix(".sql"),
        title=" ".join(said["en"]),
        title_zh="".join(said["zh"]),
        about=" ".join(said["en, about"]),
        about_zh="".join(said["zh, about"]),
        parameters=tuple(parameters),
        columns=tuple(column.strip() for column in ", ".join(said["columns"]).split(",")),
        sql="\n".join(lines[number:]).strip().removesuffix(";").rstrip(),
    )
