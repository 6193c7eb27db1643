"""Who may ask `listener explore` what: hosts, forms, tokens, cookies, and what stays closed to everybody."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from listener.errors import ConfigError, ListenerError
from listener.explore.door import LEAST, VARIABLE, name_of, secret_of, token_of
from listener.explore.guard import host_name
from listener.explore.serve import Opened, bound, is_open, open_site
from listener.explore.site import own_path
from listener.explore.speech import pick
from tests.helpers_explore import ANGRY, TOKEN, csrf, site_in, visitor


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with site_in(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200), ("127.0.0.1:8400", 200), ("LOCALHOST:9", 200), ("[::1]:8400", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example:8400", 421), ("", 421),
        ("localhost@evil.example", 421), ("evil.example/localhost", 421), ("localhost:8400 evil", 421),
    ],
)  # fmt: skip
async def test_only_names_of_ours_are_answered(opened: Opened, host: str, status: int) -> None:
    """Else a page elsewhere could read this site through its visitor's browser (DNS rebinding)."""
    async with visitor(opened) as client:
        answer = await client.get("/mentions", headers={"host": host})
    assert answer.status_code == status
    assert ("another shop" in answer.text) == (status == 200)
    assert "content-security-policy" in answer.headers


async def test_a_name_of_its_own_has_to_be_given(tmp_path: Path) -> None:
    with site_in(tmp_path, url="https://listener.brand.example") as opened:
        assert opened.sign_in_link.startswith("https://listener.brand.example/-/sign-in?token=")
        async with visitor(opened) as client:
            assert (await client.get("/desk", headers={"host": "listener.brand.example"})).status_code == 200
            assert (await client.get("/desk", headers={"host": "other.brand.example"})).status_code == 421
            page = await client.get("/-/sign-in")
            sent = {"name": "Mei", "token": TOKEN, "csrftoken": csrf(page.text)}
            answer = await client.post("/-/sign-in", data=sent)
        assert "secure" in answer.headers["set-cookie"].lower(), "over https only"


@pytest.mark.parametrize(
    ("host", "url"), [("0.0.0.0", ""), ("::", ""), ("127.0.0.1", "ftp://x"), ("127.0.0.1", "https://x/path")]
)
def test_an_open_door_without_a_name_is_refused(tmp_path: Path, host: str, url: str) -> None:
    with pytest.raises(ConfigError, match="--url"):
        open_site(tmp_path, {}, host=host, url=url)


async def test_who_has_the_token_signs_in_and_out(opened: Opened) -> None:
    async with visitor(opened, "  Mei  Lin ") as client:
        page = await client.get("/")
        assert "Mei Lin" in page.text
        cookie = next(one for one in client.cookies.jar if one.name == "ds_actor")
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert cookie.get_nonstandard_attr("SameSite") == "lax"
        assert cookie.expires is not None
        gone = await client.post("/-/sign-out", data={"csrftoken": csrf(page.text)})
        assert gone.status_code == 302
        assert "Mei Lin" not in (await client.get("/")).text


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("Mei", "wrong"),
        ("Mei", ""),
        ("", TOKEN),
        ("root", TOKEN),
        ("ROOT", TOKEN),
        ("\u202e", TOKEN),
        ("Mei", TOKEN + "x"),
    ],
)
async def test_others_do_not(opened: Opened, name: str, token: str) -> None:
    async with visitor(opened) as client:
        page = await client.get("/-/sign-in")
        answer = await client.post("/-/sign-in", data={"name": name, "token": token, "csrftoken": csrf(page.text)})
        assert answer.status_code == 403
        assert "ds_actor" not in answer.headers.get("set-cookie", "")
        if token != TOKEN:
            assert TOKEN not in answer.text


WRITES = (
    ("/desk/take-up", {"kind": "mention", "brand": "acme", "ref": ANGRY.key, "status": "closed"}),
    ("/desk/label", {"post": ANGRY.key, "brand": "acme", "feeling": "positive"}),
    ("/alerts/{alert}/acknowledge", {}),
)


async def alert_key(opened: Opened) -> str:
    found = await opened.site.desk(lambda house: house.store.alerts("acme"))
    return found[0].key


async def untouched(opened: Opened) -> bool:
    """Whether nothing was written."""

    def look(house: object) -> tuple[int, int, str]:
        store = house.store  # type: ignore[attr-defined]
        return len(store.triage_turns()), len(store.corrections()), store.alerts("acme")[0].state

    return await opened.site.desk(look) == (0, 0, "open")


@pytest.mark.parametrize(("path", "form"), WRITES)
@pytest.mark.parametrize(
    "how", ["nobody", "forged", "no token", "wrong token", "elsewhere", "other site", "get", "json"]
)
async def test_nothing_is_written_but_by_a_form_of_somebody_signed_in(
    opened: Opened, path: str, form: dict[str, str], how: str
) -> None:
    path = path.format(alert=await alert_key(opened))
    async with visitor(opened, "" if how in ("nobody", "forged") else "Mei") as client:
        token = csrf((await client.get("/-/sign-in")).text)
        headers: dict[str, str] = {}
        if how == "forged":
            client.cookies.set("ds_actor", URLSafeSerializer("guessed", "actor").dumps({"a": {"id": "Mei"}}))
        if how == "wrong token":
            token = token[:-3] + "AAA"
        if how == "elsewhere":
            headers["origin"] = "https://evil.example"
        if how == "other site":
            headers |= {"origin": "null", "sec-fetch-site": "cross-site"}
        sent = form if how == "no token" else form | {"csrftoken": token}
        if how == "get":
            answer = await client.get(path, params=sent)
        elif how == "json":
            answer = await client.post(path, content=json.dumps(form), headers={"content-type": "application/json"})
        else:
            answer = await client.post(path, data=sent, headers=headers)
    assert answer.status_code in (403, 405, 415), answer.text[:300]
    assert await untouched(opened)


@pytest.mark.parametrize(
    "path",
    [
        "/-/metadata.json", "/-/settings.json", "/-/databases.json", "/-/plugins.json", "/-/threads.json",
        "/-/versions.json", "/-/actor.json", "/-/permissions", "/-/auth-token?token=x", "/-/messages", "/-/allow-debug",
        "/-/patterns", "/-/static/app.css", "/-/logout", "/store.db", "/_internal", "/_internal.json", "/_memory",
        "/_internal/databases", "/assets/../words.toml", "/assets/%2e%2e/words.toml", "/assets//etc/passwd", "/assets/",
    ],
)  # fmt: skip
async def test_what_is_datasettes_own_stays_closed(opened: Opened, path: str) -> None:
    async with visitor(opened, "Mei") as client:
        answer = await client.get(path)
    assert answer.status_code in (403, 404)
    assert str(opened.site.config.store_path) not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_other_methods_are_not_answered(opened: Opened, method: str) -> None:
    async with visitor(opened) as client:
        assert (await client.request(method, "/mentions")).status_code == 405


async def test_a_body_that_goes_on_and_on_is_not_read(opened: Opened) -> None:
    async def endless() -> object:
        for _ in range(200):
            yield b"a=" + b"x" * 10_000 + b"&"

    async with visitor(opened, "Mei") as client:
        form = {"content-type": "application/x-www-form-urlencoded"}
        answer = await client.post("/desk/take-up", content="a=" + "x" * 100_000, headers=form)
        assert answer.status_code == 413
        answer = await client.post("/desk/take-up", content=endless(), headers=form)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-www-form-urlencoded", b"a=\xff\xfe%ff&=&&;", 400), ("multipart/form-data", b"", 415),
        ("multipart/form-data; boundary=x", b"--x\r\n", 415), ("text/plain", b"csrftoken=x", 415), ("", b"a=b", 415),
    ],
)  # fmt: skip
async def test_a_form_that_is_none_breaks_nothing(opened: Opened, kind: str, body: bytes, status: int) -> None:
    async with visitor(opened, "Mei") as client:
        answer = await client.post("/desk/take-up", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert "content-security-policy" in answer.headers


async def test_a_folder_may_be_called_anything(tmp_path: Path) -> None:
    with site_in(tmp_path / "50% off? #1 客服") as opened:
        async with visitor(opened) as client:
            for path in ("/mentions", "/store/v_daily", "/today/acme/2026-03-09"):
                assert (await client.get(path)).status_code == 200


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with bound("127.0.0.1", 0) as place, pytest.raises(ListenerError, match="--port"):
        bound("127.0.0.1", place.getsockname()[1])


async def test_a_private_site_is_read_by_who_signed_in(tmp_path: Path) -> None:
    with site_in(tmp_path, private=True) as opened:
        async with visitor(opened) as client:
            for path in (
                "/",
                "/mentions",
                "/mentions.json",
                "/thread/1",
                "/store",
                "/store/v_mentions.json",
                "/store.csv?sql=select+1",
            ):
                answer = await client.get(path)
                assert answer.status_code == 302, path
                assert answer.headers["location"].startswith("/-/sign-in?next=")
                assert "another shop" not in answer.text
        async with visitor(opened, "Mei") as client:
            assert "another shop" in (await client.get("/mentions")).text
            assert (await client.get("/store.csv?sql=select+1")).status_code == 200


async def test_the_language_is_kept_and_leads_back(opened: Opened) -> None:
    async with visitor(opened) as client:
        answer = await client.get("/-/language/zh-Hant?next=/mentions%3Fbrand%3Dacme")
        assert answer.headers["location"] == "/mentions?brand=acme"
        assert '<html lang="zh-Hant">' in (await client.get("/mentions")).text
        away = await client.get("/-/language/en?next=//evil.example/")
        assert away.headers["location"] == "/"


@given(st.text(max_size=60) | st.from_regex(r"[/\\]{0,3}(evil\.example|[a-z@:]{0,8})[/\\]?.{0,6}", fullmatch=True))
def test_nobody_is_led_elsewhere(text: str) -> None:
    path = own_path(text)
    there = httpx.URL("http://localhost/").join(path)
    assert there.host == "localhost"
    assert path.startswith("/")
    assert not re.match(r"/[/\\]", path)


@given(st.text(max_size=80))
def test_a_host_is_a_name_or_nothing(text: str) -> None:
    name = host_name(text)
    assert not set(name) & set("/@ ?#")


@given(st.text(max_size=200))
def test_a_persons_name_is_one_short_line(text: str) -> None:
    name = name_of(text)
    assert len(name) <= 40
    assert name == name.strip()
    assert name.isprintable()
    assert name.lower() not in ("root", "listener")


def test_a_token_is_made_anew_or_set() -> None:
    assert token_of({}) != token_of({})
    assert len(token_of({})) >= LEAST
    assert token_of({VARIABLE: f" {TOKEN} "}) == TOKEN
    with pytest.raises(ConfigError, match="openssl"):
        token_of({VARIABLE: "short"})
    assert secret_of(TOKEN) == secret_of(TOKEN) != secret_of(TOKEN + "x")


@pytest.mark.parametrize(
    ("host", "others"), [("127.0.0.1", False), ("::1", False), ("localhost", False), ("10.0.0.7", True), ("box", True)]
)
def test_who_can_reach_it_is_said(host: str, others: bool) -> None:
    assert is_open(host) == others


@pytest.mark.parametrize(
    ("header", "language"), [("zh-TW", "zh-Hant"), ("zh-CN,en", "zh-Hant"), ("de,en-GB;q=0.8,zh", "en"), ("", "en")]
)
def test_the_browsers_language_is_asked(header: str, language: str) -> None:
    assert pick(header) == language
