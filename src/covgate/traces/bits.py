"""Lines and arcs as bytes: bit fields, lowest line first (as coverage keeps them), and pairs."""

from __future__ import annotations

import zlib
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def pack_lines(lines: Iterable[int]) -> bytes:
    """Return a set of line numbers as a bit field, lowest line first."""
    bits = 0
    for line in lines:
        bits |= 1 << line
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


# The bits that are set in each byte.
_BITS = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]


def unpack_lines(data: bytes) -> frozenset[int]:
    """Return the line numbers of a bit field."""
    return frozenset(
        [8 * index + bit for index, byte in enumerate(data) if byte for bit in _BITS[byte]]
    )


def lines_of(bits: int) -> frozenset[int]:
    """Return the line numbers of a bit field that is a number."""
    return unpack_lines(bits.to_bytes((bits.bit_length() + 7) // 8, "little"))


def pack_arcs(arcs: Iterable[tuple[int, int]]) -> bytes:
    """Return arcs as bytes."""
    return zlib.compress(array("i", [line for arc in sorted(arcs) for line in arc]).tobytes(), 1)


def unpack_arcs(data: bytes) -> frozenset[tuple[int, int]]:
    """Undo `pack_arcs`."""
    numbers = array("i", zlib.decompress(data))
    return frozenset(zip(numbers[::2], numbers[1::2], strict=True))
