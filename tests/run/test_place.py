"""The tree under test: exactly the commit, with what the project needs around it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from conftest import BASE_MODULE, BASE_TEST

if TYPE_CHECKING:
    from conftest import Answered, Project

TESTED = BASE_MODULE.replace("x + 1", "1 + x")
BROKEN = BASE_MODULE.replace("x + 1", "x + 2")


def tree(answer: Answered) -> str:
    return str(answer.data["environment"]["tree"])


def isolated_root(project: Project) -> Path:
    """Return the isolated tree that was made for the project."""
    homes = Path(project.env["TMPDIR"]).glob(f"covgate-*/*/{project.root.name}")
    (root,) = [home for home in homes if belongs_to(home, project)]
    return root


def belongs_to(home: Path, project: Project) -> bool:
    alternates = (home / ".git/objects/info/alternates").read_text()
    return alternates.strip() == str(project.root / ".git/objects")


def test_in_place_without_difference(quick_project: Project) -> None:
    assert tree(quick_project.check()) == "in place"


DIFFERENCES = {
    "unstaged-edit-of-the-module": {"m.py": BROKEN},
    "unstaged-edit-of-the-test": {"test_m.py": BASE_TEST.replace("== 2", "== 3")},
    "deleted": {"m.py": None},
    "untracked-test": {"test_k.py": "def test_k():\n    assert False\n"},
    "untracked-conftest": {"conftest.py": "raise RuntimeError\n"},
    "untracked-settings": {"pytest.ini": "[pytest]\naddopts = --nosuch\n"},
}


@pytest.mark.parametrize("files", DIFFERENCES.values(), ids=DIFFERENCES)
def test_what_is_not_staged_does_not_count(
    quick_project: Project, files: dict[str, str | None]
) -> None:
    quick_project.write(dict(files))
    before = quick_project.state()

    answer = quick_project.check()

    assert answer.code == 0, answer
    assert tree(answer).startswith("isolated: ")
    assert next(iter(files)) in tree(answer)
    assert quick_project.state() == before


OVERLOOKED = {"skip-worktree": "--skip-worktree", "assume-unchanged": "--assume-unchanged"}


@pytest.mark.parametrize("flag", OVERLOOKED.values(), ids=OVERLOOKED)
def test_files_that_git_overlooks(quick_project: Project, flag: str) -> None:
    quick_project.git("update-index", flag, "m.py")
    quick_project.write({"m.py": BROKEN})
    before = quick_project.state()

    answer = quick_project.check()

    assert answer.code == 0, answer
    assert tree(answer).startswith("isolated: m.py")
    assert quick_project.state() == before


def test_sparse_checkout(quick_project: Project) -> None:
    quick_project.commit({"pkg/__init__.py": "", "test_p.py": "import pkg\n\ndef test(): pass\n"})
    quick_project.git("sparse-checkout", "set", "--no-cone", "/*", "!/pkg")
    assert not (quick_project.root / "pkg").exists()
    quick_project.stage({"m.py": TESTED + "# edited\n", "test_p.py": "import pkg\ndef test(): 1\n"})

    answer = quick_project.check("--only", "tests-fail")

    assert answer.code == 0, answer
    assert not (quick_project.root / "pkg").exists()


def test_untracked_module_that_the_tests_import(quick_project: Project) -> None:
    quick_project.stage({"test_m.py": f"import k\n{BASE_TEST}"})
    quick_project.write({"k.py": "x = 1\n"})

    answer = quick_project.check()

    assert answer.code == 1
    assert "untracked-dependency" in answer.rules
    (finding,) = [f for f in answer.data["findings"] if f["rule"] == "untracked-dependency"]
    assert finding["path"] == "k.py"
    assert "git add" in finding["help"]


GENERATED_TEST = """\
from pathlib import Path

import m_version
from m import f

HERE = Path(__file__).parent


def test_f():
    assert f(m_version.NUMBER) == 2
    assert Path("data/big.txt").read_text() == "big"
    assert (HERE / "data/big.txt").read_text() == "big"
    assert (HERE / "tracked.txt").read_text() == "tracked"
"""


def test_ignored_files_are_brought_along(quick_project: Project) -> None:
    quick_project.commit({".gitignore": "m_version.py\ndata/\n", "tracked.txt": "tracked"})
    quick_project.write({"m_version.py": "NUMBER = 1\n", "data/big.txt": "big"})
    quick_project.stage({"test_m.py": GENERATED_TEST})
    quick_project.write({"m.py": BROKEN, "tracked.txt": "edited"})
    before = quick_project.state()

    answer = quick_project.check()

    assert answer.code == 0, answer
    assert quick_project.state() == before


NODES = """\
import os
from pathlib import Path


def test_root(request):
    assert request.node.nodeid == "tests/unit/test_n.py::test_root"
    assert request.config.rootpath == Path.cwd()
    assert os.environ["FROM_CONFTEST"] == "tests"
    assert request.getfixturevalue("deep") == "unit"
    assert Path(__file__).name in os.listdir("tests/unit")
"""


def test_node_ids_and_conftests_are_as_in_place(quick_project: Project) -> None:
    quick_project.stage(
        {
            "pytest.ini": "[pytest]\ntestpaths = tests\n",
            "tests/conftest.py": "import os\nos.environ['FROM_CONFTEST'] = 'tests'\n",
            "tests/unit/conftest.py": "import pytest\n\n@pytest.fixture\ndef deep():\n"
            "    return 'unit'\n",
            "tests/unit/test_n.py": NODES,
        }
    )
    in_place = quick_project.check()
    quick_project.write({"m.py": BROKEN})

    isolated = quick_project.check("--run-all")

    assert (tree(in_place), tree(isolated)[:8]) == ("in place", "isolated")
    assert in_place.ran == isolated.ran == ["tests/unit/test_n.py::test_root"]
    assert in_place.data["diff_coverage"] == isolated.data["diff_coverage"]


FILTERED_TEST = """\
from m import f


def test_f():
    assert f(1) == 2
    assert open("a.txt", "rb").read() == b"one\\r\\ntwo\\r\\n"
    assert open("secret.bin", "rb").read() == b"PLAIN"
"""


def test_line_ends_and_filters_are_those_of_the_working_tree(quick_project: Project) -> None:
    quick_project.git("config", "filter.shout.clean", "tr A-Z a-z")
    quick_project.git("config", "filter.shout.smudge", "tr a-z A-Z")
    quick_project.stage({".gitattributes": "a.txt text eol=crlf\n*.bin filter=shout\n"})
    quick_project.stage({"a.txt": "one\r\ntwo\r\n", "secret.bin": "PLAIN"})
    quick_project.stage({"test_m.py": FILTERED_TEST})
    in_place = quick_project.check()
    quick_project.write({"m.py": BROKEN})
    before = quick_project.state()

    isolated = quick_project.check()

    assert (in_place.code, isolated.code) == (0, 0), isolated
    assert tree(isolated).startswith("isolated")
    assert quick_project.state() == before


def test_links_and_submodules(quick_project: Project, tmp_path: Path) -> None:
    other = quick_project.root.parent / "other"
    quick_project.git("clone", "-q", ".", str(other))
    quick_project.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "vendored"
    )
    (quick_project.root / "alias.py").symlink_to("m.py")
    quick_project.git("add", "-A")
    test = "import os\nfrom alias import f\n\n\ndef test_f():\n    assert f(1) == 2\n"
    test += "    assert os.path.islink('alias.py')\n    assert os.path.isfile('vendored/m.py')\n"
    settings = "[pytest]\nnorecursedirs = vendored\n"
    quick_project.stage({"test_m.py": test, "pytest.ini": settings})
    quick_project.write({"m.py": BROKEN})

    answer = quick_project.check()

    assert answer.code == 0, answer


def test_second_run_writes_only_what_changed(quick_project: Project) -> None:
    quick_project.commit({f"data/{n}.txt": str(n) for n in range(50)})
    quick_project.stage({"m.py": TESTED + "# 1\n"})
    quick_project.write({"test_m.py": "broken"})
    assert quick_project.check().code == 0
    root = isolated_root(quick_project)
    before = {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in root.glob("**/*.*")}
    quick_project.stage({"m.py": TESTED + "# 2\n"})

    assert quick_project.check().code == 0

    after = {p: (p.stat().st_ino, p.stat().st_mtime_ns) for p in root.glob("**/*.*")}
    changed = {p.name for p in before if p in after and before[p] != after[p]}
    assert {name for name in changed if name.endswith((".py", ".txt"))} == {"m.py"}


def test_isolated_tree_that_was_damaged(quick_project: Project) -> None:
    quick_project.write({"m.py": BROKEN})
    assert quick_project.check().code == 0
    root = isolated_root(quick_project)
    (root / ".git" / "index").write_bytes(b"rubbish")
    (root / ".git" / "index.lock").touch()
    (root / "m.py").write_text("raise RuntimeError")
    (root / "test_extra.py").write_text("def test(): assert False")

    answer = quick_project.check("--run-all")

    assert answer.code == 0, answer
    assert answer.ran == ["test_m.py::test_f"]


def test_trees_of_forgotten_projects_are_removed(quick_project: Project) -> None:
    quick_project.stage({"m.py": TESTED})
    quick_project.write({"m.py": BROKEN})
    quick_project.check()
    home = isolated_root(quick_project).parent.parent
    for name in ("forgotten-0", "tree-died"):
        (home / name / "project").mkdir(parents=True)
        os.utime(home / name, (1, 1))
    assert quick_project.check("--no-receipt").code == 0
    assert isolated_root(quick_project).exists()
    assert not [name for name in ("forgotten-0", "tree-died") if (home / name).exists()]


def test_two_runs_at_once(quick_project: Project, tmp_path: Path) -> None:
    """Each has a tree of its own; neither waits for the other."""
    meeting = f"""\
import pathlib, time
from m import f


def test_f():
    here = pathlib.Path({str(tmp_path)!r})
    (here / str(time.time_ns())).touch()
    deadline = time.monotonic() + 30
    while len([p for p in here.iterdir() if p.name.isdigit()]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert f(1) == 2
"""
    quick_project.stage({"test_m.py": meeting})
    quick_project.write({"m.py": BROKEN})
    before = quick_project.state()
    command = [sys.executable, "-m", "covgate", "check", "--only", "tests-fail"]

    runs = [
        subprocess.Popen(
            command, cwd=quick_project.root, env=quick_project.env, stdout=subprocess.DEVNULL
        )
        for _ in range(2)
    ]

    assert [run.wait(60) for run in runs] == [0, 0]
    assert quick_project.state() == before


def test_killed_run_in_an_isolated_tree(quick_project: Project, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    slow = f"{BASE_TEST}    open({str(flag)!r}, 'w').close()\n    import time\n    time.sleep(60)\n"
    quick_project.stage({"test_m.py": slow})
    quick_project.write({"m.py": BROKEN})
    before = quick_project.state()
    run = subprocess.Popen(
        [sys.executable, "-m", "covgate", "check"], cwd=quick_project.root, env=quick_project.env
    )
    deadline = time.monotonic() + 60
    while not flag.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)

    run.send_signal(signal.SIGKILL)
    run.wait()

    assert quick_project.state() == before
    quick_project.stage({"test_m.py": BASE_TEST})
    assert quick_project.check().code == 0


def test_first_run_compiles_the_project_alone(quick_project: Project) -> None:
    quick_project.stage({"m.py": TESTED})
    assert quick_project.check().code == 0
    compiled = [*(quick_project.root / ".git/covgate/bytecode").rglob("*.pyc")]
    assert "m" in {path.name.partition(".")[0] for path in compiled}
    assert not [path for path in compiled if {"_pytest", "coverage", "json"} & {*path.parts}]


def test_stale_bytecode_in_both_directions(quick_project: Project) -> None:
    """Same size, same second: Python itself would take one version's bytecode for the other's."""
    module = quick_project.root / "m.py"
    good, bad = TESTED, TESTED.replace("1 + x", "9 + x")
    stamp = 1_700_000_000
    python = quick_project.env["COVGATE_PYTHON"]
    import_it = "import m; print(m.f(1))"

    def switch(text: str) -> None:
        module.write_text(text)
        os.utime(module, (stamp, stamp))
        # `git add` believes the time and the size as well.
        blob = quick_project.git("hash-object", "-w", "m.py")
        quick_project.git("update-index", "--cacheinfo", f"100644,{blob},m.py")

    switch(bad)
    quick_project.env["PYTHONDONTWRITEBYTECODE"] = ""
    first = quick_project.run(python, "-c", import_it)
    switch(good)
    assert quick_project.check().code == 0
    switch(bad)
    assert quick_project.check().code == 1
    switch(good)
    assert quick_project.check().code == 0
    switch(bad)
    second = quick_project.run(python, "-c", import_it)
    assert (first.out, second.out) == ("10\n", "10\n")
