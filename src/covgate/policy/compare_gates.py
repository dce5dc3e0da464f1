"""Which gates of the base are gone, or weaker, in the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.policy.collected import collected_files
from covgate.policy.compare_coverage import compare_coverage
from covgate.policy.coverage_config import resolve_coverage
from covgate.policy.expressions import lets_through
from covgate.policy.gate import UNKNOWN, Gate, calls, number_text
from covgate.policy.measured import configured_sources, matches, measured_files, production_files
from covgate.policy.pytest_config import override, resolve_pytest
from covgate.policy.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.policy.gates import Configs, Gates
    from covgate.policy.pytest_args import PytestArgs
    from covgate.policy.tree import Tree

_RUNNING = {"tests", "other", "total"}
_HELP = "Keep the gate in force, or move it to where it blocks just as much."


class Comparison(NamedTuple):
    """Two sets of gates, both as they are with the configuration of the target."""

    before: Gates
    after: Gates
    tree: Tree
    configs: Configs
    hook_ids: frozenset[str]


def compare_gates(comparison: Comparison) -> Iterator[Weakening]:
    """Yield one weakening for each place where a gate got weaker."""
    broken = {item.path for item in comparison.after.broken}
    seen: set[tuple[str, int | None]] = set()
    for item in comparison.after.broken:
        if any(gate.place.path == item.path for gate in comparison.before.gates):
            message = f"the gates in {item.path} are lost: it does not parse ({item.message})"
            yield Weakening(f"{item.path}", message, item.path, item.line, _HELP)
    for gate in comparison.before.gates:
        if gate.off or gate.place.path in broken or not _guards(gate, comparison):
            continue
        if _still_there(gate, comparison):
            yield from _conditional(gate, comparison)
            continue
        found = _describe(gate, comparison)
        if (found.path, found.line) not in seen:
            seen.add((found.path, found.line))
            yield found


def _guards(gate: Gate, comparison: Comparison) -> bool:
    """Return whether anything depends on a gate.

    A runner's commands do when hooks or CI call the runner, or when neither has gates of its own;
    running the hooks does when one of them is a gate.
    """
    if gate.kind == "hooks":
        return bool(comparison.hook_ids)
    if gate.place.domain != "script":
        return True
    known = [b for b in comparison.before.gates if not b.off and b.kind in _RUNNING]
    outer = [b for b in known if b.place.domain in {"ci", "hook"}]
    return not outer or gate.place.path in _called(outer, known)


def _called(outer: list[Gate], known: list[Gate]) -> set[str]:
    """Return the files whose commands hooks or CI run, directly or through other runners."""
    called: set[str] = set()
    waiting = list(outer)
    while waiting:
        name = waiting.pop().name
        for gate in known:
            place = gate.place
            if place.domain == "script" and place.path not in called and calls(name, place.path):
                called.add(place.path)
                waiting += [other for other in known if other.place.path == place.path]
    return called


def _conditional(gate: Gate, comparison: Comparison) -> Iterator[Weakening]:
    """Yield a warning when a gate now depends on something that cannot be told from the tree."""
    covering = [g for g in comparison.after.gates if _covers(g, gate, comparison)]
    if gate.condition or gate.kind == "total" or not all(g.condition for g in covering):
        return
    same = next((g for g in covering if _same_place(g, gate)), covering[0] if covering else None)
    if same is not None:
        key = f"{gate.place.domain}:{gate.place.label or gate.name}"
        message = f"{_title(gate)} now runs only if `{same.condition}`"
        yield Weakening(key, message, same.place.path, same.place.line, _HELP, "warning")


def is_gained(comparison: Comparison, kind: str, strength: float) -> bool:
    """Return whether a demand of `strength` moved into a command, or stands in CI anyway."""
    for gate in comparison.after.gates:
        if gate.kind != kind or gate.off or gate.strength < strength:
            continue
        if strength and not gate.explicit:
            continue
        if gate.place.domain == "ci" or not any(
            b.kind == kind and not b.off and b.strength >= strength and _room(b) == _room(gate)
            for b in comparison.before.gates
        ):
            return True
    return False


def _room(gate: Gate) -> str:
    """Within a room, a gate may stand in for another that was there before as well."""
    domain = gate.place.domain
    return domain if domain in {"hook", "ci"} else gate.place.path


def _still_there(gate: Gate, comparison: Comparison) -> bool:
    covering = [g for g in comparison.after.gates if _covers(g, gate, comparison)]
    if not covering and gate.kind == "tests":
        return _together(gate, comparison)
    for candidate in covering:
        if _room(candidate) == _room(gate):
            return True
        if candidate.place.domain == "ci" and gate.kind in {"total", "diff"}:
            return True
        if not any(
            _room(b) == _room(candidate) and _covers(b, gate, comparison)
            for b in comparison.before.gates
        ):
            return True  # it moved
    return False


def _covers(after: Gate, before: Gate, comparison: Comparison) -> bool:
    """Return whether `after` blocks wherever `before` would."""
    if after.off or after == before:
        return not after.off
    if after.kind == "covgate" and after.rules is None and before.place.domain == "hook":
        return after.slack <= before.slack
    if after.kind != before.kind:
        return _replaces(after, before, comparison)
    if before.strength != UNKNOWN and after.strength < before.strength:
        return False
    return after.slack <= before.slack and _reaches(after, before, comparison)


def _reaches(after: Gate, before: Gate, comparison: Comparison) -> bool:
    """Return whether a gate of the same kind looks at as much."""
    if after.kind == "tests":
        return _selects_all(after, before, comparison)
    if after.kind == "hooks":
        return _skipped(after, comparison) <= _skipped(before, comparison)
    if after.kind == "diff":
        return _judged(before, comparison) <= _judged(after, comparison)
    if after.kind == "other":
        return after.name == before.name or _same_place(after, before)
    if not _runs_rules(after, before):
        return False
    return after.kind != "total" or _measures_all(after, before, comparison)


def _skipped(gate: Gate, comparison: Comparison) -> frozenset[str]:
    """Return the gates among the hooks that a run of the hooks leaves out."""
    ids = comparison.hook_ids
    return (gate.rules or frozenset()) & ids | (ids - gate.envs if gate.envs else frozenset())


def _judged(gate: Gate, comparison: Comparison) -> frozenset[str]:
    """Return the production files that a call of diff-cover looks at."""
    kept = [text for text in gate.envs if not text.startswith("!")]
    left_out = [text[1:] for text in gate.envs if text.startswith("!")]
    return frozenset(
        path
        for path in production_files(comparison.tree)
        if (not kept or matches(path, kept)) and not (left_out and matches(path, left_out))
    )


def _replaces(after: Gate, before: Gate, comparison: Comparison) -> bool:
    """Return whether a runner that cannot be looked into took over: it must be new."""
    if before.kind == "total" and not before.strength and after.kind == "other":
        return _is_new(after, comparison)
    if before.kind not in {"tests", "other"} or after.kind not in {"tests", "other", "covgate"}:
        return False
    if before.strength > after.strength:
        return False
    if before.kind == "other" and not _speaks_of_tests(before):
        return False
    if after.kind == "other" and not _speaks_of_tests(after):
        return False
    if after.kind == "covgate" and after.rules and "tests-fail" not in after.rules:
        return False
    return _is_new(after, comparison)


def _is_new(gate: Gate, comparison: Comparison) -> bool:
    return not any(
        b.kind == gate.kind and b.name == gate.name and b.args == gate.args
        for b in comparison.before.gates
    )


def _speaks_of_tests(gate: Gate) -> bool:
    return any(part in gate.name for part in ("test", "cov", "check", "ci", "tox", "nox"))


def _same_place(after: Gate, before: Gate) -> bool:
    return (after.place.path, after.place.label) == (before.place.path, before.place.label)


def _runs_rules(after: Gate, before: Gate) -> bool:
    return after.rules is None or (before.rules is not None and before.rules <= after.rules)


def _selects_all(after: Gate, before: Gate, comparison: Comparison) -> bool:
    """Return whether a run of tests still runs all that another did."""
    new, old = after.args, before.args
    if new is None or new == old:
        return True
    if old is None:
        return not (new.paths or new.keyword or new.markers or new.subset)
    return _filters_allow(new, old) and _files(old, comparison) <= _files(new, comparison)


def _filters_allow(new: PytestArgs, old: PytestArgs) -> bool:
    if (new.subset and not old.subset) or (new.never_fails and not old.never_fails):
        return False
    if not {w.text for w in new.deselected} <= {w.text for w in old.deselected}:
        return False
    pairs = ((new.keyword, old.keyword), (new.markers, old.markers))
    return all(lets_through(a.text if a else "", b.text if b else "") for a, b in pairs)


def _files(args: PytestArgs, comparison: Comparison) -> frozenset[str]:
    config = comparison.configs.pytest
    if args.config_file and args.config_file.text != config.path:
        config = resolve_pytest(comparison.tree, args.config_file.text)
    return collected_files(comparison.tree.paths, override(config, args), args)


def _together(gate: Gate, comparison: Comparison) -> bool:
    """Return whether several runs of tests share what one did before."""
    if gate.args is None:
        return False
    parts = [
        g.args
        for g in comparison.after.gates
        if g.kind == "tests" and not g.off and g.args and _room(g) == _room(gate)
        and _filters_allow(g.args, gate.args)
    ]  # fmt: skip
    found = frozenset[str]().union(*(_files(args, comparison) for args in parts))
    return bool(parts) and _files(gate.args, comparison) <= found


def _measures_all(after: Gate, before: Gate, comparison: Comparison) -> bool:
    new, old = after.args, before.args
    if new is None or old is None:
        return True
    if _rcfile(new) != _rcfile(old) and _rcfile_losses(new, old, after, before, comparison):
        return False
    if [w.text for w in new.cov] == [w.text for w in old.cov]:
        return True
    coverage = comparison.configs.coverage
    files = production_files(comparison.tree)

    def measured(args: PytestArgs) -> frozenset[str]:
        bare = any(not word.text for word in args.cov)
        sources = configured_sources(coverage) if bare else [word.text for word in args.cov]
        return measured_files(files, coverage, sources)

    return measured(old) <= measured(new)


def _rcfile(args: PytestArgs) -> str | None:
    return args.cov_config.text if args.cov_config else None


def _rcfile_losses(
    new: PytestArgs, old: PytestArgs, after: Gate, before: Gate, comparison: Comparison
) -> list[str]:
    """Return what another configuration file of coverage loses in a run."""
    tree = comparison.tree
    was = resolve_coverage(tree, _rcfile(old))
    is_ = resolve_coverage(tree, _rcfile(new))
    found = [w.message for w in compare_coverage(was, is_, tree)]
    if not after.explicit and is_.fail_under < (before.strength or was.fail_under):
        found.insert(0, f"`fail_under` is {number_text(is_.fail_under)} there")
    return found


def _describe(gate: Gate, comparison: Comparison) -> Weakening:
    """Say what became of a gate that is not what it was."""
    key = f"{gate.place.domain}:{gate.place.label or gate.name}"
    partner = _partner(gate, comparison)
    what = _title(gate)
    if partner is None:
        path, line = gate.place.path, gate.place.line
        where = f" (line {line} of {path} in the base)"
        return Weakening(key, f"{what} is gone{where}", path, line, _HELP)
    path = partner.place.path
    line = partner.place.line
    if partner.off:
        line = partner.off_line or line
        return Weakening(key, f"{what} cannot block any more: {partner.off}", path, line, _HELP)
    if partner.kind != gate.kind:
        word = partner.args.no_cov if partner.args else None
        line = word.line if word else line
        now = "no coverage is measured" if gate.kind == "total" else f"`{partner.name}` stands"
        return Weakening(key, f"{what} is gone: {now} there", path, line, _HELP)
    line = partner.strength_line or line
    if partner.strength < gate.strength:
        fall = f"from {_demand(gate)} to {_demand(partner)}"
        return Weakening(key, f"{what} demands less: {fall}", path, line, _HELP)
    if partner.slack > gate.slack:
        fall = f"{number_text(gate.slack)} before, {number_text(partner.slack)} now"
        line = partner.slack_line or line
        return Weakening(key, f"{what} lets more pass: {fall}", path, line, _HELP)
    return Weakening(key, f"{what} {_less(gate, partner, comparison)}", path, line, _HELP)


def _title(gate: Gate) -> str:
    label = gate.place.label
    if gate.place.domain == "hook":
        return f"the hook `{label}`"
    if gate.place.domain == "service":
        return gate.name
    kind = {"ci": "the CI step", "script": "the command"}[gate.place.domain]
    return f"{kind} `{gate.name}`" + (f" of {label}" if label else "")


def _demand(gate: Gate) -> str:
    if gate.strength == UNKNOWN:
        return "a variable"
    return f"{number_text(gate.strength)} %" if gate.strength >= 0.01 else "no number"


def _less(gate: Gate, partner: Gate, comparison: Comparison) -> str:
    if gate.place.domain == "service":
        return f"looks only at {', '.join(sorted(partner.rules or ()))}"
    if gate.kind == "hooks":
        left_out = _skipped(partner, comparison) - _skipped(gate, comparison)
        return f"skips {', '.join(sorted(left_out))}"
    if gate.kind == "covgate":
        return f"runs only {', '.join(sorted(partner.rules or ()))}"
    if gate.kind == "diff":
        lost = sorted(_judged(gate, comparison) - _judged(partner, comparison))
        return f"looks at fewer files, not at {', '.join(lost[:5])}"
    if gate.kind == "total":
        new, old = partner.args, gate.args
        if new and old and _rcfile(new) != _rcfile(old):
            losses = _rcfile_losses(new, old, partner, gate, comparison)
            return f"uses {_rcfile(new)}: {'; '.join(losses)}"
        return "measures fewer files"
    if gate.args and partner.args:
        lost = sorted(_files(gate.args, comparison) - _files(partner.args, comparison))
        if lost:
            return f"runs fewer tests: {', '.join(lost[:5])}" + (" ..." if len(lost) > 5 else "")
    return "runs fewer tests"


def _partner(gate: Gate, comparison: Comparison) -> Gate | None:
    """Return what stands where the gate stood, the likeliest first."""

    def likeness(other: Gate) -> tuple[bool, bool, bool, bool, bool]:
        place = other.place
        return (
            place.path == gate.place.path,
            other.kind == gate.kind,
            place.label == gate.place.label,
            other.name == gate.name,
            bool(other.off),
        )

    candidates = [
        g
        for g in comparison.after.gates
        if _room(g) == _room(gate) and (_is_akin(g, gate) or _same_place(g, gate))
        and not any(_identity(b) == _identity(g) for b in comparison.before.gates)
    ]  # fmt: skip
    if not candidates and gate.kind == "total":  # the same run, without the measuring
        candidates = [
            g for g in comparison.after.gates if g.kind == "tests" and _same_place(g, gate)
        ]
    return max(candidates, key=likeness, default=None)


def _identity(gate: Gate) -> tuple[object, ...]:
    """Return what a gate is wherever its line has moved to."""
    place, args = gate.place, gate.args
    words = (*args.paths, *args.cov) if args else ()
    demand = (gate.strength, gate.slack, gate.off, gate.rules)
    return (gate.kind, gate.name, place.path, place.label, demand, [word.text for word in words])


def _is_akin(other: Gate, gate: Gate) -> bool:
    return other.kind == gate.kind and (other.kind != "other" or other.name == gate.name)
