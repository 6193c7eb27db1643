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


@pytest.mark.parametrize(
    "addresses",
    [
        [
            "viewtopic.php?p=7#p7",
            "viewtopic.php?t=3&p=7#p7",
            "viewtopic.php?f=2&t=3&start=20#p7",
            "viewtopic.php?pid=7#p7",
        ],
        ["showthread.php?t=3&p=7#post7", "showthread.php?3-some-title&p=7#post7", "showthread.php?t=9&page=4#post7"],
        ["threads/a-title.3/post-7", "threads/another.9/page-2#post-7", "threads/a-title.3/#post-7"],
        ["index.php?topic=3.msg7#msg7", "index.php?topic=9.20#msg7"],
        ["t/a-title/3/7", "t/another-title/3/7", "t/3/7", "t/24-hours/3/7"],
    ],
)
def test_a_post_is_the_same_when_its_thread_is_renamed_moved_or_grows(addresses: list[str]) -> None:
    assert len({post_key(f"https://forum.example/talk/{address}") for address in addresses}) == 1


def test_other_posts_sites_and_threads_stay_apart() -> None:
    urls = [
        "https://a.example/viewtopic.php?p=7#p7", "https://b.example/viewtopic.php?p=7#p7",
        "https://a.example/talk/viewtopic.php?p=7#p7", "https://a.example/viewtopic.php?p=8#p8",
        "https://a.example/viewtopic.php?t=7", "https://a.example/viewtopic.php?t=8", "https://a.example/showthread.php?p=7",
        "https://a.example/threads/x.3/", "https://a.example/threads/x.3/post-7", "https://a.example/threads/y.4/post-8",
        "https://a.example/t/title/3/7", "https://a.example/t/title/4/7", "https://a.example/t/title/3",
        "https://a.example/t/title/4", "https://a.example/t/3/8", "https://a.example/topic/3#post-7",
        "https://a.example/topic/4#post-7",
    ]  # fmt: skip
    assert len({post_key(url) for url in urls}) == len(urls)
