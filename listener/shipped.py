"""Where the files that travel with Listener are: inside the wheel, or in the checkout that this is run from."""

from pathlib import Path

from listener.errors import ListenerError

_HERE = Path(__file__).parent


def shipped(name: str) -> Path:
    """The folder `config` or `demo` as it came with this installation.

    Raises:
        ListenerError: the installation is not whole.
    """
    wheel = _HERE / "share" / name
    checkout = _HERE.parent / {"config": "config", "demo": "data/demo"}[name]
    for folder in (wheel, checkout):
        if folder.is_dir():
            return folder
    raise ListenerError(f"{wheel} is missing: this installation of Listener is not whole; install it again")
