"""The difference of two texts as `git apply` reads it."""

from collections.abc import Iterator
from difflib import unified_diff
from typing import Final

_QUOTED: Final = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
_NO_END: Final = "\\ No newline at end of file\n"


def patch(before: str, after: str, name: str) -> str:
    """A unified diff of the file `name`, a path with `/` from the root; "" where nothing differs.

    Lines end where git has them end, at line feeds only, so that the text may hold any other mark.
    """
    found = unified_diff(_lines(before), _lines(after), _header("a", name), _header("b", name))
    return "".join(_ended(line) for line in found)


def _lines(text: str) -> list[str]:
    *whole, rest = text.split("\n")
    return [*(f"{line}\n" for line in whole), *([rest] if rest else [])]


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n{_NO_END}"


def _header(side: str, name: str) -> str:
    """A name as git writes it: in quotes where it has to be, with a tab behind one with a space."""
    path = f"{side}/{name}"
    quoted = "".join(_marks(path))
    if quoted != path:
        return f'"{quoted}"'
    return f"{path}\t" if " " in path else path


def _marks(path: str) -> Iterator[str]:
    for byte in path.encode("utf-8", "surrogateescape"):
        if chr(byte) in '"\\':
            yield f"\\{chr(byte)}"
        elif byte in _QUOTED:
            yield _QUOTED[byte]
        else:
            yield chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
