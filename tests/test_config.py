"""The config folder: what is right is read and frozen, what is wrong is told with file, line and the nearest name."""

from collections.abc import Callable
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from listener.config import FILES, Config, load
from listener.config.lines import line_of, nearest
from listener.errors import ConfigError

GOOD = {
    "listener.toml": """\
store = "data/listener.db"

[mail]
url = "file:data/outbox"

[service]
digest_at = 06:30:00
""",
    "people.toml": """\
[[person]]
id = "ann"
name = "Ann"
mail = "ann@reader.example"

[[person]]
id = "mei"
name = "美"
mail = "mei@reader.example"
language = "zh-Hant"
""",
    "brands.toml": '''\
[[brand]]
id = "wagtail"
name = { en = "Wagtail", zh-Hant = "鶺鴒" }
query = """
wagtail OR 鶺鴒   # the bird
[[brand]]
query = no key of ours: this is inside a string
"""
time_zone = "Asia/Taipei"
rivals = ["plover"]
digest_to = ["ann", "mei"]

[[brand]]
id = "plover"
query = "plover"

[brand.name]
en = "Plover"
zh-Hant = "鴴"
''',
    "sources.toml": """\
[[source]]
name = "town"
kind = "forum"
url = "https://town.example/"
brands = ["wagtail"]
every = [60, 3600]
options = { boards = ["a", "b"] }
""",
    "topics.toml": """\
version = "7"

[[topic]]
id = "outage"
kind = "complaint"
label = { en = "Outage", zh-Hant = "中斷" }
touchpoint = "network"
owner = { en = "Operations", zh-Hant = "維運" }
cues.en = [
  "is down",
  "[not a table]",
]
cues.zh = ["斷線"]
""",
    "playbook.toml": """\
version = "3"
no_answer = [{ en = "Leave it.", zh-Hant = "不必回。" }]

[general]
disclosure = { en = "Say who you are.", zh-Hant = "表明身分。" }
one_reply = { en = "One reply.", zh-Hant = "回一次。" }

[[advice]]
topic = "outage"
answer = "thread"
deadline_h = 4
basis = ["ISO 10002"]
escalate = { en = "Operations", zh-Hant = "維運" }
say = { en = "What, until when.", zh-Hant = "何事、至何時。" }
do = { en = ["Post a status."], zh-Hant = ["公告狀態。"] }
dont = { en = ["Guess."], zh-Hant = ["猜測。"] }
first_hour = { en = "Confirm.", zh-Hant = "確認。" }
no_reply_when = { en = "It is over.", zh-Hant = "已結束。" }
why = { en = "Silence reads as denial.", zh-Hant = "沉默如否認。" }
""",
}

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """`folder(file, old, new)`: the good config with one text replaced by another; the old text must be there."""

    def write(file: str = "", old: str = "", new: str = "") -> Path:
        config = tmp_path / "config"
        config.mkdir()
        for name, text in GOOD.items():
            assert name != file or old in text
            (config / name).write_text(text.replace(old, new, 1) if name == file else text, encoding="utf-8")
        return config

    return write


def refused(folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert caught.value.exit_code == 2
    return caught.value


def test_a_good_folder_is_read_whole(folder: Folder, tmp_path: Path) -> None:
    config = load(folder())
    assert isinstance(config, Config)
    assert config.store_path == tmp_path.resolve() / "data/listener.db"
    assert config.main.service.digest_at == time(6, 30)
    assert config.main.mail.max_attempts == 8
    assert config.brand("wagtail").name.get("zh-Hant") == "鶺鴒"
    assert "inside a string" in config.brand("wagtail").query
    assert config.brand("wagtail").zone.key == "Asia/Taipei"
    assert config.person("mei").language == "zh-Hant"
    assert config.topic("outage").cues.en == ("is down", "[not a table]")
    advice = config.advice("outage")
    assert advice is not None
    assert advice.do.get("en") == ("Post a status.",)
    assert config.advice("unknown") is None
    record = config.sources[0].record()
    assert (record.name, record.min_interval_s, record.max_interval_s) == ("town", 60, 3600)
    assert record.options == {"boards": ["a", "b"]}
    assert config.topics_version == "7"


@pytest.mark.parametrize("written", ['name = "Plover"', 'name.en = "Plover"', 'name = { zh-Hant = "Plover" }'])
def test_a_name_that_is_given_once_is_the_same_in_both_languages(folder: Folder, written: str) -> None:
    own = GOOD["brands.toml"]
    table = own[own.index("[brand.name]") :]
    brand = load(folder("brands.toml", f'query = "plover"\n\n{table}', f'query = "plover"\n{written}\n')).brand(
        "plover"
    )
    assert (brand.name.get("en"), brand.name.get("zh-Hant")) == ("Plover", "Plover")


def test_a_config_folder_that_is_a_file_is_told(folder: Folder) -> None:
    assert "is a file; name the folder" in str(refused(folder() / "listener.toml"))


def test_what_was_read_cannot_be_changed(folder: Folder) -> None:
    config = load(folder())
    with pytest.raises(ValidationError, match="frozen"):
        config.brand("wagtail").time_zone = "UTC"


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named_with_the_mend(folder: Folder, file: str) -> None:
    path = folder()
    (path / file).unlink()
    error = refused(path)
    assert error.path == path / file
    assert "listener init" in str(error)


# file, text, what stands there instead, line, what is said
MISTAKES = [
    ("listener.toml", "store =", "stor =", 1, "unknown key 'stor'; did you mean 'store'?"),
    ("listener.toml", "url =", "ulr =", 4, "unknown key 'ulr'; did you mean 'url'?"),
    ("listener.toml", "[mail]", "[mial]", 3, "unknown key 'mial'; did you mean 'mail'?"),
    ("listener.toml", '"data/listener.db"', "5", 1, "store: Input should be a valid string"),
    ("listener.toml", "[mail]", 'languages = ["en", 5]\n[mail]', 3, "languages.1: Input should be a valid string"),
    ("listener.toml", "[mail]", 'languages = "en"\n[mail]', 3, 'languages: Input should be a list like ["a", "b"]'),
    ("listener.toml", 'store = "data/listener.db"', "net = 3", 1, "net: Input should be a table"),
    ("listener.toml", "digest_at = 06:30:00", "digest_at = 7", 7, "write a time of day like 07:00:00"),
    ("listener.toml", "digest_at = 06:30:00", "send_every_s = 0", 7, "greater than 0"),
    ("listener.toml", "digest_at = 06:30:00", "digest_at = 06:30", 7, "not valid TOML"),
    ("listener.toml", 'url = "file:data/outbox"', "max_attempts = 0", 4, "greater than or equal to 1"),
    ("listener.toml", 'url = "file:data/outbox"', 'sender = "nobody"', 4, "'nobody' is no mail address"),
    ("people.toml", "[[person]]", "[[people]]", 1, "unknown key 'people'; known are: channel, person"),
    ("people.toml", '"mei"', '"ann"', 6, "person 'ann' stands here twice"),
    ("people.toml", '"mei"', '"Mei Ling"', 7, "'Mei Ling' should be lower-case letters"),
    ("people.toml", "mei@reader.example", "mei at reader.example", 9, "is no mail address; write one like name@"),
    ("people.toml", "mei@reader.example", "mei@b.example\\nBcc: x@y.example", 9, "is no mail address"),
    ("people.toml", "mei@reader.example", "美@reader.example", 9, "in ASCII before the @"),
    ("people.toml", '"zh-Hant"', '"zh"', 10, "Input should be 'en' or 'zh-Hant'"),
    ("people.toml", 'mail = "ann@reader.example"', "", 1, "person.0.mail is missing"),
    ("brands.toml", "Asia/Taipei", "Asia/Taipie", 9, "'Asia/Taipie' is no time zone; did you mean 'Asia/Taipei'?"),
    ("brands.toml", "Asia/Taipei", "../etc/passwd", 9, "is no time zone"),
    ("brands.toml", "Asia/Taipei", "", 9, "is no time zone"),
    ("brands.toml", '["plover"]', '["plovr"]', 10, "no brand 'plovr'; did you mean 'plover'?"),
    ("brands.toml", '"mei"]', '"may"]', 11, "no person 'may'"),
    ("brands.toml", "rivals =", "rival =", 10, "unknown key 'rival'; did you mean 'rivals'?"),
    ("brands.toml", 'id = "plover"', 'id = "wagtail"', 13, "brand 'wagtail' stands here twice"),
    ("brands.toml", 'en = "Plover"', 'fr = "Pluvier"', 18, "unknown key 'fr'"),
    ("brands.toml", 'query = "plover"', "query = 5", 15, "brand.1.query: Input should be a valid string"),
    ("brands.toml", 'query = "plover"', "retention_days = -1\nquery = 'x'", 15, "greater than or equal to 0"),
    ("sources.toml", "https://town.example/", "town.example", 4, "should begin with http:// or https://"),
    ("sources.toml", "https://town.example/", "https:///path", 4, "names no host"),
    ("sources.toml", '["wagtail"]', '["wagtial"]', 5, "no brand 'wagtial'; did you mean 'wagtail'?"),
    ("sources.toml", '"town"', '"a/b"', 2, "without ':' and '/'"),
    ("sources.toml", "[60, 3600]", "[3600, 60]", 1, "the shorter first"),
    ("sources.toml", "[60, 3600]", '[60, "x"]', 6, "every.1: Input should be a valid integer"),
    ("sources.toml", "[[source]]", "[source]", 1, "write [[source]], with two brackets"),
    ("sources.toml", "[[source]]", 'source = ["x"]\n[other]', 2, "unknown key 'other'"),
    ("topics.toml", '"complaint"', '"complain"', 5, "Input should be 'complaint'"),
    ("topics.toml", "cues.zh", "cues.zht", 13, "unknown key 'zht'; did you mean 'zh'?"),
    ("topics.toml", "version =", "versoin =", 1, "unknown key 'versoin'; did you mean 'version'?"),
    ("playbook.toml", 'version = "3"', "", 1, "version is missing"),
    ("playbook.toml", 'topic = "outage"', 'topic = "outrage"', 9, "no topic 'outrage'; did you mean 'outage'?"),
    (
        "playbook.toml",
        "deadline_h = 4",
        'deadline_h = "soon"',
        11,
        "advice.0.deadline_h: Input should be a valid number",
    ),
    ("playbook.toml", '["Guess."]', '"Guess."', 16, "advice.0.dont.en: Input should be a list"),
    ("playbook.toml", "why = {", "wy = {", 19, "unknown key 'wy'; did you mean 'why'?"),
]


@pytest.mark.parametrize(("file", "old", "new", "line", "told"), MISTAKES)
def test_a_mistake_is_told_with_file_line_and_mend(
    folder: Folder, file: str, old: str, new: str, line: int, told: str
) -> None:
    path = folder(file, old, new)
    error = refused(path)
    assert told in str(error)
    assert str(error).startswith(f"{path / file}:{line}: ")


def test_a_topic_with_two_pieces_of_advice_is_a_mistake(folder: Folder) -> None:
    advice = GOOD["playbook.toml"][GOOD["playbook.toml"].index("[[advice]]") :]
    error = refused(folder("playbook.toml", advice, advice + advice))
    assert "advice for 'outage' stands here twice" in str(error)
    assert error.line == 21


@pytest.mark.parametrize(
    ("text", "line"), [("a = \n", 1), ("a = 1\n\nb = [1,\n", 3), ("[x\n", 1), ("a = 1\na = 2\n", 2), ('a = "\x00"', 1)]
)
def test_bad_toml_is_told_with_its_line(folder: Folder, text: str, line: int) -> None:
    path = folder()
    (path / "brands.toml").write_text(text, encoding="utf-8")
    error = refused(path)
    assert (error.path, error.line) == (path / "brands.toml", line)
    assert "not valid TOML" in str(error)


def test_other_encodings_are_told_with_their_line(folder: Folder) -> None:
    path = folder()
    (path / "people.toml").write_bytes("[[person]]\nname = '鶺鴒'\n".encode("big5"))
    error = refused(path)
    assert (error.line, "UTF-8" in str(error)) == (2, True)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Folder) -> None:
    path = folder()
    text = GOOD["people.toml"]
    (path / "people.toml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load(path).person("ann").name == "Ann"
    (path / "people.toml").write_bytes(b"\xef\xbb\xbf" + text.replace("[[person]]", "[[persn]]").encode())
    assert refused(path).line == 1


def test_a_folder_in_the_place_of_a_file_and_endless_nesting_are_told(folder: Folder) -> None:
    path = folder()
    (path / "topics.toml").write_text("a = " + "[" * 5000)
    assert "nested too deeply" in str(refused(path))
    (path / "topics.toml").unlink()
    (path / "topics.toml").mkdir()
    assert "cannot be read" in str(refused(path))


def test_asking_for_an_unknown_name_tells_the_nearest(folder: Folder) -> None:
    config = load(folder())
    with pytest.raises(ConfigError, match=r"no brand 'wagtial' in brands.toml; did you mean 'wagtail'\?"):
        config.brand("wagtial")
    with pytest.raises(ConfigError, match=r"no person 'zz' in people.toml; known are: ann, mei"):
        config.person("zz")
    with pytest.raises(ConfigError, match=r"did you mean 'outage'\?"):
        config.topic("outages")


@given(st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=6), st.data())
def test_the_nth_table_is_found_whatever_stands_between(names: list[str], data: st.DataObject) -> None:
    noise = st.sampled_from(
        ["", "# [[table]]", 'x = """\n[[table]]\nkey = 1\n"""', "y = [\n  [1],\n  ['[[table]]'],\n]"]
    )
    lines: list[str] = []
    wanted: list[int] = []
    for name in names:
        lines += ["[[table]]", *data.draw(noise).split("\n"), f'key = "{name}"']
        wanted.append(len(lines))
    found = [line_of("\n".join(lines), ("table", number, "key")) for number in range(len(names))]
    assert found == wanted


@given(st.text(), st.lists(st.one_of(st.text(max_size=5), st.integers(0, 3)), max_size=4))
def test_no_text_makes_the_search_for_a_line_fail(text: str, loc: list[str | int]) -> None:
    line = line_of(text, tuple(loc))
    assert line is None or 1 <= line <= text.count("\n") + 1


def test_nearest_says_what_helps() -> None:
    assert nearest("colour", ["color", "size"]) == "; did you mean 'color'?"
    assert nearest("zzz", ["b", "a"]) == "; known are: a, b"
    assert nearest("zzz", [str(number) for number in range(13)]) == ""
    assert nearest("zzz", []) == ""
