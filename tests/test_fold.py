"""fold keeps every position, so spans found in folded text hold in the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.fold import fold, to_simplified

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too


@given(ANY_TEXT)
def test_length_is_kept_and_folding_twice_changes_nothing(text: str) -> None:
    assert len(fold(text)) == len(text) == len(to_simplified(text))
    assert fold(fold(text)) == fold(text)
    assert to_simplified(to_simplified(text)) == to_simplified(text)


@given(ANY_TEXT, ANY_TEXT)
def test_each_code_point_is_folded_by_itself(left: str, right: str) -> None:
    assert fold(left + right) == fold(left) + fold(right)
    assert to_simplified(left + right) == to_simplified(left) + to_simplified(right)


@pytest.mark.parametrize("number", range(0, 0x110000, 0x1000))
def test_every_code_point_keeps_length_and_is_settled(number: int) -> None:
    text = "".join(map(chr, range(number, number + 0x1000)))
    assert len(fold(text)) == 0x1000
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＰＰＬＥ’s", "apple's"),
        ("「蘋果」　客服", "「苹果」 客服"),
        ("統一 臺灣 裡面", "统一 台湾 里面"),
        ("STRASSE Straße ΣΑΣ", "strasse straße σασ"),
        ("ﾃｽﾄ", "テスト"),
        ("“double” „low‟", '"double" "low"'),
        ("won‘t won´t wonʼt", "won't won't won't"),
        ("İSTANBUL", "istanbul"),
        ("a\u00a0b\u2011c", "a b-c"),
    ],
)
def test_what_is_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_simplified_touches_neither_case_nor_width() -> None:
    assert to_simplified("Ｗagtail’s 客服不回應") == "Ｗagtail’s 客服不回应"
    assert to_simplified("已经是简体") == "已经是简体"
