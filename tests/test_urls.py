"""Addresses that mean one post give one key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listener.urls import canonical, host_of, post_key


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HTTP://Forum.Example:80/viewtopic.php?p=7&sid=abc#p7", "http://forum.example/viewtopic.php?p=7#p7"),
        ("https://forum.example.:443", "https://forum.example/"),
        ("https://forum.example/t?utm_source=x&id=3&fbclid=y", "https://forum.example/t?id=3"),
        ("https://forum.example:8443/a?empty=", "https://forum.example:8443/a?empty="),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ],
)
def test_canonical(written: str, meant: str) -> None:
    assert canonical(written) == meant
    assert post_key(written) == post_key(meant)


def test_a_relative_address_needs_its_page() -> None:
    assert canonical("./viewtopic.php?p=7#p7", "https://forum.example/viewforum.php?f=2") == (
        "https://forum.example/viewtopic.php?p=7#p7"
    )
    with pytest.raises(ValueError, match="absolute"):
        canonical("viewtopic.php?p=7")


@pytest.mark.parametrize("bad", ["", "javascript:alert(1)", "mailto:a@b.example", "file:///etc/passwd", "http://"])
def test_only_the_web(bad: str) -> None:
    with pytest.raises(ValueError, match="absolute"):
        canonical(bad)


@given(st.text())
def test_canonical_is_its_own_canonical(path: str) -> None:
    try:
        once = canonical("https://forum.example/" + path)
    except ValueError:
        return
    assert canonical(once) == once


def test_key_needs_something_to_go_by() -> None:
    assert len(post_key(source="s", native_id="7")) == 64
    assert post_key(source="s", native_id="7") != post_key(source="t", native_id="7")
    with pytest.raises(ValueError, match="permalink"):
        post_key(source="s")


def test_host_of() -> None:
    assert host_of("https://Forum.Example:443/x") == "forum.example"
    assert host_of("http://127.0.0.1:8640/") == "127.0.0.1:8640"
