"""Who speaks: names become keyed hashes before they reach a table."""

from listener.errors import StoreError
from listener.store.connection import Connection
from listener.store.keyfile import check_of, key_path, read_key, voice_of


class Voices(Connection):
    """protocol.Store.voice, and the key behind it."""

    _key: bytes | None = None

    def voice(self, platform: str, author: str) -> str:
        """See protocol.Store.voice and keyfile.voice_of.

        Behind an empty author nobody can be told from anybody else, so the caller gives the post's key instead:
        such a post is a voice of its own.

        Raises:
            StoreError: the key file is missing, or is another store's.
        """
        return voice_of(self.key(), platform, author)

    def key(self) -> bytes:
        """The store owner's key, read once."""
        if self._key is None:
            path = key_path(self.path)
            key = read_key(path)
            expected = self.read_one("SELECT value FROM meta WHERE name = 'key_check'")
            if expected is None or expected[0] != check_of(key):
                raise StoreError(f"{path} is another store's key; put the right one back from your backup")
            self._key = key
        return self._key
