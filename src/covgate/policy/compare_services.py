"""What diff-cover, Codecov, Sonar and the hooks are no longer told to look at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covgate.policy.compare_coverage import describe
from covgate.policy.compare_gates import Comparison, is_gained
from covgate.policy.diff_cover import diff_cover_options, excluded
from covgate.policy.gate import number_text
from covgate.policy.hooks import is_covgate, narrowed_files, read_hooks
from covgate.policy.measured import loss_of, production_files
from covgate.policy.services import exclusions, ignores
from covgate.policy.weakening import Weakening
from covgate.policy.yamldoc import YamlError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.policy.option import Option
    from covgate.policy.tree import Tree

_HELP = "Keep it, or say in a waiver why it must be."


def compare_diff_cover(before: Tree, after: Tree, comparison: Comparison) -> Iterator[Weakening]:
    """Yield what got weaker in `[tool.diff_cover]`."""
    old, new = diff_cover_options(before), diff_cover_options(after)
    if not old:
        return
    was, is_ = _number(old, "fail_under"), _number(new, "fail_under")
    if is_ < was and not is_gained(comparison, "diff", was):
        message = f"`fail_under` of diff-cover went from {number_text(was)} to {number_text(is_)}"
        yield _found("fail_under", message, old, new)
    was, is_ = _number(old, "minimum_change"), _number(new, "minimum_change")
    if is_ > was:
        message = f"`minimum_change`: changes of fewer than {number_text(is_)} lines always pass"
        yield _found("minimum_change", message, old, new)
    for name in ("ignore_staged", "ignore_unstaged"):
        if name in new and new[name].is_true and not (name in old and old[name].is_true):
            yield _found(name, f"`{name}` leaves changes out", old, new)
    branch = new.get("compare_branch")
    known = old["compare_branch"].text if "compare_branch" in old else ""
    if branch and branch.text != known and re.fullmatch(r"HEAD(?:[~^@].*)?", branch.text):
        message = f"`compare_branch = {branch.text}` leaves out the commits of the change"
        yield _found("compare_branch", message, old, new)
    files = [p for p in production_files(after) if excluded(p, new) and not excluded(p, old)]
    if files and (loss := loss_of(after, files)):
        name = "exclude" if "exclude" in new else "include"
        yield _found(name, f"diff-cover's `{name}`: {describe(loss)}", old, new)


def _number(options: Mapping[str, Option], name: str) -> float:
    return (options[name].number or 0.0) if name in options else 0.0


def _found(
    name: str, message: str, old: Mapping[str, Option], new: Mapping[str, Option]
) -> Weakening:
    option = new.get(name) or old.get(name)
    path, line = (option.path, option.line) if option else ("pyproject.toml", 1)
    return Weakening(f"diff_cover.{name}", message, path, line, _HELP)


def compare_services(before: Tree, after: Tree) -> Iterator[Weakening]:
    """Yield new exclusions of Codecov and Sonar that take production files out."""
    try:
        old, new = exclusions(before), exclusions(after)
    except YamlError:
        return  # said with the gates
    if not new or {e.word.text for e in new} <= {e.word.text for e in old}:
        return
    known = {(e.key, e.word.text) for e in old}
    left = [p for p in production_files(after) if not any(ignores(e, p) for e in old)]
    for exclusion in new:
        if (exclusion.key, exclusion.word.text) in known:
            continue
        mine = [path for path in left if ignores(exclusion, path)]
        left = [path for path in left if path not in mine]
        loss = loss_of(after, mine) if mine else None
        if loss:
            message = f"`{exclusion.key}` has new `{exclusion.word.text}`: {describe(loss)}"
            yield Weakening(
                exclusion.key, message, exclusion.path, exclusion.word.line, _HELP, files=loss.files
            )


def compare_hook_files(before: Tree, after: Tree, ids: frozenset[str]) -> Iterator[Weakening]:
    """Yield gate hooks that fewer production files start."""
    try:
        old = {hook.id: hook for hook in read_hooks(before)}
        hooks = read_hooks(after)
    except YamlError:
        return
    for hook in hooks:
        if hook.id not in ids or hook.id not in old:
            continue
        if is_covgate(hook) and _is_older(hook.rev, old[hook.id].rev):
            message = f"covgate went back from {old[hook.id].rev} to {hook.rev}"
            remedy = "Keep the version: an older one checks less."
            yield Weakening("hook:covgate.rev", message, hook.path, hook.rev_line, remedy)
        lost = sorted(narrowed_files(hook, old[hook.id], after))
        if not lost or len(lost) == len(production_files(after)):
            continue  # none, or all: a hook that nothing starts is switched off
        key = next((k for k in ("exclude", "files", "types") if k in hook.lines), "id")
        names = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        message = f"the hook `{hook.id}` no longer runs for {names}"
        line = hook.lines.get(key, hook.line)
        yield Weakening(f"hook:{hook.id}", message, hook.path, line, _HELP, files=tuple(lost))


def _is_older(new: str, old: str) -> bool:
    """Return whether both are plain versions, and the first is the lower one."""
    versions = [re.fullmatch(r"v?(\d+(?:\.\d+)*)", text) for text in (new, old)]
    if versions[0] is None or versions[1] is None:
        return False
    below, above = ([int(part) for part in v[1].split(".")] for v in versions if v)
    return below < above
