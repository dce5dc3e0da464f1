"""All that got weaker between two trees, in the order of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.policy.compare_conftests import compare_conftests
from covgate.policy.compare_coverage import compare_coverage
from covgate.policy.compare_gates import Comparison, compare_gates, is_gained
from covgate.policy.compare_pytest import compare_measuring, compare_pytest
from covgate.policy.compare_services import compare_diff_cover, compare_hook_files, compare_services
from covgate.policy.compare_settings import compare_settings, read_settings
from covgate.policy.compare_starts import compare_starts
from covgate.policy.coverage_config import OWN as COVERAGE_OWN
from covgate.policy.coverage_config import coverage_options
from covgate.policy.gate import number_text
from covgate.policy.gates import (
    Configs,
    collect_gates,
    defaults_of,
    gate_hook_ids,
    local_threshold,
    resolve_configs,
)
from covgate.policy.pytest_config import pytest_options
from covgate.policy.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from covgate.policy.tree import Tree


def weakenings(before: Tree, after: Tree) -> list[Weakening]:
    """Return what got weaker in the configuration; raises UsageError for a broken file."""
    old, new = resolve_configs(before), resolve_configs(after)
    defaults = defaults_of(after, new)
    gates_before, gates_after = collect_gates(before, defaults), collect_gates(after, defaults)
    ids = gate_hook_ids(before, gates_before) | gate_hook_ids(after, gates_after)
    comparison = Comparison(gates_before, gates_after, after, new, ids)
    found: list[Weakening] = []
    if _measured(before, old, comparison):
        coverage = list(_coverage(old, new, after, comparison))
        was, is_ = old.coverage.path, new.coverage.path
        left = coverage_options(after, was, own=was in COVERAGE_OWN) if was else None
        outranked = _is_outranked(was, is_, left)
        word = new.pytest.args.cov_config
        if word and word.text != (old.pytest.args.cov_config or word._replace(text="")).text:
            at = new.pytest.options["addopts"].path, word.line
            found += _shadowed(coverage, was, is_, "coverage", at)
        else:
            found += _shadowed(coverage, was, is_, "coverage") if outranked else coverage
    tests = list(compare_pytest(old.pytest, new.pytest, after, before.paths))
    found += compare_conftests(before, after, old.pytest, new.pytest)
    found += compare_starts(before, after, gates_before.gates, gates_after.gates)
    measuring = [
        w
        for w in compare_measuring(old.pytest, new.pytest, new.coverage, after)
        if w.key != "pytest.cov" or w.files or not is_gained(comparison, "total", 0.0)
    ]
    was, is_ = old.pytest.path, new.pytest.path
    outranked = _is_outranked(was, is_, pytest_options(after, was) if was else None)
    tests += measuring
    found += _shadowed(tests, was, is_, "pytest") if outranked else tests
    found += compare_diff_cover(before, after, comparison)
    found += compare_services(before, after)
    in_use = any(gate.kind == "covgate" for gate in gates_before.gates)
    found += compare_settings(before, after, in_use=in_use)
    found += compare_gates(comparison)
    found += compare_hook_files(before, after, ids)
    return _distinct(found)


def _measured(before: Tree, old: Configs, comparison: Comparison) -> bool:
    """Return whether the base measured coverage at all: to begin with it weakens nothing."""
    return (
        old.coverage.path is not None
        or old.pytest.args.measures
        or read_settings(before) is not None
        or any(g.kind in {"total", "diff", "covgate"} for g in comparison.before.gates)
        or any("cov" in gate.name for gate in comparison.before.gates)
    )


def _coverage(
    old: Configs, new: Configs, tree: Tree, comparison: Comparison
) -> Iterator[Weakening]:
    yield from _threshold(old, new, comparison)
    yield from compare_coverage(old.coverage, new.coverage, tree)
    if new.plain_coverage is not new.coverage and old.plain_coverage is not old.coverage:
        yield from compare_coverage(old.plain_coverage, new.plain_coverage, tree)


def _threshold(old: Configs, new: Configs, comparison: Comparison) -> Iterator[Weakening]:
    was, is_ = local_threshold(old), local_threshold(new)
    if is_ >= was or is_gained(comparison, "total", was):
        return
    remedy = "Keep the threshold; [[tool.covgate.waiver]] may lower it for a while."
    word = new.pytest.args.fail_under if new.pytest.args.measures else None
    addopts = new.pytest.options.get("addopts")
    option = new.coverage.options.get("report:fail_under")
    if word is not None and addopts is not None:
        path, line, name = addopts.path, word.line, "--cov-fail-under"
    elif option is not None:
        path, line, name = option.path, option.line, "fail_under"
    else:
        gone = old.coverage.options.get("report:fail_under") or old.pytest.options.get("addopts")
        plugins = old.coverage.options.get("run:plugins")
        gone = gone or plugins
        path, line = (gone.path, gone.line) if gone else (old.coverage.path or "", 1)
        message = f"`fail_under` is gone: {number_text(was)} % was demanded"
        yield Weakening("coverage.fail_under", message, path, line, remedy)
        return
    message = f"`{name}` went from {number_text(was)} to {number_text(is_)}"
    yield Weakening("coverage.fail_under", message, path, line, remedy)


def _is_outranked(old: str | None, new: str | None, left: object) -> bool:
    """Return whether a file that still has settings (`left`) lost its effect to another."""
    return old is not None and new is not None and old != new and bool(left)


def _shadowed(
    found: Sequence[Weakening],
    old: str | None,
    new: str | None,
    tool: str,
    at: tuple[str, int] | None = None,
) -> list[Weakening]:
    """Put together what a file does that outranks the one that was in effect."""
    if not found:
        return []
    effects = "; ".join(weakening.message for weakening in found)
    message = f"{new} now outranks {old} as the configuration of {tool}: {effects}"
    files = tuple(dict.fromkeys(path for w in found for path in w.files))
    remedy = f"Remove {new}, or put all the settings of {tool} into it."
    path, line = at or (new or "", 1)
    return [Weakening(f"{tool}.shadowed", message, path, line, remedy, files=files)]


def _distinct(found: Sequence[Weakening]) -> list[Weakening]:
    return list({(w.key, w.path, w.line, w.message): w for w in found}.values())
