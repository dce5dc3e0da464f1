"""Modules that come, go or change under names that others had before them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from covgate.impact.links import is_test_like
from covgate.impact.modules import folder_of, folders_above, module_key
from covgate.source import tags

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from covgate.impact.modules import Layout
    from covgate.impact.programs import Programs

# What interpreters, pytest and its plugins import when they find it.
_SOUGHT = frozenset(
    [
        "sitecustomize",
        "usercustomize",
        "pytest",
        "_pytest",
        "pluggy",
        "iniconfig",
        "packaging",
        "exceptiongroup",
        "tomli",
        "py",
        "colorama",
        "pygments",
        "coverage",
        "attr",
        "attrs",
        "argcomplete",
        "execnet",
        "xdist",
        "hypothesis",
        "typing_extensions",
        "pkg_resources",
    ]
)
# Everybody's folder of tests, not the one of the standard library.
_NOT_SOUGHT = frozenset(["test"])


def shadowed(layout: Layout, programs: Programs, roots: Collection[str]) -> Iterator[str]:
    """Yield why modules may be imported by the interpreter or by installed distributions."""
    above = {folder for path in programs.changed for folder in folders_above(path)}
    path_like = {"", "src", *roots, *_test_folders(programs, above)}
    for path, what in sorted(programs.changed.items()):
        for root in path_like:
            if not layout.is_root(root) or not (not root or path.startswith(root + "/")):
                continue
            key = module_key(path)[len(root) + 1 if root else 0 :]
            top = key.partition("/")[0]
            if top in (sys.stdlib_module_names | _SOUGHT) - _NOT_SOUGHT:
                if "/" in key and not _is_package(layout, root, top):
                    continue
                yield f"{path} {what}: it may stand in for the module {top} of others"
                break
            if what == "is new" and _was_foreign(layout, programs, path, top):
                yield f"{path} {what}: so far {top} was imported from elsewhere"
                break


def _is_package(layout: Layout, root: str, top: str) -> bool:
    """Namespace packages never win over installed modules."""
    return f"{root}/{top}/__init__.py".lstrip("/") in layout.paths


def _was_foreign(layout: Layout, programs: Programs, path: str, top: str) -> bool:
    """Whether unchanged files import `top` although no file of the project provided it."""
    if any(
        name.partition(".")[0] == top
        for other in layout.paths
        if programs.changed.get(other) != "is new"
        for name in layout.names(other)
    ):
        return False
    importers = programs.facts.with_tag(tags.module(top))
    return any(other not in programs.changed for other in importers)


def _test_folders(programs: Programs, above: Collection[str]) -> set[str]:
    """Return those of some folders that pytest puts on the import path."""
    return {
        folder
        for path in programs.facts
        if (folder := folder_of(path)) in above and is_test_like(path)
    }


def displaced(layout: Layout, programs: Programs) -> dict[str, str]:
    """Return the files whose module name as tests is now claimed by a new file as well."""
    fresh = {
        layout.names(path)[-1]: path
        for path, what in programs.changed.items()
        if what == "is new" and is_test_like(path)
    }
    if not fresh:
        return {}
    found: dict[str, str] = {}
    for path in programs.facts:
        if path not in programs.changed and is_test_like(path) and path.endswith(".py"):
            names = layout.names(path)
            other = fresh.get(names[-1]) if names else None
            if other and not path.endswith("conftest.py"):
                found[path] = f"shares its module name with {other}, which is new"
    return found


def renamed_packages(programs: Programs) -> Iterator[str]:
    """Yield why an `__init__.py` beside older tests renames them, and moves the import path."""
    for path, what in sorted(programs.changed.items()):
        if not path.endswith("__init__.py") or what == "changed":
            continue
        folder = folder_of(path)
        if any(
            other.startswith(folder + "/" if folder else "")
            and is_test_like(other)
            and programs.changed.get(other) != "is new"
            for other in programs.facts
        ):
            yield f"{path} {what}: the tests below it are imported by other names"
