"""The settings that a project has already for coverage, pytest-cov, diff-cover and testmon."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.snapshot import MemorySnapshot
from covgate.policy.coverage_config import FILES as COVERAGE_FILES
from covgate.policy.coverage_config import resolve_coverage
from covgate.policy.diff_cover import diff_cover_options
from covgate.policy.pytest_config import resolve_pytest
from covgate.policy.tree import Tree
from covgate.source.testconfig import FILES as PYTEST_FILES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# Where the command line of diff-cover may stand.
_SCRIPTS = re.compile(
    r"(^|/)(Makefile|[^/]*\.(ya?ml|toml|cfg|ini|sh)|noxfile\.py|Jenkinsfile|justfile)$"
)
_COMMAND = re.compile(r"\bdiff-cover\b[^\n]*?--fail[-_]under[= ]+(\d+(?:\.\d+)?)")
_LARGEST = 200_000


class Present(NamedTuple):
    """What was found, each as number and place; None where there is nothing.

    `diff` is diff-cover's threshold, `excluded` its patterns of files, `total` a threshold for the
    coverage of the whole project. `testmon` says that pytest runs with `--testmon`, `pythonpath`
    that pytest is told where to import from.
    """

    diff: tuple[float, str] | None = None
    excluded: tuple[str, ...] = ()
    total: tuple[float, str] | None = None
    testmon: str = ""
    pythonpath: bool = False


def read_present(top: Path, files: Sequence[str]) -> Present:
    """Read the settings in the working tree; raises `UsageError` for files that don't parse."""
    names = dict.fromkeys((*PYTEST_FILES, *COVERAGE_FILES))
    texts = {name: data for name in names if (data := _read(top / name)) is not None}
    tree = Tree(MemorySnapshot(texts), strict=True)
    pytest, coverage, diff_cover = (
        resolve_pytest(tree),
        resolve_coverage(tree),
        diff_cover_options(tree),
    )
    diff = None
    if (option := diff_cover.get("fail_under")) and option.number is not None:
        diff = option.number, f"fail_under of [tool.diff_cover] in {option.path}"
    total = None
    if (word := pytest.args.fail_under) and re.fullmatch(r"[\d.]+", word.text):
        total = float(word.text), f"--cov-fail-under in {pytest.path}"
    elif coverage.fail_under:
        total = coverage.fail_under, f"fail_under in {coverage.path}"
    excluded = diff_cover["exclude"].items() if "exclude" in diff_cover else ()
    words = pytest.texts("addopts")
    return Present(
        diff=diff or _from_scripts(top, files),
        excluded=tuple(word.text for word in excluded),
        total=total,
        testmon=(pytest.path or "") if "--testmon" in words else "",
        pythonpath=bool(pytest.texts("pythonpath")),
    )


def _from_scripts(top: Path, files: Sequence[str]) -> tuple[float, str] | None:
    for file in files:
        data = _read(top / file) if _SCRIPTS.search(file) else None
        if data is None or b"diff-cover" not in data or len(data) > _LARGEST:
            continue
        found = _COMMAND.search(data.decode("utf-8", "replace").replace("\\\n", " "))
        if found and float(found[1]) <= 100:
            return float(found[1]), f"diff-cover --fail-under in {file}"
    return None


def _read(place: Path) -> bytes | None:
    try:
        return place.read_bytes() if os.path.isfile(place) else None  # noqa: PTH113
    except OSError:
        return None
