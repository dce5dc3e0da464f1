"""How a project is laid out, told from the paths of its files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["src", "packages", "flat", "modules", "none"]

_TEST_FILE = re.compile(r"test_[^/]*\.py|[^/]*_test\.py|tests\.py")
_TEST_FOLDERS = {"tests", "test", "testing"}
_NOT_CODE = {"docs", "doc", "examples", "benchmarks", "scripts", "tools", "build", "dist"}
_NOT_MODULES = {"setup.py", "conftest.py", "noxfile.py", "tasks.py", "manage.py", "fabfile.py"}


class Layout(NamedTuple):
    """Where the code and the tests are.

    `source_roots` are the folders that must be on the import path (`src`, `packages/one/src`; the
    top of the repository is not named), `names` what can be imported from them or from the top,
    `test_folders` the outermost folders of tests.
    """

    kind: Kind
    source_roots: tuple[str, ...]
    names: tuple[str, ...]
    test_folders: tuple[str, ...]
    has_tests: bool

    def describe(self) -> str:
        """Return the layout in words."""
        words = {
            "src": "src layout",
            "packages": f"{len(self.source_roots)} packages with a src folder each",
            "flat": "packages at the top",
            "modules": "modules at the top",
            "none": "no Python code",
        }[self.kind]
        code = f" ({_some(self.names)})" if self.names else ""
        where = _some(self.test_folders) or "beside the code"
        return f"{words}{code}; tests: {where if self.has_tests else 'none found'}"


def read_layout(paths: Iterable[str]) -> Layout:
    """Return the layout of a project with these files (forward slashes, relative to its top)."""
    python = sorted(path for path in paths if path.endswith(".py"))
    tests = [path for path in python if _is_test(path)]
    code = [path for path in python if not _is_test(path)]
    roots = _source_roots(code)
    if roots:
        names = {_name_below(root, path) for root in roots for path in code}
        kind: Kind = "src" if roots == ["src"] else "packages"
    else:
        packages = {
            p.partition("/")[0] for p in code if p.count("/") == 1 and p.endswith("/__init__.py")
        }
        names = {name for name in packages if name not in _NOT_CODE}
        kind = "flat" if names else "modules"
        if not names:
            names = {path[: -len(".py")] for path in code if _is_module(path)}
            kind = "modules" if names else "none"
    return Layout(
        kind, tuple(roots), tuple(sorted(filter(None, names))), _test_folders(tests), bool(tests)
    )


def _is_test(path: str) -> bool:
    *folders, name = path.split("/")
    return bool(_TEST_FILE.fullmatch(name)) or not _TEST_FOLDERS.isdisjoint(folders)


def _is_module(path: str) -> bool:
    return "/" not in path and path not in _NOT_MODULES


def _source_roots(code: Iterable[str]) -> list[str]:
    found = set()
    for path in code:
        folders = path.split("/")[:-1]
        if "src" in folders and not _NOT_CODE.intersection(folders[:1]):
            found.add("/".join(folders[: folders.index("src") + 1]))
    return sorted(found)


def _name_below(root: str, path: str) -> str:
    if not path.startswith(f"{root}/"):
        return ""
    first, _, rest = path[len(root) + 1 :].partition("/")
    return first if rest else first.removesuffix(".py")


def _test_folders(tests: Iterable[str]) -> tuple[str, ...]:
    found = set()
    for path in tests:
        folders = path.split("/")[:-1]
        named = next((n for n, name in enumerate(folders) if name in _TEST_FOLDERS), None)
        if named is not None:
            found.add("/".join(folders[: named + 1]))
    return tuple(sorted(found))


def _some(names: tuple[str, ...], limit: int = 4) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
