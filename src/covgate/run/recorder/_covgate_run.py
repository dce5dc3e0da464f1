"""Runs the project's tests in the project's interpreter: `python _covgate_run.py PLAN.json`.

Does what `coverage run -m pytest` does, with the project's own configuration of both, and hands
the results back as data. Stands alone: the standard library, pytest and coverage, Python 3.9
and later, nothing of covgate.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from _covgate_plan import Plan


def main(plan_file: str) -> int:
    """Run the plan; returns pytest's exit status."""
    with open(plan_file, encoding="utf-8") as stream:
        plan: Plan = json.load(stream)
    root = plan["root"]
    os.chdir(root)
    own_process = os.getpid()
    _arrange_import_path(plan)

    import _covgate_bytecode

    _covgate_bytecode.redirect(plan["project_places"], plan["bytecode"])  # before pytest comes

    import _covgate_guard
    import _covgate_measure
    import _covgate_outside
    import _covgate_plugin
    import _covgate_scope
    import _covgate_std

    guard = _covgate_guard.Guard(plan)
    guard.start()
    _covgate_outside.Outside(plan).start()

    import_path = list(sys.path)
    measured = _coverage(plan)
    tracing = None
    measured.start()
    _covgate_scope.leave_out_ours(measured)
    os.environ.pop("COVERAGE_CORE", None)
    try:
        import pytest

        _covgate_bytecode.read_rewritten(plan["bytecode"])
        if plan["trace"]:
            import _covgate_trace_pytest

            tracing = _covgate_trace_pytest.start(plan, measured)

        plugin = _covgate_plugin.Plugin(plan, guard)
        plugins = [plugin] if tracing is None else [plugin, tracing]
        status = int(pytest.main(plan["pytest_args"], plugins=plugins))
    finally:
        if os.getpid() != own_process:
            os._exit(1)  # a child that a test forked, and that ran on through pytest
        if tracing is not None:
            tracing.finish()
        measured.stop()
        _covgate_std.put_back()
        os.chdir(root)
        sys.path[:] = import_path
        measured.save()
    plugin.finish(status)
    imported = tracing.lines.imported() if tracing is not None else set()
    _covgate_measure.write(plan, measured, imported)
    return status


def _coverage(plan: Plan) -> Any:
    """Return coverage as the project configures it, ready to start."""
    if plan["trace"]:
        os.environ["COVERAGE_CORE"] = "ctrace"  # the other core loses lines between contexts

    import coverage
    import coverage.collector

    # It notes where it is started, for its messages about nested measurements: to read the sources
    # of all callers takes longer than most tests do.
    if hasattr(coverage.collector, "short_stack"):
        coverage.collector.short_stack = lambda: ""
    measured = coverage.Coverage(data_file=plan["data_file"])
    if plan["trace"]:
        measured.set_option("run:dynamic_context", None)
    return measured


def _arrange_import_path(plan: Plan) -> None:
    """Import from the tree under test: first of all, and in place of other copies of it.

    `python -m pytest` puts the current folder first. Entries that an editable install added for
    another working tree (`remap`: pairs of folder and tree under test) are turned to this one.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    path = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    turned = [_turn(entry, plan["remap"]) for entry in path]
    first = [plan["root"]] + [os.path.join(plan["root"], s) for s in plan["source_roots"]]
    sys.path[:] = first + [entry for entry in turned if entry not in first] + [here]
    _turn_editable_finders(plan["remap"])
    moved = [new for old, new in zip(path, turned) if old != new]
    extra = [folder for folder in first[1:] + moved if folder not in (plan["root"],)]
    if extra:
        # Child interpreters read `.pth` files again; PYTHONPATH comes before those.
        inherited = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = os.pathsep.join(extra + ([inherited] if inherited else []))


def _turn(entry: str, remap: Sequence[Sequence[str]]) -> str:
    if os.sep + "site-packages" in entry:
        return entry
    for old, new in remap:
        if entry == old or entry.startswith(old + os.sep):
            return new + entry[len(old) :]
    return entry


def _turn_editable_finders(remap: Sequence[Sequence[str]]) -> None:
    """Turn the finders of editable installs, which keep folders and files in dictionaries.

    setuptools keeps them in a module of its own, other builders (scikit-build, editables) in the
    finder or its class.
    """
    modules = [m for name, m in list(sys.modules.items()) if name.startswith("__editable__")]
    for holder in [*modules, *sys.meta_path, *map(type, sys.meta_path)]:
        for value in list(getattr(holder, "__dict__", {}).values()):
            if isinstance(value, dict):
                for key, place in value.items():
                    value[key] = _turned(place, remap)


def _turned(value: Any, remap: Sequence[Sequence[str]]) -> Any:
    if isinstance(value, str) and os.path.isabs(value):
        return _turn(value, remap)
    if type(value) in (list, tuple, set):
        return type(value)(_turned(item, remap) for item in value)
    return value


def _end(status: int) -> None:
    """Leave; a test may have closed the standard streams."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass
    sys.exit(status)


if __name__ == "__main__":
    try:
        ended = main(sys.argv[1])
    except KeyboardInterrupt:
        ended = 2  # as pytest would have said: its time was over before it could listen
    _end(ended)
