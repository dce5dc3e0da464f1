"""Which changes of a file only readers of docstrings or of annotations can notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.classes import ENUMS, PLAIN_BASES, bases_of, is_from
from covgate.source.blocks.vocabulary import ANY_SPECIAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from covgate.impact.index import Index
    from covgate.impact.sets import SetFacts
    from covgate.source.blocks.facts import Facts, Mentions, Unit

# Who reads annotations, or comes upon them among other things, mentions one of these.
_READING = frozenset(
    {
        "__annotations__", "__annotate__", "__annotate_func__", "__dict__", "__signature__",
        "__type_params__", "__dir__", "WRAPPER_ASSIGNMENTS", "annotationlib", "get_objects",
        "get_referents",
        ANY_SPECIAL,
        "classify_class_attrs", "dir", "formatannotation", "get_annotations", "get_overloads",
        "get_type_hints", "getargspec", "getfullargspec", "getmembers", "getmembers_static", "help",
        "pydoc", "render_doc", "signature", "Signature", "singledispatch", "singledispatchmethod",
        "vars",
    }
)  # fmt: skip
# Who evaluates annotations that are strings mentions one of these.
_EVALUATING = frozenset(
    {
        "get_type_hints", "get_annotations", "eval_str", "singledispatch", "singledispatchmethod",
        "ForwardRef", "evaluate_forward_ref", "_evaluate", "_eval_type",
    }
)  # fmt: skip
# Who reads what parameters default to, of a function that it does not enter.
_DEFAULTS = frozenset(
    {
        "__defaults__", "__kwdefaults__", "__signature__", "signature", "Signature", "getargspec",
        "getfullargspec", "getcallargs", "FullArgSpec", "getmembers", "getmembers_static",
        "classify_class_attrs", "__dir__", "help", "pydoc", "render_doc", "get_referents",
        ANY_SPECIAL,
    }
)  # fmt: skip
# Who calls one of these on a class, or makes one, has its annotations read. As a decorator, or as
# a base, of a class they do so for that class only, of which `Telling` knows.
_MAKING = frozenset({"dataclass", "make_dataclass", "runtime_checkable", "NamedTuple", "TypedDict"})
_DECLARING = frozenset({"class", "def", "import"})
# Who comes from a member of an enumeration to all of them mentions one of these.
_CLIMBING = frozenset(
    {
        "__class__", "__members__", "__objclass__", "_member_map_", "_member_names_",
        "_value2member_map_", "mro", "type", "__reduce_ex__", "__reduce__",
    }
)  # fmt: skip
# Installed packages that do not look at annotations of what they are given.
_BLIND = frozenset(
    {
        "_pytest", "appdirs", "asttokens", "bs4", "certifi", "chardet", "charset_normalizer",
        "colorama", "coverage", "cryptography", "dateutil", "docutils", "filelock", "freezegun",
        "git", "idna", "iniconfig", "jinja2", "lxml", "markdown", "markupsafe", "msgpack", "numpy",
        "orjson", "packaging", "platformdirs", "pluggy", "psutil", "pygments", "pytest",
        "pytest_cov", "pytest_mock", "pytz", "regex", "requests", "simplejson", "six",
        "sortedcontainers", "tabulate", "termcolor", "toml", "tomli", "tomli_w", "tomlkit", "tqdm",
        "tzdata", "ujson", "urllib3", "werkzeug", "xdist", "yaml",
    }
)  # fmt: skip
# Where one of these is loaded, it may check or change any function of the project.
_CHECKING = frozenset({"typeguard", "beartype", "jaxtyping", "enforce", "pytypes", "typical"})
# Bases of the standard library that look at no annotation and at no docstring.
_EXCEPTIONS = frozenset(
    {
        "Exception", "ArithmeticError", "IndexError", "KeyError", "LookupError",
        "NotImplementedError", "RuntimeError", "TypeError", "ValueError", "ZeroDivisionError",
    }
)  # fmt: skip
_NOTHING: frozenset[str] = frozenset()


class Unseen(NamedTuple):
    """Keys of statements in which nothing but docstrings, or annotations, are others now.

    Those of functions, in which nothing but constants are that parameters default to, are
    `defaults`.
    """

    docs: frozenset[str] = _NOTHING
    annotations: frozenset[str] = _NOTHING
    defaults: frozenset[str] = _NOTHING


class Telling:
    """Tells such changes from others."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def unseen(self, path: str, old: Facts, new: Facts) -> Unseen:
        """Return which changed statements of a file are such."""
        before = {unit.key: unit for unit in old.units}
        changed = [unit for unit in new.units if unit.kind in _TOLD and unit.key in before]
        changed = [unit for unit in changed if before[unit.key].hash != unit.hash]
        if not changed or _dataclasses(old) != _dataclasses(new):
            return Unseen()
        docs, rest, defaults = set(), set(), set()
        present = {unit.key for unit in new.units}
        keys = [unit.key for unit in new.units if unit.key in before]
        ordered = keys == [key for key in before if key in present]
        for unit in changed:
            was = before[unit.key]
            if (was.without_docs or was.hash) == (unit.without_docs or unit.hash):
                docs.add(unit.key)
            elif (was.without_both or was.hash) == (unit.without_both or unit.hash):
                rest.add(unit.key)
            elif ordered and (was.without_defaults or was.hash) == (
                unit.without_defaults or unit.hash
            ):
                if self._is_entered(path, unit):
                    defaults.add(unit.key)
        quiet = {
            unit.key for unit in changed if unit.key in docs | rest and self._is_quiet(path, unit)
        }
        return Unseen(frozenset(docs & quiet), frozenset(rest & quiet), frozenset(defaults))

    def _is_entered(self, path: str, unit: Unit) -> bool:
        """Whether a statement makes a function, and all who call that one enter it."""
        if unit.kind != "def":
            return False
        body = self._index.body(path, body_of(unit))
        again = self._index.body(path, f"{body_of(unit)}#2")
        # What remembers may answer without, and what others wrote is told by its name.
        return body is not None and again is None and not (body.cached or body.writes)

    def _is_quiet(self, path: str, unit: Unit) -> bool:
        """Whether nobody is told of a statement of a class while the class is made."""
        if unit.kind not in _TOLD:
            return False
        owner = unit.owner
        if unit.kind == "class":
            owner = f"{owner}.{unit.binds[0]}" if owner else unit.binds[0]
        return not owner or self._makes_quietly(path, owner, 0)

    def _makes_quietly(self, path: str, owner: str, depth: int) -> bool:
        index = self._index
        outer = owner.rpartition(".")[0]
        if depth > 8 or (outer and not self._makes_quietly(path, outer, depth + 1)):
            return False
        found = [one for one in index.facts_of(path).classes if one.key == owner]
        if len(found) != 1 or index.body(path, f"{owner}.__init_subclass__"):
            return False
        (one,) = found
        if one.opaque and not one.dataclass:
            return False
        return all(self._is_plain_base(path, owner, base, depth) for base in one.bases)

    def _is_plain_base(self, path: str, owner: str, base: str, depth: int) -> bool:
        index = self._index
        places = [*bases_of(index, (path, owner), base)]
        if places:
            return all(self._makes_quietly(*place, depth + 1) for place in places)
        if base in _EXCEPTIONS:
            return not index.binders(path, base) and not index.binders(path, "*")
        if base in PLAIN_BASES:
            return not base.endswith("Protocol")  # which looks at annotations of variables
        return is_from(index, path, base, "enum", ENUMS)


_TOLD = frozenset({"def", "class", "assign"})


def body_of(unit: Unit) -> str:
    """Return the key of the body of the function that a statement makes."""
    return f"{unit.owner}.{unit.binds[0]}" if unit.owner else unit.binds[0]


def _dataclasses(facts: Facts) -> set[str]:
    return {one.key for one in facts.classes if one.dataclass}


class Sight(NamedTuple):
    """What a test may look at: annotations as they are, classes of members, defaults, and so on."""

    annotations: bool
    classes: bool
    defaults: bool
    evaluates: bool = False


class Readers:
    """Which tests may read annotations; `loaded` are the packages that recordings loaded."""

    def __init__(self, index: Index, loaded: Iterable[str]) -> None:
        self._index = index
        self._checked = not _CHECKING.isdisjoint(loaded)
        self._known: dict[tuple[int, frozenset[str]], bool] = {}
        self._units: dict[tuple[str, frozenset[str]], bool] = {}

    def reads(self, numbers: Sequence[int], sets: Sequence[SetFacts]) -> bool:
        """Whether a test that depends on some sets of inputs (by number) may read annotations."""
        return self._mentions(numbers, sets, _READING)

    def climbs(self, numbers: Sequence[int], sets: Sequence[SetFacts]) -> bool:
        """Whether it may, besides, come from an object to the class of it."""
        return self._mentions(numbers, sets, _READING | _CLIMBING)

    def evaluates(self, numbers: Sequence[int], sets: Sequence[SetFacts]) -> bool:
        """Whether it may evaluate annotations that nobody else does."""
        return self._mentions(numbers, sets, _EVALUATING)

    def asks_defaults(self, numbers: Sequence[int], sets: Sequence[SetFacts]) -> bool:
        """Whether it may look at what the parameters of functions default to."""
        return self._mentions(numbers, sets, _DEFAULTS)

    def _mentions(
        self, numbers: Sequence[int], sets: Sequence[SetFacts], words: frozenset[str]
    ) -> bool:
        """Whether a test may run code that mentions one of `words`, or such code of a library.

        The last set is that of the session: packages that plugins load are told of nothing.
        """
        return (
            self._checked
            or not all(one.packages <= _BLIND for one in sets[:-1])
            or any(
                self._of_set(number, one, words) for number, one in zip(numbers, sets, strict=True)
            )
        )

    def _of_set(self, number: int, one: SetFacts, words: frozenset[str]) -> bool:
        if (number, words) not in self._known:
            index = self._index
            bodies = {*one.bodies, *((i.path, i.key) for _, _, i in one.under if i.kind == "body")}
            self._known[number, words] = any(
                body is None or _has(body.mentions, words | _MAKING)
                for body in (index.body(*place) for place in bodies)
            ) or any(self._in_units(path, words) for path in one.modules)
        return self._known[number, words]

    def _in_units(self, path: str, words: frozenset[str]) -> bool:
        """Whether a statement of a file that runs on import mentions one of `words`."""
        if (path, words) not in self._units:
            index = self._index
            self._units[path, words] = path not in index.paths or any(
                _has(unit.mentions, words if unit.kind in _DECLARING else words | _MAKING)
                for unit in index.facts_of(path).units
            )
        return self._units[path, words]


def _has(mentions: Mentions, words: frozenset[str]) -> bool:
    return not words.isdisjoint(mentions.names | mentions.attrs) or (
        "computed" in mentions.flags
        or "code" in mentions.flags
        or ("listing" in mentions.flags and "__defaults__" in words)
    )
