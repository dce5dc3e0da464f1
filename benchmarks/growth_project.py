"""Makes a project of any size, with the traces that its tests would leave.

The files and the git repository are real. The traces are made from the facts of the files, by the
same code as those of a recording, without running the tests: who imports whom comes from the text,
which functions a test entered is drawn (the same every time).
"""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING, NamedTuple

from choosing import changed

from covgate.change.reading import Request
from covgate.config.reading import read_settings
from covgate.gate.evidence import open_archive
from covgate.run.interpreter import find_interpreter
from covgate.source.blocks.modules import Graph, Modules, conftests, edges_of
from covgate.traces.bits import pack_lines
from covgate.traces.derived import session_hooks
from covgate.traces.model import Draft, Input, Surroundings
from covgate.traces.seen import Seen
from covgate.traces.store import WHOLE
from git import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covgate.gate.evidence import Archive

GROUP = 10  # modules that import one another
FILES = 2  # test files of a group
CORE = 5  # modules that all others import
FUNCTIONS = 8
_CONFTEST = "import pytest\n\n\n@pytest.fixture\ndef start():\n    return 1\n"


class Size(NamedTuple):
    """How many modules (a multiple of GROUP), and how many tests, evenly spread."""

    modules: int
    tests: int


def make(folder: Path, size: Size) -> None:
    """Write the project, commit it."""
    groups = size.modules // GROUP
    per_file = size.tests // (groups * FILES)
    files = {"tests/conftest.py": _CONFTEST, ".gitignore": "__pycache__\n"}
    files["pyproject.toml"] = '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n'
    files["app/__init__.py"] = files["app/core/__init__.py"] = ""
    for number in range(CORE):
        files[f"app/core/base{number}.py"] = _core(number)
    for group in range(groups):
        files[f"app/g{group:05}/__init__.py"] = ""
        for place in range(GROUP):
            files[f"app/g{group:05}/m{place}.py"] = _module(group, place)
        for file in range(FILES):
            files[f"tests/test_g{group:05}_{file}.py"] = _tests(group, file, per_file)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    repo = Repo.init(folder)
    repo.git.config("user.name", "Growth")
    repo.git.config("user.email", "growth@example.com")
    repo.git.config("gc.auto", "0")
    repo.git.add("-A")
    repo.git.commit("-q", "-m", "Begin")


def _core(number: int) -> str:
    lines = ['"""What every module uses."""', "", f"SCALE = {number + 1}", ""]
    for function in range(FUNCTIONS * 4):
        lines += ["", f"def guard{function}(value):", "    if value < 0:"]
        lines += [f"        return -value * SCALE + {function}", "    return value", ""]
    return "\n".join(lines)


def _module(group: int, place: int) -> str:
    lines = ['"""One of many modules."""', "", "import math", ""]
    lines.append(f"from app.core.base{group % CORE} import guard{group % (4 * FUNCTIONS)} as guard")
    if place:
        lines.append(f"from app.g{group:05}.m{place - 1} import step0 as below")
    lines += ["", f"LIMIT = {group * GROUP + place}", ""]
    for function in range(FUNCTIONS):
        after = " + below(value)" if place and not function else ""
        lines += ["", f"def step{function}(value):", "    total = guard(value)",
                  f"    for turn in range({function + 2}):", "        if turn % 2:",
                  "            total += math.floor(turn)", "    if total > LIMIT:",
                  f"        total -= {function}", f"    return total{after}", ""]  # fmt: skip
    lines += ["", "class Item:", "    def __init__(self, value):", "        self.value = value", "",
              "    def doubled(self):", "        return step0(self.value) * 2", ""]  # fmt: skip
    return "\n".join(lines)


def _tests(group: int, file: int, count: int) -> str:
    half = GROUP // FILES
    lines = [f"from app.g{group:05} import m{place}" for place in range(half * (file + 1))]
    for number in range(count):
        module = f"m{half * file + number % half}"
        lines += ["", "", f"def test_{number}(start):",
                  f"    assert {module}.step{number % FUNCTIONS}(start) is not None",
                  f"    assert {module}.Item(start).doubled() is not None"]  # fmt: skip
    return "\n".join([*lines, ""])


def stage_change(folder: Path, path: str, number: int) -> None:
    """Stage another body of the first function of a module."""
    file = folder / path
    text = file.read_text()
    old = "    return total" if "return total" in text else "    return value"
    begin, _, end = text.partition(old)
    file.write_text(f"{begin}    value += {number}\n{old}{end}")
    Repo(folder).git.add(path)


def record(folder: Path, env: Mapping[str, str]) -> int:
    """Store the traces of all tests; returns how many bytes the store has."""
    with changed(folder, env, Request(everything=True)) as (around, change):
        settings = read_settings(change.target)
        repo = around.repo
        python = find_interpreter(repo.top, repo.main_top, settings.python, env).python
        archive = open_archive(around, change.target, settings, python)
        with archive.store:
            change.target.read_ahead(change.target.entries)
            tracing = Tracing(archive)
            collected: dict[str, list[str]] = {WHOLE: []}
            drafts = tracing.drafts(collected)
            lines = tracing.module_lines()
            seen = Seen({p: one.blob for p, one in change.target.entries.items()})
            problem = archive.store.add(
                archive.environment, drafts, Surroundings(), lines, collected, come_upon=seen
            )
            assert problem is None, problem
    assert around.evidence_file is not None
    return around.evidence_file.stat().st_size


class Tracing:
    """Makes the traces of the tests of a tree."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        entries = archive.snapshot.entries
        self.paths = frozenset(path for path in entries if path.endswith(".py"))
        self.modules = Modules(entries, ("",))
        imports = {path: archive.facts_of(path).imports for path in self.paths}
        self.graph = Graph(edges_of(self.modules, imports))
        hooks = session_hooks(entries, archive.facts_of)
        self.session = frozenset({Input("hooks", "", "", hooks)})
        self.began = time.time()

    def drafts(self, collected: dict[str, list[str]]) -> Iterator[Draft]:
        """Yield the traces of all tests, file by file; notes the tests of each file."""
        for file in sorted(self.paths):
            if not file.startswith("tests/test_"):
                continue
            bodies = self.archive.facts_of(file).bodies
            collected[file] = [f"{file}::{body.key}" for body in bodies]
            closure = self.graph.closure(file) | {"tests/conftest.py"}
            shared = self._closure_inputs(closure)
            code = sorted(path for path in closure if path.startswith("app/g"))
            core = sorted(path for path in closure if path.startswith("app/core/base"))
            for body in bodies:
                yield self._draft(file, body.key, code, core, shared)

    def _draft(
        self, file: str, name: str, code: list[str], core: list[str], shared: frozenset[Input]
    ) -> Draft:
        chance = random.Random(f"{file}::{name}")
        own = {
            Input("own", file, name, ""),
            Input("conftests", file, "", ",".join(conftests(file, self.paths))),
            Input("fixture", "", "start", ""),
        }
        lines: dict[tuple[str, str], bytes] = {}
        code = [path for path in code if not path.endswith("__init__.py")]
        visited = chance.sample(code, min(len(code), chance.randint(5, 9)))
        for path in [file, "tests/conftest.py", *core, *visited]:
            bodies = self.archive.facts_of(path).bodies
            if path == file:
                bodies = tuple(body for body in bodies if body.key == name)
            elif path in core:
                bodies = tuple(chance.sample(bodies, 1))
            elif path in visited:
                bodies = tuple(chance.sample(bodies, chance.randint(3, 6)))
            own |= {Input("body", path, body.key, body.hash) for body in bodies}
            ran = [line for body in bodies for line in range(body.start, body.end + 1)]
            lines[path, self.archive.tree.blob(path)] = pack_lines(ran)
        return Draft(
            f"{file}::{name}", file, "passed", 0.001, self.began,
            (frozenset(own), shared, self.session), lines,
        )  # fmt: skip

    def _closure_inputs(self, closure: frozenset[str]) -> frozenset[Input]:
        found: set[Input] = set()
        for path in closure:
            found.add(Input("module", path, "", self.archive.tree.blob(path)))
            for item in self.archive.facts_of(path).imports:
                for name in self.modules.candidates(item, path):
                    place = ",".join(self.modules.place(name))
                    top = name.partition(".")[0]
                    found.add(Input("name", "", name if place or top == "app" else top, place))
            for body in self.archive.facts_of(path).bodies:
                if path.startswith("app/core/") and body.key == "guard0":
                    value = json.dumps(Input("body", path, body.key, body.hash))
                    found.add(Input("under", path, "SCALE", value))
        return frozenset(found)

    def module_lines(self) -> dict[tuple[str, str], frozenset[int]]:
        """Return the lines that run on import, by path and blob."""
        return {
            (path, self.archive.tree.blob(path)): frozenset(
                unit.line for unit in self.archive.facts_of(path).units
            )
            for path in self.paths
        }
