"""The recorder does not measure itself, whichever version of coverage the project has."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from covgate.run.environment import RECORDER

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = """
import json, sys
sys.path[:0] = [sys.argv[1], sys.argv[2]]
import coverage
import _covgate_scope
measured = coverage.Coverage(data_file=None)
measured.start()
_covgate_scope.leave_out_ours(measured)
import _covgate_order
import mine
assert _covgate_scope.is_ours(_covgate_order.__file__)
assert not _covgate_scope.is_ours(mine.__file__)
measured.stop()
print(json.dumps(sorted(measured.get_data().measured_files())))
"""


def test_only_the_code_of_others_is_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("ONE = 1\n")
    script = tmp_path / "script.py"
    script.write_text(_SCRIPT)
    arguments = [sys.executable, str(script), str(RECORDER), str(tmp_path)]
    done = subprocess.run(
        arguments, cwd=tmp_path, env={"COVERAGE_CORE": "ctrace"}, capture_output=True, check=True
    )
    measured = [name.rpartition("/")[2] for name in json.loads(done.stdout)]
    assert "mine.py" in measured
    assert "_covgate_order.py" not in measured
