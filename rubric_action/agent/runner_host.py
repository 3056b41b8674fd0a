"""The runner, as a container action sees it: `localhost` is the container, the gateway the runner.

GitHub starts a container action on a bridge of its own. What an earlier step started on the
runner is reached at the bridge's gateway, if it listens there.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

_MARKS: Final = (".dockerenv", "run/.containerenv")
_UP_AND_GATEWAY: Final = 0x1 | 0x2
_COLUMNS: Final = 8
_DEFAULT: Final = "00000000"


def default_gateway(routes: str) -> str | None:
    """The gateway of the default route, by the text of Linux' `/proc/net/route`; None without.

    Of several the one with the lowest metric counts, as in the kernel.
    """
    found: list[tuple[int, str]] = []
    for line in routes.splitlines()[1:]:
        row = line.split()
        if len(row) < _COLUMNS or (row[1], row[7]) != (_DEFAULT, _DEFAULT):
            continue
        try:
            gateway, flags, metric = int(row[2], 16), int(row[3], 16), int(row[6])
            raw = gateway.to_bytes(4, "little")
        except (ValueError, OverflowError):
            continue
        if flags & _UP_AND_GATEWAY == _UP_AND_GATEWAY:
            found.append((metric, str(IPv4Address(raw))))
    return min(found)[1] if found else None


def runner_host(environ: Mapping[str, str], root: Path = Path("/")) -> str | None:
    """The runner's address, where we are in a container that GitHub started; None elsewhere.

    `root` is the root of the file system that tells.
    """
    contained = any((root / mark).exists() for mark in _MARKS)
    if environ.get("GITHUB_ACTIONS") != "true" or not contained:
        return None
    try:
        routes = (root / "proc/net/route").read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    return default_gateway(routes)
