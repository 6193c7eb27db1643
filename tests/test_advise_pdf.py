"""Paper: fonts with Chinese are embedded, nothing is fetched, and a missing library is told with its mend."""

import builtins
import re
import socket
import threading
import zlib
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from listener.advise import pdf
from listener.errors import ListenerError

PAGE = """<html lang="zh-Hant"><body><h1 class="brand">鶺鴒電信</h1><div class="m">輿情週報</div>{body}</body></html>"""


def has_pango() -> bool:
    try:
        return find_spec("weasyprint") is not None and pdf.trouble() == ""
    except OSError:
        return False


def opened(made: bytes) -> bytes:
    """A PDF with its compressed parts laid open."""
    parts = [made]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL):
        with suppress(zlib.error):
            parts.append(zlib.decompress(stream))
    return b"\n".join(parts)


needs_pango = pytest.mark.skipif(not has_pango(), reason="Pango")


@needs_pango
def test_a_page_becomes_a4_with_chinese_inside() -> None:
    made = pdf.to_pdf(PAGE.format(body="<p>好感餘額 −445 LU</p>" * 200))
    whole = opened(made)
    assert made.startswith(b"%PDF-")
    sizes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox ?\[([^]]*)\]", whole)}
    assert [[round(side) for side in size] for size in sizes] == [[0, 0, 595, 842]]
    assert whole.count(b"/MediaBox") > 2, "it goes on over several pages"
    assert b"/FontFile" in whole, "fonts are inside"


@needs_pango
def test_nothing_is_fetched_neither_from_the_net_nor_from_the_disk(tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p { color: red }", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(2)
        asked: list[Any] = []

        def listen() -> None:
            try:
                asked.append(server.accept())
            except OSError:
                return

        ear = threading.Thread(target=listen)
        ear.start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        body = (
            f'<img src="{address}/a.png" alt="gone"><link rel="stylesheet" href="{address}/b.css">'
            f'<p style="background: url({address}/c.png)">x</p><link rel="stylesheet" href="{secret.as_uri()}">'
        )
        with_them = pdf.to_pdf(PAGE.format(body=body))
        ear.join()
    assert with_them.startswith(b"%PDF-")
    assert asked == []


def test_a_missing_pango_is_told_with_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0': no such file\nAdditionally, …")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ListenerError, match=r"libpango-1\.0-0.*apt install libpango") as told:
        pdf.to_pdf("<p>x</p>")
    assert "\n" not in str(told.value)
    assert "apt install" in pdf.trouble()


@needs_pango
def test_a_missing_font_is_told_before_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pdf.has_han_font() in (True, None)
    monkeypatch.setattr(pdf, "has_han_font", lambda: False)
    assert "fonts-noto-cjk" in pdf.trouble()
