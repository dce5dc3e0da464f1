"""What is kept of a recorded test: plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    "body", "module", "whole", "file", "list", "exists", "env", "name", "package", "distribution",
    "fixture", "own", "opaque", "docs", "under", "handed", "made",
]  # fmt: skip


class Input(NamedTuple):
    """One thing that a test's outcome depended on, with the value that it had.

    kind            path              key              value
    body            file              block            hash of the block
    shared          file              block            as body; other tests ran it for this one
    module          file              ""               blob of the file
    whole, file     file              ""               blob, "" when absent
    list            folder            ""               hash of the listing
    exists          path              ""               "file", "folder" or ""
    env             ""                variable         hash of the value, "" when unset
    name            ""                module tried     files of the tree that it found
    package         ""                top-level name   signature of its files, "" when absent
    distribution    ""                name             version, "" when absent
    fixture         ""                name             ""
    own             file              name             "" (the test's function and classes)
    docs            file              ""               hash of its docstrings
    opaque          ""                reason           hash of the whole tree
    conftests       test file         ""               its conftest files
    hooks           ""                ""               what conftests do to the whole run
    made            file              ""               "" (git does not know it: a run may make it)
    under           module            unit             another input, as JSON
    handed          file              ""               "" (a library imported the module)
    """

    kind: str
    path: str
    key: str
    value: str


class Trace(NamedTuple):
    """One recorded outcome; `sets` name the sets of inputs that it depended on.

    `recording` is the run that it was made in, 0 where that is not known.
    """

    id: int
    test: str
    file: str
    environment: str
    outcome: str
    seconds: float
    at: float
    sets: tuple[int, ...]
    recording: int = 0


class Draft(NamedTuple):
    """A trace that is about to be stored; `lines` are executed lines by (path, blob).

    `arcs` are the executed arcs, where branches are measured; both as `bits` packs them.
    """

    test: str
    file: str
    outcome: str
    seconds: float
    at: float
    inputs: tuple[frozenset[Input], ...]
    lines: Mapping[tuple[str, str], bytes]
    arcs: Mapping[tuple[str, str], bytes] = {}


class Ran(NamedTuple):
    """What ran of one version of a file, as `bits` packs it; `arcs` where they are measured."""

    blob: str
    lines: bytes = b""
    arcs: bytes | None = None


class Evidence(NamedTuple):
    """All traces that may be used in one environment, newest first for each test.

    `loose` are functions among the inputs whose traces may not hold the version of the file.
    """

    traces: tuple[Trace, ...]
    sets: Mapping[int, tuple[int, ...]]
    inputs: Mapping[int, Input]
    loose: frozenset[int] = frozenset()


class Surroundings(NamedTuple):
    """What a recording saw of the world outside the tree.

    `roots` are folders of the tree on the import path, `outside` the other folders on it,
    `uses` which package refers to which, `files` the loaded files of each package.
    """

    roots: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    uses: Mapping[str, tuple[str, ...]] = {}
    files: Mapping[str, tuple[str, ...]] = {}
