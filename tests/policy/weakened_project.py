"""A small project whose gates the tests weaken, and the rule asked about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from covgate.change.model import Base, Change, FileChange
from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import Simple
from covgate.rules.config_weakened import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.rules.finding import Finding

PYPROJECT = """\
[project]
name = "shop"

[tool.pytest.ini_options]
addopts = "--cov=shop --cov-report=term"
testpaths = ["tests"]

[tool.coverage.run]
branch = true
source = ["shop"]

[tool.coverage.report]
fail_under = 90
"""
COVERAGERC = """\
[run]
source = shop
omit =
    shop/_version.py

[report]
fail_under = 90
"""
HOOKS = """\
repos:
  - repo: https://github.com/astral-sh/ruff-pre-commit
    rev: v0.17.6
    hooks:
      - id: ruff
  - repo: local
    hooks:
      - id: tests
        name: tests
        entry: pytest --cov=shop --cov-fail-under=90
        language: system
        types: [python]
      - id: diff-coverage
        name: diff coverage
        entry: diff-cover coverage.xml --fail-under=90
        language: system
        pass_filenames: false
"""
WORKFLOW = """\
name: ci
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: pip install -e .[test]
      - name: tests
        run: pytest --cov=shop --cov-report=xml --cov-fail-under=90
      - name: diff coverage
        run: diff-cover coverage.xml --compare-branch=origin/main --fail-under=95
"""
CART = """\
class Cart:
    def total(self):
        if self.items:
            return 1
        return 0

    def __repr__(self):
        return 'Cart'
"""
BASE: dict[str, str] = {
    "shop/__init__.py": "",
    "shop/cart.py": CART,
    "shop/prices.py": "def parse(text):\n    return float(text)\n",
    "shop/slug.py": "def slugify(text):\n    return text.lower()\n",
    "tests/test_cart.py": "def test_total():\n    assert True\n",
    "tests/test_slug.py": "def test_slug():\n    assert True\n\n\ndef check_slug():\n    pass\n",
    "conftest.py": "",
    "docs/conf.py": "project = 'shop'\n",
}
WORKFLOW_PATH = ".github/workflows/ci.yml"
HOOKS_PATH = ".pre-commit-config.yaml"


def edit(text: str, *changes: tuple[str, str]) -> str:
    """Return `text` with each change made; each must be found."""
    for old, new in changes:
        assert old in text, f"{old!r} is not in the text"
        text = text.replace(old, new)
    return text


def change_of(
    before: Mapping[str, str] | Sequence[Mapping[str, str]],
    after: Mapping[str, str | None],
    renames: Mapping[str, str] | None = None,
) -> Change:
    """Return the change from one or several bases; `renames` has old paths by new ones."""
    bases = [dict(base) for base in ([before] if isinstance(before, Mapping) else before)]
    target = {path: text for path, text in after.items() if text is not None}
    files = []
    for path in sorted(set(bases[0]) | set(target)):
        if path in (renames or {}).values() or all(b.get(path) == target.get(path) for b in bases):
            continue
        files.append(_file(path, bases[0], target, renames or {}))
    return Change(
        mode="staged",
        why="",
        bases=tuple(Base("base", "0", "0") for _ in bases),
        before=tuple(MemorySnapshot(base) for base in bases),
        target=MemorySnapshot(target),
        files=tuple(files),
    )


def _file(
    path: str, base: Mapping[str, str], target: Mapping[str, str], renames: Mapping[str, str]
) -> FileChange:
    if path in renames:
        return FileChange(path, renames[path], "renamed", "1", "2")
    if path not in base:
        return FileChange(path, None, "added", None, "2")
    if path not in target:
        return FileChange(path, path, "deleted", "1", None)
    return FileChange(path, path, "modified", "1", "2")


def findings(
    before: Mapping[str, str],
    after: Mapping[str, str | None],
    renames: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Return what the rule says about a change of some files of the project."""
    old = {**BASE, **before}
    new: dict[str, str | None] = {**old, **after}
    for path in (renames or {}).values():
        new[path] = None
    return find(change_of(old, new, renames), Simple())


def places(found: Sequence[Finding]) -> list[str]:
    """Return `path:line` of findings."""
    return [f"{finding.path}:{finding.line}" for finding in found]
