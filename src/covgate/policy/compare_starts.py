"""Workflows that tested changes before they are merged, and start only afterwards now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.policy.triggers import starts
from covgate.policy.weakening import Weakening
from covgate.policy.yamldoc import Node, YamlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covgate.policy.gate import Gate
    from covgate.policy.tree import Tree

_FOLDER = ".github/workflows/"
_BEFORE_MERGE = {"pull_request", "pull_request_target", "merge_group", "workflow_call"}
_ANY = {"*", "**"}


def compare_starts(
    before: Tree, after: Tree, gates_before: Iterable[Gate], gates_after: Iterable[Gate]
) -> Iterator[Weakening]:
    """Yield the workflows whose gates no longer see a change before it is merged.

    A workflow may leave that to another one that has gates of the same kinds.
    """
    old = {gate.place.path for gate in gates_before if not gate.off}
    kinds: dict[str, set[str]] = {}
    for gate in gates_after:
        if gate.place.path.startswith(_FOLDER) and not gate.off:
            kinds.setdefault(gate.place.path, set()).add(gate.kind)
    for path in sorted(kinds.keys() & old):
        if before.text(path) == after.text(path):
            continue
        event = _events(after, path)
        if event is None or _is_early(after, event) or not _is_early(before, _events(before, path)):
            continue
        others = [kinds[p] for p in kinds if p != path and _is_early(after, _events(after, p))]
        if kinds[path] <= set[str]().union(*others):
            continue
        message = "the workflow no longer starts for pull requests, only after they are merged"
        remedy = "Keep `pull_request` in `on`."
        yield Weakening(f"ci:{path}:on", message, path, event.line, remedy)


def _events(tree: Tree, path: str) -> Node | None:
    try:
        root = tree.yaml(path)
    except YamlError:
        return None  # said with the gates
    return root.get("on") if root is not None and root.is_mapping else None


def _is_early(tree: Tree, on: Node | None) -> bool:
    """Return whether changes on a branch, or proposed for merging, start a workflow."""
    if on is None:
        return False
    events = {word.text: Node(word.line) for word in on.strings()}
    events |= {word.text: node for word, node in on.pairs}
    return any(
        (name in _BEFORE_MERGE and starts(node, tree))
        or (name == "push" and _is_of_any_branch(node) and starts(node, tree))
        for name, node in events.items()
    )


def _is_of_any_branch(push: Node) -> bool:
    branches = push.get("branches")
    if branches is not None:
        return any(word.text in _ANY for word in branches.strings())
    return push.get("tags") is None
