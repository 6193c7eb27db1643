"""docs/webhook.md does what it says: its receiver takes its example and what we send, and nothing else."""

import base64
import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from listener.deliver import channels, chat, outbox, webhook
from listener.deliver.chat import plugin_of
from listener.notes import VERSION, AlertPart, DigestPart, FirstHour, NamedBrand, Note, Seen, TakeUp, TopMatter

PAGE = (Path(__file__).parents[1] / "docs" / "webhook.md").read_text("utf-8")


def block(kind: str) -> str:
    return str(re.findall(rf"```{kind}\n(.*?)\n```", PAGE, re.DOTALL)[-1])


BODY = block("json").encode()
HEADERS = dict(line.split(": ", 1) for line in block("http").splitlines())
SECRET = re.findall(r"`(whsec_[^`$]+)`:", PAGE)[0]
SENT = int(HEADERS["webhook-timestamp"])


def receiver() -> Any:
    place: dict[str, Any] = {}
    exec(block("python"), place)  # the page's own words
    return place["verified"]


def test_the_receiver_takes_the_example() -> None:
    assert receiver()(BODY, HEADERS, SECRET, SENT + 10)["id"] == HEADERS["webhook-id"]


def test_the_example_is_signed_as_we_sign() -> None:
    key = webhook.secret_bytes(SECRET)
    assert webhook.sign(key, HEADERS["webhook-id"], SENT, BODY) == HEADERS["webhook-signature"]


@pytest.mark.parametrize("late", [-301, 301])
def test_a_replay_is_refused(late: int) -> None:
    assert webhook.REPLAY_WINDOW_S == 300
    with pytest.raises(ValueError, match="too old"):
        receiver()(BODY, HEADERS, SECRET, SENT + late)


@pytest.mark.parametrize("what", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_a_forgery_is_refused(what: str) -> None:
    body = BODY.replace(b"high", b"low") if what == "body" else BODY
    headers = HEADERS | ({what: HEADERS[what].replace("4", "5", 1)} if what in HEADERS else {})
    secret = "whsec_" + base64.b64encode(b"another" * 5).decode() if what == "secret" else SECRET
    assert (body, headers, secret) != (BODY, HEADERS, SECRET)
    with pytest.raises(ValueError, match="not from us"):
        receiver()(body, headers, secret, int(headers["webhook-timestamp"]))


def keys(part: Any) -> set[str]:
    return {field.name for field in fields(part)}


def test_the_example_has_every_key_and_no_other() -> None:
    note = json.loads(BODY)
    assert note["version"] == VERSION
    assert set(note) == keys(Note) | {"version", "id"}
    assert set(note["brand"]) == keys(NamedBrand)
    assert set(note["alert"]) == keys(AlertPart)
    assert set(note["alert"]["posts"][0]) == keys(Seen)
    assert set(note["alert"]["advice"]) == keys(FirstHour)
    assert set(note["alert"]["acknowledge"]) == keys(TakeUp)


@pytest.mark.parametrize("part", [Note, NamedBrand, AlertPart, Seen, FirstHour, TakeUp, DigestPart, TopMatter])
def test_every_key_is_explained(part: type) -> None:
    table = PAGE[PAGE.index("## The JSON") : PAGE.index("An example, with")]
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", table))))
    assert keys(part) - told == set()


def test_the_limits_are_those_of_the_code() -> None:
    for said in (
        f"after {webhook.TOTAL_TIMEOUT_S:.0f} seconds Listener hangs up",
        f"{chat.TEXT_LIMIT:,} characters",
        f"within {chat.READ_TIMEOUT_S:.0f} seconds",
        f"for {channels.STALE.total_seconds() / 3600:.0f} hours",
        f"every {outbox.PAUSE.total_seconds() / 60:.0f} minutes",
    ):
        assert said in PAGE.replace("\n", " "), said


@pytest.mark.parametrize(
    "url",
    [
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#crisis",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        "mmosts://chat.brand.example/3ccdd113474722377935511fc85d3dd4",
    ],
)
def test_addresses_of_well_known_chats_are_known(url: str) -> None:
    assert len(plugin_of("channel x", url)) == 1
