"""Coverage of what one test ran for others, once that test is gone or does something else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from policy_project import messages

if TYPE_CHECKING:
    from conftest import Answered, Project

# By name of the module: what `get` remembers.
MODULES = {
    "keyed": """
_known = {}
def compute(k):
    v = k * 2
    return v
def get(k):
    if k not in _known:
        _known[k] = compute(k)
    return _known[k]
""",
    "memoizer": """
class Memoizer:
    def __init__(self):
        self._memoized = {}
    def compute(self, k):
        v = k * 2
        return v
    def __call__(self, k):
        if k not in self._memoized:
            self._memoized[k] = self.compute(k)
        return self._memoized[k]
get = Memoizer()
""",
    "cached": """
import functools
def compute(k):
    v = k * 2
    return v
@functools.lru_cache
def get(k):
    return compute(k)
""",
    "attribute": """
import functools
class Settings:
    @functools.cached_property
    def factor(self):
        v = 2
        return v
settings = Settings()
def get(k):
    return k * settings.factor
""",
    "once": """
_warned = False
def warn():
    text = "only once"
    return text
def get(k):
    global _warned
    if not _warned:
        _warned = True
        warn()
    return k * 2
""",
    "late": """
def get(k):
    from app import imported
    return imported.double(k)
""",
}
IMPORTED = (
    "X = 1\n\ndef two():\n    return 2\n\nTWO = two()\n\ndef double(k):\n    return k * TWO\n"
)
KEYED = MODULES["keyed"]
MODULES |= {"edited": KEYED, "skipped": KEYED, "collected": KEYED}


def _asks(name: str) -> str:
    return f"from app import {name}\n\n\ndef test_{name}():\n    assert {name}.get(2) == 4\n"


# What was the first test to ask each module; the second asks the same.
FIRST = {name: _asks(name) for name in MODULES}
FIRST["collected"] = (
    "from app import collected\n\nX = collected.get(2)\n\n\ndef test_x():\n    assert X\n"
)
# What becomes of it: it is gone, or does not ask any more.
AFTER: dict[str, str | None] = dict.fromkeys(MODULES)
AFTER["edited"] = "def test_edited():\n    assert True\n"
AFTER["skipped"] = (
    "import pytest\n\n\n@pytest.mark.skip(reason='slow')\n"
    + _asks("skipped").replace("from", "# from").lstrip()
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Both:
    from conftest import Project

    project = Project(tmp_path_factory.mktemp("company") / "project", clean_env)
    config = '[tool.coverage.run]\nsource = ["app"]\nbranch = true\n'
    config += "[tool.covgate.coverage-floor]\nfloor = 1\n"
    files = {"pyproject.toml": config, "app/__init__.py": "", "app/imported.py": IMPORTED}
    files |= {f"app/{name}.py": text for name, text in MODULES.items()}
    files |= {f"tests/test_a_{name}.py": text for name, text in FIRST.items()}
    files |= {f"tests/test_b_{name}.py": _asks(name) for name in MODULES}
    files["tests/test_other.py"] = "def test_other():\n    assert True\n"
    project.commit(files)
    assert project.covgate("record").code == 0
    project.stage({f"tests/test_a_{name}.py": text for name, text in AFTER.items()})
    return Both(project, project.covgate("check", "--format=json"))


class Both:
    """The coverage of a tree by covgate and by a full run."""

    def __init__(self, project: Project, answer: Answered) -> None:
        self.answer = answer
        self.given = answer.data["project_coverage"]
        run = (project.env["COVGATE_PYTHON"], "-m", "coverage")
        project.run(*run, "run", "-m", "pytest", "-q", check=True)
        project.run(*run, "json", check=True)
        whole = json.loads((project.root / "coverage.json").read_text())["files"]
        self.full = {path: one["summary"]["percent_covered"] for path, one in whole.items()}


def test_the_numbers_are_exact(both: Both) -> None:
    assert both.given is not None, messages(both.answer)
    assert both.given["exact"] is True, both.given["why"]
    assert set(both.given["files"]) == set(both.full)


@pytest.mark.parametrize("name", [*MODULES, "imported"])
def test_what_the_first_test_ran_counts_for_the_second(both: Both, name: str) -> None:
    assert both.given["files"][f"app/{name}.py"] == both.full[f"app/{name}.py"]


def test_only_those_run_that_share_what_is_remembered(both: Both) -> None:
    whys = {one["id"]: one["why"] for one in both.answer.data["tests"]["selected"]}
    assert "tests/test_other.py::test_other" not in whys
    assert "remembered" in whys["tests/test_b_keyed.py::test_keyed"]


EARLY = """\
_known = {}
def get(k):
    if k in _known:
        return _known[k]
    _known[k] = k * 2
    return _known[k]
"""
HOOKED = """\
def arrange(items):
    names = [item.name for item in items]
    if "test_second" in names:
        names.reverse()
    if len(names) > 1:
        names.sort()
    return names
"""
CONFTEST = """\
from app import hooked


def pytest_collection_modifyitems(items):
    hooked.arrange(items)
"""


def test_who_finds_it_there_is_not_guessed(empty_project: Project) -> None:
    """A test that asks second takes a way that it does not take alone."""
    project = empty_project
    config = '[tool.coverage.run]\nsource = ["app"]\n[tool.covgate.coverage-floor]\nfloor = 1\n'
    files = {"pyproject.toml": config, "app/__init__.py": "", "app/early.py": EARLY}
    files |= {"app/hooked.py": HOOKED, "tests/conftest.py": CONFTEST}
    files["tests/test_first.py"] = _asks("early").replace("def test_early", "def test_first")
    project.commit(files)
    assert project.covgate("record").code == 0
    second = _asks("early").replace("def test_early", "def test_second")
    project.stage({"tests/test_second.py": second})

    given = project.covgate("check", "--format=json").data["project_coverage"]
    assert given["exact"] is False
    assert "2 of 2 tests may run other lines now" in given["why"]
    assert "0 of 2 known tests" in project.covgate("status").out

    assert project.covgate("record").out == "recorded 2 tests; the traces of 0 others hold\n"
    both = Both(project, project.covgate("check", "--format=json"))
    assert both.given["exact"] is True
    assert both.given["files"] == both.full
    assert both.full["app/early.py"] == both.full["app/hooked.py"] == 100

    project.git("commit", "-qm", "a second test")
    for left in (".coverage", "coverage.json"):
        (project.root / left).unlink()
    project.stage({"tests/test_second.py": None})
    both = Both(project, project.covgate("check", "--format=json"))
    assert both.given["exact"] is True
    assert both.given["files"] == both.full
    assert both.full["app/early.py"] < 100 > both.full["app/hooked.py"]
