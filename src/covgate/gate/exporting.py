"""Write the evidence of all tests as a data file of coverage.py, with a context for each test."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from covgate.errors import UndecidedError
from covgate.gate.assembly import executed_by_context
from covgate.traces.store import WHOLE

if TYPE_CHECKING:
    from pathlib import Path

    from covgate.gate.overview import Overview

# Runs in the project's interpreter: its coverage knows the form of its own data files, and which
# files its settings count that nothing imports.
_PROGRAM = """\
import json, os, sys
import coverage
wanted = json.load(sys.stdin)
if os.path.exists(wanted["file"]):
    os.unlink(wanted["file"])
cov = coverage.Coverage(data_file=wanted["file"])
cov.set_option("run:dynamic_context", None)
cov.start()
cov.stop()
data = cov.get_data()
relative = cov.get_option("run:relative_files")
scope = getattr(getattr(cov, "_inorout", None), "check_include_omit_etc", lambda name, frame: None)
for context, files in wanted["contexts"].items():
    data.set_context(context)
    named = {}
    for path, items in files.items():
        full = os.path.join(os.getcwd(), path)
        if items and os.path.exists(full) and scope(full, None) is None:
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
            some = f"{len(unknown):,} of {len(tests):,} tests have" if tests else "no test has"
            raise UndecidedError(
                f"coverage is not exact yet: {some} no evidence that holds, so nothing is exported",
                "run `covgate record`",
            )
        has_arcs, contexts = executed_by_context(archive, chosen.reuse)
    wanted = {"file": str(file.absolute()), "arcs": has_arcs, "contexts": contexts}
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
    return len(chosen.reuse)
