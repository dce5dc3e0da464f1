"""The facts of the trees that a change compares, read on demand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from covgate.source.modules import Broken, Module, Project
from covgate.source.skips.evaluate import Evaluator
from covgate.source.skips.facts import Facts, gather
from covgate.source.testconfig import TestConfigs, matches_name

if TYPE_CHECKING:
    from covgate.change.model import FileChange
    from covgate.change.snapshot import Snapshot
    from covgate.source.skips.site import Site

_TEST_FOLDERS = {"test", "tests", "testing"}
_SAMPLE_FOLDERS = {
    "data",
    "testdata",
    "test_data",
    "fixtures",
    "samples",
    "resources",
    "snapshots",
    "golden",
    "examples",
    "example_scripts",
}
_ATTACHED = ("mark.", "unittest.", "__unittest_skip__", "trial ", "empty ")


class Tree:
    """One tree: its configuration, modules and the facts of its test files."""

    def __init__(self, snapshot: Snapshot, pattern: str = "") -> None:
        self.snapshot = snapshot
        self.pattern = pattern
        self.configs = TestConfigs(snapshot)
        roots = self.configs.at("").option("pythonpath", ())
        self.project = Project(snapshot, tuple(root.strip("./") for root in roots))
        self.evaluator = Evaluator(self.project)
        self._facts: dict[str, Facts | Broken | None] = {}

    def facts(self, path: str) -> Facts | None:
        """Return the facts of the file at `path`, None when there are none to be had."""
        found = self.outcome(path)
        return found if isinstance(found, Facts) else None

    def outcome(self, path: str) -> Facts | Broken | None:
        """Return the facts of a file, or why it cannot be parsed."""
        if path not in self._facts:
            self._facts[path] = self._read(path)
        return self._facts[path]

    def _read(self, path: str) -> Facts | Broken | None:
        if not self.is_relevant(path):
            return None
        parsed = self.project.parse(path)
        if not isinstance(parsed, Module):
            return parsed
        facts = gather(self.evaluator, parsed, self.pattern)
        kept = tuple(site for site in facts.sites if self._counts(path, site))
        return facts._replace(sites=kept)

    def is_test_file(self, path: str) -> bool:
        """Return whether pytest collects the file at `path`."""
        return self.configs.at(path).is_test_file(path)

    def is_relevant(self, path: str) -> bool:
        """Return whether the file at `path` can silence tests: test files, conftest, helpers."""
        if not path.endswith(".py") or path not in self.snapshot.entries:
            return False
        if self.is_test_file(path):
            return True
        if not self.configs.at(path).is_entered(path):
            return False
        return self.in_test_folder(path) or self._mentions_skipping(path)

    def in_test_folder(self, path: str) -> bool:
        """Return whether a file lies among tests: a conftest, or in a folder of tests."""
        folders = set(path.split("/")[:-1])
        if path.rpartition("/")[2] == "conftest.py":
            return True
        return bool(folders & _TEST_FOLDERS) and not folders & _SAMPLE_FOLDERS

    def _mentions_skipping(self, path: str) -> bool:
        data = self.snapshot.read(path) or b""
        words = (b"skip", b"Skip", b"xfail")
        return any(w in data for w in words) and (b"pytest" in data or b"unittest" in data)

    def _counts(self, path: str, site: Site) -> bool:
        """Return whether a site silences anything where it stands."""
        if not site.construct.startswith(_ATTACHED):
            return True
        if site.reach == "function" and site.construct.startswith("mark."):
            if not self._is_test(path, site.owner.rpartition(".")[2]):
                return False
        if self.is_test_file(path):
            return True
        return self.in_test_folder(path) and site.reach != "module" and self._is_imported(path)

    def _is_test(self, path: str, name: str) -> bool:
        """Return whether a function is a test, or may become one under another name."""
        if name == "runTest" or matches_name(
            name, (*self.configs.at(path).python_functions, "test")
        ):
            return True
        module = self.project.module(path)
        text = module.text if module is not None else ""
        return re.search(rf"[=(,\[]\s*(\w+\.)*{re.escape(name)}\b(?!\s*\()", text) is not None

    def _is_imported(self, path: str) -> bool:
        """Return whether another module names the one at `path`, which pytest does not collect."""
        stem = path.removesuffix("/__init__.py").rpartition("/")[2].removesuffix(".py").encode()
        word = rb"\b" + re.escape(stem) + rb"\b"
        names = re.compile(
            rb"import\b[^\n]*%b|from\s+[\w.]*%b|import\s*\([^)]*%b|[\"'][\w./]*%b" % ((word,) * 4)
        )
        return any(
            names.search(self.snapshot.read(other) or b"")
            for other in self.snapshot.entries
            if other != path
            and other.endswith(".py")
            and (self.is_test_file(other) or self.in_test_folder(other))
        )


_SHARED: WeakKeyDictionary[Snapshot, dict[str, Tree]] = WeakKeyDictionary()


def tree_of(snapshot: Snapshot, pattern: str = "") -> Tree:
    """Return the tree of a snapshot; the rules share it, so that a file is read once."""
    trees = _SHARED.setdefault(snapshot, {})
    if pattern not in trees:
        trees[pattern] = Tree(snapshot, pattern)
    return trees[pattern]


def old_path(file: FileChange, base: Snapshot) -> str | None:
    """Return where a file of the target tree was in a base, None when it is new."""
    if file.status == "deleted":
        return None
    if file.status != "copied" and file.old_path and file.old_path in base.entries:
        return file.old_path
    return file.path if file.path in base.entries else None
