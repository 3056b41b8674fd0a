"""All cases of a run, kept aside and made anew when they are asked for."""

import hashlib
from array import array
from collections.abc import Iterator, KeysView

from rubric_action.cases.model import Case
from rubric_action.cases.packed import packed, unpacked
from rubric_action.cases.spool import Spool
from rubric_action.errors import Place


class CaseSet:
    """The cases in the order of their files, each by its id.

    Only ids, places and slices stay in memory; the rest is in a spool that no other process can
    reach, so that an agent that rewrites the files changes nothing.
    """

    def __init__(self) -> None:
        self.warnings: tuple[str, ...] = ()
        self._spool = Spool()
        self._written = hashlib.sha256()
        self._numbers: dict[str, int] = {}
        self._files: list[str] = []
        self._places = array("Q")
        self._ruled = array("Q")
        self._slices: list[tuple[str, ...]] = []
        self._known_slices: dict[tuple[str, ...], tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Case]:
        return (self._read(number) for number in range(len(self)))

    def __contains__(self, case_id: object) -> bool:
        return case_id in self._numbers

    @property
    def ids(self) -> KeysView[str]:
        """The ids, in order."""
        return self._numbers.keys()

    @property
    def digest(self) -> str:
        """Over every case as it is written, in order: other cases, or another order, differ."""
        return f"sha256:{self._written.hexdigest()}"

    def with_rules(self) -> Iterator[Case]:
        """The cases that bring rules of their own; no other is looked at."""
        return (self._read(number) for number in self._ruled)

    def get(self, case_id: str) -> Case:
        """The case of this id; KeyError when there is none."""
        return self._read(self._numbers[case_id])

    def place(self, case_id: str) -> Place:
        """Where the case stands; KeyError when there is none."""
        return self._place(self._numbers[case_id])

    def slices_of(self, case_id: str) -> tuple[str, ...]:
        """The slices of the case, in the rubric's order; KeyError when there is none."""
        return self._slices[self._numbers[case_id]]

    def close(self) -> None:
        """Forget the cases; nothing can be read afterwards."""
        self._spool.close()

    def add(self, case: Case, written: bytes, slices: tuple[str, ...]) -> None:
        """Keep a case, with the JSON that it was read from; its id is new."""
        number = self._spool.append(packed(case))
        self._written.update(b"%d:%b" % (len(written), written))
        self._numbers[case.id] = number
        if case.rules or any(turn.rules for turn in case.turns):
            self._ruled.append(number)
        if case.place.file not in self._files[-1:]:
            self._files.append(case.place.file)
        self._places.append((len(self._files) - 1) << 32 | (case.place.line or 0))
        self._slices.append(self._known_slices.setdefault(slices, slices))

    def _place(self, number: int) -> Place:
        file, line = self._places[number] >> 32, self._places[number] & 0xFFFFFFFF
        return Place(self._files[file], line or None)

    def _read(self, number: int) -> Case:
        return unpacked(self._spool[number], self._place(number))
