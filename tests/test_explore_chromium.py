"""`listener explore` as people use it: the command in a process of its own, a real browser, the store afterwards.

A violation of the content security policy, an error in the console, a dialog, a request to elsewhere, or a page that is
wider than the window fails the test, whatever it is about.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from listener.demo.play import free_ports
from listener.explore.door import VARIABLE
from listener.records import Alert
from listener.store.corrected import Correction
from listener.store.sqlite import open_store
from listener.store.triaged import TriageTurn
from tests.helpers_explore import ANGRY, HOSTILE, SIMPLIFIED, TOKEN, TRADITIONAL, copy_filled

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-proxy-server"]
PAGES = (
    "/", "/today/acme/2026-03-09", "/mentions", "/bank/acme", "/bank/acme/entries", "/desk", "/alerts", "/coverage",
    "/share", "/store", "/store/v_mentions", "/store/rising-topics", "/-/sign-in", "/nothing",
    "/store?sql=select+*+from+v_mentions",
)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(where it answers, its folder)."""
    home = copy_filled(tmp_path_factory.mktemp("chromium"))
    port = free_ports(1, 18_470)
    listener = [sys.executable, "-c", "from listener.cli import main; main()"]
    command = [*listener, "explore", "--config", str(home / "config"), "--port", str(port)]
    run = subprocess.Popen(
        command, env={**os.environ, VARIABLE: TOKEN}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert run.stdout is not None
        told = run.stdout.readline() + run.stdout.readline()
        assert f"http://127.0.0.1:{port}/-/sign-in?token=" in told, told + (run.stderr.read() if run.stderr else "")
        yield f"http://127.0.0.1:{port}", home
    finally:
        run.terminate()
        _, errors = run.communicate(timeout=30)
    assert "Traceback" not in errors
    assert "explore_page_broke" not in errors


class Window:
    """A browser's window that remembers whatever should not have happened in it."""

    def __init__(self, browser: Any, base: str, width: int = 1280, scheme: str = "light", locale: str = "en") -> None:
        self.base = base
        self.trouble: list[str] = []
        self._context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale
        )
        self.page = self._context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.trouble.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", self._asked)

    def _said(self, message: Any) -> None:
        if "404" not in message.text or "/nothing" not in str(message.location):
            self.trouble.append(f"{message.type}: {message.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.trouble.append(f"request to {request.url}")

    def go(self, path: str) -> None:
        """Open a page of the site; it fits into the window."""
        self.page.goto(self.base + path)
        if path.startswith("/today/"):
            self.page.wait_for_selector(".verdict")  # it may be being made, and then comes back by itself
            self.page.wait_for_load_state("load")
        self.fits()

    def follow(self, what: Any) -> None:
        """Click a link or a button that leads to another page, which fits into the window too."""
        with self.page.expect_navigation():
            what.click()
        self.fits()

    def fits(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.trouble.append(f"{self.page.url} is {wide} px wider than the window")

    def sign_in(self, name: str = "Mei") -> None:
        self.go(f"/-/sign-in?token={TOKEN}")
        self.page.fill("input[name=name]", name)
        self.follow(self.page.locator(".door button"))
        assert name in self.page.inner_text("header.top")

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._context.close()
        if error is None:
            assert self.trouble == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield found
        found.close()


@dataclass(frozen=True)
class Place:
    """A browser, where the site answers, and the folder of its store."""

    browser: Any
    base: str
    home: Path


@pytest.fixture
def place(need: Callable[[str, str], None], request: pytest.FixtureRequest) -> Place:
    need("chromium", "chromium")
    return Place(request.getfixturevalue("browser"), *request.getfixturevalue("served"))


def stored(home: Path) -> tuple[list[Correction], list[Alert], list[TriageTurn]]:
    store = open_store(home / "listener.db", read_only=True)
    try:
        return store.corrections("acme"), store.alerts("acme"), store.triage_turns()
    finally:
        store.close()


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "en"), (360, "dark", "zh-TW")])
def test_every_page_fits_and_breaks_no_rule(place: Place, width: int, scheme: str, locale: str) -> None:
    with Window(place.browser, place.base, width, scheme, locale) as window:
        window.sign_in()
        for path in PAGES:
            window.go(path)
            assert window.page.locator("h1").count() == 1
            assert window.page.evaluate("[...document.images].every(one => one.naturalWidth > 0)")
        window.go("/today/acme/2026-03-09")
        background = window.page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor")
        assert (background == "rgb(255, 255, 255)") == (scheme == "light")


def test_a_search_in_chinese_finds_both_scripts_and_opens_the_evidence(place: Place) -> None:
    with Window(place.browser, place.base, locale="zh-TW") as window:
        page = window.page
        window.go("/mentions?brand=acme")
        page.fill("input[name=text]", "頂好的客服")
        window.follow(page.locator(".filter button").first)
        assert [one.get_attribute("lang") for one in page.locator(".words").all()] == ["zh-Hans", "zh-Hant"] or (
            {one.inner_text()[:4] for one in page.locator(".words").all()} == {"頂好的客", "顶好的客"}
        )
        window.follow(page.locator(f"a[href*='#p{TRADITIONAL.key[:16]}']"))
        post = page.locator(f"#p{TRADITIONAL.key[:16]}")
        assert TRADITIONAL.text in post.inner_text()
        assert post.locator("mark.named").all_inner_texts() == ["頂好"]
        assert post.locator("mark.told, mark.topic").count() > 0
        assert page.locator("form[action='/desk/label']").count() == 0, "who is not signed in writes nothing"
        assert SIMPLIFIED.text not in page.content()


def test_a_label_is_corrected(place: Place) -> None:
    with Window(place.browser, place.base) as window:
        page = window.page
        window.sign_in()
        window.go(f"/post?key={ANGRY.key}")
        post = page.locator(f"#p{ANGRY.key[:16]}")
        assert "negative" in post.locator(".feel").inner_text()
        post.get_by_text("Correct", exact=True).click()
        post.get_by_label("positive").check()
        post.locator("form[action='/desk/label'] [name=note]").fill("irony, I know him")
        window.follow(post.get_by_text("That is right now"))
        assert page.url.endswith(f"#p{ANGRY.key[:16]}")
        assert "positive" in post.locator(".feel").inner_text()
        assert "irony, I know him" in post.inner_text()
    said = [one for one in stored(place.home)[0] if one.post_key == ANGRY.key and one.field == "feeling"]
    assert [(one.by, one.old, one.new, one.note) for one in said] == [
        ("Mei", "negative", "positive", "irony, I know him")
    ]


def test_an_alert_is_acknowledged_and_a_matter_taken_up(place: Place) -> None:
    with Window(place.browser, place.base, 360) as window:
        page = window.page
        window.sign_in("Ann")
        window.go("/alerts?open=1")
        window.follow(page.locator(".post h3 a").first)
        assert page.locator(".turns li").count() >= 1
        window.follow(page.get_by_text("I take it up"))
        assert "Ann has it." in page.inner_text("main")
        window.go("/today/acme/2026-03-10")
        matter = page.locator(".matter").first
        matter.get_by_text("Take up this matter").click()
        matter.locator("[name=owner]").fill("Support")
        window.follow(matter.get_by_role("button", name="Save"))
        assert "Support" in page.locator(".matter .stands").first.inner_text()
        window.follow(page.locator(".tabs").get_by_text("In hand"))
        assert "Support" in page.inner_text("main")
    _, (alert,), turns = stored(place.home)
    assert (alert.state, alert.acknowledged_by) == ("acknowledged", "Ann")
    assert [(one.target.kind, one.by, one.owner, one.status) for one in turns] == [
        ("matter", "Ann", "Support", "in hand")
    ]


@pytest.mark.parametrize("width", [1280, 360])
def test_what_strangers_wrote_is_only_read(place: Place, width: int) -> None:
    with Window(place.browser, place.base, width) as window:
        page = window.page
        window.sign_in()
        for path in (f"/post?key={HOSTILE.key}", "/mentions", "/store/v_mentions", "/today/acme/2026-03-09"):
            window.go(path)
            assert page.evaluate("document.scripts.length") == 0
            assert page.evaluate(
                "[...document.querySelectorAll('[href],[src]')].every(e => !/evil/.test(e.href || e.src))"
            )
        window.go(f"/post?key={HOSTILE.key}")
        shown = page.locator(f"#p{HOSTILE.key[:16]} .words").inner_text()
        assert "<script>alert('Acme')</script>" in shown
        assert "[click](javascript:alert(2)) **bold** {{ 7*7 }}" in shown
        assert "wwww" in shown
        assert re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", page.content()) is None
        assert page.title().startswith('"><script>alert("title")</script>')
