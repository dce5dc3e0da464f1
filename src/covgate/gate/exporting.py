"""Write the evidence of all tests as a data file of coverage.py, with a context for each test."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from covgate.coverage.project import not_exact
from covgate.errors import UndecidedError
from covgate.gate.assembly import executed_by_context
from covgate.gate.company import OTHER_LINES, deserted
from covgate.traces.store import WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from covgate.gate.overview import Overview

# Runs in the project's interpreter: its coverage knows the form of its own data files, and which
# files its settings count that nothing imports.
_PROGRAM = """\
import importlib.util, json, os, sys
import coverage
wanted = json.load(sys.stdin)
sys.path[:0] = [os.getcwd()] + [os.path.join(os.getcwd(), root) for root in wanted["roots"]]
if os.path.exists(wanted["file"]):
    os.unlink(wanted["file"])
cov = coverage.Coverage(data_file=wanted["file"])
cov.set_option("run:dynamic_context", None)
cov.start()
cov.stop()
data = cov.get_data()
relative = cov.get_option("run:relative_files")
inorout = getattr(cov, "_inorout", None)
scope = getattr(inorout, "check_include_omit_etc", lambda name, frame: None)
omit = getattr(inorout, "omit_match", None)
packages = []  # `source` may name packages, and coverage knows a file of one by its import
for name in getattr(inorout, "source_pkgs", None) or ():
    try:
        spec = importlib.util.find_spec(name)
    except Exception:
        spec = None
    if spec is not None:
        folders = spec.submodule_search_locations or ()
        packages += [os.path.join(os.path.abspath(folder), "") for folder in folders]
        packages.append(str(spec.origin))
def counts(full):
    if scope(full, None) is None:
        return True
    return full.startswith(tuple(packages)) and not (omit and omit.match(full))
for context, files in wanted["contexts"].items():
    data.set_context(context)
    named = {}
    for path, items in files.items():
        full = os.path.join(os.getcwd(), path)
        if items and os.path.exists(full) and counts(full):
            named[path if relative else full] = [tuple(i) if wanted["arcs"] else i for i in items]
    data.add_arcs(named) if wanted["arcs"] else data.add_lines(named)
cov.save()
"""


def export(seen: Overview, file: Path) -> int:
    """Write `file` and return the number of tests in it.

    Raises `UndecidedError` while a test of the tree has no trace that holds.
    """
    with seen.archive() as archive:
        suite = archive.suite
        chosen = archive.choose()
        tests = {
            test
            for path, found in suite.items()
            if path in seen.snapshot.entries
            for test in found
            if test not in chosen.gone
        }
        unknown = {test for test in tests | chosen.run.keys() if test not in chosen.reuse}
        if WHOLE not in suite or unknown:
            some = f"{len(unknown):,} of {len(tests):,} tests have no evidence"
            some = some if tests else "no test has evidence"
            raise UndecidedError(
                f"coverage is not exact yet: {some} that holds, so nothing is exported",
                "run `covgate record`",
            )
        held = {test: trace for test, trace in chosen.reuse.items() if test in tests}
        left = deserted(archive, held, {})
        if left:
            raise UndecidedError(
                f"coverage is {not_exact(len(left), len(held), OTHER_LINES)}; nothing is exported",
                "run `covgate record`",
            )
        has_arcs, contexts = executed_by_context(archive, held)
    roots = seen.settings.source_roots
    wanted = {
        "file": str(file.absolute()), "arcs": has_arcs, "contexts": contexts, "roots": roots,
    }  # fmt: skip
    done = subprocess.run(
        [seen.python, "-c", _PROGRAM],
        input=json.dumps(wanted),
        cwd=seen.around.repo.top,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UndecidedError(
            "the project's coverage could not write the file", output=done.stdout + done.stderr
        )
    return len(held)
