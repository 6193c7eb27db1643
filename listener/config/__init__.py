"""Set by people: the config folder, read once, checked whole, frozen. Whoever needs a part of it finds it here."""

from listener.config.folder import FILES, Config, load
from listener.config.main import Channel, HostPart, Mail, Main, Mute, Net, Privacy, Service, Watch
from listener.config.parts import (
    Advice,
    Brand,
    Cues,
    General,
    Lists,
    Names,
    Person,
    Playbook,
    Rule,
    SourcePart,
    Topic,
)

__all__ = [
    "FILES",
    "Advice",
    "Brand",
    "Channel",
    "Config",
    "Cues",
    "General",
    "HostPart",
    "Lists",
    "Mail",
    "Main",
    "Mute",
    "Names",
    "Net",
    "Person",
    "Playbook",
    "Privacy",
    "Rule",
    "Service",
    "SourcePart",
    "Topic",
    "Watch",
    "load",
]
