"""Real servers on loopback with real Usenet posts of 1993 in them, from the recipes that may stand beside the project.

It is not part of the project: LISTENER_RECIPES names it, else `../shared/recipes` is looked for, and who has neither
skips these tests. Each server is a context manager that gives its address; what a recipe starts lives in a process
group of its own, which is ended as a whole.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
BRAND_WORDS = re.compile(r"\b(?:apple|gateway|intel|saturn)s?\b", re.IGNORECASE)
# Boards that talk about the brands, about the planet and the rocket, about mail gateways, and where people of Apple
# and Intel talk about other things under their employer's name. The number: threads of it in each turn of `lay_out`.
GROUPS = {
    "rec.autos": 2,
    "comp.sys.mac.hardware": 5,
    "comp.sys.ibm.pc.hardware": 4,
    "comp.os.ms-windows.misc": 1,
    "comp.windows.x": 1,
    "misc.forsale": 1,
    "sci.space": 1,
    "sci.med": 1,
    "rec.sport.hockey": 1,
    "talk.religion.misc": 1,
}
QUOTED = re.compile(r"^[ \t]*\w{0,3}[>|:#].*$", re.MULTILINE)  # as people quoted in 1993
DAY = "1993-04-20"
THREAD = "Saturn's Pricing Policy"
START_S, STOP_S = 90, 15


@dataclass(frozen=True)
class Usenet:
    """The posts, laid out twice: a tree of raw articles GROUP/ID, and a list of threads as JSON."""

    tree: Path
    threads: Path


@dataclass(frozen=True)
class Place:
    """A running server: its address, and how somebody who joins it today answers in the thread THREAD."""

    url: str
    reply: Callable[[str, str], None]  # author, text


def recipes() -> Path:
    """The recipes folder; skips the test where there is none."""
    folder = Path(os.environ.get("LISTENER_RECIPES") or PROJECT.parent / "shared" / "recipes")
    if not (folder / "usenet_tree.py").is_file():
        pytest.skip("no recipes: the folder of real servers is not on this machine (LISTENER_RECIPES names it)")
    return folder


def missing(what: str) -> None:
    """Skip with one clear word; in CI, where everything should be there, fail."""
    if os.environ.get("LISTENER_CI"):
        pytest.fail(f"{what}: .ci/run should see to it")
    pytest.skip(what)


def need_root() -> None:
    """MariaDB's files belong to a user of its own, and only root can give them away."""
    if os.geteuid() != 0:
        missing("needs root: WordPress's database runs as the user mysql")


def lay_out(folder: Path) -> Usenet:
    """Lay the Usenet posts out in `folder`. Threads that name one of the words, brand or not, come first, and of these
    the ones that were spoken in on DAY.

    The recipes seed a forum with the first 60 threads and a blog with the first 40.
    """
    home = recipes()
    sample = home.parent / "data" / "usenet" / "en_20news_raw_sample.jsonl.gz"
    tree, threads = folder / "tree", folder / "threads.json"
    _run([sys.executable, home / "usenet_tree.py", sample, tree])
    _run([sys.executable, home / "threads.py", tree, threads, *GROUPS])
    named: dict[str, list[Any]] = {group: [] for group in GROUPS}
    rest = []
    for thread in json.loads(threads.read_text()):
        said = "\n".join([thread["title"], *(QUOTED.sub("", post["text"]) for post in thread["posts"])])
        (named[thread["group"]] if BRAND_WORDS.search(said) else rest).append(thread)
    for threads_of in named.values():
        threads_of.sort(key=lambda thread: all(DAY not in post["date"] for post in thread["posts"]))
    chosen = []
    while any(named.values()):
        for group, number in GROUPS.items():
            chosen += named[group][:number]
            del named[group][:number]
    threads.write_text(json.dumps(chosen + rest))
    return Usenet(tree, threads)


@contextmanager
def machina(usenet: Usenet) -> Iterator[Place]:
    """django-machina, a forum: 60 threads. Installs with pip; needs nothing of the system."""
    with _folder("machina") as folder:
        home, port = folder / "forum", free_port()

        def reply(author: str, text: str) -> None:
            code = (
                "import sys, django; django.setup()\n"
                "from django.contrib.auth import get_user_model\n"
                "from machina.apps.forum_conversation.models import Post, Topic\n"
                "author, title, text = sys.argv[1:]\n"
                "topic = Topic.objects.get(subject=title)\n"
                "poster = get_user_model().objects.create(username=author)\n"
                "Post.objects.create(topic=topic, poster=poster, subject='Re: ' + title, content=text, approved=True)\n"
            )
            django = {"DJANGO_SETTINGS_MODULE": "mset", "PYTHONPATH": str(home)}
            _run([sys.executable, "-c", code, author, THREAD, text], home, django)

        with _started("machina.sh", Path(sys.executable).parents[1], home, port, usenet.threads):
            yield Place(f"http://127.0.0.1:{port}/forum/", reply)


@contextmanager
def wordpress(usenet: Usenet) -> Iterator[Place]:
    """WordPress with MariaDB: 40 threads as articles with comments.

    WordPress puts ten entries into a feed unless its owner says otherwise; this owner says a thousand.
    """
    need_root()
    if not Path("/usr/share/wordpress/wp-load.php").is_file():
        missing("wordpress not installed")
    with _folder("wordpress") as folder:
        folder.chmod(0o755)
        home, port = folder / "blog", free_port()
        home.mkdir()
        home.chmod(0o777)  # the database puts its socket here, as its own user

        def reply(author: str, text: str) -> None:
            code = (
                "require $argv[1] . '/wp-load.php';"
                "$found = get_posts(['title' => $argv[3], 'post_status' => 'publish']);"
                "wp_insert_comment(['comment_post_ID' => $found[0]->ID, 'comment_author' => $argv[2],"
                "'comment_content' => $argv[4], 'comment_approved' => 1]);"
            )
            _run(["php", "-r", code, "--", home / "wp", author, THREAD, text])

        with _started("wordpress.sh", home, port, free_port(), usenet.threads):
            sql = "update wp_options set option_value='1000' where option_name='posts_per_rss'"
            _run(["mariadb", "--no-defaults", "-uroot", "-S", home / "wp.sock", "wp", "-e", sql])
            yield Place(f"http://127.0.0.1:{port}/", reply)


@contextmanager
def public_inbox(usenet: Usenet) -> Iterator[Place]:
    """public-inbox with one mail archive for each of GROUPS."""
    with _folder("inbox") as folder:
        home, port = folder / "mail", free_port()

        def reply(author: str, text: str) -> None:
            mail = EmailMessage()
            mail["From"], mail["To"] = f"{author} <{author}@reader.example>", "rec.autos@listen.test"
            mail["Subject"], mail["Date"] = f"Re: {THREAD}", format_datetime(datetime.now(UTC))
            mail["Message-ID"] = make_msgid(domain="reader.example")
            mail.set_content(text)
            # The recipe gives the archive this home, too: there the delivery finds its list of archives.
            to = {"HOME": str(home), "PI_CONFIG": str(home / "config"), "ORIGINAL_RECIPIENT": str(mail["To"])}
            _run(["public-inbox-mda"], home, to, mail.as_string())

        with _started("public_inbox.sh", "start", home, port, free_port(), usenet.tree, *GROUPS):
            yield Place(f"http://127.0.0.1:{port}/", reply)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _folder(name: str) -> Iterator[Path]:
    """A folder of its own outside of pytest's, which other users cannot enter; removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"listener-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(script: str, *arguments: object) -> Iterator[None]:
    """Run a recipe that leaves servers behind; end them, and only them, afterwards."""
    command = [str(recipes() / script), *map(str, arguments)]
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        try:
            told, _ = child.communicate(timeout=START_S)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{script} did not come up within {START_S} s")
        if child.returncode != 0:
            pytest.fail(f"{script} ended with {child.returncode}: {told[-2000:]}")
        yield
    finally:
        _end(child.pid)
        child.wait(STOP_S)
        if child.stdout is not None:
            child.stdout.close()


def _end(group: int) -> None:
    """End a process group of ours: asked first, then made to."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(group, sign)
        until = time.monotonic() + STOP_S
        while time.monotonic() < until and _alive(group):
            time.sleep(0.1)


def _alive(group: int) -> bool:
    """Is anything of the group still running? Processes that ended and wait to be collected do not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, of = stat.read_text().rpartition(")")[2].split()[:3]
            if int(of) == group and state != "Z":
                return True
    return False


def _run(
    command: Sequence[object], cwd: Path | None = None, env: Mapping[str, str] | None = None, said: str = ""
) -> None:
    done = subprocess.run(
        list(map(str, command)),
        input=said,
        capture_output=True,
        text=True,
        timeout=START_S,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    if done.returncode != 0:
        pytest.fail(f"{command[0]} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
