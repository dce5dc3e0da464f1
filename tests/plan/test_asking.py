"""Coverage of what decides by what it remembers, when those who ask were recorded apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from policy_project import messages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Project

CONFIG = '[tool.coverage.run]\nsource = ["app"]\nbranch = true\n'
# An object of its own for each caller, which waits in a generator.
SPLITTER = """\
class Splitter:
    def __init__(self):
        self._known = {}

    def part(self, key):
        if key in self._known:
            return self._known[key]
        self._known[key] = key * 2
        return self._known[key]

    def parts(self, keys):
        for key in keys:
            yield self.part(key)
"""
OWN = (
    "from app.splitter import Splitter\n\ndef each(key):\n    yield from Splitter().parts([key])\n"
)
KNOWN = """\
class Known:
    def __init__(self, known=None):
        self._known = {} if known is None else known

    def part(self, key):
        if key in self._known:
            return self._known[key]
        self._known[key] = key * 2
        return self._known[key]
"""
# By name of the module: who shares what is remembered. Each second test finds it there.
SHARED = {
    "single": """
_one = None
def one():
    global _one
    if _one is None:
        _one = Known()
    return _one
def get(key):
    return Known().part(key) + one().part(key) - 2 * key
""",
    "given": """
KEPT = {}
def get(key):
    return Known(KEPT).part(key)
""",
    "waiting": """
def ask():
    known = Known()
    while True:
        yield known.part(2)
ANSWERS = ask()
def get(key):
    return next(ANSWERS)
""",
    "fetched": """
import functools
@functools.lru_cache
def one():
    return make()
def make(name="Known"):
    return globals()[name]()
def get(key):
    return one().part(key)
""",
}


def _asks(name: str, answer: str = "get(2) == 4", order: str = "a") -> dict[str, str]:
    asked = answer.partition("(")[0] if name != "own" else "each"
    text = f"from app.{name} import {asked}\n\n\ndef test_{name}():\n    assert {answer}\n"
    return {f"tests/test_{order}_{name}.py": text}


class Checked:
    """What a check says of a tree, and the numbers of a full run."""

    def __init__(self, project: Project, files: Mapping[str, str | None]) -> None:
        project.stage(files)
        self.answer = project.covgate("check", "--format=json")
        self.given: dict[str, Any] = self.answer.data["project_coverage"]
        run = (project.env["COVGATE_PYTHON"], "-m", "coverage")
        project.run(*run, "run", "-m", "pytest", "-q", check=True)
        project.run(*run, "json", check=True)
        whole = json.loads((project.root / "coverage.json").read_text())["files"]
        self.full = {path: one["summary"]["percent_covered"] for path, one in whole.items()}


def _project(project: Project, files: Mapping[str, str]) -> Project:
    common = {"pyproject.toml": CONFIG, "app/__init__.py": "", "tests/test_other.py": "X = 1\n"}
    project.commit({**common, **files})
    assert project.covgate("record").code == 0
    return project


HELPER = "def ready(key):\n    return key\n"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Checked:
    """Two tests ask an object each, two others one of the module; one of each runs again."""
    from conftest import Project

    project = Project(tmp_path_factory.mktemp("apart") / "project", clean_env)
    files = {"app/splitter.py": SPLITTER, "app/own.py": OWN, "app/helper.py": HELPER}
    # No test comes upon what a script keeps.
    files["tools/bench.py"] = "from app.own import each\n\nKEPT = each(1)\n"
    files["app/kept.py"] = KNOWN + "\nget = Known().part\n"
    ready = "from app.helper import ready\n"
    for name, answer in (("own", "list(each({})) == [{}]"), ("kept", "get({}) == {}")):
        files |= _asks(name, answer.format(2, 4))
        (path, text), *_ = _asks(name, answer.format("ready(3)", 6), "b").items()
        files[path] = ready + text
    _project(project, files)
    return Checked(project, {"app/helper.py": HELPER.replace("return key", "return key + 0")})


def test_objects_of_each_test_are_asked_by_nobody_else(apart: Checked) -> None:
    assert "tests/test_b_own.py::test_own" in apart.answer.ran
    assert "tests/test_a_own.py::test_own" not in apart.answer.ran


def test_who_would_stand_apart_runs_as_well(apart: Checked) -> None:
    whys = {one["id"]: one["why"] for one in apart.answer.data["tests"]["selected"]}
    assert "remembered" in whys["tests/test_a_kept.py::test_kept"]


def test_numbers_are_exact_although_recorded_apart(apart: Checked) -> None:
    assert apart.given["exact"] is True, messages(apart.answer)
    assert apart.given["files"] == apart.full
    assert apart.full["app/splitter.py"] < 100 > apart.full["app/kept.py"]


def test_what_is_shared_is_never_called_exact(empty_project: Project) -> None:
    """Each new test finds what another one filled: what both ran alone would be too little."""
    files = {
        f"app/{name}.py": (KNOWN + text).replace("Known", f"Known{name.title()}")
        for name, text in SHARED.items()
    }
    files |= {"app/splitter.py": SPLITTER, "app/own.py": OWN}
    for name in SHARED:
        files |= _asks(name)
    project = _project(empty_project, {**files, **_asks("own", "list(each(2)) == [4]")})
    second: dict[str, str] = {}
    for name in SHARED:
        second |= _asks(name, order="b")
    checked = Checked(project, {**second, **_asks("own", "list(each(2)) == [4]", "b")})
    # None of them would be, if each test found nothing.
    assert {checked.full[f"app/{name}.py"] for name in SHARED} == {100}
    assert checked.given["exact"] is False
    total = 2 * len(SHARED) + 2
    assert f"{2 * len(SHARED)} of {total} tests may run other lines" in checked.given["why"]


# By name of the module: who asks for something else than the many who asked before.
MANY = {
    "tried": """
KNOWN = {}
def get(key):
    try:
        value = KNOWN[key]
    except KeyError:
        value = KNOWN[key] = key * 2
    else:
        value = value + 0
    return value
""",
    "object": """
KNOWN = {}
class Loader:
    def __init__(self, key):
        self.key = key
    def load(self):
        if self.key in KNOWN:
            return KNOWN[self.key]
        KNOWN[self.key] = self.key * 2
        return self.key * 2
def get(key):
    return Loader(key).load()
""",
    "limit": """
LIMIT = 22
KNOWN = {}
def get(key):
    if len(KNOWN) > LIMIT:
        KNOWN.clear()
    KNOWN[object()] = key
    return key * 2
""",
}


def test_many_who_ask_do_not_tell_what_one_more_finds(project: Project) -> None:
    numbers = "@pytest.mark.parametrize('n', range(22))\n"
    each = numbers + "def test_{0}(n):\n    assert {0}.get(n) == 2 * n\n"
    imports = f"import pytest\nfrom app import {', '.join(MANY)}\n\n\n"
    files = {f"app/{name}.py": text for name, text in MANY.items()}
    many = imports + "\n\n".join(each.format(name) for name in MANY)
    _project(project, {**files, "tests/test_many.py": many})
    checked = Checked(project, {"tests/test_new.py": many.replace("range(22)", "range(2)")})
    assert checked.given["exact"] is False, messages(checked.answer)
    assert all(checked.full[path] == 100 for path in files)
