"""Rule `skip-without-reason`: a test may be silenced only by saying why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.rules.finding import Finding, Severity
from covgate.rules.silenced.added import Added, added
from covgate.rules.silenced.collection import Curtailed, curtailed
from covgate.rules.silenced.dependents import dependents
from covgate.rules.silenced.disabled import Disabled, Disabling
from covgate.rules.silenced.doctests import skipped_examples
from covgate.rules.silenced.everything import for_each
from covgate.rules.silenced.options import left_out
from covgate.rules.silenced.pairing import pair
from covgate.rules.silenced.remembered import Judged, Memory
from covgate.rules.silenced.trees import Tree, old_path, tree_of
from covgate.source.modules import Broken
from covgate.source.skips.quick import helper_words, may_silence
from covgate.source.skips.values import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from covgate.change.model import Change, FileChange
    from covgate.change.snapshot import Snapshot
    from covgate.config.model import SkipWithoutReason

RULE = "skip-without-reason"


def find(change: Change, settings: SkipWithoutReason, memory: Path | None = None) -> list[Finding]:
    """Return the tests that `change` silences without saying why.

    `memory` is the file that keeps what was found in the files of a whole project.

    With several bases (a merge) only what is new against every one of them is reported.
    """
    if settings.level == "off":
        return []
    severity: Severity = "error" if settings.level == "error" else "warning"
    target = tree_of(change.target, settings.issue_pattern)
    rounds = [
        {(f.path, f.line, f.rule): f for f in _compare(change, before, target, severity, memory)}
        for before in change.before
    ]
    if not rounds:
        return []
    common = set.intersection(*(set(found) for found in rounds))
    kept = [finding for key, finding in rounds[0].items() if key in common]
    return sorted(kept, key=lambda f: (f.path or "", f.line or 0, f.message))


class _Found(NamedTuple):
    """A finding of one file; `site` is the line of its skip, `origin` that of the helper's."""

    finding: Finding
    site: tuple[str, int] | None = None
    origin: Place | None = None
    added: Added | None = None


def _compare(
    change: Change, before: Snapshot, target: Tree, severity: Severity, memory: Path | None
) -> Iterator[Finding]:
    base = tree_of(before, target.pattern)
    indirect = dependents(change.files, base, target)
    files = (*change.files, *indirect)
    pairing = pair(files, base, target)
    disabling = Disabling(base, target, pairing)
    if change.mode == "all" and not before.entries:
        found = _whole(files, disabling, severity, memory)
    else:
        found = [item for file in files for item in _of_file(file, disabling, severity)]
    yield from (item.finding for item in found if item.origin is None)
    for place in (
        *left_out(change.files, base, target),
        *skipped_examples(change.files, base, target, pairing),
    ):
        yield _curtailed(place, severity)
    yield from _at_uses(found, {file.path for file in indirect}, severity)


def _whole(
    files: Sequence[FileChange], disabling: Disabling, severity: Severity, file: Path | None
) -> list[_Found]:
    """Judge the files of a whole project: those that surely silence nothing aren't parsed."""
    target = disabling.after.tree
    by_path = {file.path: file for file in files if file.path.endswith(".py")}
    target.snapshot.read_ahead(by_path)

    aside = [p for p in by_path if not target.is_test_file(p) and target.is_relevant(p)]
    helpers = helper_words(target.project, aside)
    memory = Memory(file, target, severity, target.pattern, helpers.pattern if helpers else "")

    def judge(path: str) -> list[Judged]:
        data = target.snapshot.read(path) or b""
        is_told = may_silence(data) or (
            helpers is not None and helpers.search(data.decode("utf-8", "replace"))
        )
        if not (target.is_relevant(path) and is_told):
            return [Judged(path, [], {})]
        found = [item[:3] for item in _of_file(by_path[path], disabling, severity)]
        return [Judged(path, found, memory.dependencies.of(path))]

    alone = set(by_path).difference(aside)  # whether the others count depends on who imports them
    known = memory.known(path for path in by_path if path in alone)
    rest = [path for path in by_path if path not in known]
    judged = list(for_each(rest, judge))
    memory.keep([item for item in judged if item.path in alone])
    known.update((item.path, item.found) for item in judged)
    return [_revived(*plain) for path in by_path for plain in known[path]]


def _revived(finding: Sequence[Any], site: Sequence[Any], origin: Sequence[Any]) -> _Found:
    """Return a finding from the plain values that it was kept as."""
    place = Place(*origin) if origin else None
    return _Found(Finding(*finding), (site[0], site[1]) if site else None, place)


def _of_file(file: FileChange, disabling: Disabling, severity: Severity) -> Iterator[_Found]:
    base, target = disabling.before.tree, disabling.after.tree
    for finding in _stopped(file, disabling, severity):
        yield _Found(finding)
    if file.status == "deleted":
        return
    for finding in _unreadable(file, base, target, severity):
        yield _Found(finding)
    for item in added(file.path, base, target, disabling.pairing):
        place = (item.path, item.site.line)
        yield _Found(_finding(item, severity), place, item.site.origin, item)


def _at_uses(found: Sequence[_Found], unchanged: set[str], severity: Severity) -> Iterator[Finding]:
    """Yield findings about uses of a helper whose own fault they are: at the helper once."""
    reported = {item.site for item in found if item.site and item.origin is None}
    for item in found:
        origin = item.origin
        if origin is None or (origin.path, origin.line) in reported:
            continue
        if item.added is not None and item.added.path in unchanged:
            reported.add((origin.path, origin.line))
            yield _finding(_at_origin(item.added, origin), severity)
        else:
            yield item.finding


def _at_origin(item: Added, origin: Place) -> Added:
    site = item.site._replace(line=origin.line, end_line=origin.end_line)
    return item._replace(path=origin.path, site=site)


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
