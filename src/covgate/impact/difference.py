"""What differs between two versions of a file at module and class level."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from covgate.source.blocks.facts import Facts, Unit


class UnitChange(NamedTuple):
    """One statement that was added (`old` None), removed (`new` None), changed or moved."""

    old: Unit | None
    new: Unit | None

    @property
    def unit(self) -> Unit:
        """The statement as it is now, or as it was."""
        found = self.new if self.new is not None else self.old
        assert found is not None
        return found


def unit_changes(
    old: Facts, new: Facts, unseen: Container[str] = frozenset()
) -> tuple[UnitChange, ...]:
    """Return the statements that differ, in the order of the new file.

    What differs in those whose keys are `unseen` does not count.
    """
    before = {unit.key: unit for unit in old.units}
    after = {unit.key: unit for unit in new.units}
    moved = _moved([key for key in before if key in after], [key for key in after if key in before])
    changes = [
        UnitChange(before.get(key), unit)
        for key, unit in after.items()
        if key not in before
        or (before[key].hash != unit.hash and key not in unseen)
        or key in moved
    ]
    changes += [UnitChange(unit, None) for key, unit in before.items() if key not in after]
    return tuple(changes)


def _moved(old: Sequence[str], new: Sequence[str]) -> frozenset[str]:
    """Return the keys that are not part of the longest common order of both sequences."""
    if list(old) == list(new):
        return frozenset()
    place = {key: index for index, key in enumerate(old)}
    tails: list[int] = []
    last: list[str] = []
    previous: dict[str, str | None] = {}
    for key in new:
        low, high = 0, len(tails)
        while low < high:
            middle = (low + high) // 2
            if tails[middle] < place[key]:
                low = middle + 1
            else:
                high = middle
        previous[key] = last[low - 1] if low else None
        tails[low : low + 1] = [place[key]]
        last[low : low + 1] = [key]
    kept: set[str] = set()
    key_now: str | None = last[-1] if last else None
    while key_now is not None:
        kept.add(key_now)
        key_now = previous[key_now]
    return frozenset(set(new) - kept)
