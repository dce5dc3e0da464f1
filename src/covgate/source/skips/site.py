"""Skip sites: the places that silence tests, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from covgate.source.skips.external import DECORATORS
from covgate.source.skips.reasons import Reason, judge
from covgate.source.skips.values import UNKNOWN, Const, Mark, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

Effect = Literal["skip", "xfail"]
Reach = Literal["param", "function", "class", "module"]
REACHES: tuple[Reach, ...] = ("param", "function", "class", "module")


class Site(NamedTuple):
    """One thing that silences one or more tests.

    `owner` is the qualified name of the function or class that bears it ("" for the module);
    `reach` how far it goes; `always` whether no condition guards it. For parameters `key` and
    `ident` tell one set from the others. `origin` is where a helper made it, when that is not
    here.
    """

    construct: str
    effect: Effect
    always: bool
    reason: Reason
    reach: Reach
    owner: str
    line: int
    end_line: int
    key: str = ""
    ident: str | None = None
    origin: Place | None = None


class Silence(NamedTuple):
    """What a mark does: its effect, whether always, and the reason given."""

    construct: str
    effect: Effect
    always: bool
    reason: Reason


def _condition_holds(mark: Mark, position: int = 0) -> bool | None:
    """Return whether a mark's condition is always true, None when it depends."""
    conditions = [*mark.arguments.args[position:]]
    if "condition" in mark.arguments.kwargs:
        conditions.append(mark.arguments.kwargs["condition"])
    if not conditions:
        return None if mark.arguments.open else True
    for condition in conditions:
        if isinstance(condition, Const):
            value = condition.value
            if isinstance(value, str):
                value = value.strip() in ("True", "1")
            if value:
                return True
    return None


def _pytest_mark(mark: Mark, names: Iterable[str], pattern: str) -> Silence:
    short = mark.name.removeprefix("pytest.")
    arguments = mark.arguments
    if short == "mark.skip":
        reason = judge(arguments.get(0, "reason"), names, pattern)
        return Silence(short, "skip", True, reason)
    reason = judge(arguments.get(-1, "reason"), names, pattern)
    holds = _condition_holds(mark) is True
    if short == "mark.skipif":
        return Silence(short, "skip", holds, reason)
    run = arguments.kwargs.get("run")
    stops = isinstance(run, Const) and not run.value
    return Silence(short, "skip" if stops else "xfail", holds, reason)


def _unittest_mark(mark: Mark, names: Iterable[str], pattern: str) -> Silence:
    if mark.name == "unittest.expectedFailure":
        return Silence(mark.name, "xfail", True, Reason("missing"))
    if mark.name == "unittest.skip":
        return Silence(
            mark.name, "skip", True, judge(mark.arguments.get(0, "reason"), names, pattern)
        )
    condition = mark.arguments.get(0, "condition")
    wanted = mark.name == "unittest.skipIf"
    holds = isinstance(condition, Const) and bool(condition.value) is wanted
    return Silence(mark.name, "skip", holds, judge(mark.arguments.get(1, "reason"), names, pattern))


def silence(mark: Mark, names: Iterable[str] = (), pattern: str = "") -> Silence | None:
    """Return what a mark does to a test, None when it silences nothing."""
    if mark.name not in DECORATORS:
        return None
    if mark.name.startswith("pytest."):
        return _pytest_mark(mark, names, pattern)
    return _unittest_mark(mark, names, pattern)


def call_reason_argument(name: str) -> tuple[int, tuple[str, ...]]:
    """Return position and names of the reason of `pytest.skip()` and its like."""
    if name == "pytest.importorskip":
        return 2, ("reason",)
    return 0, ("reason", "msg")


__all__ = [
    "REACHES",
    "UNKNOWN",
    "Effect",
    "Reach",
    "Silence",
    "Site",
    "call_reason_argument",
    "silence",
]
