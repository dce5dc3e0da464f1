"""Answers what coverage measures by its settings: which files, and how."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from _covgate_std import os

if TYPE_CHECKING:
    from typing import Any

    from coverage import Coverage

_HERE = os.path.dirname(os.path.abspath(__file__))
_PREFIX = "_covgate_"
# Of coverage's attributes for the matcher of its own code, by version.
_OWN_CODE = ("coverage_match", "cover_match")


def has_branch(cov: Coverage) -> bool:
    """Whether branches are measured."""
    return bool(cov.get_option("run:branch"))


def relative(path: str, root: str) -> str:
    """Return the name of a file of the project as git has it."""
    return os.path.relpath(os.path.join(root, path), root).replace(os.sep, "/")


def is_ours(full: str) -> bool:
    """Whether a file is a part of the recorder."""
    return os.path.basename(full).startswith(_PREFIX) and (
        os.path.dirname(os.path.realpath(full)) == os.path.realpath(_HERE)
    )


def leave_out_ours(cov: Coverage) -> None:
    """Have coverage, which has started, pass over our code as it does over its own.

    Without `source` it would follow and count all code that is not installed beside it.
    """
    inorout = getattr(cov, "_inorout", None)
    for name in _OWN_CODE:
        paths = getattr(getattr(inorout, name, None), "paths", None)
        if isinstance(paths, list):
            paths.extend(place for place in {_HERE, os.path.realpath(_HERE)} if place not in paths)


def covers(cov: Coverage, full: str) -> bool:
    """Whether coverage's settings let it measure a file that nothing imported."""
    inorout = getattr(cov, "_inorout", None)
    check = getattr(inorout, "check_include_omit_etc", None)
    if check is None or not _is_text(full):
        return True  # coverage can't store such a name, which is no choice of the project
    if check(full, None) is None:
        return True
    packages = getattr(inorout, "source_pkgs", None) or []
    if not packages or not _omit_allows(inorout, full):
        return False
    for package in packages:
        for folder in getattr(sys.modules.get(package), "__path__", []):
            if full.startswith(os.path.abspath(folder) + os.sep):
                return True
    return False


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _omit_allows(inorout: Any, full: str) -> bool:
    omit = getattr(inorout, "omit_match", None)
    return not (omit and omit.match(full))
