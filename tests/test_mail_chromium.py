"""The mails in a real browser: three widths, light and dark, with pictures and without.

A browser is no mail program: what programs take away from a page is in helpers_mail_rules. Here is what a reader sees.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.helpers_mail_pages import PAGES, MailPage

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WIDTHS = (360, 600, 1200)

# What stands on what: for every visible text its colour, the first opaque colour behind it, its size.
MEASURE = """() => {
  const rgb = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const here = node.parentElement, box = here.getBoundingClientRect();
    if (!node.data.trim() || !box.width || here.closest('[style*="display:none"],[style*="display: none"]')) continue;
    texts += 1;
    const style = getComputedStyle(here);
    let back = here;
    while (back && (rgb(getComputedStyle(back).backgroundColor)[3] ?? 1) < 1) back = back.parentElement;
    const behind = back ? getComputedStyle(back).backgroundColor : 'rgb(255, 255, 255)';
    const [high, low] = [light(rgb(style.color)), light(rgb(behind))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (high + 0.05) / (low + 0.05);
    const what = node.data.slice(0, 30);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${style.color} on ${behind}: ${what}`);
    if (size < 12) faults.push(`${size}px: ${what}`);
    if (box.right > innerWidth + 1 || box.left < -1) faults.push(`stands outside: ${what}`);
  }
  return {faults, texts, wide: document.documentElement.scrollWidth - innerWidth,
          shown: [...document.images].filter(image => image.complete && image.naturalWidth).length,
          pictures: document.images.length};
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield found
        found.close()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_mail_reads_well(
    page: MailPage, need: Callable[[str, str], None], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    need("chromium", "chromium")
    browser = request.getfixturevalue("browser")
    mail = page.render()
    for pictures in (True, False):
        path = mail.write(tmp_path / f"mail-{pictures}.html", pictures)
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                told = _look(browser, path, width, scheme)
                at = f"{page.name} {width} {scheme} {'with' if pictures else 'without'} pictures"
                assert told["faults"] == [], at
                assert told["wide"] <= 0, f"{at}: {told['wide']} px wider than the window"
                assert told["texts"] > 8, at
                assert told["shown"] == (told["pictures"] if pictures else 0), at


def _look(browser: Browser, path: Path, width: int, scheme: Any) -> dict[str, Any]:
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        shown = context.new_page()
        shown.goto(path.as_uri())
        return dict(shown.evaluate(MEASURE))


def test_what_is_hard_to_read_is_found(
    need: Callable[[str, str], None], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    need("chromium", "chromium")
    path = tmp_path / "bad.html"
    path.write_text(
        '<body style="background:#fff"><p style="color:#999">pale words</p><p style="font-size:9px">small words</p>'
        f'<div style="width:900px">wide</div><p>{"w" * 400}</p></body>'
    )
    told = _look(request.getfixturevalue("browser"), path, 360, "light")
    assert {fault.split()[0].rstrip(":") for fault in told["faults"]} == {"contrast", "9px", "stands"}
    assert told["wide"] > 500
