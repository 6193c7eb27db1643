"""The folder outbox: whole files under stable names, and a page beside each that a browser opens."""

import base64
from pathlib import Path

import pytest

from listener import config
from listener.deliver.files import FileTransport, file_name
from listener.deliver.mail import forget, transport
from listener.deliver.message import build, message_id
from listener.errors import DeliveryError
from listener.store.protocol import Outgoing
from tests.helpers_deliver import MAIL, NOON, PIXEL, message


def outgoing(key: str = "digest:wagtail:2026-03-21:ann") -> Outgoing:
    identity = message_id(key, MAIL.sender)
    return Outgoing(key, "ann@reader.example", identity, build(message(key), MAIL, identity, NOON), 1)


async def test_a_mail_and_its_page_lie_in_the_folder(tmp_path: Path) -> None:
    way = transport(config.Mail(url="file:data/outbox"), tmp_path, {})
    await way.send(outgoing())
    await way.close()
    folder = tmp_path / "data/outbox"
    page, mail = sorted(folder.iterdir(), key=lambda path: path.suffix, reverse=True)
    assert mail.name == f"20260321T1200_digest-wagtail-2026-03-21-ann_{outgoing().message_id[1:17]}.eml"
    assert page.name == mail.name.replace(".eml", ".html")
    assert mail.read_bytes() == outgoing().body
    assert "今天：變差。" in page.read_text("utf-8")
    assert f'src="data:image/png;base64,{base64.b64encode(PIXEL).decode()}"' in page.read_text("utf-8")
    assert mail.stat().st_mode & 0o077 == 0


async def test_sending_twice_writes_the_same_file(tmp_path: Path) -> None:
    way = FileTransport(tmp_path)
    for _ in range(2):
        await way.send(outgoing())
    assert len(list(tmp_path.glob("*"))) == 2


async def test_what_a_killed_sender_left_half_done_is_overwritten(tmp_path: Path) -> None:
    name = file_name(outgoing())
    (tmp_path / f".{name}.eml.part").write_bytes(b"half a ma")
    await FileTransport(tmp_path).send(outgoing())
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".eml", ".html"]


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "a/b\\c:d", "客服", "\x00", "x" * 5000, "\ud800", "CON", ".", "a\nb"]
)
async def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    folder = tmp_path / "outbox"
    await FileTransport(folder).send(outgoing(key))
    assert len(list(folder.iterdir())) == 2
    assert list(tmp_path.iterdir()) == [folder]


async def test_keys_that_look_alike_in_a_file_name_stay_two_messages(tmp_path: Path) -> None:
    for key in ("digest:客", "digest:服", "digest/:"):
        await FileTransport(tmp_path).send(outgoing(key))
    assert len(list(tmp_path.glob("*.eml"))) == 3


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file is in the way")
    with pytest.raises(DeliveryError, match=r"outbox: .*; is there room"):
        await FileTransport(tmp_path / "outbox").send(outgoing())


async def test_forgotten_mails_leave_the_folder(tmp_path: Path) -> None:
    mail = config.Mail(url="file:outbox")
    for key in ("one", "two"):
        await transport(mail, tmp_path, {}).send(outgoing(key))
    assert forget(mail, tmp_path, [outgoing("one").message_id, "<unknown@b.example>"]) == 1
    assert [path.name.split("_")[1] for path in (tmp_path / "outbox").iterdir()] == ["two", "two"]
    assert forget(config.Mail(url="smtp://localhost"), tmp_path, [outgoing("two").message_id]) == 0
