"""Runs the project's tests in the project's interpreter: `python _covgate_run.py PLAN.json`.

Does what `coverage run -m pytest` does, with the project's own configuration of both, and hands
the results back as data. Stands alone: the standard library, pytest and coverage, Python 3.9
and later, nothing of covgate.
"""

import json
import os
import sys


def main(plan_file):
    with open(plan_file, encoding="utf-8") as stream:
        plan = json.load(stream)
    root = plan["root"]
    os.chdir(root)
    _arrange_import_path(plan)

    import _covgate_guard
    import _covgate_plugin

    guard = _covgate_guard.Guard(plan)
    guard.start()

    if plan["trace"]:
        os.environ["COVERAGE_CORE"] = "ctrace"  # the other core loses lines between contexts

    import coverage

    measured = coverage.Coverage(data_file=plan["data_file"])
    tracing = None
    if plan["trace"]:
        measured.set_option("run:dynamic_context", None)
    measured.start()
    os.environ.pop("COVERAGE_CORE", None)
    try:
        import pytest

        if plan["trace"]:
            import _covgate_trace_pytest

            tracing = _covgate_trace_pytest.start(plan)

        plugin = _covgate_plugin.Plugin(plan, guard)
        plugins = [plugin] if tracing is None else [plugin, tracing]
        status = int(pytest.main(plan["pytest_args"], plugins=plugins))
    finally:
        if tracing is not None:
            tracing.finish()
        measured.stop()
        os.chdir(root)
        measured.save()
    plugin.finish(status)

    import _covgate_measure

    _covgate_measure.write(plan, measured)
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def _arrange_import_path(plan):
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


def _turn(entry, remap):
    for old, new in remap:
        if entry == old or entry.startswith(old + os.sep):
            return new + entry[len(old) :]
    return entry


def _turn_editable_finders(remap):
    """Turn the mapping of setuptools' editable finders (they live in modules of their own)."""
    for name, module in list(sys.modules.items()):
        if not name.startswith("__editable__"):
            continue
        mapping = getattr(module, "MAPPING", None)
        if isinstance(mapping, dict):
            for package, place in mapping.items():
                mapping[package] = _turn(place, remap)
        namespaces = getattr(module, "NAMESPACES", None)
        if isinstance(namespaces, dict):
            for package, places in namespaces.items():
                namespaces[package] = [_turn(place, remap) for place in places]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
