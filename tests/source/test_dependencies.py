"""What is kept of a whole project's files is used again only while all behind it is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from covgate.change.model import Base, Change, FileChange
from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import SkipWithoutReason
from covgate.rules import skip_without_reason
from covgate.rules.silenced.trees import tree_of
from covgate.source.dependencies import Dependencies

if TYPE_CHECKING:
    from pathlib import Path

MARKS = "import pytest\n\nlater = pytest.mark.skip(reason='the ledger of SHOP-3 is missing')\n"
APP = "def total():\n    return 0\n" + "# more\n" * 400
FILES = {
    "tests/test_a.py": "from tests.lib import later\nfrom app import total\n\n\n@later\ndef test_a():\n    assert total() == 0\n",
    "tests/test_b.py": "import pytest\n\n\n@pytest.mark.skip\ndef test_b():\n    assert 1 == one()\n",
    "tests/lib/__init__.py": "from tests.lib.marks import later\n",
    "tests/lib/marks.py": MARKS,
    "app.py": APP,
}


def found(files: dict[str, str], memory: Path | None) -> list[str]:
    judged = Change(
        mode="all",
        why="",
        bases=(Base("", None, ""),),
        before=(MemorySnapshot(),),
        target=MemorySnapshot(files),
        files=tuple(FileChange(path, None, "added", None, None) for path in sorted(files)),
    )
    findings = skip_without_reason.find(judged, SkipWithoutReason(), memory)
    return [f"{finding.path}:{finding.line}" for finding in findings]


def test_modules_behind_a_test() -> None:
    tree = tree_of(MemorySnapshot(FILES))
    assert Dependencies(tree.project).of("tests/test_a.py") == {
        "app.py": False,
        "tests/lib/__init__.py": True,
        "tests/lib/marks.py": True,
    }


OLD = ["tests/test_b.py:4"]
EDITS = {
    "nothing": ({}, OLD),
    "a module that can't tell": ({"app.py": APP + "# and more\n"}, OLD),
    "a mark behind another module": (
        {"tests/lib/marks.py": MARKS.replace("the ledger of SHOP-3 is missing", "")},
        ["tests/test_a.py:5", *OLD],
    ),
    "the test": ({"tests/test_b.py": FILES["tests/test_b.py"].replace("skip", "slow")}, []),
    "the configuration": ({"pytest.ini": "[pytest]\npython_files = check_*.py\n"}, None),
    "a module that hides another": ({"tests/tests/lib.py": "later = lambda f: f\n"}, OLD),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_is_kept_is_what_would_be_found(name: str, tmp_path: Path) -> None:
    edits, wanted = EDITS[name]
    memory = tmp_path / "judged.sqlite"
    assert found(FILES, memory) == OLD
    assert found(FILES, memory) == OLD
    after = {**FILES, **edits}
    assert found(after, memory) == found(after, None)
    if wanted is not None:
        assert found(after, memory) == wanted


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough for one" * 9])
def test_a_damaged_file_costs_time_only(content: bytes, tmp_path: Path) -> None:
    memory = tmp_path / "judged.sqlite"
    memory.write_bytes(content)
    assert found(FILES, memory) == OLD
    assert found(FILES, memory) == OLD


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    assert found(FILES, tmp_path) == OLD
