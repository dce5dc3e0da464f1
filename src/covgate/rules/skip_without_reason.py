"""Rule `skip-without-reason`: a test may be silenced only by saying why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.rules.finding import Finding, Severity
from covgate.rules.silenced.added import Added, added
from covgate.rules.silenced.collection import Curtailed, curtailed
from covgate.rules.silenced.dependents import dependents
from covgate.rules.silenced.disabled import Disabled, Disabling
from covgate.rules.silenced.doctests import skipped_examples
from covgate.rules.silenced.options import left_out
from covgate.rules.silenced.pairing import pair
from covgate.rules.silenced.trees import Tree, old_path, tree_of
from covgate.source.modules import Broken
from covgate.source.skips.quick import may_silence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.change.model import Change, FileChange
    from covgate.change.snapshot import Snapshot
    from covgate.config.model import SkipWithoutReason
    from covgate.source.skips.values import Place

RULE = "skip-without-reason"


def find(change: Change, settings: SkipWithoutReason) -> list[Finding]:
    """Return the tests that `change` silences without saying why.

    With several bases (a merge) only what is new against every one of them is reported.
    """
    if settings.level == "off":
        return []
    severity: Severity = "error" if settings.level == "error" else "warning"
    target = tree_of(change.target, settings.issue_pattern)
    rounds = [
        {(f.path, f.line, f.rule): f for f in _compare(change, before, target, severity)}
        for before in change.before
    ]
    if not rounds:
        return []
    common = set.intersection(*(set(found) for found in rounds))
    kept = [finding for key, finding in rounds[0].items() if key in common]
    return sorted(kept, key=lambda f: (f.path or "", f.line or 0, f.message))


def _compare(
    change: Change, before: Snapshot, target: Tree, severity: Severity
) -> Iterator[Finding]:
    base = tree_of(before, target.pattern)
    indirect = dependents(change.files, base, target)
    files = (*change.files, *indirect)
    pairing = pair(files, base, target)
    unchanged = {file.path for file in indirect}
    disabling = Disabling(base, target, pairing)
    is_new = change.mode == "all" and not before.entries
    reported: set[tuple[str, int]] = set()
    late: list[Added] = []
    for file in files:
        if is_new and _is_quiet(file.path, target):
            continue
        yield from _stopped(file, disabling, severity)
        if file.status == "deleted":
            continue
        yield from _unreadable(file, base, target, severity)
        for item in added(file.path, base, target, pairing):
            if item.site.origin is not None:
                late.append(item)
                continue
            reported.add((item.path, item.site.line))
            yield _finding(item, severity)
    for place in (
        *left_out(change.files, base, target),
        *skipped_examples(change.files, base, target, pairing),
    ):
        yield _curtailed(place, severity)
    for item in late:  # the fault is in a helper: once there, not at every use
        origin = item.site.origin
        assert origin is not None
        if (origin.path, origin.line) in reported:
            continue
        if item.path in unchanged:
            reported.add((origin.path, origin.line))
        yield _finding(_at_origin(item, origin) if item.path in unchanged else item, severity)


def _at_origin(item: Added, origin: Place) -> Added:
    site = item.site._replace(line=origin.line, end_line=origin.end_line)
    return item._replace(path=origin.path, site=site)


def _is_quiet(path: str, target: Tree) -> bool:
    """Return whether a new file surely silences nothing; such a file is not even parsed."""
    if not path.endswith(".py"):
        return True
    return not (target.is_relevant(path) and may_silence(target.snapshot.read(path) or b""))


def _stopped(file: FileChange, disabling: Disabling, severity: Severity) -> Iterator[Finding]:
    """Yield what the change of one file keeps from running without a skip."""
    for lost in disabling.disabled(file):
        yield _lost(lost, severity)
    before, after = disabling.before.tree, disabling.after.tree
    for place in curtailed(file, before, after, disabling.pairing):
        yield _curtailed(place, severity)


def _unreadable(
    file: FileChange, base: Tree, target: Tree, severity: Severity
) -> Iterator[Finding]:
    broken = target.outcome(file.path)
    if not isinstance(broken, Broken) or not target.is_test_file(broken.path):
        return
    old = old_path(file, base.snapshot)
    if old is not None and isinstance(base.outcome(old), Broken):
        return
    yield Finding(
        RULE,
        f"cannot be parsed, so its tests do not run: {broken.why}",
        broken.path,
        broken.line,
        broken.line,
        "fix the syntax error",
        severity,
    )


def _lost(item: Disabled, severity: Severity) -> Finding:
    message = f"{item.test} no longer runs, and nothing says why: {item.what}"
    advice = "bring it back, skip it with a reason, delete it, or say why in a comment there"
    return Finding(RULE, message, item.path, item.line, item.end_line, advice, severity)


def _curtailed(item: Curtailed, severity: Severity) -> Finding:
    message = f"{item.what}, and nothing says why"
    advice = "take it back, or say why in a comment there"
    return Finding(RULE, message, item.path, item.line, item.end_line, advice, severity)


_WORDS = {
    "missing": "without a reason",
    "empty": "with an empty reason",
    "placeholder": "with a reason that says nothing",
    "untracked": "with a reason that names no issue",
}


def _finding(item: Added, severity: Severity) -> Finding:
    site = item.site
    owner = site.owner.rpartition(".")[2] or "the module"
    deed = "expected to fail" if site.effect == "xfail" else "skipped"
    line, end = site.line, site.end_line
    advice = _advice(site.construct)
    if item.kind == "widened":
        message = f"{owner} is now always {deed}: the condition is gone, the reason is the old one"
        advice = "keep the condition, or say why it no longer decides"
    elif item.kind == "born" and item.unit is not None:
        holder = f"class {site.owner}" if site.owner else "the module"
        message = f"{item.unit.short} is added to {holder}, which is {deed} without a reason"
        advice = f"give the mark at line {site.line} a reason, or put the test elsewhere"
        line = end = item.unit.line
    else:
        text = f" ({site.reason.text!r})" if site.reason.text and site.reason.text.strip() else ""
        message = f"{owner} is {deed} {_WORDS[item.kind]}{text} ({site.construct})"
    return Finding(RULE, message, item.path, line, end, advice, severity)


def _advice(construct: str) -> str:
    if construct.startswith("unittest.expectedFailure"):
        return "say why in a comment beside the decorator"
    if construct == "empty parametrize":
        return "add a parameter set, or say in a comment why there is none"
    return "say why: a reason that a reader can act on, such as a circumstance or an issue number"
