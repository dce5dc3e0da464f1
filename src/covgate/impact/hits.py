"""Whether what a change affects reaches a test: by a name, or by a look-up without one."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from covgate.impact.looking import UNSOUGHT
from covgate.impact.parametrized import taken_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.impact.index import Index, Place
    from covgate.impact.names import Spreading
    from covgate.impact.sets import SetFacts
    from covgate.impact.spread import Spread
    from covgate.traces.model import Trace


class Hits:
    """Answers for the tests of one selection.

    `spreading` gives, for the sets that make up an import closure, a propagation with nothing
    affected yet; `looks` says of the sets of a test whether it may look at parameters of others,
    `mentions` of a function that a test entered whether it came to where some names are mentioned.
    """

    def __init__(
        self,
        index: Index,
        spreading: Callable[[tuple[int, ...]], Spreading],
        looks: Callable[[list[SetFacts]], bool],
        mentions: Callable[[Trace, Place, Iterable[str]], bool],
    ) -> None:
        self.index = index
        self.looks = looks
        self._mentions = mentions
        self._spreading = spreading

    def hit(self, trace: Trace, sets: list[SetFacts], spread: Spread) -> str | None:
        """Return why what the change affects reaches a test, None when it does not."""
        return (
            self._named(trace, sets, spread)
            or self._member(trace, sets, spread)
            or self._computed(trace, sets, spread)
        )

    def _named(self, trace: Trace, sets: list[SetFacts], spread: Spread) -> str | None:
        """Return by which name a test comes upon what is affected."""
        for path, reason in spread.wide.items():
            if any(path in one.modules for one in sets):
                return reason
        for one in sets:
            for place in one.bodies & spread.bodies.keys():
                if self._comes(trace, sets, place, spread):
                    return _used(place, spread.bodies[place])
        if spread.making:
            for one in sets:
                for path in sorted(one.made):
                    return f"it uses {path}, which git does not know: {spread.making}"
        found = _own_hit(trace, {place for one in sets for place in one.own}, spread)
        if found is not None:
            return found
        found = self._parameters(trace, sets, spread)
        if found is not None:
            return found
        for one in sets:
            for name in one.fixtures & spread.fixtures.keys():
                return f"it uses the fixture {name}: {spread.fixtures[name]}"
        return None

    def _parameters(self, trace: Trace, sets: list[SetFacts], spread: Spread) -> str | None:
        """Return why a test, of whose function the parameters changed, has other values now."""
        for one in sets:
            for place in one.own & spread.parameters.keys():
                found = spread.parameters[place]
                name, own = taken_apart(trace.test)
                if name != place[1] or own not in found.kept or self.looks(sets):
                    return found.reason
        return None

    def _member(self, trace: Trace, sets: list[SetFacts], spread: Spread) -> str | None:
        """Return which function mentions an affected member of a class that the test may have."""
        for one in sets:
            for place in sorted(one.bodies & spread.members.keys()):
                if not self._comes(trace, sets, place, spread):
                    continue
                for (path, name), reason in spread.members[place].items():
                    if self._holds(trace, sets, f"{path}:{name}"):
                        return _used(place, reason)
        return None

    def _comes(self, trace: Trace, sets: list[SetFacts], place: Place, spread: Spread) -> bool:
        """Whether a function that a test entered came to what it mentions that is affected."""
        words = spread.words.get(place)
        # What others ran for the test is not among its lines.
        if not words or any(place in one.shared for one in sets):
            return True
        return self._mentions(trace, place, words)

    def _computed(self, trace: Trace, sets: list[SetFacts], spread: Spread) -> str | None:
        """Return which function that a test runs may come upon what is affected without a name."""
        names = {place: why for place, why in spread.names.items() if place[1] not in UNSOUGHT}
        if not names and not spread.attributes:
            return None
        flagged = self._flagged(sets)
        if "computed" in flagged:
            why = next(iter([*names.values(), *spread.attributes.values()]))
            return _looks_up(flagged["computed"], why)
        for (path, _), why in names.items():
            if _own(path) in flagged:
                return _looks_up(flagged[_own(path)], why)
        if "computed attributes" in flagged:
            for (path, _), why in names.items():
                if self.index.is_passed(path):
                    return _looks_up(flagged["computed attributes"], why)
        by = flagged.get("computed attributes") or flagged.get("computed members")
        for (owner, _), why in spread.attributes.items():
            if by is not None and self._holds(trace, sets, owner):
                return _looks_up(by, why)
        return None

    def _flagged(self, sets: list[SetFacts]) -> Mapping[str, Place]:
        """Return in which ways functions of a test compute names, with one function for each.

        Those that look up names of their own module have a way for each module.
        """
        found: dict[str, Place] = {}
        for one in sets:
            if one.flags is None:
                one.flags = {}
                for place in sorted(one.bodies):
                    for way in self.index.ways(*place):
                        own = way == "computed own"
                        one.flags.setdefault(_own(place[0]) if own else way, place)
            found = {**one.flags, **found}
        others = self._other_names(sets)
        for one in sets if others else ():
            for name, place in self._mentioning(one, frozenset(others)).items():
                for flag in others[name]:
                    found.setdefault(flag, place)
        return found

    def _other_names(self, sets: list[SetFacts]) -> Mapping[str, frozenset[str]]:
        """Return under which names the files of a closure know what computes names."""
        found: dict[str, frozenset[str]] = {}
        for one in sets:
            if one.other_names is None:
                one.other_names = {}
                for path in one.modules:
                    for name, flags in self.index.other_names(path).items():
                        one.other_names[name] = one.other_names.get(name, frozenset()) | flags
            for name, flags in one.other_names.items():
                found[name] = found.get(name, frozenset()) | flags
        return found

    def _mentioning(self, one: SetFacts, names: frozenset[str]) -> Mapping[str, Place]:
        """Return which of some names the functions of a set mention, with one function for each."""
        if one.mentioning is None or one.mentioning[0] != names:
            found: dict[str, Place] = {}
            for place in sorted(one.bodies):
                body = self.index.body(*place)
                for name in names & body.mentions.names if body is not None else ():
                    found.setdefault(name, place)
            one.mentioning = names, found
        return one.mentioning[1]

    def _holds(self, trace: Trace, sets: list[SetFacts], owner: str) -> bool:
        """Whether a test may have a class, or an object of it, in its hands."""
        key = (trace.id, owner)
        if key not in self._held:
            self._held[key] = self._may_hold(trace, sets, owner)
        return self._held[key]

    def _may_hold(self, trace: Trace, sets: list[SetFacts], owner: str) -> bool:
        """Return whether a test runs code of a class, or is hit as if its name were affected."""
        path, _, name = owner.partition(":")
        for one in sets:
            if any(place[0] == path and place[1].startswith(f"{name}.") for place in one.bodies):
                return True
        spread = self._holders(trace.sets[1:], owner)
        if spread is None:
            return True
        flagged = self._flagged(sets)
        if "computed" in flagged or any(_own(one) in flagged for one, _ in spread.names):
            return True
        if "computed attributes" in flagged or "computed members" in flagged:
            # It may be had by way of another computed attribute.
            if spread.attributes or any(self.index.is_passed(one) for one, _ in spread.names):
                return True
        return self._named(trace, sets, spread) is not None or any(
            one.bodies & spread.members.keys() for one in sets
        )

    def _holders(self, numbers: tuple[int, ...], owner: str) -> Spread | None:
        """Return what comes upon a class; None when there are too many classes to ask for."""
        key = (numbers, owner)
        if key not in self._held_by:
            if len(self._held_by) >= _MOST_HOLDERS:
                return None
            path, _, name = owner.partition(":")
            spreading = self._spreading(numbers)
            spreading.object_of(path, name)
            self._held_by[key] = spreading.result()
        return self._held_by[key]

    @cached_property
    def _held(self) -> dict[tuple[int, str], bool]:
        return {}

    @cached_property
    def _held_by(self) -> dict[tuple[tuple[int, ...], str], Spread]:
        return {}


def _own_hit(trace: Trace, own: set[tuple[str, str]], spread: Spread) -> str | None:
    """Return why the test's own function or class is affected."""
    method = trace.test.rpartition("::")[2].partition("[")[0]
    for path, name in own:
        if (path, name) in spread.names:
            return spread.names[path, name]
        if (f"{path}:{name}", method) in spread.attributes:
            return spread.attributes[f"{path}:{name}", method]
    return None


def _own(path: str) -> str:
    """Return the way in which functions compute names of the module at `path`."""
    return f"computed own {path}"


def _looks_up(place: Place, reason: str) -> str:
    return f"{place[1]} of {place[0]}, which it runs, looks names up by computing them: {reason}"


def _used(place: Place, reason: str) -> str:
    return f"{place[1]} of {place[0]}, which it runs, uses what changed: {reason}"


# Each costs a propagation; past these, whoever mentions the member is taken to have the class.
_MOST_HOLDERS = 64
