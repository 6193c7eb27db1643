"""People's words are personal data: what is kept, what is struck out of mails, and what forgetting reaches."""

import re
import stat
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from listener.house import House
from tests.helpers_house import NOW, SOURCE, heard, house_in, post

NAMES = ("Ludmilla_Vogelsang", "張簡書豪")
DAY = NOW.date() - timedelta(days=1)


def told(house: House) -> None:
    """A day on which five people complain of one thing, two of them by the names above; its digest is mailed."""
    heard(house, NOW - timedelta(days=9), NOW)
    at = NOW - timedelta(days=1)
    texts = [
        "Acme sold my phone number to an insurer without asking. Mail me at ludmilla@mail.example or 0912-345-678.",
        "頂好把我的個資賣給保險公司，客服完全不回應，我的電話是 0987-654-321。",
        f"Acme shares our data with insurers, as {NAMES[0]} says. Terrible.",
        f"頂好外洩個資，{NAMES[1]} 說得對。",
        "Acme leaked my personal data to marketers, I am leaving them for good.",
    ]
    authors = [*NAMES, "third", "fourth", "fifth"]
    house.intake.take([post(n, text, at, author=authors[n], thread=1, position=n) for n, text in enumerate(texts)])
    house.store.set_looked_until("acme", at - timedelta(hours=1))
    house.watch()
    assert house.digest(house.config.brand("acme"), DAY)


def everything(folder: Path) -> bytes:
    """All bytes of all files, with mails also as they read."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "config" not in path.parts:
            found.append(path.read_bytes())
            if path.suffix == ".eml":
                mail = message_from_bytes(found[-1], policy=policy.default)
                found += [
                    str(part.get_content()).encode() for part in mail.walk() if part.get_content_maintype() == "text"
                ]
    return b"\n".join(found)


async def test_names_are_never_kept_and_details_never_mailed(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        told(house)
        await house.send()
        assert not house.store.rows("select * from voices where name is not null")
    mails = list((tmp_path / "data" / "outbox").glob("*.eml"))
    assert mails
    read = b"\n".join(everything(path.parent) for path in mails[:1]).decode("utf-8", "replace")
    assert "sold my phone number" in read or "個資賣給" in read, "the words are quoted"
    for detail in ("ludmilla@mail.example", "0912-345-678", "0987-654-321"):
        assert detail not in read
    key = tmp_path / "listener.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", NAMES)
async def test_a_forgotten_name_is_in_no_table_and_no_file(tmp_path: Path, name: str) -> None:
    with house_in(tmp_path) as (house, _):
        told(house)
        await house.send()
        before = len(house.store.judged("acme"))
        assert name.encode() in everything(tmp_path), "others wrote it"
        removed = house.forget(name)
        assert removed.posts == 1
        assert removed.mentions_of_name >= 1
        assert len(house.store.judged("acme")) == before - 1
        for table in [row["name"] for row in house.store.rows("select name from sqlite_master where type = 'table'")]:
            if not re.search(r"_(data|idx|docsize|config)$", table):
                assert name not in str(house.store.rows(f"select * from {table}")), table
        stored = house.store.digest("acme", DAY, "en")
        assert stored is not None
        assert name not in stored.html + stored.text + stored.facts
        assert "sold my phone number" not in stored.html or name != NAMES[0], "the digest was made anew without it"
    assert name.encode() not in everything(tmp_path)


async def test_a_forgotten_post_goes_and_stays_away(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, _):
        told(house)
        await house.send()
        gone = post(0, "Acme sold my phone number again and again", NOW, author=NAMES[0], thread=1)
        removed = house.forget(gone.url)
        assert removed.posts == 1
        house.intake.take([gone])
        assert gone.key not in {judged.post_key for judged in house.store.judged("acme")}
    assert b"sold my phone number to an insurer" not in everything(tmp_path)


def test_retention(tmp_path: Path) -> None:
    with house_in(tmp_path) as (house, clock):
        house.store.sync_sources([SOURCE], NOW)
        house.intake.take(
            [post(1, "Acme was slow, an old complaint"), post(2, "Acme is fine", NOW + timedelta(days=700))]
        )
        clock.advance(timedelta(days=740))
        assert house.housekeep()["acme"] == 1
        assert [judged.text for judged in house.store.judged("acme") if judged.text] == ["Acme is fine"]
        assert "old complaint" not in str(house.store.rows("select * from posts"))
