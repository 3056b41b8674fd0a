"""Where lines stand, by key, in a hundred bytes a line: a large suite has many."""

import hashlib


class Places:
    """The place of each key's newest line: offset and length, in bytes."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}

    def __len__(self) -> int:
        """How many keys there are."""
        return len(self._places)

    def note(self, key: str, offset: int, length: int) -> None:
        """A line of this key stands there; it takes the place of an earlier one."""
        self._places[_digest(key)] = offset << 32 | length

    def find(self, key: str) -> tuple[int, int] | None:
        """Offset and length of the key's line."""
        place = self._places.get(_digest(key))
        return None if place is None else (place >> 32, place & 0xFFFFFFFF)


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
