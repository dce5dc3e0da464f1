"""The order of the tests of a run: whole files move, so that fixtures of wide scope are kept.

The suite's own order stays whenever anybody else may have a say in it.
"""

from __future__ import annotations

import fnmatch

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

# Plugins that order tests, or that let tests depend on others, without a hook that shows it.
_ORDERING = ("dependency", "pytest_dependency", "depends", "order", "randomly", "random_order")
# Plugins whose hook only marks or deselects.
_QUIET = ("_pytest.", "_covgate", "_hypothesis_", "hypothesis.", "xdist.", "pytest_cov.")


def may_hold_tests(path: str, config: Any) -> bool:
    """Whether the project's settings let pytest collect tests from a file of this name."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return any("/" in p or fnmatch.fnmatch(name, p) for p in config.getini("python_files"))


def reorder(
    config: Any, items: list[Any], first: Sequence[str], file_of: Callable[[Any], str]
) -> bool:
    """Bring the tests of the files `first` to the front; return whether that changed the order."""
    files = [file_of(item) for item in items]
    runs = [file for n, file in enumerate(files) if n == 0 or file != files[n - 1]]
    if not first or len(runs) < 2 or len(runs) != len(set(runs)):
        return False  # nothing to do, or tests of several files are interleaved on purpose
    if _is_ordered(config) or any(_uses_packages(item) for item in items):
        return False
    rank = {file: n for n, file in enumerate(first)}
    before = list(items)
    items.sort(key=lambda item: rank.get(file_of(item), len(rank)))
    return any(one is not other for one, other in zip(before, items))


def _is_ordered(config: Any) -> bool:
    """Whether a plugin or a conftest of the project has a say in the order."""
    plugins = config.pluginmanager
    if any(plugins.hasplugin(name) for name in _ORDERING):
        return True
    for hook in config.hook.pytest_collection_modifyitems.get_hookimpls():
        owner = getattr(hook.plugin, "__name__", None) or type(hook.plugin).__module__
        if not str(owner).startswith(_QUIET):
            return True
    return False


def _uses_packages(item: Any) -> bool:
    """Whether a fixture of a whole package would be made again when its files are torn apart."""
    known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", None) or {}
    return any(
        str(getattr(one, "scope", "")) == "package" for defined in known.values() for one in defined
    )
