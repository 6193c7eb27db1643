"""Digest and alert as a browser shows them: nothing sticks out on a phone, charts load, hostile posts stay text."""

import base64
import json
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from pathlib import Path

import pytest

from tests.helpers_house import LEAK, NOW, heard, house_in, post

HOSTILE = (
    "Acme <script>document.title='owned'</script> is <img src=x onerror=\"document.title='owned'\"> terrible "
    "\u202eevil " + "W" * 400
)
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --virtual-time-budget=3000 --dump-dom"
).split()
# What the page is asked, once it stands: how wide it is, which pictures failed, whether a post became more than text.
ASK = """<script>addEventListener('load', () => { document.body.setAttribute('data-seen', JSON.stringify({
  width: document.documentElement.scrollWidth, room: innerWidth, title: document.title,
  broken: [...document.images].filter(i => !i.naturalWidth).length, images: document.images.length,
  scripts: document.scripts.length })) })</script>"""

ASK_FRAMES = """<script>addEventListener('load', () => { document.body.setAttribute('data-seen', JSON.stringify(
  [...document.querySelectorAll('iframe')].map(one => one.contentWindow).map(frame => ({
  width: frame.document.documentElement.scrollWidth, room: frame.innerWidth,
  broken: [...frame.document.images].filter(i => !i.naturalWidth).length, images: frame.document.images.length,
  scripts: frame.document.scripts.length })))) })</script>"""


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("width", [500, 1200])
def test_the_digest_in_chromium(tmp_path: Path, need: Callable[[str, str], None], language: str, width: int) -> None:
    need("chromium", "chromium")
    with house_in(tmp_path) as (house, _):
        heard(house, NOW - timedelta(days=9), NOW)
        at = NOW - timedelta(days=1)
        texts = [f"Acme sold my data to an insurer without asking, case {n}. Furious." for n in range(8)]
        texts += [HOSTILE + f" Acme sold my data to an insurer {n}" for n in range(4)] + [
            "頂好的客服三週都沒回覆，太差了。"
        ]
        house.intake.take([post(n, text, at, title=HOSTILE[:80], thread=n // 4) for n, text in enumerate(texts)])
        html = house.digest_page(house.config.brand("acme"), at.date(), language)
    assert len(re.sub(r"data:[^\"']+", "", html).encode()) < 100_000
    page = tmp_path / "page.html"
    page.write_text(html.replace("</body>", ASK + "</body>"), encoding="utf-8")
    done = subprocess.run(
        ["chromium", *FLAGS, f"--user-data-dir={tmp_path / 'chromium'}", f"--window-size={width},900", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    found = re.search(r'data-seen="([^"]+)"', done.stdout)
    assert found, done.stderr[-500:]
    seen = json.loads(found[1].replace("&quot;", '"'))
    assert seen["width"] <= seen["room"], "nothing sticks out at the side"
    assert seen["images"] >= 2
    assert seen["broken"] == 0
    assert seen["scripts"] == 1, "only our own question"
    assert "owned" not in seen["title"]


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
def test_the_alert_mail_in_chromium_on_a_phone_and_on_a_desk(
    tmp_path: Path, need: Callable[[str, str], None], language: str
) -> None:
    need("chromium", "chromium")
    with house_in(tmp_path) as (house, _):
        heard(house, NOW - timedelta(days=9), NOW)
        house.store.set_looked_until("acme", NOW - timedelta(hours=1))
        texts = [*LEAK, "Acme leaked my personal data " + HOSTILE]
        at = NOW - timedelta(minutes=20)
        house.intake.take([post(n, text, at, title=HOSTILE[:80], thread=n // 2) for n, text in enumerate(texts)])
        person = house.config.person("ann")
        object.__setattr__(person, "language", language)
        house.watch()
        (row,) = house.store.rows("SELECT body FROM outbox")
    mail = message_from_bytes(row["body"], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    for part in mail.walk():
        if part.get_content_maintype() == "image":
            picture = base64.b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{picture}")
    inside = escape(html)  # in a frame of its own document, whose width may be less than a window's
    frames = "".join(f'<iframe srcdoc="{inside}" style="border:0;width:{width}px"></iframe>' for width in (360, 600))
    page = tmp_path / "page.html"
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{frames}{ASK_FRAMES}</body>", encoding="utf-8")
    done = subprocess.run(
        ["chromium", *FLAGS, f"--user-data-dir={tmp_path / 'chromium'}", "--window-size=1200,900", page.as_uri()],
        capture_output=True, text=True, timeout=90, check=True,
    )  # fmt: skip
    found = re.search(r'data-seen="([^"]+)"', done.stdout)
    assert found, done.stderr[-500:]
    seen = json.loads(found[1].replace("&quot;", '"'))
    assert [one["room"] for one in seen] == [360, 600]
    for one in seen:
        assert one["width"] <= one["room"], "nothing sticks out at the side"
        assert (one["images"], one["broken"], one["scripts"]) == (1, 0, 0)
