"""The order of the tests that run, and tests whose outcome depends on order or chance."""

from __future__ import annotations

import sqlite3
import sys
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

import pytest

import covgate.run.environment
from conftest import Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODULE = """\
def f(x):
    return x + 1


def g(x):
    return f(x) * 2


LIMIT = 7
"""


def logging_test(name: str, log: Path, body: str) -> str:
    return (
        f"import m\n\n\ndef test_{name}():\n"
        f"    with open({str(log)!r}, 'a') as stream:\n        stream.write('{name} ')\n    {body}\n"
    )


BODIES = {
    "a": "assert m.LIMIT > 5",
    "b": "assert m.LIMIT < 5",
    "c": "assert m.LIMIT > 6",
    "d": "assert m.g(1) == 4 and m.LIMIT",
}


def test_the_most_promising_files_go_first(empty_project: Project, tmp_path: Path) -> None:
    """b fails from the beginning, d runs f, and a and c depend on a constant only."""
    log = tmp_path / "log"
    files = {f"test_{n}.py": logging_test(n, log, body) for n, body in BODIES.items()}
    empty_project.commit({"m.py": MODULE, **files}, "base")
    empty_project.covgate("record")
    assert log.read_text() == "a b c d "
    log.write_text("")
    edited = MODULE.replace("x + 1", "1 + x").replace("LIMIT = 7", "LIMIT = 8")
    empty_project.stage({"m.py": edited})
    answer = empty_project.check()
    assert answer.data["tests"]["failed"] == ["test_b.py::test_b"]
    assert log.read_text().startswith("b d a c ")


STATE = "KNOWN = {}\n\n\ndef f(x):\n    return x + KNOWN.get('step', 0)\n"


@pytest.fixture(scope="module")
def dependent(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Project:
    """A recorded project whose second test needs what the first leaves behind."""
    files = {
        "m.py": STATE,
        "test_a.py": "from m import KNOWN\n\n\ndef test_a():\n    KNOWN['step'] = 1\n",
        "test_b.py": "from m import f\n\n\ndef test_b():\n    assert f(1) == 2\n",
    }
    project = Project(tmp_path_factory.mktemp("dependent") / "project", clean_env)
    project.commit(files, "base")
    assert project.covgate("record").code == 0
    return project


def test_a_test_that_fails_in_the_subset_only_is_named_and_does_not_block(
    dependent: Project,
) -> None:
    dependent.stage({"m.py": STATE.replace("x + KNOWN.get('step', 0)", "KNOWN.get('step', 0) + x")})
    answer = dependent.check()
    (note,) = [one for one in answer.data["notes"] if one.startswith("test_b.py::test_b")]
    assert "depends on their order" in note
    assert (answer.code, answer.uncovered) == (0, {})
    why = {test["id"]: test["why"] for test in answer.data["tests"]["selected"]}
    assert "it comes before test_b.py::test_b in the suite" in why["test_a.py::test_a"]


def test_a_test_that_fails_in_both_blocks(dependent: Project) -> None:
    dependent.stage({"m.py": STATE.replace("return x +", "return 3 * x +")})
    answer = dependent.check()
    assert (answer.code, answer.ran) == (1, ["test_b.py::test_b"])
    assert not [one for one in answer.data["notes"] if "order" in one]


def test_a_flaky_test_is_recognised_run_again_and_named(
    empty_project: Project, tmp_path: Path
) -> None:
    counter = tmp_path / "counter"
    flaky = (
        f"from pathlib import Path\n\nCOUNTER = Path({str(counter)!r})\n\n\ndef test_f():\n"
        "    count = len(COUNTER.read_text())\n    COUNTER.write_text('x' * (count + 1))\n"
        "    assert count % 2 == 0\n"
    )
    counter.write_text("")
    plain = "def test_p():\n    pass\n"
    empty_project.commit({"test_a.py": plain, "test_f.py": flaky, "test_p.py": plain}, "base")
    empty_project.covgate("record")
    empty_project.covgate("record", "--afresh")
    place = empty_project.root / ".git" / "covgate" / "evidence.sqlite"
    with sqlite3.connect(place) as db:
        kept = db.execute("SELECT outcome FROM trace WHERE test LIKE '%test_f' ORDER BY id")
        assert [outcome for (outcome,) in kept] == ["passed", "failed"]
    db.close()

    empty_project.stage({"notes.md": "text\n"})
    passing, failing = empty_project.check(), empty_project.check()

    for answer in (passing, failing):
        assert "test_f.py::test_f" in answer.ran
        assert (
            "test_f.py::test_f ends in different ways with nothing changed"
            in (answer.data["notes"])
        )
    assert (passing.code, failing.code) == (0, 0)
    assert any("or on chance" in note for note in failing.data["notes"])


class Item:
    """As much of a collected test as the order looks at."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._fixtureinfo = SimpleNamespace(name2fixturedefs={})


class Hook(NamedTuple):
    """An implementation of pytest's hook: by which plugin."""

    plugin: object


def reordered(files: str, *plugins: ModuleType, fixture: str = "") -> str:
    """Return the order of one-letter files when c and b are to go first."""
    sys.path.insert(0, str(covgate.run.environment.RECORDER))
    try:
        reorder = import_module("_covgate_order").reorder
    finally:
        sys.path.pop(0)
    items = [Item(file) for file in files]
    if fixture:
        items[0]._fixtureinfo.name2fixturedefs["f"] = (SimpleNamespace(scope=fixture),)
    hooks = SimpleNamespace(get_hookimpls=lambda: [Hook(plugin) for plugin in plugins])
    names = {plugin.__name__ for plugin in plugins}
    config = SimpleNamespace(
        pluginmanager=SimpleNamespace(hasplugin=names.__contains__),
        hook=SimpleNamespace(pytest_collection_modifyitems=hooks),
    )
    changed = reorder(config, items, ["c", "b"], lambda item: item.file)
    order = "".join(item.file for item in items)
    assert changed == (order != files)
    return order


@pytest.mark.parametrize(
    ("files", "plugins", "fixture", "expected"),
    [
        pytest.param("aabbc", (), "", "cbbaa", id="whole files move"),
        pytest.param("abc", ("_pytest.mark",), "session", "cba", id="pytest's own hooks"),
        pytest.param("abac", (), "", "abac", id="interleaved on purpose"),
        pytest.param("abc", ("conftest",), "", "abc", id="a conftest has a say"),
        pytest.param("abc", ("pytest_randomly",), "", "abc", id="a plugin has a say"),
        pytest.param("abc", ("dependency",), "", "abc", id="tests depend on tests"),
        pytest.param("abc", (), "package", "abc", id="a fixture of a package"),
        pytest.param("cba", (), "", "cba", id="in order already"),
    ],
)
def test_the_order_of_others_is_left_alone(
    files: str, plugins: tuple[str, ...], fixture: str, expected: str
) -> None:
    assert reordered(files, *map(ModuleType, plugins), fixture=fixture) == expected
