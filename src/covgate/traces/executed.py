"""What the contexts of a recording executed, packed as the store keeps it."""

from __future__ import annotations

import zlib
from array import array
from base64 import b64decode
from collections import defaultdict
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.traces.spool import MeasuredFile, Process

Packed = dict[str, bytes]


class Executed:
    """Lines and arcs by context; many tests run the same, so that nothing is packed twice."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._files = {number: _File(file) for number, file in process.files.items()}

    def of(self, contexts: Iterable[int]) -> tuple[Packed, Packed]:
        """Return the lines and the arcs that some contexts executed, by path."""
        ran: dict[int, set[int]] = defaultdict(set)
        whole: dict[int, tuple[str, str]] = {}
        for number in contexts:
            for file, kind, data in self._process.contexts[number].ran:
                if file in whole or file in ran:
                    if file in whole:
                        ran[file].update(_numbers(*whole.pop(file)))
                    ran[file].update(_numbers(kind, data))
                else:
                    whole[file] = (kind, data)
        lines: Packed = {}
        arcs: Packed = {}
        packed = {file: self._files[file].packed(*one) for file, one in whole.items()}
        packed.update((file, self._files[file].pack(found)) for file, found in ran.items())
        for file, (its_lines, its_arcs) in packed.items():
            path = self._files[file].path
            lines[path] = its_lines
            if its_arcs is not None:
                arcs[path] = its_arcs
        return lines, arcs


class _File:
    def __init__(self, file: MeasuredFile) -> None:
        self.path = file.path
        self._known: dict[tuple[str, str], tuple[bytes, bytes | None]] = {}
        values = file.values
        self._bits = [_bits(value) for value in values]
        self._has_arcs = bool(values) and not isinstance(values[0], int)
        # Arcs are kept in order: a place in it for each number, and the arc of each place.
        order = sorted(range(len(values)), key=values.__getitem__) if self._has_arcs else []
        self._place = {number: place for place, number in enumerate(order)}
        self._arc = [array("i", values[number]).tobytes() for number in order]

    def packed(self, kind: str, data: str) -> tuple[bytes, bytes | None]:
        """Return the lines, and the arcs where there are any, of what one context ran."""
        found = self._known.get((kind, data))
        if found is None:
            found = self._known[kind, data] = self.pack(_numbers(kind, data))
        return found

    def pack(self, numbers: Iterable[int]) -> tuple[bytes, bytes | None]:
        """Return the lines, and the arcs where there are any, of some numbers."""
        numbers = list(numbers)
        bits = reduce(or_, map(self._bits.__getitem__, numbers), 0)
        lines = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
        if not self._has_arcs:
            return lines, None
        places = sorted(map(self._place.__getitem__, numbers))
        return lines, zlib.compress(b"".join(map(self._arc.__getitem__, places)), 1)


def _bits(value: Any) -> int:
    """Return the lines of a value as a bit field; negative numbers stand for entry and exit."""
    ends = (value,) if isinstance(value, int) else value
    return reduce(or_, (1 << line for line in ends if line > 0), 0)


def _numbers(kind: str, data: str) -> array[int]:
    return array(kind, b64decode(data))
