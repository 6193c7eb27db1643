"""Signing in and out. Whoever has the token signs in under a name of their own; what they write carries it.

The token is made anew at every start unless LISTENER_EXPLORE_TOKEN is set, and it is what cookies are signed with: one
that leaks is withdrawn by setting another one, and with it all who are signed in.
"""

import hashlib
import secrets
import time
import unicodedata
from collections.abc import Mapping
from typing import Any

import structlog
from datasette.utils import baseconv
from datasette.utils.asgi import Response

from listener.errors import ConfigError
from listener.explore.site import Site, own_path

log = structlog.get_logger()

VARIABLE = "LISTENER_EXPLORE_TOKEN"
LEAST = 20  # characters; a cookie shows what is signed with it, so a short one could be tried out
SIGNED_IN_S = 7 * 24 * 3600
COOKIE = "ds_actor"  # Datasette's own name for it
NAME = 40
NOBODY = frozenset({"root", "listener"})  # Datasette's own administrator, and us


def token_of(environment: Mapping[str, str]) -> str:
    """The token to sign in with.

    Raises:
        ConfigError: the one in the environment is too short.
    """
    given = environment.get(VARIABLE, "").strip()
    if not given:
        return secrets.token_urlsafe(24)
    if len(given) < LEAST:
        raise ConfigError(
            f"{VARIABLE} has {len(given)} characters; it takes {LEAST} or more, for example from `openssl rand -hex 16`"
        )
    return given


def secret_of(token: str) -> str:
    """What cookies are signed with; slow to compute, so that a token is not found by trying."""
    return hashlib.scrypt(token.encode(), salt=b"listener explore", n=2**14, r=8, p=1, dklen=32).hex()


def name_of(text: str) -> str:
    """A person's name as it may stand in the history: one line, at most NAME characters; "" if it is none."""
    shown = "".join(char for char in text if not unicodedata.category(char).startswith("C"))
    name = " ".join(shown.split())[:NAME].strip()
    return "" if name.lower() in NOBODY else name


async def sign_in(site: Site, request: Any, datasette: Any) -> Response:
    """The form, and what it sends."""
    if request.method == "POST":
        sent = await request.post_vars()
        name, onward = name_of(sent.get("name", "")), own_path(sent.get("next", "/"))
        known = secrets.compare_digest(sent.get("token", "").strip().encode(), site.token.encode())
        if known and name:
            response = Response.redirect(onward)
            expires = baseconv.base62.encode(int(time.time()) + SIGNED_IN_S)
            response.set_cookie(
                COOKIE, datasette.sign({"a": {"id": name}, "e": expires}, "actor"), max_age=SIGNED_IN_S,
                httponly=True, samesite="lax", secure=site.secure,
            )  # fmt: skip
            log.info("explore_signed_in", by=name)
            return response
        log.warning("explore_sign_in_refused", token=known)
        return _form(
            site, request, sent.get("token", "") if known else "", onward, "no_name" if known else "no_token", 403
        )
    return _form(site, request, request.args.get("token") or "", own_path(request.args.get("next") or "/"), "", 200)


def _form(site: Site, request: Any, token: str, onward: str, trouble: str, status: int) -> Response:
    return site.page(
        request, "sign_in.html", "", token=token, onward=onward, trouble=trouble, status=status,
        form_token=request.scope["csrftoken"](), people=[person.name or person.id for person in site.config.people],
    )  # fmt: skip


async def sign_out(site: Site, request: Any) -> Response:
    """Takes the cookie away."""
    response = Response.redirect("/")
    if request.method == "POST":
        response.set_cookie(COOKIE, "", expires=0, max_age=0, httponly=True, samesite="lax", secure=site.secure)
    return response


async def language(site: Site, request: Any) -> Response:
    """Keeps the language that a reader chose, and leads back."""
    response = Response.redirect(own_path(request.args.get("next") or "/"))
    response.set_cookie(
        "listener_language", request.url_vars["language"], max_age=365 * 24 * 3600, httponly=True, secure=site.secure
    )
    return response
