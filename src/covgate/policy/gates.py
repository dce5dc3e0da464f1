"""All gates of a tree, from every place that can hold one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.policy.compare_settings import read_settings
from covgate.policy.coverage_config import CoverageConfig, resolve_coverage
from covgate.policy.diff_cover import diff_cover_options
from covgate.policy.hooks import FILES as HOOK_FILES
from covgate.policy.hooks import hook_gates, read_hooks
from covgate.policy.noxfile import nox_gates
from covgate.policy.pipelines import is_pipeline, pipeline_gates
from covgate.policy.pytest_config import PytestConfig, resolve_pytest
from covgate.policy.recognise import Defaults
from covgate.policy.runners import NOT_CHOSEN, runner_gates
from covgate.policy.services import codecov_gates, codecov_path
from covgate.policy.yamldoc import YamlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from covgate.policy.gate import Gate
    from covgate.policy.tree import Tree


class Broken(NamedTuple):
    """A file that could not be read, so that the gates in it are not known."""

    path: str
    line: int
    message: str


class Gates(NamedTuple):
    """The gates of a tree and the files that could not be read for them."""

    gates: tuple[Gate, ...]
    broken: tuple[Broken, ...]


class Configs(NamedTuple):
    """The configuration in effect: pytest's, and coverage's as pytest and as coverage find it."""

    pytest: PytestConfig
    coverage: CoverageConfig
    plain_coverage: CoverageConfig


def resolve_configs(tree: Tree) -> Configs:
    """Return the configurations of a tree; raises UsageError for a broken file (target only)."""
    pytest = resolve_pytest(tree)
    plain = resolve_coverage(tree)
    word = pytest.args.cov_config
    coverage = resolve_coverage(tree, word.text) if word else plain
    return Configs(pytest, coverage, plain)


def local_threshold(configs: Configs) -> float:
    """Return the total that a run without further options demands."""
    from covgate.policy.pytest_args import percent

    args = configs.pytest.args
    if args.measures and args.fail_under is not None:
        return percent(args.fail_under) or 0.0
    return configs.coverage.fail_under


def defaults_of(tree: Tree, configs: Configs) -> Defaults:
    """Return what commands inherit from the configuration of a tree."""
    option = diff_cover_options(tree).get("fail_under")
    diff = (option.number or 0.0) if option else 0.0
    return Defaults(
        configs.coverage.fail_under,
        diff,
        configs.pytest.args,
        lambda path: resolve_pytest(tree, path).args,
        _covgate_target(tree),
    )


def _covgate_target(tree: Tree) -> float:
    """Return what the settings demand of changed lines, all where they do not say."""
    settings = read_settings(tree)
    rule = settings.table.get("diff-coverage") if settings else None
    target = rule.get("target") if isinstance(rule, dict) else None
    return float(target) if isinstance(target, (int, float)) else 100.0


def collect_gates(tree: Tree, defaults: Defaults) -> Gates:
    """Return the gates of a tree as they are with `defaults`."""
    found: list[Gate] = []
    broken: list[Broken] = []

    def add(path: str, read: Callable[[], list[Gate]]) -> None:
        try:
            found.extend(read())
        except YamlError as error:
            broken.append(Broken(path, error.line, str(error)))

    hooks = next((path for path in HOOK_FILES if path in tree.paths), "")
    add(hooks, lambda: hook_gates(tree, defaults))
    for path in sorted(filter(is_pipeline, tree.paths)):
        add(path, lambda path=path: pipeline_gates(tree, path, defaults))  # type: ignore[misc]
    add(codecov_path(tree) or "", lambda: codecov_gates(tree))
    found += runner_gates(tree, defaults)
    found += nox_gates(tree, defaults)
    return Gates(tuple(_chosen(found)), tuple(broken))


def _chosen(gates: list[Gate]) -> list[Gate]:
    """Environments that are not run by default count when a command names them."""
    named = frozenset[str]().union(*(gate.envs for gate in gates if not gate.off))
    return [
        gate._replace(off="")
        if gate.off == NOT_CHOSEN and gate.place.label.removeprefix("testenv:") in named
        else gate
        for gate in gates
    ]


def gate_hook_ids(tree: Tree, gates: Gates) -> frozenset[str]:
    """Return the ids of the hooks that are gates."""
    labels = {gate.place.label for gate in gates.gates if gate.place.domain == "hook"}
    try:
        return frozenset(hook.id for hook in read_hooks(tree) if hook.id in labels)
    except YamlError:
        return frozenset()
