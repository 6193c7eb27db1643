"""Full text in English and Chinese: what goes into posts_fts, and how a person's words become a query.

SQLite's unicode61 takes a run of Han characters for one word. So Han text is written into the index as overlapping
pairs, and each run's last character alone: 客服完全 → "客服 服完 完全 全". A run in the query becomes the phrase of its
pairs, which finds exactly the texts that hold it; a single character is looked for as the beginning of a pair.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from listener.errors import StoreError
from listener.fold import to_simplified
from listener.records import Judged
from listener.store.columns import to_json
from listener.store.judged import BY_MATCH, STANDING, JudgedPosts

# Han with extensions and compatibility forms, 々〆〇 and kana: scripts without spaces between words.
HAN_CLASS = "々〆〇ぁ-ゖゝ-ゟァ-ヺー-ヿ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_HAN_RUN = re.compile(f"[{HAN_CLASS}]+")
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]")
_TOKEN = re.compile(f'"([^"]*)"|[{HAN_CLASS}]+|[^\\s"{HAN_CLASS}]+')

FILL = "INSERT INTO posts_fts (rowid, text, title, folded) VALUES (?, ?, ?, ?)"


def search_text(text: str) -> str:
    """Text as it is indexed: Han runs as overlapping pairs and the run's last character, other text as it is.

    >>> search_text("Wagtail客服完全, ok")
    'Wagtail 客服 服完 完全 全 , ok'
    """
    return text if text.isascii() else _HAN_RUN.sub(_pairs, text)


def _pairs(found: re.Match[str]) -> str:
    run = found.group()
    return f" {' '.join([*map(str.__add__, run, run[1:]), run[-1]])} "


def search_query(user_text: str) -> str:
    """A person's words as an FTS5 query that cannot be a syntax error; "" if there is nothing to look for.

    Words and Han runs all have to be there, in any order; "quoted words" have to stand together; a Han run matches
    as a substring; a word that ends in * as a prefix. The folded form is looked for beside what was typed.

    >>> search_query("wagtail 客服")
    '"wagtail" AND "客服"'
    """
    return " AND ".join(part for part in map(_part, _TOKEN.finditer(user_text.replace("\x00", " "))) if part)


def _part(found: re.Match[str]) -> str:
    written = found.group() if found.group(1) is None else found.group(1)
    if not any(map(str.isalnum, written)):
        return ""
    forms = dict.fromkeys((_phrase(written), _phrase(_folded(written))))
    return f"({' OR '.join(forms)})" if len(forms) > 1 else next(iter(forms))


def _phrase(written: str) -> str:
    """One FTS5 phrase. Inside double quotes nothing is syntax, and _TOKEN leaves no double quote in `written`.

    A run at the end of the phrase may go on in the text, so its last character is not asked for alone; a single
    character there is looked for as the beginning of a pair.
    """
    last = re.search(f"[{HAN_CLASS}]+$", written)
    if last is None:
        star = "*" if written.endswith("*") and written[:-1].isalnum() else ""
        return f'"{" ".join(search_text(written).split())}"{star}'
    run = last.group()
    words = [*search_text(written[: last.start()]).split(), *(map(str.__add__, run, run[1:]) if run[1:] else run)]
    return f'"{" ".join(words)}"{"" if run[1:] else "*"}'


def _folded(text: str) -> str:
    """Simplified, and full-width letters and figures as plain ones; case and accents are the tokenizer's work."""
    simplified = to_simplified(text)
    return unicodedata.normalize("NFKC", simplified) if _WIDE.search(simplified) else simplified


def index_row(post: int, text: str, title: str) -> tuple[int, str, str, str]:
    """The row of posts_fts; `folded` is filled only where it differs from what is written."""
    both = f"{title}\n{text}"
    folded = _folded(both)
    return post, search_text(text), search_text(title), search_text(folded) if folded != both else ""


class Search(JudgedPosts):
    """protocol.Store.search, and keeping the index true."""

    def search(self, text: str, brand: str | None = None, limit: int = 20) -> list[Judged]:
        """See protocol.Store. A post that speaks of two brands stands in the answer once for each.

        Raises:
            StoreError: `text` holds nothing that could be looked for.
        """
        query = search_query(text)
        if not query:
            raise StoreError(f"{text!r} holds no word to look for; give a word, or one Chinese character")
        return self.judged_rows(
            f"{BY_MATCH} WHERE f.posts_fts MATCH :query AND (:brand IS NULL OR m.brand = :brand) AND {STANDING} "
            "ORDER BY m.at DESC, p.key, m.brand LIMIT :limit",
            {"query": query, "brand": brand, "limit": limit},
        )

    def reindex(self, posts: Sequence[int]) -> None:
        """Fill the search rows of these posts anew from what posts and threads hold now; those that are gone go."""
        with self.transaction():
            self.unindex(posts)
            self._conn.executemany(
                FILL,
                [
                    index_row(*row)
                    for row in self._conn.execute(
                        "SELECT p.id, p.text, t.title FROM json_each(?) j JOIN posts p ON p.id = j.value "
                        "JOIN threads t ON t.thread = p.thread",
                        (to_json(list(posts)),),
                    )
                ],
            )

    def posts_of(self, threads: Sequence[int]) -> list[int]:
        """The posts of these threads."""
        sql = "SELECT p.id FROM json_each(?) j CROSS JOIN posts p ON p.thread = j.value"
        return [post for (post,) in self.read(sql, (to_json(list(threads)),))]

    def unindex(self, posts: Iterable[int]) -> None:
        with self.transaction():
            self._conn.executemany("DELETE FROM posts_fts WHERE rowid = ?", [(post,) for post in posts])

    def purge_index(self) -> None:
        """Merge the index into one piece: deleted words vanish from it (SQLite 3.40 has no secure-delete for FTS5)."""
        with self.transaction():
            self._conn.execute("INSERT INTO posts_fts (posts_fts) VALUES ('optimize')")
