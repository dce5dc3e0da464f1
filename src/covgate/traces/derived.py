"""Values of a tree that are made of the facts of many of its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.traces.values import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from covgate.source.blocks.facts import Facts


def session_hooks(paths: Iterable[str], facts_of: Callable[[str], Facts]) -> str:
    """Return a hash of what all conftest files do to the whole run: hooks, effects on import."""
    parts = [
        f"{path} {unit.key} {unit.hash}"
        for path in sorted(paths)
        if path.rpartition("/")[2] == "conftest.py"
        for unit in facts_of(path).units
        if (unit.kind != "def" and unit.effect)
        or any(name in _SESSION_NAMES or _acts_on_session(name) for name in unit.binds)
    ]
    return digest("\n".join(parts))


def _acts_on_session(name: str) -> bool:
    return name.startswith("pytest_") and not name.startswith(_LOCAL_HOOKS)


_SESSION_NAMES = frozenset({"pytest_plugins", "collect_ignore", "collect_ignore_glob"})
# Hooks of a conftest that pytest calls only for what lies below it.
_LOCAL_HOOKS = (
    "pytest_runtest_setup", "pytest_runtest_call", "pytest_runtest_teardown",
    "pytest_runtest_makereport", "pytest_runtest_protocol", "pytest_generate_tests",
    "pytest_make_parametrize_id", "pytest_pyfunc_call", "pytest_fixture_setup",
    "pytest_fixture_post_finalizer", "pytest_itemcollected", "pytest_collect_file",
    "pytest_ignore_collect", "pytest_pycollect_makemodule", "pytest_pycollect_makeitem",
    "pytest_assertrepr_compare", "pytest_exception_interact",
)  # fmt: skip


def docs_of(facts: Facts) -> str:
    """Return the value of all docstrings of a file."""
    parts = [body.doc_hash for body in facts.bodies]
    parts += [unit.hash for unit in facts.units if unit.binds == ("__doc__",)]
    return digest("\n".join(parts))
