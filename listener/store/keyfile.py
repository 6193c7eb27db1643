"""The key under which people are pseudonymised: a file beside the store that only its owner can read."""

import hashlib
import hmac
import os
import secrets
import unicodedata
from pathlib import Path

from listener.errors import StoreError

KEY_BYTES = 32
VOICE_DIGITS = 16


def key_path(store: Path) -> Path:
    """data/listener.db → data/listener.key"""
    return store.with_suffix(".key")


def make_key(path: Path) -> None:
    """Write a new random key, readable by the owner only, unless there is one. Call it under the store's write lock.

    The file appears whole or not at all: it is written under another name and then linked to its own, which fails
    where one stands already.
    """
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first: its key holds
    except OSError as error:
        raise StoreError(f"{path}: the key file cannot be written: {error}") from error
    finally:
        draft.unlink(missing_ok=True)


def read_key(path: Path) -> bytes:
    """The key.

    Raises:
        StoreError: the file is missing or damaged; says what is lost with it.
    """
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError as error:
        raise StoreError(
            f"{path} is missing: it is the key that ties people's posts to their earlier ones. Put it back from your "
            "backup. Without it this store can still be read (read_only), but nobody can be recognised or forgotten "
            "by name any more; to go on without it, begin a new store"
        ) from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} is no key file ({error}); put it back from your backup") from error
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path} should hold {2 * KEY_BYTES} hex digits; put it back from your backup")
    return key


def voice_of(key: bytes, platform: str, author: str) -> str:
    """16 hex digits: HMAC-SHA-256 of platform and name; width, case and outer space do not matter (NFKC, casefold).

    64 bits: among a million voices the chance that any two meet is 3e-8.
    """
    name = unicodedata.normalize("NFKC", author).casefold().strip()
    message = f"{platform}\n{name}".encode("utf-8", "surrogatepass")
    return hmac.digest(key, message, hashlib.sha256).hex()[:VOICE_DIGITS]


def check_of(key: bytes) -> str:
    """What the store keeps of its key, to tell a wrong one."""
    return hmac.digest(key, b"listener store", hashlib.sha256).hex()[:VOICE_DIGITS]
