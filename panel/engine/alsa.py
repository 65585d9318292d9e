"""What ALSA's sequencer tells of itself, and the one thing that rtmidi can't ask of it: to connect others to us.

It must never raise: a kernel that tells or allows less costs a connection, not the show.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
from contextlib import suppress
from typing import NamedTuple

Address = tuple[int, int]  # client, port

_SEQUENCER = "/dev/snd/seq"
# SNDRV_SEQ_IOCTL_SUBSCRIBE_PORT and its struct snd_seq_port_subscribe, from the kernel's <sound/asequencer.h>.
_SUBSCRIBE = 0x40505330
_SUBSCRIPTION = struct.Struct("=BBBBIIB3x64x")

_CLIENT = re.compile(r'^Client +(\d+) : "(.*?)" \[.*$', re.MULTILINE)
_PORT = re.compile(r'^  Port +(\d+) : "(.*?)" \(.*$', re.MULTILINE)
_CONNECTING = re.compile(r"^    Connecting To: (.*)$", re.MULTILINE)
_ADDRESS = re.compile(r"(\d+):(\d+)")
_POOL = re.compile(rb"^  \w+ pool :\n(?:    [A-Z][a-z ]+: \d+\n)+", re.MULTILINE)


class OwnClient(NamedTuple):
    """Our client in the sequencer: its number, and what its port 0 is connected to."""

    number: int
    followers: tuple[str, ...]


def without_pools(clients: bytes) -> bytes:
    """That text without the counts of messages in queues: they change with every note that a program is sent."""
    return _POOL.sub(b"", clients)


def own_client(clients: str, name: str) -> OwnClient | None:
    """The newest client of that name in the text of /proc/asound/seq/clients."""
    ours = [(number, block) for number, title, block in _blocks(clients) if title == name]
    if not ours:
        return None
    number, block = ours[-1]
    names = _port_names(clients)
    connected = [_address(text) for line in _CONNECTING.findall(block) for text in _ADDRESS.findall(line)]
    followers = (f"{names[at]} {at[0]}:{at[1]}" for at in connected if at in names)
    return OwnClient(number, tuple(followers))


def addresses_of(followers: tuple[str, ...], clients: str) -> list[Address]:
    """Where the followers (as own_client names them) are now; those that have gone are left out."""
    names = _port_names(clients)
    by_name = {name: address for address, name in reversed(names.items())}
    found = []
    for follower in followers:
        name, _, was = follower.rpartition(" ")
        old = _address(match.groups()) if (match := _ADDRESS.fullmatch(was)) else None
        address = old if old and names.get(old) == name else by_name.get(name)
        if address is not None:
            found.append(address)
    return found


def connect(sender: Address, receiver: Address) -> None:
    """Connect a port to another, as aconnect(1) does; one that forbids it stays unconnected."""
    with suppress(OSError):
        sequencer = os.open(_SEQUENCER, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(sequencer, _SUBSCRIBE, _SUBSCRIPTION.pack(*sender, *receiver, 0, 0, 0))
        finally:
            os.close(sequencer)


def _blocks(clients: str) -> list[tuple[int, str, str]]:
    """(number, name, the lines of its ports) of each client."""
    heads = list(_CLIENT.finditer(clients))
    ends = [*(head.start() for head in heads[1:]), len(clients)]
    return [(int(head[1]), head[2], clients[head.end() : end]) for head, end in zip(heads, ends, strict=False)]


def _port_names(clients: str) -> dict[Address, str]:
    """ "client:port" by address, as rtmidi names them."""
    blocks = _blocks(clients)
    return {(n, int(port)): f"{title}:{name}" for n, title, block in blocks for port, name in _PORT.findall(block)}


def _address(pair: tuple[str, ...]) -> Address:
    return int(pair[0]), int(pair[1])
