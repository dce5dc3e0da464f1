"""The short way of choosing tests says what looking at all traces says, whatever happened."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covgate.change.snapshot import SUBMODULE_MODE, MemorySnapshot
from covgate.impact import spreads, touched
from covgate.impact.comparing import Comparing
from covgate.impact.evidence import select
from covgate.impact.index import Index
from covgate.impact.target import Now
from covgate.source.blocks.facts import Facts
from covgate.source.blocks.modules import conftests
from covgate.source.blocks.units import read
from covgate.traces.bits import pack_lines
from covgate.traces.derived import docs_of, session_hooks
from covgate.traces.model import Draft, Evidence, Input, Surroundings
from covgate.traces.postings import Backwards
from covgate.traces.store import DAMAGE, Store
from covgate.traces.values import OutsideValues, TreeValues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODULES = [f"app/{name}.py" for name in "abcdefgh"]
TESTS = [f"tests/test_{name}.py" for name in "abcdefgh"]
FILES = (
    "app/__init__.py", *MODULES, "src/d.py", "conftest.py", "tests/conftest.py", *TESTS,
    "data/x.txt", "data/y.txt",
)  # fmt: skip
PARTS = {
    "imports": [
        "", "", "", "import app.b", "from app.c import two", "import d", "import os",
        "import app.z", "from .z import one",
    ],
    "constant": ["LIMIT = 1", "LIMIT = 1", "LIMIT = 1", "LIMIT = 2"],
    "one": [f"def one():\n    return {value}" for value in ("LIMIT", "other()", "3", "4", "5")],
    "two": [f"def two():\n    if LIMIT:\n        return {value}" for value in "123456"],
    "more": ["", "", "", "def other():\n    return 1", "class Box:\n    size = LIMIT"],
    "hooks": ["", "", "", "", "def pytest_configure():\n    pass", "def pytest_itemcollected():\n    pass"],
    "tests": ["\n\n".join(f"def test_{n}():\n    assert one()" for n in range(many)) for many in (2, 3, 3)],
}  # fmt: skip
ADDED = ("os.py", "app/two/x.py", "src/app/b.py", "more/z.py", "made.py")
ENV = "environment"
GONE = Facts(readable=False)


class World:
    """A tree that is edited, with a store that grows: all by chance, the same every time."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.store = Store(None)
        self.modes: dict[str, str] = {}
        self.roots = ("src", "app:more")
        self.texts: dict[str, bytes] = {}
        self.files: dict[str, str] = {}
        self.parts: dict[str, dict[str, str]] = {}
        self.environ = {"HOW": "so"}
        self.moment = 0.0
        self.hidden = set(self.chance.sample(MODULES, 3))
        for path in FILES:
            self.edit(path)

    def edit(self, path: str) -> None:
        """Write another version of one part of a file; versions come back again and again."""
        parts = self.parts.setdefault(path, {})
        known = PARTS if path.endswith(".py") else {"text": ["0", "1", "2"]}
        wanted = [self.chance.choice([*known, *["one", "two"] * 3])] if parts else [*known]
        for part in wanted:
            if part in known:
                parts[part] = self.chance.choice(known[part])
        if "conftest" not in path:
            parts.pop("hooks", None)
        if "/test_" not in path:
            parts.pop("tests", None)
        self.files[path] = "\n\n".join(parts.values())

    @property
    def snapshot(self) -> MemorySnapshot:
        found = MemorySnapshot(self.files)
        for path, entry in found.entries.items():
            self.texts[entry.blob] = self.files[path].encode()
        found.entries = {
            path: entry._replace(mode=self.modes.get(path, entry.mode))
            for path, entry in found.entries.items()
        }
        return found

    def facts_of(self, snapshot: MemorySnapshot, path: str) -> Facts:
        entry = snapshot.entries.get(path)
        return self.store.facts(entry.blob, lambda: snapshot.read(path)) if entry else GONE

    def now(self) -> Now:
        snapshot = self.snapshot
        surroundings = self.store.surroundings(ENV)
        return Now(
            TreeValues(snapshot),
            OutsideValues(self.environ, surroundings),
            lambda path: self.facts_of(snapshot, path),
            lambda blob: read(self.texts[blob]) if blob in self.texts else None,
            surroundings.roots,
            self.texts.get,
            self.store.lines_of_path,
            self.store.alignments.align,
        )

    def record(self) -> None:
        """Store traces of some tests of the present tree."""
        drafts = [one for one in self.drafts() if self.chance.random() < 0.6]
        problem = self.store.add(ENV, drafts, Surroundings(self.roots), {}, {})
        assert problem is None

    def drafts(self) -> Iterator[Draft]:
        now = self.now()
        paths = frozenset(path for path in self.files if path.endswith(".py"))
        index = Index(now.tree.snapshot.entries, now.roots, now.facts_of)
        session = frozenset({Input("hooks", "", "", session_hooks(self.files, now.facts_of))})
        for file in sorted(path for path in paths if "/test_" in path):
            roots = {file, *conftests(file, paths)}
            tested = file.replace("tests/test_", "app/")
            if tested in paths:
                roots.add(tested)
            closure = frozenset().union(*(index.graph.closure(path) for path in roots))
            shared = frozenset(self.closure_inputs(now, index, closure))
            for body in now.facts_of(file).bodies:
                if body.key.startswith("test_"):
                    yield self.draft(now, file, body.key, closure, (shared, session), paths)

    def closure_inputs(self, now: Now, index: Index, closure: frozenset[str]) -> Iterator[Input]:
        for path in sorted(closure):
            # What is missing makes bodies loose.
            if path not in self.hidden or self.chance.random() < 0.3:
                yield Input("module", path, "", now.tree.blob(path))
            for item in now.facts_of(path).imports:
                for name in index.modules.candidates(item, path):
                    yield Input("name", "", name, ",".join(index.modules.place(name)))
            for body in now.facts_of(path).bodies:
                if self.chance.random() < 0.05:
                    value = json.dumps(Input("body", path, body.key, body.hash))
                    yield Input("under", self.chance.choice(sorted(closure)), "LIMIT", value)
            if self.chance.random() < 0.05:
                value = json.dumps(self.anything(now))
                yield Input("under", path, "LIMIT", value)
        if self.chance.random() < 0.1:  # imported, and git may not know it
            yield Input("module", "made.py", "", now.tree.blob("made.py"))

    def anything(self, now: Now) -> Input:
        """Return an input that is about no module."""
        path = self.chance.choice([*FILES, "data", "data/z.txt"])
        made = [
            Input("file", path, "", now.tree.file(path)),
            Input("exists", path, "", now.tree.exists(path)),
            Input("whole", path, "", now.tree.file(path)),
            Input("list", "data", "", now.tree.listing("data")),
            Input("list", "", "", now.tree.listing("")),
            Input("env", "", "HOW", now.outside.variable("HOW")),
            Input("env", "", "NOT", now.outside.variable("NOT")),
            Input("distribution", "", "nothing", now.outside.distribution("nothing")),
            Input("package", "", "nothing", now.outside.package("nothing")),
        ]
        if self.chance.random() < 0.1:
            made.append(Input("opaque", "", "why", now.tree.everything()))
        if path in self.files and path.endswith(".py"):
            made.append(Input("docs", path, "", docs_of(now.facts_of(path))))
        return self.chance.choice(made)

    def draft(
        self, now: Now, file: str, name: str, closure: frozenset[str],
        shared: tuple[frozenset[Input], ...], paths: frozenset[str],
    ) -> Draft:  # fmt: skip
        own = {
            Input("own", file, name, ""),
            Input("conftests", file, "", ",".join(conftests(file, paths))),
            Input("fixture", "", "tmp_path", ""),
        }
        lines = {}
        for path in closure:
            for body in now.facts_of(path).bodies:
                if self.chance.random() < 0.3 or (path, body.key) == (file, name):
                    kind = self.chance.choice(["body", "body", "body", "shared"])
                    own.add(Input(kind, path, body.key, body.hash))
                    ran = range(body.start, body.start + self.chance.randint(1, 2))
                    lines[path, now.tree.blob(path)] = pack_lines(ran)
        if self.chance.random() < 0.2:
            own.add(self.anything(now))
        self.moment += 1
        outcome = self.chance.choice(["passed"] * 80 + ["failed", "skipped"])
        sets = (frozenset(own), *shared)
        test = f"{file}::{name}"
        return Draft(test, file, outcome, self.moment % 7, self.moment, sets, lines)

    def happen(self) -> None:
        """Let something change."""
        what = self.chance.random()
        path = self.chance.choice(FILES)
        if what < 0.08:
            self.files.pop(path, None)
        elif what < 0.12:
            self.environ["HOW"] = self.chance.choice(["so", "else"])
        elif what < 0.18:
            self.files[self.chance.choice(ADDED)] = "LIMIT = 1\n"
        elif what < 0.24:
            path = self.chance.choice(["data/x.txt", "conftest.py"])
            self.modes[path] = self.chance.choice(["100644", "100755"])
        else:
            self.edit(path)


def looked_at(world: World, now: Now) -> Evidence:
    """Return the newest trace of each test, and those that hold nothing that is another now.

    And those that ended otherwise than the newest.
    """
    evidence = world.store.evidence(ENV)
    differs = Comparing(now.tree, now.outside, now.index).difference
    newest: dict[str, str] = {}
    kept = []
    for trace in evidence.traces:
        is_newest = trace.test not in newest
        outcome = newest.setdefault(trace.test, trace.outcome)
        inputs = (evidence.inputs[one] for number in trace.sets for one in evidence.sets[number])
        alone = [one for one in inputs if one.kind not in {"module", "under"}]
        if is_newest or trace.outcome != outcome or not any(map(differs, alone)):
            kept.append(trace)
    return evidence._replace(traces=tuple(kept))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(1, 12), st.sampled_from([0, 0, 3, 1000]))
def test_the_short_way_says_what_looking_at_everything_says(
    seed: int, steps: int, few: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(touched, "_FEW", few)
        patch.setattr(touched, "_MOST", 1.1)  # the short way, however many tests it asks for
        world = World(seed)
        world.record()
        for _ in range(steps):
            world.happen()
            short = touched.choose(world.store, ENV, world.now())
            assert short == select(looked_at(world, world.now()), world.now())
            if world.chance.random() < 0.3:
                world.record()
        world.store.close()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(1, 8))
def test_what_is_told_for_all_tests_together_leaves_none_out(seed: int, steps: int) -> None:
    world = World(seed)
    world.record()
    for _ in range(steps):
        world.happen()
        now = world.now()
        apart = select(world.store.evidence(ENV), now)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spreads, "_MOST_AFFECTED", -1)
            together = select(world.store.evidence(ENV), now)
        assert apart.run.keys() <= together.run.keys()
        assert apart.recollect.keys() <= together.recollect.keys() | {
            test.partition("::")[0] for test in together.run
        }
        if world.chance.random() < 0.3:
            world.record()
    world.store.close()


def test_a_function_without_the_version_of_its_file_is_compared() -> None:
    world = World(1)
    old, new = "def one():\n    return 1\n", "def one():\n    return 2\n"

    def record(test: str, text: str, *more: str) -> None:
        world.files["app/a.py"] = text
        now = world.now()
        (body,) = now.facts_of("app/a.py").bodies
        entered = Input("body", "app/a.py", body.key, body.hash)
        inputs = {entered, *(Input("module", p, "", now.tree.blob(p)) for p in (TESTS[0], *more))}
        draft = Draft(test, TESTS[0], "passed", 0.1, 1.0, (frozenset(inputs),), {})
        assert world.store.add(ENV, [draft], Surroundings(), {}, {}) is None

    record("t::old", old)
    record("t::new", new, "app/a.py")
    now = world.now()
    chosen = touched.choose(world.store, ENV, now)
    assert (set(chosen.run), set(chosen.reuse)) == ({"t::old"}, {"t::new"})
    assert chosen == select(world.store.evidence(ENV), now)


def test_a_flaky_test_is_known_when_a_function_differs_that_it_ran_otherwise() -> None:
    world = World(1)
    path, text = "app/a.py", "def one(x):\n    if x:\n        return 1\n    return 2\n"
    world.files[path] = text
    now = world.now()
    (body,) = now.facts_of(path).bodies
    blob = now.tree.blob(path)
    inputs = {Input("body", path, "one", body.hash), Input("module", path, "", blob)}
    inputs.add(Input("module", TESTS[0], "", now.tree.blob(TESTS[0])))
    for at, outcome in enumerate(("failed", "passed")):
        own = frozenset({Input("env", "", "NOT", now.outside.variable("NOT"))} if at else ())
        lines = {(path, blob): pack_lines([2, 4])}
        sets = (own, frozenset(inputs))
        draft = Draft("t::t", TESTS[0], outcome, 0.1, float(at), sets, lines)
        assert world.store.add(ENV, [draft], Surroundings(), {}, {}) is None
    world.files[path] = text.replace("return 1", "return 3")
    chosen = touched.choose(world.store, ENV, world.now())
    assert chosen.flaky == {"t::t"}
    assert chosen == select(world.store.evidence(ENV), world.now())


def run_after(world: World, one: Input, change: Callable[[World], object]) -> set[str]:
    """Return what must run after a change, when both ways agree, of a test with one input."""
    inputs = {one, Input("module", TESTS[0], "", world.now().tree.blob(TESTS[0]))}
    draft = Draft("t::t", TESTS[0], "passed", 0.1, 1.0, (frozenset(), frozenset(inputs)), {})
    assert world.store.add(ENV, [draft], Surroundings(world.roots), {}, {}) is None
    touched.choose(world.store, ENV, world.now())  # what it finds is kept
    change(world)
    chosen = touched.choose(world.store, ENV, world.now())
    assert chosen == select(world.store.evidence(ENV), world.now())
    return set(chosen.run)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(touched, "_FEW", -1)
    monkeypatch.setattr(touched, "_MOST", 1.1)
    made = World(1)
    made.files["more/here.py"] = ""
    yield made
    made.store.close()


def test_a_listing_tells_what_kind_of_thing_each_name_is(world: World) -> None:
    listed = Input("list", "data", "", world.now().tree.listing("data"))
    assert run_after(world, listed, lambda w: w.modes.update({"data/x.txt": SUBMODULE_MODE}))


@pytest.mark.parametrize("name", ["app.new", "/app/new"])
@pytest.mark.parametrize("beneath", [False, True], ids=["test", "import"])
def test_a_file_is_found_in_a_folder_that_a_package_adds(
    world: World, name: str, beneath: bool
) -> None:
    one = Input("name", "", name, "")
    if beneath:
        one = Input("under", TESTS[0], "?", json.dumps(one))
    assert run_after(world, one, lambda w: w.files.update({"more/new.py": ""}))


def test_a_module_that_git_does_not_know_is_never_the_same(world: World) -> None:
    one = Input("module", "made.py", "", world.now().tree.blob("made.py"))
    assert run_after(world, one, lambda w: w.edit("app/a.py"))


def test_nothing_is_kept_when_others_write_meanwhile(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Backwards.keep

    def late(backwards: Backwards, environment: str, data: bytes) -> None:
        with Store(tmp_path / "e.sqlite") as other:
            world.store = other
            world.edit(TESTS[0])
            world.record()
        keep(backwards, environment, data)

    with Store(tmp_path / "e.sqlite") as store:
        world.store = store
        world.record()
        monkeypatch.setattr(Backwards, "keep", late)
        touched.choose(store, ENV, world.now())
    monkeypatch.undo()
    with Store(tmp_path / "e.sqlite") as store:
        assert store.backwards.compared(ENV) is None
        world.store = store
        monkeypatch.setattr(touched, "_FEW", -1)
        touched.choose(store, ENV, world.now())
        assert store.backwards.compared(ENV) is not None


def test_what_has_lost_an_input_is_damaged(world: World, tmp_path: Path) -> None:
    place = tmp_path / "e.sqlite"
    with Store(place) as world.store:
        world.record()
    with closing(sqlite3.connect(place)) as db:
        db.execute("DELETE FROM input WHERE kind='body'")
        db.commit()
    with Store(place) as world.store:
        world.files.update(dict.fromkeys(MODULES, "LIMIT = 5"))
        with pytest.raises(DAMAGE):
            touched.choose(world.store, ENV, world.now())
