"""What selection knows of one Python file: its blocks, what they bind and what they mention.

Plain values that depend on the text alone, so that they are made once per blob and cached.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from covgate.source.blocks.elsewhere import Asking, Holding

VERSION = 20


class Import(NamedTuple):
    """One imported thing: `from module import name` (name None: `import module`).

    `level` counts the leading dots. A star import has the name "*".
    """

    level: int
    module: str
    name: str | None


class Mentions(NamedTuple):
    """The names that a piece of code can reach other objects by.

    `names` are plain names that are not local to a function, `attrs` are attribute names,
    imported names and identifiers in strings that are passed to calls. `calls` are dotted names
    of what is called. `flags` say what names cannot tell: "computed" (a name is computed),
    "computed own" (of the module itself), "computed attributes" (of an object at hand), "computed
    members" (of `self`), "given attributes" (all callers in the file name it), "listing" (the
    attributes are listed of what may be a function), "doc" (docstrings are read), "lines" and
    "lineno" (line numbers are), "code" (of functions that need not run is), "opaque" (something
    reads files where nobody sees it), "autouse" (a fixture that nobody asks for). `bare` are the
    names, and dotted names, that are used as such, not only for an attribute of theirs. `files` are
    words in strings that look like the names of files, or with a "$" of environment variables (of
    their prefix, with a "*").
    """

    names: frozenset[str] = frozenset()
    attrs: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    imports: tuple[Import, ...] = ()
    flags: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


class Body(NamedTuple):
    """The body of one function or method; a nested function's body is a block of its own.

    `key` is the qualified name, with `#n` from the second of that name on. `first` is the first
    line of the code object (a decorator's, when there is one), `line` and `end` span the `def`.
    `writes` are module-level names whose objects it changes, `writes_attrs` attributes that it
    changes on objects which outlive a call. `keeps_state`: what ran beneath it may be remembered.
    """

    key: str
    first: int
    line: int
    end: int
    start: int
    hash: str
    doc_hash: str
    mentions: Mentions
    writes: frozenset[str] = frozenset()
    writes_attrs: frozenset[str] = frozenset()
    keeps_state: bool = False
    cached: bool = False


class Unit(NamedTuple):
    """One statement of a module or of a class body, function bodies left out.

    `key` identifies it across versions of the file. `owner` is the class it is a member of ("" at
    module level) and `binds` the names that it gives a value. `receivers` are names whose objects
    it may change, `fetched` those of them that it only calls a function of, `effect` says that it
    does more than bind names. `harmless` units cannot raise
    and have no effect but their binding. `described` are names, and attributes with a leading dot,
    that it mentions nowhere but in annotations which are not evaluated. `kind` is "def", "class",
    "assign", "import", "expr", "block" or "static" (not executed on import). `without_docs` and
    `without_both` are the hashes without docstrings, and without annotations besides,
    `without_defaults` those without docstrings and constants of parameters, "" for the same.
    """

    key: str
    kind: str
    owner: str
    line: int
    end: int
    hash: str
    binds: tuple[str, ...]
    mentions: Mentions
    receivers: frozenset[str] = frozenset()
    receiver_attrs: frozenset[str] = frozenset()
    effect: bool = False
    harmless: bool = False
    fetched: frozenset[str] = frozenset()
    described: frozenset[str] = frozenset()
    without_docs: str = ""
    without_both: str = ""
    without_defaults: str = ""


class ClassFacts(NamedTuple):
    """A class at module level (or nested in one): its bases, as dotted names."""

    key: str
    bases: tuple[str, ...]
    opaque: bool  # decorated, or with a metaclass or other keywords
    dataclass: bool = False  # decorated by `dataclasses.dataclass` alone


class Facts(NamedTuple):
    """All of one file. `readable` is False when this Python cannot parse it: nothing is known.

    `telling` are the functions that answer by what is remembered, `asking` those that decide by
    the answers of functions of other files, `renamed` the imported names that it knows under
    another: (name there, name here).
    """

    readable: bool
    bodies: tuple[Body, ...] = ()
    units: tuple[Unit, ...] = ()
    classes: tuple[ClassFacts, ...] = ()
    imports: tuple[Import, ...] = ()
    cached: tuple[str, ...] = ()  # names behind which results are remembered
    fixtures: tuple[str, ...] = ()  # names of pytest fixtures that it defines
    telling: tuple[str, ...] = ()
    asking: tuple[Asking, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    holding: Holding = Holding()


def to_json(facts: Facts) -> list[Any]:
    """Return `facts` as plain lists."""
    return [
        facts.readable,
        [_plain(body) for body in facts.bodies],
        [_plain(unit) for unit in facts.units],
        [list(item) for item in facts.classes],
        [list(item) for item in facts.imports],
        list(facts.cached),
        list(facts.fixtures),
        list(facts.telling),
        [_plain(one) for one in facts.asking],
        [list(pair) for pair in facts.renamed],
        _plain(facts.holding),
    ]


def from_json(raw: list[Any]) -> Facts:
    """Return the facts that `to_json` wrote."""
    readable, bodies, units, classes, imports, cached, fixtures, *elsewhere = raw
    telling, asking, renamed, holding = elsewhere
    return Facts(
        readable,
        tuple(_body(item) for item in bodies),
        tuple(_unit(item) for item in units),
        tuple(ClassFacts(key, tuple(bases), *rest) for key, bases, *rest in classes),
        tuple(Import(*item) for item in imports),
        tuple(cached),
        tuple(fixtures),
        tuple(telling),
        asking_from(asking),
        pairs_from(renamed),
        holding_from(holding),
    )


class Span(NamedTuple):
    """Where a function's body lies; the fields mean what they mean in `Body`."""

    key: str
    first: int
    line: int
    end: int
    start: int
    keeps_state: bool


def spans_of(facts: Facts) -> tuple[Span, ...]:
    """Return where the bodies of a file lie: what is asked of all files."""
    return tuple(
        Span(one.key, one.first, one.line, one.end, one.start, one.keeps_state)
        for one in facts.bodies
    )


class Memory(NamedTuple):
    """What a file says of what is remembered: a function `keeps` state; the others see `Facts`."""

    keeps: bool
    telling: tuple[str, ...] = ()
    asking: tuple[Asking, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    holding: Holding = Holding()


def memory_of(facts: Facts) -> Memory:
    """Return what the facts of a file say of what is remembered."""
    keeps = any(body.keeps_state for body in facts.bodies)
    return Memory(keeps, facts.telling, facts.asking, facts.renamed, facts.holding)


def asking_from(raw: list[Any]) -> tuple[Asking, ...]:
    """Return what plain lists say of who asks."""
    return tuple(Asking(key, answers, pairs_from(called)) for key, answers, called in raw)


def holding_from(raw: list[Any]) -> Holding:
    """Return what plain lists say of what outlives calls."""
    values, classes, changed = raw
    return Holding(pairs_from(values), pairs_from(classes), tuple(changed))


def pairs_from(raw: list[Any]) -> tuple[tuple[str, str], ...]:
    """Return pairs that were written as plain lists."""
    return tuple((one, other) for one, other in raw)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _mentions(raw: list[Any]) -> Mentions:
    names, attrs, calls, imports, flags, bare, files = raw
    return Mentions(
        frozenset(names),
        frozenset(attrs),
        frozenset(calls),
        tuple(Import(*item) for item in imports),
        frozenset(flags),
        frozenset(bare),
        frozenset(files),
    )


def _body(raw: list[Any]) -> Body:
    key, first, line, end, start, digest, doc, mentions, writes, writes_attrs, keeps, cached = raw
    return Body(
        key,
        first,
        line,
        end,
        start,
        digest,
        doc,
        _mentions(mentions),
        frozenset(writes),
        frozenset(writes_attrs),
        keeps,
        cached,
    )


def _unit(raw: list[Any]) -> Unit:
    key, kind, owner, line, end, digest, binds, mentions, names, attrs, *rest = raw
    effect, harmless, got, described, docs, both, defaults = rest
    return Unit(
        key,
        kind,
        owner,
        line,
        end,
        digest,
        tuple(binds),
        _mentions(mentions),
        frozenset(names),
        frozenset(attrs),
        effect,
        harmless,
        frozenset(got),
        frozenset(described),
        docs,
        both,
        defaults,
    )
