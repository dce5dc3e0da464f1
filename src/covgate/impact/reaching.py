"""Whether a statement tells code outside of the project, or only calls what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.impact.index import is_standard

if TYPE_CHECKING:
    from covgate.impact.index import Index
    from covgate.source.blocks.facts import Unit

# Libraries whose decorators keep nothing of what they decorate.
_WRAPPING = frozenset(
    {
        "attr", "attrs", "cachetools", "click", "decorator", "deprecated", "deprecation",
        "freezegun", "hypothesis", "jax", "mock", "numba", "overrides", "pydantic", "pytest",
        "pytest_asyncio", "pytest_mock", "requests_mock", "responses", "six", "tenacity", "backoff",
        "torch", "typeguard", "typer", "typing_extensions", "wrapt",
    }
)  # fmt: skip


def reaches_outside(index: Index, path: str, unit: Unit) -> bool:
    """Whether a statement calls something outside of the tree for its effect alone."""
    if unit.kind in ("def", "class"):
        return _registers(index, path, unit)
    if unit.kind not in ("expr", "block") and unit.binds:
        return False
    for called in unit.mentions.calls:
        root = called.partition(".")[0]
        if root == "?":
            continue
        if index.is_external(path, root) or not index.binders(path, root):
            return True
    return any(index.is_external(path, name) for name in unit.receivers) or (
        not unit.mentions.calls and unit.kind == "assign"
        and any(index.is_external(path, name) for name in unit.mentions.names)
    )  # fmt: skip


def _registers(index: Index, path: str, unit: Unit) -> bool:
    """Whether a library's decorator may tell the library of what it decorates."""
    found = unit.mentions
    roots = {called.partition(".")[0] for called in found.calls} | unit.receivers
    for name in found.bare:
        if name.rpartition(".")[2] in unit.receiver_attrs:
            roots.add(name.partition(".")[0])
    return any(
        index.is_external(path, root)
        and not any(
            is_standard(item.module) or item.module.partition(".")[0] in _WRAPPING
            for binder in index.binders(path, root)
            for item in binder.mentions.imports
        )
        for root in roots
    )


def only_calls(index: Index, path: str, unit: Unit, name: str) -> bool:
    """Whether a name is a module, and all that a statement calls of it is known."""
    calls = [one for one in unit.mentions.calls if one.startswith(f"{name}.")]
    return (
        bool(calls)
        and bool(index.modules_named(path, name))
        and all(index.targets(path, one) for one in calls)
    )
