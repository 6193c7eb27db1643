"""Hotline and ticket drops: files in a folder below the allowed one."""

import json
from pathlib import Path

import pytest

from listener.records import Source
from tests.helpers_api import Visits

COLUMNS = {"text": "內容", "author": "客戶", "published": "時間", "id": "編號", "rating": "評分"}
HEAD = "編號,時間,客戶,內容,評分\n"


@pytest.fixture
def drops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "drops" / "hotline"
    folder.mkdir(parents=True)
    monkeypatch.setenv("LISTENER_DROPS", str(tmp_path / "drops"))
    return folder


def visits(tmp_path: Path, url: str = "file:hotline", **options: object) -> Visits:
    about = {"columns": COLUMNS, "time_zone": "Asia/Taipei", **options}
    return Visits(tmp_path, Source("s", "file", url, options=about))


async def test_a_csv_is_read_on_from_where_it_ended(tmp_path: Path, drops: Path) -> None:
    table = drops / "march.csv"
    table.write_text(HEAD + '7,2026/03/20 14:05,王小明,"客服\n完全不回應",2.5\n8,2026-03-20T15:00,李,很好,5\n')
    visit = visits(tmp_path)
    health = await visit()
    assert (health.state, health.new, health.detail) == ("heard", 2, "")
    first = visit.post("7")
    assert (first.text, first.author, first.rating, first.platform) == ("客服\n完全不回應", "王小明", 2.5, "hotline")
    assert first.published is not None
    assert first.published.isoformat() == "2026-03-20T06:05:00+00:00"
    assert (await visit()).posts == 0
    with table.open("a") as more:
        more.write("9,2026/03/21,張,更多\n10,2026/03/21,張,半")
    assert (await visit()).posts == 1  # the last line may not be finished
    assert (await visit()).posts == 1  # it did not change: it was
    assert visit.post("10").text == "半"
    table.write_text(HEAD + "9,2026/03/21,張,改過\n")
    health = await visit()
    assert (health.posts, health.new, visit.post("9").text) == (1, 0, "改過")


async def test_broken_lines_are_told_with_file_and_line_and_skipped(tmp_path: Path, drops: Path) -> None:
    rows = ["1,2026-03-20,a,fine", "2,2026-03-20,a", "3,2026-03-20,a,b,5,too,many", "4,yesterday,a,late", "5,,a,fine"]
    (drops / "a.csv").write_text(HEAD + "\n".join(rows) + "\n")
    visit = visits(tmp_path)
    health = await visit()
    assert "a.csv:3: nothing in '內容'" in health.detail
    assert "a.csv:4: has more fields" in health.detail
    assert "a.csv:5: 'yesterday' is no date" in health.detail
    assert {post.native_id for post in visit.posts} == {"1", "4", "5"}
    (drops / "b.jsonl").write_text('{"text": "good", "id": 1}\n{"text": \n[1]\n{"text": {"a": 1}}\n{"no": "text"}\n')
    (drops / "notes.docx").write_bytes(b"x")
    (drops / "a.csv").unlink()
    visit = visits(tmp_path, columns={})
    health = await visit()
    assert "b.jsonl:2: is not JSON" in health.detail
    assert "b.jsonl:3: is no JSON object" in health.detail
    assert health.state == "heard"


async def test_a_quote_that_never_ends_is_told_where_it_begins(tmp_path: Path, drops: Path) -> None:
    (drops / "a.csv").write_text('id,text\n1,"two\nlines"\n2,"never ends\n3,lost\n')
    visit = visits(tmp_path, columns={})
    health = await visit()
    assert "a.csv:4: is broken" in health.detail
    assert [post.native_id for post in visit.posts] == ["1"]


async def test_many_broken_lines_are_counted(tmp_path: Path, drops: Path) -> None:
    (drops / "b.jsonl").write_text("x\n" * 100)
    health = await visits(tmp_path)()
    assert "100 broken lines" in health.detail
    assert len(health.detail) < 1000


async def test_jsonl_and_mbox_and_rows_without_id(tmp_path: Path, drops: Path) -> None:
    rows = [{"text": "same", "author": "a"}, {"text": "same", "author": "a"}, {"text": "other", "author": "a"}]
    (drops / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    mail = "From x Sat Mar 21 10:00:00 2026\nFrom: Ann <a@x>\nSubject: Re: bill\nMessage-ID: <{}@x>\n\n{}\n\n"
    (drops / "c.mbox").write_text(mail.format(1, "> you said\nNo") + mail.format(2, "Yes"))
    visit = visits(tmp_path, columns={})
    await visit()
    assert sorted(post.text for post in visit.posts) == ["No", "Yes", "other", "same"]
    assert visit.post("1@x").quotes == (("", "you said"),)
    await visit()
    assert (await visit()).posts == 0
    with (drops / "c.mbox").open("a") as more:
        more.write(mail.format(3, "More"))
    await visit()
    assert visit.post("3@x").text == "More"


async def test_charsets_and_delimiters(tmp_path: Path, drops: Path) -> None:
    (drops / "a.csv").write_bytes("id;text\n1;客服完全不回應還亂收手續費\n".encode("big5"))
    (drops / "b.csv").write_bytes("\ufeffid\ttext\n2\tgrüße\n".encode())
    visit = visits(tmp_path, columns={})
    await visit()
    assert (visit.post("1").text, visit.post("2").text) == ("客服完全不回應還亂收手續費", "grüße")


async def test_nothing_outside_of_the_allowed_folder_is_read(tmp_path: Path, drops: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("id,text\n1,secret\n")
    for url in ("file:..", f"file:{tmp_path}", f"file://{tmp_path}", "file:hotline/../..", "file:%2e%2e"):
        assert (await visits(tmp_path, url)()).state == "blocked", url
    (drops / "link.csv").symlink_to(secret)
    visit = visits(tmp_path)
    health = await visit()
    assert (visit.posts, "points outside" in health.detail) == ([], True)
    assert (await visits(tmp_path, "file:nowhere")()).state == "gone"
    assert (await visits(tmp_path, f"file:{drops}")()).state == "empty"
