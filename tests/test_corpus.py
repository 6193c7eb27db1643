"""The training corpus: every line in order, labels from the taxonomy, no post twice, counts as its datasheet says."""

import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from bench.corpus import ALIKE, CORPUS, Post, folded, groups, near_duplicates, read, shingles, tables, thread

HERE = Path(__file__).parent
TOPICS = {topic["id"] for topic in tomllib.loads((HERE.parent / "config" / "topics.toml").read_text())["topic"]}
DOMAINS = {"air", "phone", "bank", "broadband", "shop", "games", "food", "car", "software", "other"}
HARD = set(
    "irony polite-complaint no-brand-reply two-brands negation question past-praise quoted parent-side comparison news"
    " mixed leaving slang emoji typo understatement conditional other-target code-mix".split()
)


@pytest.fixture(scope="module")
def posts() -> list[Post]:
    return read()


def post(text: str, name: str = "x-01-01", lang: str = "en", brand: str = "Acme", title: str = "") -> Post:
    return Post(name, lang, "other", brand, title, "", text, "neutral", (), ())


def test_labels_are_from_the_allowed_sets(posts: list[Post]) -> None:
    for one in posts:
        assert one.lang in {"en", "zh-Hant", "zh-Hans"}, one.id
        assert one.domain in DOMAINS, one.id
        assert one.feeling in {"negative", "neutral", "positive"}, one.id
        assert set(one.topics) <= TOPICS, one.id
        assert set(one.hard) <= HARD, one.id
        assert len(set(one.topics)) == len(one.topics), one.id
    assert {topic for one in posts for topic in one.topics} == TOPICS  # the heads can learn every topic


def test_lines_have_one_shape() -> None:
    for path in CORPUS.glob("*.jsonl"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            row = json.loads(line)
            assert list(row) == list(Post.__dataclass_fields__), f"{path.name}:{number}"
            assert row["id"].startswith(path.stem), f"{path.name}:{number}"
            for field in ("brand", "title", "parent", "text"):
                assert row[field] == row[field].strip(), f"{path.name}:{number} {field}"
            assert row["text"], f"{path.name}:{number}"


def test_ids_are_unique_and_pairs_share_their_text(posts: list[Post]) -> None:
    assert [name for name, times in Counter(one.id for one in posts).items() if times > 1] == []
    pairs: dict[str, list[Post]] = {}
    for one in posts:
        if one.id[-1] in "ab":
            pairs.setdefault(thread(one), []).append(one)
    assert pairs
    for both in pairs.values():
        first, second = both
        assert (first.text, first.title) == (second.text, second.title), first.id
        assert first.brand != second.brand, first.id


def test_the_brand_is_named_somewhere(posts: list[Post]) -> None:
    lost = [one.id for one in posts if folded(one.brand) not in folded(f"{one.title} {one.parent} {one.text}")]
    assert lost == []


def test_no_well_known_company_is_named(posts: list[Post]) -> None:
    names = (HERE / "well_known_names.txt").read_text(encoding="utf-8").split()
    assert len(names) > 300
    latin, han = {name for name in names if name.isascii()}, [name for name in names if not name.isascii()]
    said = []
    for one in posts:
        text = f"{one.brand} {one.title} {one.parent} {one.text}".lower()
        said += [(one.id, word) for word in re.findall(r"[a-z0-9'&-]+", text) if word.removesuffix("'s") in latin]
        said += [(one.id, name) for name in han if one.language == "zh" and name in text]
    assert said == []


def test_no_near_duplicates(posts: list[Post]) -> None:
    assert near_duplicates(posts) == []


def test_no_phrase_is_worn_out(posts: list[Post]) -> None:
    """No six English words running, no ten Chinese characters running, in more than four posts."""
    seen: dict[str, set[str]] = {}
    for one in posts:
        long = 6 if one.language == "en" else 10
        units = re.findall(r"\w+", one.text.lower()) if one.language == "en" else list(folded(one.text))
        for at in range(len(units) - long + 1):
            seen.setdefault(" ".join(units[at : at + long]), set()).add(thread(one))
    assert [phrase for phrase, where in seen.items() if len(where) > 4] == []


def test_the_datasheet_counts_what_is_there(posts: list[Post]) -> None:
    sheet = (CORPUS / "DATASHEET.md").read_text(encoding="utf-8")
    for table in tables(posts).split("\n\n"):
        assert table in sheet


@pytest.mark.parametrize(
    ("lang", "one", "other", "alike"),
    [
        ("en", "They took my bag on Monday and lost it", "they took my bag on Monday and lost it!!", True),
        ("en", "They took my bag on Monday and lost it", "They took his coat on Friday and kept it", False),
        ("zh-Hant", "客服電話打了四十分鐘還是沒有人接", "客服電話打了四十分鐘，還是沒有人接。", True),
        ("zh-Hant", "客服電話打了四十分鐘還是沒有人接", "排隊排了四十分鐘還是沒有位子坐下", False),
    ],
)
def test_near_duplicates_are_found(lang: str, one: str, other: str, alike: bool) -> None:
    found = near_duplicates(
        [post(one, "x-01-01", lang), post("something else", "x-01-02", lang), post(other, "x-01-03", lang)]
    )
    assert [(a.id, b.id) for _, a, b in found] == ([("x-01-01", "x-01-03")] if alike else [])
    assert all(jaccard >= ALIKE for jaccard, _, _ in found)


def test_two_brands_of_one_text_are_no_duplicate() -> None:
    assert near_duplicates([post("A is fine, B is not", "x-01-01a"), post("A is fine, B is not", "x-01-01b")]) == []


def test_a_short_text_is_one_shingle() -> None:
    assert shingles(post("No.")) == {"no"}
    assert shingles(post("好", lang="zh-Hans")) == {"好"}


def test_groups_keep_together_what_belongs_together() -> None:
    rows = [
        post("a", "x-01-01a", brand="Finch Air"),
        post("a", "x-01-01b", brand="Otto"),
        post("b", "x-01-02", brand="Finch"),
        post("c", "x-01-03", brand="Quill", title="Refund"),
        post("d", "x-01-04", brand="Ember", title="Refund"),
        post("e", "x-01-05", brand="Lone"),
        post("f", "x-01-06", "zh-Hant", "澄海航空"),
        post("g", "x-01-07", "zh-Hant", "澄海"),
    ]
    a, b, c, d, e, f, g, h = groups(rows)
    assert a == b == c
    assert d == e
    assert g == h
    assert len({a, d, f, g}) == 4


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    good = json.dumps({"id": "x"} | dict.fromkeys(list(Post.__dataclass_fields__)[1:], ""))
    (tmp_path / "x-01.jsonl").write_text(f"{good}\n{{", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x-01\.jsonl:2"):
        read(tmp_path)
    (tmp_path / "x-01.jsonl").write_text('{"id": "x"}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"x-01\.jsonl:1"):
        read(tmp_path)
