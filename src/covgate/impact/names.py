"""Which names a change affects, spread by mention through the code that runs on import."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from covgate.impact.circles import in_circle
from covgate.impact.classes import has_foreign_base, may_see_others
from covgate.impact.index import is_standard
from covgate.impact.looking import UNSOUGHT, Looking
from covgate.impact.making import may_make_files
from covgate.impact.moving import only_moved
from covgate.impact.reaching import only_calls, reaches_outside
from covgate.impact.spread import Spread
from covgate.impact.unseen import body_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.impact.difference import UnitChange
    from covgate.impact.index import Index, Place
    from covgate.impact.members import Appended, Users
    from covgate.source.blocks.facts import Body, Unit

# Names that pytest, Python or star imports look up by themselves.
_SPECIAL = frozenset(
    {
        "pytestmark", "pytest_plugins", "collect_ignore", "collect_ignore_glob", "__test__",
        "__getattr__", "__dir__", "__path__", "__pdoc__", "*",
    }
)  # fmt: skip


class Spreading:
    """One propagation over the files of `closure`, the import closures of some tests.

    With `surely`, the files that all of these tests import, it is told for many tests together:
    what takes long to tell apart is affected.

    Without `evaluates` nobody evaluates annotations that Python leaves alone; `passed_over` says
    whether that made a difference.
    """

    def __init__(
        self,
        index: Index,
        closure: frozenset[str],
        under: Mapping[Place, Iterable[Place]],
        surely: frozenset[str] | None = None,
        *,
        evaluates: bool = True,
        by_name_only: bool = False,
    ) -> None:
        self.index = index
        self.closure = closure
        self._surely = closure if surely is None else surely
        self.passed_over = False
        self._evaluates = evaluates
        self._under = under  # body -> (file, statement) that it ran beneath
        self._beneath: dict[Place, list[Place]] = {}
        for body, places in under.items():
            for place in places:
                self._beneath.setdefault(place, []).append(body)
        self.bodies: dict[Place, str] = {}
        self._words: dict[Place, set[str]] = defaultdict(set)
        self._whole: set[Place] = set()
        self.members: dict[Place, dict[Place, str]] = {}
        self.names: dict[Place, str] = {}
        self.attributes: dict[Place, str] = {}
        self.fixtures: dict[str, str] = {}
        self.wide: dict[str, str] = {}
        self.risky: dict[str, str] = {}
        self.making = ""
        self.units: set[tuple[str, str]] = set()
        self._objects: set[Place] = set()
        self._computed: set[str | Place] = set()
        self._imported: set[Place] = set()
        self._pending: list[tuple[str, str, Unit, str]] = []
        holding = None if by_name_only else self._holding
        self._looking = Looking(index, closure, under, holding, any_holds=surely is not None)

    def _holding(self, path: str, name: str) -> Spreading:
        """Return what comes upon the object behind a name by names alone."""
        found = Spreading(self.index, self.closure, self._under, by_name_only=True)
        found.object_of(path, name)
        return found

    def result(self) -> Spread:
        """Return what was found so far."""
        return Spread(
            self.bodies, self.members, self.names, self.attributes, self.fixtures, self.wide,
            self.risky, making=self.making, passed_over=self.passed_over,
            words={one: some for one, some in self._words.items() if one not in self._whole},
        )  # fmt: skip

    # -- entry points ------------------------------------------------------------------------------

    def change(self, path: str, changes: Iterable[UnitChange], *, handed: bool = False) -> None:
        """Start from statements of a file that differ; a library has `handed` modules."""
        for change in changes:
            if self._moved(path, change):
                continue
            for unit in (change.old, change.new):
                if unit is not None:
                    self._changed_unit(path, unit, added=change.old is None)
                    if handed and not unit.owner and unit.binds != ("__doc__",):
                        what = ", ".join(unit.binds) or "a statement"
                        why = f"{what} of {path} changed, which a library imports"
                        self.wide.setdefault(path, why)
        self.settle()

    def _moved(self, path: str, change: UnitChange) -> bool:
        """Whether a function only stands at another place: told to those who list names."""
        if not only_moved(self.index, self._under, path, change):
            return False
        owner, (name,) = change.unit.owner, change.unit.binds
        why = f"{name} of {path} moved"
        if owner:
            self.attributes.setdefault((f"{path}:{owner.partition('.')[0]}", name), why)
            self._found_member(path, owner.partition(".")[0], why)
        elif not name.startswith("test"):
            self.names.setdefault((path, name), why)
            self._found_name(path, name, why)
        return True

    def append(self, one: Appended, users: Users) -> None:
        """Start from a member that an enumeration has gained, whose `users` are those of all."""
        path, owner, name = one.path, one.owner, one.name
        self._attribute(path, owner, name, one.reason, whole=False)
        for other in users.wide:
            self.wide.setdefault(other, one.reason)
        self._whole.update(users.bodies)
        for place in users.bodies:
            self.bodies.setdefault(place, one.reason)
            body = self.index.body(*place)
            if body is None:
                self.wide.setdefault(place[0], one.reason)
            else:
                self._ran_on_import(place[0], body, one.reason)
        for other, unit in users.units:
            self._queue(other, unit, one.reason)
        self.settle()

    def default(self, path: str, unit: Unit) -> None:
        """Start from a function whose parameters default to other constants: who enters it sees."""
        body = self.index.body(path, body_of(unit))
        if body is None:
            self.wide.setdefault(path, f"{body_of(unit)} of {path} changed")
            return
        self._whole.add((path, body.key))
        self.bodies.setdefault((path, body.key), f"a default of {body.key} of {path} changed")
        self._ran_on_import(path, body, f"a default of {body.key} of {path} changed")
        self.settle()

    def unit(self, path: str, key: str, reason: str) -> None:
        """Start from a statement whose value may differ although its text is the same."""
        unit = self.index.unit(path, key)
        if unit is None:
            self.wide.setdefault(path, reason)
        else:
            self._queue(path, unit, reason)
            self.settle()

    def body(self, path: str, key: str, reason: str) -> None:
        """Start from a function body that changed: whatever ran it on import may differ."""
        for place, unit_key in self._under.get((path, key), ()):
            self.unit(place, unit_key, reason)

    # -- spreading ---------------------------------------------------------------------------------

    def _queue(self, path: str, unit: Unit, reason: str) -> None:
        if (path, unit.key) not in self.units:
            self.units.add((path, unit.key))
            self._pending.append(("unit", path, unit, reason))

    def _mentioning(self, path: str, unit: Unit, mention: str, reason: str) -> None:
        """A statement mentions what is affected, perhaps where nobody looks."""
        if mention in unit.described and not self._evaluates:
            self.passed_over = True
        else:
            self._queue(path, unit, reason)

    def settle(self) -> None:
        """Follow what is affected to its end."""
        while self._pending:
            _, path, unit, reason = self._pending.pop()
            self._affected_unit(path, unit, reason)

    def _changed_unit(self, path: str, unit: Unit, *, added: bool) -> None:
        what = ", ".join(unit.binds) or f"the statement at line {unit.line}"
        if unit.owner:
            what = f"{unit.owner}.{what}"
        reason = f"{what} of {path} changed"
        if unit.kind == "import":
            self._changed_import(path, unit, reason)
        if not unit.owner and any(
            name in _SPECIAL or name.startswith("pytest_") for name in unit.binds
        ):
            self.wide.setdefault(path, reason)
        if not unit.owner and "__all__" in unit.binds:
            for other, _ in self.index.importers(path, "*"):
                self.wide.setdefault(other, reason)
        if "autouse" in unit.mentions.flags:
            self.wide.setdefault(path, reason)
        self._affected_unit(path, unit, reason)

    def _changed_import(self, path: str, unit: Unit, reason: str) -> None:
        for item in unit.mentions.imports:
            if item.name == "*" or item.module == "__future__":
                self.wide.setdefault(path, reason)
            found = self.index.modules.imported(item, path)
            if not found and not item.level and not self._is_loaded(item.module, path):
                self.wide.setdefault(path, reason)
            for target in found:
                if in_circle(self.index, path, target):
                    self.wide.setdefault(path, f"{reason}, in a circle of imports")
                for other in self.index.graph.closure(target) - self._surely:
                    self.risky.setdefault(other, reason)
                    for inner in self.index.facts_of(other).units:
                        if inner.effect:
                            self._effects(other, inner, reason)

    def _is_loaded(self, module: str, path: str) -> bool:
        """Whether a module from outside of the tree is there anyway, whatever `path` imports."""
        if is_standard(module) or module.partition(".")[0] in ("pytest", "_pytest", "pluggy"):
            return True
        others = self.index.external_imports.get(module, set())
        return bool((others & self._surely) - {path})

    def _affected_unit(self, path: str, unit: Unit, reason: str) -> None:
        self.units.add((path, unit.key))
        if unit.kind == "static":
            return
        if not unit.harmless:
            self.risky.setdefault(path, reason)
        for name in unit.binds:
            if unit.owner:
                self._attribute(path, unit.owner, name, reason)
            else:
                self.name(path, name, reason)
        if unit.effect:
            self._effects(path, unit, reason)

    def object_of(self, path: str, name: str) -> None:
        """Start from what a name of a file stands for, with all that making it has changed."""
        for unit in self.index.binders(path, name):
            self._queue(path, unit, "")
        self.name(path, name, "")
        self.settle()

    def name(self, path: str, name: str, reason: str) -> None:
        """A module-level name of a file is affected."""
        if (path, name) in self.names:
            return
        self.names[path, name] = reason
        index = self.index
        why = _by_way(reason, name)
        passed = index.is_passed(path)
        for body in index.bodies_naming(path, name):
            self._words[path, body.key].add(name)
            self.bodies.setdefault((path, body.key), why)
            self._ran_on_import(path, body, why)
        for unit in index.units_naming(path, name):
            self._mentioning(path, unit, name, why)
        for other, body in index.bodies_with_attribute(name):
            if other in self.closure and (passed or index.sees(other, path)):
                self._words[other, body.key].add(name)
                self.bodies.setdefault((other, body.key), why)
                self._ran_on_import(other, body, why)
        for other, unit in index.units_with_attribute(name):
            if other in self.closure and (passed or index.sees(other, path)):
                self._mentioning(other, unit, f".{name}", why)
        for other, key in index.importers(path, name):
            found = index.unit(other, key)
            if other in self.closure and found is not None:
                self._import_of(other, found, name, why)
        for other, _ in index.importers(path, "*"):
            if other in self.closure and not name.startswith("__"):
                self.name(other, name, why)
        if name in index.facts_of(path).fixtures or self._is_fixture(path, name):
            self.fixtures.setdefault(name, why)
        self._found_name(path, name, why)

    def _is_fixture(self, path: str, name: str) -> bool:
        return any("fixture" in unit.mentions.attrs | unit.mentions.names
                   for unit in self.index.binders(path, name))  # fmt: skip

    def _import_of(self, path: str, unit: Unit, name: str, reason: str) -> None:
        """`from there import name`: only the names bound to it are affected."""
        if unit.kind != "import":
            self._queue(path, unit, reason)
            return
        for item, bound in zip(unit.mentions.imports, unit.binds, strict=False):
            if item.name == name:
                self.name(path, bound, reason)

    def _attribute(
        self, path: str, owner: str, name: str, reason: str, *, whole: bool = True
    ) -> None:
        """A member of a class is affected, and the class, if what makes it looks at members."""
        top = owner.partition(".")[0]
        if name == "__doc__" or not whole:
            pass  # who reads it is told by the docstrings of the file, or apart
        elif has_foreign_base(self.index, path, owner):
            # Whatever makes the class may look at all of its members.
            for unit in self.index.binders(path, top):
                self._queue(path, unit, reason)
            self.name(path, top, reason)
        elif name.startswith("__"):
            self.name(path, top, reason)
        key = (f"{path}:{top}", name)
        if key in self.attributes:
            return
        self.attributes[key] = reason
        why = _by_way(reason, f".{name}")
        for other, body in self.index.bodies_with_attribute(name):
            if other in self.closure:
                self._words[other, body.key].add(name)
                self.members.setdefault((other, body.key), {}).setdefault((path, top), why)
                self._ran_on_import(other, body, why)
        for other, unit in self.index.units_with_attribute(name):
            if other in self.closure:
                self._mentioning(other, unit, f".{name}", why)
        for unit in self.index.units_naming(path, name):
            if unit.owner and (
                unit.owner.partition(".")[0] == top or may_see_others(self.index, path, unit.owner)
            ):
                self._mentioning(path, unit, name, why)
        self._found_member(path, top, why)

    def _found_name(self, path: str, name: str, reason: str) -> None:
        """Spread to statements that come upon what is affected by computing its name.

        Those that come upon one name of a file may come upon any other.
        """
        if name not in UNSOUGHT and path not in self._computed:
            self._computed.add(path)
            for other, unit in self._looking.at_name(path):
                self._queue(other, unit, reason)

    def _found_member(self, path: str, top: str, reason: str) -> None:
        if (path, top) not in self._computed:
            self._computed.add((path, top))
            for other, unit in self._looking.at_member(path, top):
                self._queue(other, unit, reason)

    def _ran_on_import(self, path: str, body: Body, reason: str) -> None:
        if (path, body.key) in self._imported:
            return
        self._imported.add((path, body.key))
        for place, key in self._under.get((path, body.key), ()):
            unit = self.index.unit(place, key)
            if unit is None:
                self.wide.setdefault(place, reason)
            else:
                self._queue(place, unit, reason)

    # -- effects -----------------------------------------------------------------------------------

    def _effects(self, path: str, unit: Unit, reason: str) -> None:
        """What a statement may change besides the names that it binds."""
        why = _by_way(reason, f"line {unit.line} of {path}")
        if not self.making and may_make_files(unit, self._callees(path, unit)):
            self.making = why
            for one in self.index.unknown & self.closure:
                self.wide.setdefault(one, why)
        if reaches_outside(self.index, path, unit):
            self.wide.setdefault(path, why)
        for name in unit.receivers:
            if name in unit.fetched and only_calls(self.index, path, unit, name):
                continue  # what the functions change is told by their bodies
            if not self.index.is_external(path, name):
                self._object(path, name, why)
        for name in unit.receiver_attrs:
            for other in self.closure:
                if self.index.binders(other, name) and self.index.sees(path, other):
                    self._object(other, name, why)
        for place, body in self._callees(path, unit):
            for name in body.writes:
                self._object(place, name, why)
            for name in body.writes_attrs:
                self._attribute(place, body.key.partition(".")[0], name, why)

    def _object(self, path: str, name: str, reason: str) -> None:
        """The object behind a name may differ: under every name that it has."""
        if (path, name) in self._objects:
            return
        self._objects.add((path, name))
        for place, origin in self.index.definitions(path, name):
            if (place, origin) != (path, name):
                self._object(place, origin, reason)
        if self.index.binders(path, name):
            self.name(path, name, reason)

    def _callees(self, path: str, unit: Unit) -> Iterable[tuple[str, Body]]:
        """Yield the functions that a statement calls: those seen, else those that names tell."""
        seen: set[Place] = set()
        pending = list(self._beneath.get((path, unit.key), ()))
        pending += self._called(path, unit.mentions.calls | unit.mentions.names)
        while pending:
            place = pending.pop()
            if place in seen or len(seen) > 400:
                continue
            seen.add(place)
            body = self.index.body(*place)
            if body is None:
                continue
            yield place[0], body
            pending += ((place[0], inner) for inner in self.index.nested(*place))
            pending += self._called(place[0], body.mentions.calls)

    def _called(self, path: str, calls: Iterable[str]) -> list[Place]:
        return [place for called in calls for place in self.index.targets(path, called)]


def _by_way(reason: str, step: str) -> str:
    """Return what changed and the last step from there; the steps between would fill pages."""
    origin = reason.partition(" (by way of ")[0]
    return origin if step.lstrip(".") in origin else f"{origin} (by way of {step})"
