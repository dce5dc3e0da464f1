"""One stored set of inputs, taken apart for selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.traces.postings import inner

if TYPE_CHECKING:
    from collections.abc import Collection

    from covgate.impact.index import Place
    from covgate.traces.model import Input


class SetFacts:
    """What one stored set of inputs says, taken apart once."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self.entered: dict[tuple[str, str], str] = {}
        self.modules: dict[str, str] = {}
        self.changed: dict[str, str] = {}
        self.bodies: set[tuple[str, str]] = set()
        self.shared: set[tuple[str, str]] = set()
        self.under: list[tuple[int, Input, Input]] = []
        self.fixtures: set[str] = set()
        self.made: set[str] = set()
        self.own: set[tuple[str, str]] = set()
        self.packages: set[str] = set()
        self.handed: set[str] = set()
        self.flags: dict[str, Place] | None = None
        self.other_names: dict[str, frozenset[str]] | None = None
        self.mentioning: tuple[frozenset[str], dict[str, Place]] | None = None

    def add(self, identity: int, one: Input, same: Collection[str]) -> None:
        """Take in one input; `same` are modules that are as they were."""
        if one.kind == "module":
            self.modules[one.path] = one.value
            if one.path not in same:
                self.changed[one.path] = one.value
        elif one.kind == "under":
            found = inner(one)
            self.under.append((identity, one, found))
            if found.kind == "made":
                self.made.add(found.path)
        elif one.kind == "made":
            self.made.add(one.path)
        elif one.kind == "fixture":
            self.fixtures.add(one.key)
        elif one.kind == "own":
            self.own.add((one.path, one.key))
        elif one.kind == "package":
            self.packages.add(one.key)
        elif one.kind == "handed":
            self.handed.add(one.path)
        elif one.kind == "shared":
            self.shared.add((one.path, one.key))
        elif one.kind == "body":
            self.bodies.add((one.path, one.key))
