"""The files under docs/deploy: what can be held against the tree and the machine without installing anything."""

import configparser
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from listener.config.main import Mail
from listener.deliver.mail import check
from tests.helpers_docs import DOCS, ROOT
from tests.test_docs_commands import known

DEPLOY = DOCS / "deploy"
UNIT = (DEPLOY / "listener.service").read_text("utf-8")
RUNNING = (DOCS / "running.md").read_text("utf-8")


def unit() -> dict[str, dict[str, str]]:
    read = configparser.ConfigParser(strict=True, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    read.read_string(UNIT)
    return {name: dict(read[name]) for name in read.sections()}


def test_the_unit_says_what_the_page_says() -> None:
    service = unit()["Service"]
    assert set(unit()) == {"Unit", "Service", "Install"}
    folder = service["WorkingDirectory"]
    assert service["ExecStart"] == f"{folder}/.venv/bin/listener run"
    assert service["ReadWritePaths"] == f"{folder}/data"
    assert service["EnvironmentFile"].lstrip("-") in RUNNING
    assert service["RestartPreventExitStatus"] == "2"
    assert float(service["TimeoutStopSec"]) > 10, "SIGTERM may take ten seconds"
    hardened = ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictNamespaces")
    assert all(service[name] == "yes" for name in hardened)
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"], service["UMask"]) == ("strict", "", "0077")


def test_systemd_finds_nothing_wrong_with_it(tmp_path: Path, need: Callable[[str, str], None]) -> None:
    """The program and its folders are not on this machine; all else is as it stands."""
    need("systemd-analyze", "systemd")
    here = tmp_path / "listener.service"
    here.write_text(UNIT.replace("/srv/listener/.venv/bin/listener", shutil.which("true") or ""), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(here)], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    here.write_text(UNIT.replace("ProtectSystem=", "ProtectSytem="), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(here)], capture_output=True, text=True, timeout=100, check=False
    )
    assert "ProtectSytem" in done.stderr, "it would have said so"


def test_secrets_are_named_and_none_is_given() -> None:
    names = set()
    for line in (DEPLOY / "listener.env").read_text("utf-8").splitlines():
        found = re.fullmatch(r"#?(LISTENER_[A-Z_]+)=", line)
        assert found or line.startswith("# "), line
        names |= {found[1]} if found else set()
    told = "".join(path.read_text("utf-8") for path in [*DOCS.glob("*.md"), *(ROOT / "config").glob("*.toml")])
    assert names
    assert all(name in told for name in names), "each is explained somewhere"


def test_cron_lines_are_cron_lines_of_commands_that_exist() -> None:
    lines = [line for line in (DEPLOY / "listener.cron").read_text("utf-8").splitlines() if line[:1] not in ("", "#")]
    jobs = [line for line in lines if not re.match(r"[A-Z]+=", line)]
    assert len(jobs) == 6
    done = set()
    for job in jobs:
        found = re.fullmatch(r"((?:[\d*/,-]+\s+){5})(\w+)\s+(.*)", job)
        assert found, job
        assert found[2] == "listener"
        syntax = subprocess.run(["sh", "-n", "-c", found[3]], capture_output=True, text=True, check=False)
        assert syntax.returncode == 0, syntax.stderr
        for command in re.findall(r"\blistener ([a-z][a-z -]*)", found[3].partition("&&")[2]):
            assert not known(command.split()), command
            done.add(command.split()[0])
    assert done >= {"gather", "watch", "send", "digest", "housekeep", "status"}


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_file_builds_on_what_is_there() -> None:
    said = instructions()
    assert {word for word, _ in said} <= {
        "FROM", "RUN", "COPY", "USER", "WORKDIR", "ENV", "VOLUME", "HEALTHCHECK", "STOPSIGNAL", "CMD",
    }  # fmt: skip
    assert said[0][0] == "FROM"
    order = [word for word, _ in said]
    assert order.index("USER") < order.index("CMD"), "it does not run as root"
    for word, rest in said:
        if word == "RUN":
            assert subprocess.run(["sh", "-n", "-c", rest], check=False).returncode == 0, rest
        if word in ("CMD", "HEALTHCHECK"):
            command = shlex.split(rest[rest.index("[") + 1 : rest.rindex("]")].replace(",", " "))
            assert command[0] == "listener"
            assert not known(command[1:])
    installs = next(rest for word, rest in said if word == "RUN" and "pip install" in rest)
    source = next(rest for word, rest in said if word == "COPY").split()[1]
    assert f"-c {source}/constraints.txt {source} " in installs
    assert (ROOT / "constraints.txt").exists()
    assert "WeasyPrint".lower() in (ROOT / "constraints.txt").read_text("utf-8").lower()
    minor = re.search(r"python:3\.(\d+)", said[0][1])
    wanted = re.search(r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert minor
    assert wanted
    assert int(minor[1]) >= int(wanted[1])


def test_the_providers_settings_are_ones_that_listener_takes() -> None:
    page = (DOCS / "mail.md").read_text("utf-8")
    table = page[page.index("### Common ones") : page.index("### So that it")]
    urls = re.findall(r"`(smtps?://[^`]+)`", table)
    assert len(urls) == 8
    for url in urls:
        mail = Mail(url=url, sender="ann@brand.example", starttls="localhost" not in url)
        wrong = check(mail, {"LISTENER_SMTP_PASSWORD": "x"})
        assert wrong == [], (url, wrong)
        port = int(url.rpartition(":")[2])
        assert (port == 465) == url.startswith("smtps://"), url


def test_the_tree_has_no_secret_in_a_config() -> None:
    for path in (ROOT / "config").glob("*.toml"):
        assert not re.search(
            r"(?im)^\s*\w*(password|secret|token)\w* *= *\"(?!LISTENER_)[^\"]+\"", path.read_text("utf-8")
        )
