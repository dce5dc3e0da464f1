"""Other tools that choose tests, and the limit: what no tool can go below.

Each has an environment of its own, a copy of the project's with the tool added, so that no plugin
takes part in the run of another. What a tool keeps from the parent is made there, uncounted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from contenders import Contender, Judged, diff_cover, last_line
from measuring import Cost, measured
from smallest import Runs, runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workspace import Workspace

HERE = Path(__file__).resolve().parent
REQUIREMENTS = {
    "testmon": ("pytest-testmon==2.2.0",),
    "testmon-cov": ("pytest-testmon==2.2.0", "pytest-cov==7.1.0"),
    "impacted": ("pytest-impacted==0.36.0",),
    "selective": ("pytest-selective==0.4.1",),
    "tia": ("pytest-tia==1.1.1",),
}
_FAILED = ("failed", "error")


def environment(work: Workspace, name: str) -> Path:
    """Return where the environment of a tool is, or will be."""
    return work.clone.parent / f"env-{name}"


def _with(work: Workspace, name: str) -> Workspace:
    """Return the workspace with the environment of a tool, made when it is not there."""
    place = environment(work, name)
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(work.python.parent.parent, place, symlinks=True)
        pip = [str(python), "-m", "pip", "install", "-q", *REQUIREMENTS[name]]
        subprocess.run(pip, check=True)
        (place / "ready").touch()
    data = {"TESTMON_DATAFILE": str(work.clone.parent / "testmondata")}
    path = work.env["PATH"].replace(str(work.python.parent), str(python.parent))
    return work._replace(python=python, env={**work.env, **data, "PATH": path})


def _judged(work: Workspace, command: Sequence[str], store: Path | None = None) -> Judged:
    """Run pytest in whatever way a command does; tests are counted by a plugin of ours."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "outcomes.jsonl"
        extra = {"REPLAY_OUTCOMES": str(file), "PYTEST_ADDOPTS": "-p replay_outcomes"}
        done = measured([*command], work.clone, {**_with_plugins(work).env, **extra})
        rows = map(json.loads, file.read_text().splitlines()) if file.exists() else ()
        outcomes: dict[str, str] = dict(rows)
    failed = sorted(test for test, outcome in outcomes.items() if outcome in _FAILED)
    size = size_of(store) if store is not None else None
    note = last_line(done)
    return Judged(done.cost, done.code, len(outcomes), failed, note=note, store_bytes=size)


def size_of(place: Path) -> int:
    """Return the bytes of a file and what lies beside it by its name, or of a folder."""
    files = place.rglob("*") if place.is_dir() else place.parent.glob(f"{place.name}*")
    return sum(file.stat().st_size for file in files if file.is_file())


def _pytest(work: Workspace, *arguments: str) -> list[str]:
    return [str(work.python), "-m", "pytest", "-q", *arguments]


def _quietly(work: Workspace, command: Sequence[str]) -> None:
    subprocess.run(command, cwd=work.clone, env=work.env, capture_output=True, check=False)


def testmon(work: Workspace) -> Judged:
    """pytest-testmon, without coverage."""
    own = _with(work, "testmon")
    return _judged(own, _pytest(own, "--testmon"), work.clone.parent / "testmondata")


def testmon_at_parent(work: Workspace) -> None:
    own = _with(work, "testmon")
    _forget_testmon(work)
    _quietly(own, _pytest(own, "--testmon"))


def _forget_testmon(work: Workspace) -> None:
    for file in work.clone.parent.glob("testmondata*"):
        file.unlink()


# --cov takes a value when one follows: without one the project's settings say what counts.
_NO_BRANCHES = ("--testmon", "-p", "replay_no_branches", "--cov")


def testmon_cov(work: Workspace) -> Judged:
    """pytest-testmon with pytest-cov, and diff-cover on the report that they write."""
    with tempfile.TemporaryDirectory() as folder:
        own = _with_cov(work, folder)
        xml = f"{folder}/coverage.xml"
        command = _pytest(own, f"--cov-report=xml:{xml}", *_NO_BRANCHES)
        ran = _judged(own, command, work.clone.parent / "testmondata")
        done, uncovered = diff_cover(own, xml)
    return ran._replace(cost=ran.cost + done.cost, uncovered=uncovered)


def testmon_cov_at_parent(work: Workspace) -> None:
    _forget_testmon(work)
    with tempfile.TemporaryDirectory() as folder:
        own = _with_cov(work, folder)
        _quietly(own, _pytest(own, "--cov-report=", *_NO_BRANCHES))


def _with_cov(work: Workspace, folder: str) -> Workspace:
    own = _with(work, "testmon-cov")
    return _with_plugins(own._replace(env={**own.env, "COVERAGE_FILE": f"{folder}/coverage"}))


def _with_plugins(work: Workspace) -> Workspace:
    """Return the workspace with the plugins of this folder within reach of its interpreter."""
    path = os.pathsep.join(filter(None, [str(HERE), work.env.get("PYTHONPATH")]))
    return work._replace(env={**work.env, "PYTHONPATH": path})


def impacted(work: Workspace) -> Judged:
    """pytest-impacted, with everything that it offers to miss less."""
    own = _with(work, "impacted")
    module, tests = _layout(work.clone)
    words = ["--impacted", f"--impacted-module={module}", "--impacted-conftest-imports"]
    return _judged(own, _pytest(own, *words, *([f"--impacted-tests-dir={tests}"] if tests else [])))


def _layout(clone: Path) -> tuple[str, str]:
    """Return where the package of a project lies, and its tests when they lie beside it."""
    tests = next((name for name in ("tests", "test") if (clone / name).is_dir()), "")
    for folder in (clone / "src", clone):
        for init in sorted(folder.glob("*/__init__.py")):
            if init.parent.name not in ("tests", "test", "docs", "examples"):
                return init.parent.relative_to(clone).as_posix(), tests
    return clone.name, tests


def selective(work: Workspace) -> Judged:
    """pytest-selective."""
    own = _with(work, "selective")
    return _judged(own, _pytest(own, "--selective"))


def tia(work: Workspace) -> Judged:
    """pytest-tia."""
    own = _with(work, "tia")
    return _judged(own, [str(own.python.parent / "tia"), "run"], work.clone / ".tia")


def tia_at_parent(work: Workspace) -> None:
    own = _with(work, "tia")
    shutil.rmtree(work.clone / ".tia", ignore_errors=True)
    _quietly(own, [str(own.python.parent / "tia"), "record"])


def limit(work: Workspace) -> Judged:
    """Pytest with exactly the tests that run a changed line; finding them out is not counted."""
    wanted = sorted(_executing(work, work.changed_lines()))
    if not wanted:
        return Judged(Cost(), 0, 0, [], note="no test runs a changed line")
    return exactly(work, wanted)


def exactly(work: Workspace, wanted: Sequence[str]) -> Judged:
    """Pytest with these tests and no others."""
    with tempfile.TemporaryDirectory() as folder:
        names = Path(folder) / "names"
        names.write_text("\n".join(wanted))  # a command line may be too short for them
        return _judged(work, _pytest(work, f"@{names}"))


def _executing(work: Workspace, changed: set[tuple[str, int]]) -> set[str]:
    ran = tests_by_line(work)
    return {test for path, line in changed for test in ran.get(path, {}).get(line, ())}


def tests_by_line(work: Workspace) -> Runs:
    """Return which tests run each line, as coverage's contexts tell in a run of all tests."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "coverage"
        env = {
            **_with_plugins(work).env,
            "COVERAGE_FILE": str(data),
            "REPLAY_CONTEXTS": "1",
            "COVERAGE_CORE": "ctrace",  # the other one misses contexts
        }
        own = work._replace(env=env)
        run = ["-m", "coverage", "run", "-m", "pytest", "-q", "-p", "replay_outcomes"]
        _quietly(own, [str(work.python), *run])
        if not data.exists():
            _quietly(own, [str(work.python), "-m", "coverage", "combine", "-q"])
        ran = runs(data, work.clone)
    return {
        path: {line: {test for test in tests if "::" in test} for line, tests in lines.items()}
        for path, lines in ran.items()
    }


PEERS: Mapping[str, Contender] = {
    "testmon": Contender(testmon, testmon_at_parent),
    "testmon-cov": Contender(testmon_cov, testmon_cov_at_parent),
    "impacted": Contender(impacted),
    "selective": Contender(selective),
    "tia": Contender(tia, tia_at_parent),
    "limit": Contender(limit),
}
