"""One place where something can block: a hook, a CI step, a target of a service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from covgate.policy.pytest_args import PytestArgs

Domain = Literal["hook", "ci", "script", "service"]
Kind = Literal["tests", "total", "diff", "covgate", "hooks", "other"]

# Programs and hook ids that are about tests or coverage, whatever they are exactly.
GATE_NAME = re.compile(
    r"(?:^|[-_./:])(?:unit|integration|run|check)?-?(?:tests?|py\.?test|coverage|cov|covgate|testmon"
    r"|nosetests|unittests?|doctests?|skip-reasons|diff-cover(?:age)?|diff-quality)(?:$|[-_./:])",
    re.IGNORECASE,
)
UNKNOWN = float("inf")


class Place(NamedTuple):
    """Where a gate stands; `label` names it there (a hook id, a job and step)."""

    domain: Domain
    path: str
    line: int
    label: str = ""


class Gate(NamedTuple):
    """What can block and how strictly.

    `strength` is the percentage demanded (UNKNOWN when it cannot be told), `slack` what it lets
    pass all the same; `rules` are those that covgate runs, None for all. `off` says why the gate
    cannot block, "" when it can; then `off_line` is the place of the reason. `explicit` is False
    for a threshold that comes from the configuration; `strength_line` and
    `slack_line` are the places of the numbers.
    """

    kind: Kind
    name: str
    place: Place
    strength: float = 0.0
    slack: float = 0.0
    args: PytestArgs | None = None
    rules: frozenset[str] | None = None
    off: str = ""
    off_line: int = 0
    explicit: bool = True
    strength_line: int = 0
    slack_line: int = 0
    condition: str = ""
    # Environments that a call of tox or nox names, hooks that a runner names, patterns that
    # diff-cover includes and (with "!") leaves out.
    envs: frozenset[str] = frozenset()


_CALLERS = {
    "tox.ini": ("tox",),
    "tox.toml": ("tox",),
    "setup.cfg": ("tox",),
    "noxfile.py": ("nox",),
    "pyproject.toml": ("hatch", "poe", "pdm", "pixi", "rye", "task", "uv", "poetry"),
}


def calls(name: str, path: str) -> bool:
    """Return whether a gate of this name runs the commands of a file."""
    program = name.partition(" ")[0]
    file = path.rpartition("/")[2]
    if "makefile" in file.lower():
        return program in {"make", "gmake"}
    if "justfile" in file.lower():
        return program == "just"
    if "taskfile" in file.lower():
        return program == "task"
    if path in _CALLERS:
        return program in _CALLERS[path]
    return program == file or not file.endswith((".sh", ".bash"))


def number_text(value: float) -> str:
    """Return a percentage as people write it."""
    return f"{value:g}"
