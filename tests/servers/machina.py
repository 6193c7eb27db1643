"""django-machina, a real forum in Django, on a free port of loopback with posts of our own. Runs as a child process.

`python -m tests.servers.machina FOLDER` sets it up in FOLDER, prints its port, serves, and takes one JSON list of posts
a line on stdin: [[board, thread, author, ISO time, text], …]; "ok" is the answer. It ends with its stdin.
"""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

Said = tuple[str, str, str, str, str]  # board, thread, author, ISO time, text

APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.staticfiles", "mptt", "haystack", "widget_tweaks", "machina",
    *(
        "machina.apps." + name
        for name in (
            "forum forum_conversation forum_conversation.forum_attachments forum_conversation.forum_polls forum_feeds"
            " forum_moderation forum_search forum_tracking forum_member forum_permission"
        ).split()
    ),
]  # fmt: skip


def _configure(folder: Path) -> None:
    import django
    from django.conf import settings
    from machina import MACHINA_MAIN_STATIC_DIR, MACHINA_MAIN_TEMPLATE_DIR

    contexts = ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"]
    contexts += ["django.contrib.messages.context_processors.messages", "machina.core.context_processors.metadata"]
    settings.configure(
        SECRET_KEY="only for a test",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
        TIME_ZONE="UTC",
        LANGUAGE_CODE="en-us",
        INSTALLED_APPS=APPS,
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "machina.apps.forum_permission.middleware.ForumPermissionMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [MACHINA_MAIN_TEMPLATE_DIR],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": contexts},
            }
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "forum.db")}},
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        CACHES={
            name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
            for name in ("default", "machina_attachments")
        },
        HAYSTACK_CONNECTIONS={"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
        STATIC_URL="/static/",
        STATICFILES_DIRS=[MACHINA_MAIN_STATIC_DIR],
        MEDIA_ROOT=str(folder / "media"),
        MACHINA_TOPIC_POSTS_NUMBER_PER_PAGE=5,
        MACHINA_FORUM_TOPICS_NUMBER_PER_PAGE=5,
    )
    django.setup()


def _urls() -> list[object]:
    from django.urls import include, path

    return [path("forum/", include("machina.urls"))]


def __getattr__(name: str) -> object:  # Django asks this module for its URLs once the settings stand
    if name == "urlpatterns":
        return _urls()
    raise AttributeError(name)


def _add(posts: Sequence[Sequence[str]]) -> None:
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from machina.apps.forum.models import Forum
    from machina.apps.forum_conversation.models import Post, Topic
    from machina.apps.forum_permission.models import ForumPermission, UserForumPermission

    with transaction.atomic():
        for board, thread, author, at, text in posts:
            forum = Forum.objects.filter(name=board).first()
            if forum is None:
                forum = Forum.objects.create(name=board, type=Forum.FORUM_POST)
                for codename in ("can_see_forum", "can_read_forum"):
                    permission = ForumPermission.objects.get(codename=codename)
                    UserForumPermission.objects.create(
                        forum=forum, permission=permission, anonymous_user=True, has_perm=True
                    )
            user, _ = get_user_model().objects.get_or_create(username=author)
            topic = Topic.objects.filter(forum=forum, subject=thread).first()
            subject = thread if topic is None else f"Re: {thread}"
            if topic is None:
                topic = Topic.objects.create(
                    forum=forum, subject=thread, poster=user, type=Topic.TOPIC_POST,
                    status=Topic.TOPIC_UNLOCKED, approved=True,
                )  # fmt: skip
            post = Post.objects.create(topic=topic, poster=user, subject=subject, content=text, approved=True)
            moment = datetime.fromisoformat(at)
            Post.objects.filter(pk=post.pk).update(created=moment, updated=moment)
            Topic.objects.filter(pk=topic.pk).update(last_post_on=moment)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # wsgiref's own name for it
        """Nobody reads it."""


class _Server(WSGIServer):
    allow_reuse_address = True


def main(folder: Path) -> None:
    """Serve until stdin ends."""
    _configure(folder)
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0, run_syncdb=True)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    for line in sys.stdin:
        _add(json.loads(line))
        print("ok", flush=True)
    server.shutdown()


class Forum:
    """The running forum as a test sees it."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self._child = child
        self.url = f"http://127.0.0.1:{int(self._line())}/forum/"

    def say(self, posts: Sequence[Said]) -> None:
        """Add posts."""
        assert self._child.stdin is not None
        self._child.stdin.write(json.dumps(posts) + "\n")
        self._child.stdin.flush()
        assert self._line() == "ok"

    def _line(self) -> str:
        assert self._child.stdout is not None
        assert self._child.stderr is not None
        line = self._child.stdout.readline().strip()
        if not re.fullmatch(r"\d+|ok", line):
            raise RuntimeError(f"django-machina did not start: {line} {self._child.stderr.read()[-2000:]}")
        return line


@contextmanager
def running(folder: Path) -> Iterator[Forum]:
    """A forum in `folder`, stopped at the end of the block."""
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "tests.servers.machina", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        yield Forum(child)
    finally:
        child.communicate(timeout=20)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
