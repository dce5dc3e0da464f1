"""Cold selection: little projects, a change, and the files that must and must not be kept."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pytest

from covgate.change.model import Base, Change, FileChange
from covgate.change.snapshot import Entry, MemorySnapshot
from covgate.config.model import Settings
from covgate.impact.cold import select_cold
from covgate.source import cache as cache_module
from covgate.source import reader
from covgate.source.cache import FactsCache
from covgate.source.facts import NO_FACTS
from covgate.source.reader import SnapshotFacts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covgate.change.model import Mode, Status
    from covgate.impact.selection import Selection

Files = dict[str, str]
LINK = "120000"


def tree(files: Mapping[str, str | None], links: Mapping[str, str] | None = None) -> MemorySnapshot:
    """A snapshot; `links` are symbolic links by path."""
    texts = {path: text for path, text in files.items() if text is not None}
    snapshot = MemorySnapshot({**texts, **(links or {})})
    snapshot.entries = {
        path: Entry(LINK, entry.blob) if path in (links or {}) else entry
        for path, entry in snapshot.entries.items()
    }
    return snapshot


def change_of(
    old: MemorySnapshot, new: MemorySnapshot, renames: Mapping[str, str], mode: Mode = "staged"
) -> Change:
    files = []
    for path in sorted({*old.entries, *new.entries}):
        before, after = old.entries.get(path), new.entries.get(path)
        if before == after or path in renames:
            continue
        origin = next((source for source, goal in renames.items() if goal == path), None)
        status: Status = "added" if before is None else "deleted" if after is None else "modified"
        if origin:
            status, before = "renamed", old.entries[origin]
        files.append(
            FileChange(
                path,
                origin or (path if before else None),
                status,
                before.blob if before else None,
                after.blob if after else None,
                old_mode=before.mode if before else None,
                new_mode=after.mode if after else None,
            )
        )
    base = Base("HEAD", "c", "t")
    return Change(mode, "why", (base,), (old,), new, tuple(files), tuple(files))


def select(
    files: Files,
    edits: Mapping[str, str | None],
    renames: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    links: Mapping[str, str] | None = None,
) -> Selection:
    old = tree(files, links)
    new = tree({**files, **dict.fromkeys(renames or (), None), **edits}, links)
    change = change_of(old, new, renames or {})
    facts = SnapshotFacts(new, FactsCache(None))
    return select_cold(change, facts, settings or Settings(), everything=False)


class Case(NamedTuple):
    """`kept` maps a file to a part of its reason; `left` are files that must be left out."""

    files: Files
    edits: Mapping[str, str | None]
    kept: Mapping[str, str]
    left: tuple[str, ...] = ()
    renames: Mapping[str, str] = MappingProxyType({})


SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": "def total(): return 1\n",
    "shop/api.py": "from shop.cart import total\n",
    "shop/mail.py": "def send(): pass\n",
    "tests/test_cart.py": "from shop import cart\n",
    "tests/test_api.py": "import shop.api\n",
    "tests/test_mail.py": "from shop.mail import send\n",
}
CART = {"shop/cart.py": "def total(): return 2\n"}

CASES = {
    "direct and transitive imports": Case(
        SHOP,
        CART,
        {
            "tests/test_cart.py": "imports shop.cart, which changed",
            "tests/test_api.py": "imports shop.api, which imports shop.cart (changed)",
            "shop/cart.py": "changed itself",
        },
        ("tests/test_mail.py", "shop/mail.py"),
    ),
    "a long way": Case(
        {
            "a.py": "",
            "b.py": "import a",
            "c.py": "import b",
            "d.py": "import c",
            "test_d.py": "import d",
        },
        {"a.py": "x = 1"},
        {"test_d.py": "imports d, which leads to a.py (changed)"},
    ),
    "a long way to computed names": Case(
        {"a.py": "", "b.py": "import_module(n)", "c.py": "import b", "test_c.py": "import c"},
        {"a.py": "x = 1"},
        {"test_c.py": "imports c, which leads to computed names (b.py:1)"},
    ),
    "a test edited": Case(
        SHOP,
        {"tests/test_mail.py": "x = 1"},
        {"tests/test_mail.py": "changed itself"},
        ("tests/test_cart.py", "tests/test_api.py"),
    ),
    "a test added": Case(
        SHOP,
        {"tests/test_new.py": "x = 1"},
        {"tests/test_new.py": "is new"},
        ("tests/test_cart.py",),
    ),
    "a test removed": Case(SHOP, {"tests/test_mail.py": None}, {}, ("tests/test_cart.py",)),
    "package init": Case(
        SHOP,
        {"shop/__init__.py": "x = 1"},
        {"tests/test_mail.py": "imports shop, which changed", "tests/test_cart.py": "imports shop"},
    ),
    "module deleted": Case(
        SHOP, {"shop/mail.py": None}, {"tests/test_mail.py": "imports shop.mail, which was deleted"}
    ),
    "module renamed away": Case(
        SHOP,
        {"shop/post.py": "def send(): pass\n"},
        {"tests/test_mail.py": "imports shop.mail, which was renamed"},
        ("tests/test_cart.py",),
        {"shop/mail.py": "shop/post.py"},
    ),
    "src layout": Case(
        {"src/app/__init__.py": "", "src/app/core.py": "", "tests/test_a.py": "import app.core"},
        {"src/app/core.py": "x = 1"},
        {"tests/test_a.py": "imports app.core, which changed"},
    ),
    "import inside a function, try and TYPE_CHECKING": Case(
        {
            "a.py": "",
            "test_f.py": "def test():\n    import a",
            "test_g.py": "try:\n    from a import b\nexcept ImportError: pass",
            "test_h.py": "if TYPE_CHECKING:\n    import a",
        },
        {"a.py": "x = 1"},
        {"test_f.py": "imports a", "test_g.py": "imports a", "test_h.py": "imports a"},
    ),
    "relative imports": Case(
        {
            "p/__init__.py": "",
            "p/a.py": "",
            "p/b.py": "",
            "p/q/__init__.py": "",
            "p/q/c.py": "from ..a import x",
            "p/q/d.py": "from .. import b",
            "test_c.py": "import p.q.c",
            "test_d.py": "from p.q import d",
        },
        {"p/a.py": "x = 1"},
        {"test_c.py": "imports p.q.c, which imports p.a (changed)"},
        ("test_d.py",),
    ),
    "star import of a package": Case(
        {"p/__init__.py": "__all__ = ['m']", "p/m.py": "", "test_a.py": "from p import *"},
        {"p/m.py": "x = 1"},
        {"test_a.py": "loads what is below p"},
    ),
    "namespace package over two roots": Case(
        {"one/ns/a.py": "from .b import x", "two/ns/b.py": "", "test_a.py": "import ns.a"},
        {"two/ns/b.py": "x = 1"},
        {"test_a.py": "imports ns.a, which imports ns.b (changed)"},
    ),
    "helper beside the tests": Case(
        {"tests/helper.py": "", "tests/test_a.py": "import helper", "tests/test_b.py": ""},
        {"tests/helper.py": "x = 1"},
        {"tests/test_a.py": "imports helper"},
        ("tests/test_b.py",),
    ),
    "scope of a conftest": Case(
        {"tests/a/conftest.py": "", "tests/a/test_a.py": "", "tests/test_b.py": ""},
        {"tests/a/conftest.py": "x = 1"},
        {"tests/a/test_a.py": "tests/a/conftest.py changed"},
        ("tests/test_b.py",),
    ),
    "new conftest": Case(
        {"tests/a/test_a.py": "", "tests/test_b.py": ""},
        {"tests/a/conftest.py": "x = 1"},
        {"tests/a/test_a.py": "tests/a/conftest.py is new"},
        ("tests/test_b.py",),
    ),
    "deleted conftest": Case(
        {"tests/a/conftest.py": "", "tests/a/test_a.py": "", "tests/test_b.py": ""},
        {"tests/a/conftest.py": None},
        {"tests/a/test_a.py": "tests/a/conftest.py was deleted"},
        ("tests/test_b.py",),
    ),
    "code reached through a conftest": Case(
        {"app.py": "", "tests/conftest.py": "import app", "tests/test_a.py": "", "test_b.py": ""},
        {"app.py": "x = 1"},
        {"tests/test_a.py": "tests/conftest.py imports app, which changed"},
        ("test_b.py",),
    ),
    "test moved under another conftest": Case(
        {"a/conftest.py": "", "b/conftest.py": "", "a/test_m.py": "x = 1"},
        {"b/test_m.py": "x = 1"},
        {"b/test_m.py": "is new"},
        (),
        {"a/test_m.py": "b/test_m.py"},
    ),
    "mock target": Case(
        {
            "app/__init__.py": "",
            "app/db.py": "",
            "test_a.py": "patch('app.db.connect')",
            "test_b.py": "",
        },
        {"app/db.py": "x = 1"},
        {"test_a.py": "mentions app.db"},
        ("test_b.py",),
    ),
    "python -m": Case(
        {
            "app/__init__.py": "",
            "app/__main__.py": "from . import cli",
            "app/cli.py": "",
            "test_a.py": "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'app'])",
            "test_b.py": "",
        },
        {"app/cli.py": "x = 1"},
        {"test_a.py": "app"},
        ("test_b.py",),
    ),
    "python -c": Case(
        {"app.py": "", "test_a.py": "run('python -c \"from app import x\"')", "test_b.py": ""},
        {"app.py": "x = 1"},
        {"test_a.py": "imports app"},
        ("test_b.py",),
    ),
    "console script": Case(
        {
            "pyproject.toml": "[project.scripts]\nbuy = 'shop.api:main'",
            **SHOP,
            "tests/test_cli.py": "import subprocess\nsubprocess.run('buy --now', shell=True)",
        },
        CART,
        {"tests/test_cli.py": "runs buy, so shop.api"},
        ("tests/test_mail.py",),
    ),
    "script by file name": Case(
        {
            "jobs/job.py": "import lib",
            "lib.py": "",
            "test_a.py": "import runpy\nrunpy.run_path('jobs/job.py')",
            "test_b.py": "",
        },
        {"lib.py": "x = 1"},
        {"test_a.py": "names the file jobs/job.py, which imports lib (changed)"},
        ("test_b.py",),
    ),
    "shell script that runs a module": Case(
        {
            "run.sh": "#!/bin/sh\npython -m app.tool\n",
            "app/tool.py": "",
            "test_a.py": "import subprocess\nsubprocess.run(['sh', 'run.sh'])",
            "test_b.py": "",
        },
        {"app/tool.py": "x = 1"},
        {"test_a.py": "names the file run.sh"},
        ("test_b.py",),
    ),
    "computed import": Case(
        {
            **SHOP,
            "plugins.py": "import importlib as i\n\ndef load(n):\n    return i.import_module(n)\n",
            "tests/test_load.py": "import plugins",
        },
        CART,
        {
            "plugins.py": "loads modules by computed names (plugins.py:4), anything may be reached",
            "tests/test_load.py": "imports plugins, which loads modules by computed names",
        },
        ("tests/test_mail.py",),
    ),
    "computed import, a test edited": Case(
        {"load.py": "import_module(n)", "test_a.py": "import load", "test_b.py": ""},
        {"test_b.py": "x = 1"},
        {"test_b.py": "changed itself"},
        ("test_a.py",),
    ),
    "computed import with a known beginning": Case(
        {
            **SHOP,
            "plug/__init__.py": "import_module(f'plug.{name}')",
            "plug/one.py": "",
            "tests/test_plug.py": "import plug",
        },
        {"plug/one.py": "x = 1"},
        {"tests/test_plug.py": "imports plug, which loads what is below plug"},
        ("tests/test_mail.py",),
    ),
    "computed import elsewhere stays out of it": Case(
        {
            **SHOP,
            "plug/__init__.py": "import_module('.' + n, __name__)",
            "tests/test_plug.py": "import plug",
        },
        CART,
        {"tests/test_cart.py": ""},
        ("tests/test_plug.py",),
    ),
    "lazy package": Case(
        {
            "lazy/__init__.py": "def __getattr__(n): return import_module('.' + n, __name__)",
            "lazy/one.py": "",
            "tests/test_lazy.py": "import lazy\nlazy.one",
            "tests/test_b.py": "",
        },
        {"lazy/one.py": "x = 1"},
        {"tests/test_lazy.py": "which loads what is beside it, so lazy.one (changed)"},
        ("tests/test_b.py",),
    ),
    "source scanned by a test": Case(
        {
            **SHOP,
            "tests/test_arch.py": "for p in Path('shop').rglob('*.py'): ...",
        },
        CART,
        {"tests/test_arch.py": "shop"},
        ("tests/test_mail.py",),
    ),
    "file that does not parse": Case(
        {"a.py": "", "test_a.py": "import a\ndef broken(:\n", "test_b.py": ""},
        {"a.py": "x = 1"},
        {"test_a.py": "imports a"},
        ("test_b.py",),
    ),
    "package shadows a module": Case(
        {"tool.py": "", "test_a.py": "import tool", "test_b.py": ""},
        {"tool/__init__.py": "x = 1"},
        {"test_a.py": "imports tool, which is new"},
        ("test_b.py",),
    ),
    "folder becomes a namespace package": Case(
        {"test_a.py": "try:\n    import extra\nexcept ImportError: pass", "test_b.py": ""},
        {"extra/notes.md": "x"},
        {"test_a.py": "imports extra"},
        ("test_b.py",),
    ),
    "two tests of one module name": Case(
        {"a/test_x.py": "", "test_b.py": ""},
        {"b/test_x.py": "x = 1"},
        {"b/test_x.py": "is new", "a/test_x.py": "shares its module name"},
        ("test_b.py",),
    ),
    "documentation": Case(
        {"README.md": "", "test_a.py": "open('README.md')", "test_b.py": "x = open('data.csv')"},
        {"README.md": "x", "docs/index.rst": "x", ".github/workflows/ci.yml": "x"},
        {"test_a.py": "names the file README.md, which changed"},
        ("test_b.py",),
    ),
    "documentation by suffix": Case(
        {"docs/a.md": "", "test_a.py": "for p in root.rglob('*.md'): ...", "test_b.py": ""},
        {"docs/a.md": "x"},
        {"test_a.py": "names files like *.md"},
        ("test_b.py",),
    ),
    "data that nobody can read": Case(
        {
            "data/a.json": "",
            "app.py": "x = 1",
            "test_a.py": "import app",
            "test_b.py": "N = 'a.json'",
        },
        {"data/a.json": "x"},
        {"test_b.py": "names the file data/a.json"},
        ("test_a.py",),
    ),
    "tools in pyproject": Case(
        {"pyproject.toml": "[tool.ruff]\nx = 1\n[tool.covgate]\nprogress = true", "test_a.py": ""},
        {"pyproject.toml": "[tool.ruff]\nx = 2\n[tool.covgate]\nprogress = false"},
        {},
        ("test_a.py",),
    ),
    "doctest in a module": Case(
        {"app.py": '"""\n>>> from lib import x\n"""', "lib.py": ""},
        {"lib.py": "x = 1"},
        {"app.py": "imports lib, which changed"},
    ),
    "import path set by hand": Case(
        {
            "app/__init__.py": "",
            "app/helper.py": "",
            "tests/test_a.py": "import sys\nsys.path.insert(0, 'app')\nimport helper",
            "tests/test_b.py": "",
        },
        {"app/helper.py": "x = 1"},
        {"tests/test_a.py": "imports helper"},
        ("tests/test_b.py",),
    ),
    "package folder of another name": Case(
        {
            "setup.cfg": "[options]\npackage_dir =\n    shop = lib",
            "lib/__init__.py": "",
            "lib/cart.py": "",
            "test_a.py": "from shop import cart",
            "test_b.py": "",
        },
        {"lib/cart.py": "x = 1"},
        {"test_a.py": "imports shop.cart"},
        ("test_b.py",),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_keeps_what_the_change_can_reach(case: Case) -> None:
    found = select(case.files, case.edits, case.renames)
    assert not found.everything, found.notes
    for path, reason in case.kept.items():
        assert reason in found.files.get(path, f"{path} is left out"), found.files
    assert not found.files.keys() & set(case.left), found.files


EVERYTHING: dict[str, tuple[Files, dict[str, str | None], str]] = {
    "pytest options": ({}, {"pyproject.toml": "[tool.pytest.ini_options]"}, "may configure"),
    "own pytest arguments": (
        {"pyproject.toml": "[tool.covgate]\npytest-args = ['-m', 'unit']"},
        {"pyproject.toml": "[tool.covgate]\npytest-args = []"},
        "may configure",
    ),
    "setup.py": ({"setup.py": ""}, {"setup.py": "x = 1"}, "setup.py changed"),
    "requirements": ({}, {"requirements/dev.txt": "x"}, "requirements/dev.txt is new"),
    "lock file": ({"uv.lock": ""}, {"uv.lock": "x"}, "uv.lock changed"),
    "data under a reader": (
        {"app.py": "x = open(name)", "a.json": ""},
        {"a.json": "x"},
        "a.json changed: app.py may read it",
    ),
    "data moved to the documentation": (
        {"app.py": "x = open(name)", "a.json": "{}", "docs/b.md": ""},
        {"a.json": None, "docs/a.json": "{}"},
        "a.json",
    ),
    "doctest file": (
        {"pytest.ini": "[pytest]\naddopts = --doctest-glob='*.rst'", "docs/a.rst": ""},
        {"docs/a.rst": "x"},
        "docs/a.rst may hold doctests",
    ),
    "compiled source": ({"app/speed.pyx": ""}, {"app/speed.pyx": "x"}, "app/speed.pyx changed"),
    "attributes": ({}, {".gitattributes": "* text"}, ".gitattributes is new"),
    "module over the standard library": ({"test_a.py": ""}, {"random.py": ""}, "module random"),
    "module over a distribution": (
        {"test_a.py": "import requests"},
        {"requests.py": ""},
        "imported from elsewhere",
    ),
    "hook of the whole run": (
        {"tests/conftest.py": "def pytest_collection_modifyitems(items): ...", "test_b.py": ""},
        {"tests/conftest.py": "x = 1"},
        "pytest_collection_modifyitems acts on the whole run",
    ),
    "plugin of addopts": (
        {"setup.cfg": "[tool:pytest]\naddopts = -p helpers.plugin", "helpers/plugin.py": ""},
        {"helpers/plugin.py": "x = 1"},
        "loaded before all tests",
    ),
    "plugin of conftest": (
        {"conftest.py": "pytest_plugins = ['fix.db']", "fix/db.py": "", "test_a.py": ""},
        {"fix/db.py": "x = 1"},
        "loaded before all tests",
    ),
    "pytest11 entry point": (
        {
            "pyproject.toml": "[project.entry-points.pytest11]\nx = 'plug.main'",
            "src/plug/main.py": "from . import low",
            "src/plug/low.py": "",
        },
        {"src/plug/low.py": "x = 1"},
        "src/plug/main.py, loaded before all tests, imports",
    ),
    "init beside older tests": (
        {"tests/test_a.py": ""},
        {"tests/__init__.py": ""},
        "imported by other names",
    ),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_widens_to_everything_and_says_why(name: str) -> None:
    files, edits, note = EVERYTHING[name]
    found = select(files, edits)
    assert found.everything, found.files
    assert note in " ".join(found.notes)


def test_everything_on_demand_and_in_mode_all() -> None:
    empty, full = tree({}), tree(SHOP)
    facts = SnapshotFacts(full, FactsCache(None))
    asked = select_cold(change_of(empty, full, {}), facts, Settings(), everything=True)
    in_ci = select_cold(change_of(empty, full, {}, "all"), facts, Settings(), everything=False)
    assert asked.everything
    assert in_ci.notes == ("why",)
    assert in_ci.everything


def test_data_renamed_to_documentation_is_still_missed_as_data() -> None:
    files = {"app.py": "x = open(name)", "a.json": "{}"}
    found = select(files, {"docs/a.json": "{}"}, {"a.json": "docs/a.json"})
    assert "a.json was deleted" in found.notes[0]


@pytest.mark.parametrize("is_base_known", [True, False], ids=["base", "beside"])
@pytest.mark.parametrize("name", [*CASES, *EVERYTHING])
def test_asking_for_facts_tells_what_reading_all_of_them_tells(
    name: str, is_base_known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, edits = (CASES[name] if name in CASES else EVERYTHING[name])[:2]
    renames = CASES[name].renames if name in CASES else {}
    old, new = tree(files), tree({**files, **dict.fromkeys(renames, None), **edits})
    old.tree, new.tree = "old", "new"
    change = change_of(old, new, renames)
    monkeypatch.setattr(reader, "_WORTH_IT", 0)
    monkeypatch.setattr(reader, "_ASKED_OF", 0.001)
    wanted = select(files, edits, renames)
    cache = FactsCache(tmp_path / "facts.sqlite")
    if is_base_known:  # reads all of the base, which is known from then on
        SnapshotFacts(old, cache).with_tag("")
    else:  # another commit on the same base was judged before
        other = tree({**files, "another.py": "import a, b"})
        other.tree = "other"
        SnapshotFacts(other, cache, old, change_of(old, other, {}).since_first).with_tag("")
    monkeypatch.setattr(SnapshotFacts, "_fetch", lambda _: pytest.fail("everything was read"))
    paths = [file.path for file in change.since_first]
    asked = SnapshotFacts(new, cache, old, change.since_first)
    if any(not path.endswith(".py") for path in paths):
        monkeypatch.undo()  # what may read data is asked of every file
    assert select_cold(change, asked, Settings(), everything=False) == wanted


def test_what_was_dropped_from_the_cache_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_WORTH_IT", 0)
    monkeypatch.setattr(cache_module, "_KEPT", 1)
    path = tmp_path / "facts.sqlite"
    old, new = tree(SHOP), tree({**SHOP, **CART})
    old.tree, new.tree = "old", "new"
    SnapshotFacts(old, FactsCache(path)).with_tag("")
    FactsCache(path).store({f"other{n}": NO_FACTS for n in range(40)})
    assert FactsCache(path).tagged("old") is None
    change = change_of(old, new, {})
    facts = SnapshotFacts(new, FactsCache(path), old, change.since_first)
    assert select_cold(change, facts, Settings(), everything=False) == select(SHOP, CART)


def test_no_change_keeps_nothing() -> None:
    assert select(SHOP, {}).files == {}


def test_inert_globs_and_source_roots_of_the_settings() -> None:
    settings = Settings(inert=("*.json",), source_roots=("python",))
    files = {"python/__init__.py": "", "python/a.py": "", "test_a.py": "import a\nopen(x)"}
    found = select(files, {"python/a.py": "x = 1", "a.json": "x"}, settings=settings)
    assert "imports a" in found.files["test_a.py"]


def test_files_behind_symbolic_links_are_kept_under_both_names() -> None:
    files = {"lib/core.py": "", "lib/test_core.py": "import core", "test_b.py": ""}
    found = select(files, {"lib/core.py": "x = 1"}, links={"alias": "lib", "top.py": "lib/core.py"})
    assert {
        "lib/test_core.py",
        "alias/test_core.py",
        "alias/core.py",
        "top.py",
    } <= found.files.keys()
    assert "test_b.py" not in found.files


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"setup.cfg": "[tool:pytest]\naddopts = --doctest-glob=*.rst"}, "--doctest-glob"),
        ({"conftest.py": "def pytest_collect_file(): ..."}, "pytest_collect_file"),
        ({"tests/test_x.txt": ">>> 1"}, "may be a test"),
    ],
    ids=["doctest-glob", "hook", "default glob"],
)
def test_other_tests_are_told(files: Files, said: str) -> None:
    assert said in select({**files, "a.py": ""}, {"a.py": "x = 1"}).other_tests
