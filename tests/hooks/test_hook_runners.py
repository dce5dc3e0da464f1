"""Real pre-commit and real prek, through `git commit`, from an environment without anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hook_project import (
    ALL_IDS,
    RUNNERS,
    HookProject,
    bare_environment,
    local_config,
    tracked_copy,
    with_broken,
    with_tested,
    with_untested,
    without_covgate,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Project


@pytest.fixture(scope="module")
def hook_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hooks")


@pytest.fixture(params=RUNNERS)
def hooked(
    request: pytest.FixtureRequest,
    project: Project,
    lean_python: str,
    hook_home: Path,
    clean_env: Mapping[str, str],
    tmp_path: Path,
) -> HookProject:
    """A project with a local `covgate` hook, seen from a bare environment."""
    project.env = bare_environment(hook_home, clean_env)
    environment = Path(lean_python).parent.parent
    hooked = HookProject(project, request.param, environment, tmp_path / "counter")
    hooked.configure(local_config("covgate"))
    return hooked


def state(project: Project) -> dict[str, bytes | str]:
    """Everything of the user's; `git commit` itself refreshes the index before its hooks run."""
    return {**project.state(), "index": project.git("ls-files", "-s", "-v")}


def test_blocked_then_fixed_then_committed(hooked: HookProject) -> None:
    project = hooked.project
    project.stage({"m.py": with_untested()})
    head, before = hooked.head(), state(project)

    blocked = hooked.commit()

    assert blocked.code == 1, blocked
    assert "m.py:13" in blocked.out + blocked.err
    assert hooked.head() == head
    assert state(project) == before
    test = (project.root / "test_m.py").read_text()
    project.stage(
        {"test_m.py": f"{test}\n\ndef test_h():\n    from m import h\n\n    assert h(1)\n"}
    )
    committed = hooked.commit()
    assert committed.code == 0, committed
    assert hooked.head() != head
    assert project.git("status", "--porcelain") == ""


@pytest.mark.parametrize("hooked", ["prek"], indirect=True)
def test_failing_test_is_shown(hooked: HookProject) -> None:
    hooked.project.stage({"m.py": with_broken()})

    blocked = hooked.commit()

    assert blocked.code == 1
    assert "test_m.py::test_f" in blocked.out + blocked.err
    assert "assert 3 == 2" in blocked.out + blocked.err


def test_commit_all_and_commit_path(hooked: HookProject) -> None:
    """They use an index of their own, which names what is judged."""
    project = hooked.project
    project.commit({"k.py": "def k():\n    return 1\n"})
    project.stage({"k.py": "def k():\n    return 2\n"})
    project.write({"m.py": with_untested()})

    by_path = hooked.commit("--", "m.py")
    everything = hooked.commit("-a")

    assert (by_path.code, everything.code) == (1, 1)
    assert "m.py:13" in by_path.out + by_path.err
    assert "k.py" not in by_path.out + by_path.err
    assert "k.py:2" in everything.out + everything.err
    project.write({"m.py": with_tested()})
    passed = hooked.commit("--", "m.py")
    assert passed.code == 0, passed
    assert project.git("diff", "--cached", "--name-only") == "k.py"


def test_linked_worktree_uses_the_environment_of_the_main_one(hooked: HookProject) -> None:
    project = hooked.project
    linked = project.root.parent / "linked"
    project.git("worktree", "add", "-q", str(linked))
    head = hooked.head(str(linked))
    (linked / "m.py").write_text(with_broken())

    blocked = hooked.commit("-a", cwd=str(linked))
    (linked / "m.py").write_text(with_tested())
    passed = hooked.commit("-a", cwd=str(linked))

    assert blocked.code == 1, blocked
    assert "assert 3 == 2" in blocked.out + blocked.err
    assert passed.code == 0, passed
    assert hooked.head(str(linked)) != head
    assert hooked.head() == head
    assert project.git("config", "core.bare") == "false"


def test_partial_staging(hooked: HookProject) -> None:
    """The runner stashes the unstaged edit; the staged text is what is tested."""
    project = hooked.project
    project.stage({"m.py": with_tested()})
    project.write({"m.py": with_broken()})

    passed = hooked.commit()

    assert passed.code == 0, passed
    assert (project.root / "m.py").read_text() == with_broken()
    assert project.git("show", "HEAD:m.py") == with_tested().strip()
    project.git("add", "m.py")
    project.write({"m.py": with_tested()})
    blocked = hooked.commit()
    assert blocked.code == 1, blocked
    assert (project.root / "m.py").read_text() == with_tested()


def test_commit_that_only_deletes(hooked: HookProject) -> None:
    project = hooked.project
    project.stage({"m.py": None})

    blocked = hooked.commit()

    assert blocked.code == 1, blocked
    assert "No module named 'm'" in blocked.out + blocked.err
    project.stage({"test_m.py": None})
    committed = hooked.commit()
    assert committed.code == 0, committed


def test_whole_project_and_range_by_hand(hooked: HookProject) -> None:
    project = hooked.project
    base = hooked.head()
    project.commit({"m.py": with_untested()})

    everything = hooked.hook("--all-files")
    of_range = hooked.hook("--from-ref", base, "--to-ref", "HEAD")

    assert everything.code == 1
    assert "m.py:7" in everything.out
    assert of_range.code == 1
    assert "m.py:13" in of_range.out
    assert "m.py:7" not in of_range.out
    project.commit({"m.py": with_tested()})
    assert hooked.hook("--from-ref", base, "--to-ref", "HEAD").code == 0


def test_hooks_in_a_row_share_one_run(hooked: HookProject) -> None:
    project = hooked.project
    hooked.configure(local_config(*ALL_IDS))
    project.stage({"m.py": with_tested()})

    assert hooked.commit().code == 0
    assert hooked.runs() == 1

    project.stage({"m.py": with_untested()})
    blocked = hooked.hook()
    assert hooked.runs() == 1
    said = blocked.out.split("\n")
    assert [line.rpartition(".")[2] for line in said if "....." in line] == [
        "Failed",
        "Passed",
        "Failed",
        "Passed",
    ]


@pytest.mark.parametrize("hooked", ["prek"], indirect=True)
@pytest.mark.parametrize(
    ("hook", "codes"),
    {
        "impacted-tests": ("impacted-tests", (1, 0, 0)),
        "diff-coverage": ("diff-coverage", (0, 1, 0)),
        "skip-reasons": ("skip-reasons", (0, 0, 1)),
    }.values(),
)
def test_each_hook_alone(hooked: HookProject, hook: str, codes: tuple[int, int, int]) -> None:
    project = hooked.project
    hooked.configure(local_config(hook))
    test = (project.root / "test_m.py").read_text()
    skipped = "import pytest\n" + test.replace("def test_f", "@pytest.mark.skip\ndef test_f")
    changes = ({"m.py": with_broken()}, {"m.py": with_untested()}, {"test_m.py": skipped})

    found = []
    for change in changes:
        project.stage(change)
        found.append(hooked.hook().code)
        project.git("reset", "-q", "--hard")

    # A failing test covers its lines all the same; skipping the only test uncovers nothing new.
    assert tuple(found) == codes


@pytest.mark.parametrize("hooked", ["prek"], indirect=True)
def test_skip_reasons_need_no_environment(hooked: HookProject) -> None:
    project = hooked.project
    hooked.configure(local_config("skip-reasons"))
    (project.root / ".venv").unlink()
    project.stage({"m.py": with_broken()})

    assert hooked.hook().code == 0
    assert hooked.runs() == 0


@pytest.mark.parametrize("hooked", ["prek"], indirect=True)
def test_activated_environment_goes_first(hooked: HookProject, lean_python: str) -> None:
    project = hooked.project
    (project.root / ".venv").unlink()
    (project.root / ".venv").mkdir()
    (project.root / ".venv" / "pyvenv.cfg").touch()  # without pytest
    activated = str(Path(lean_python).parent)
    project.env["PATH"] = f"{activated}:{project.env['PATH']}"
    project.stage({"m.py": with_untested()})

    blocked = hooked.hook("-v")

    assert f"{lean_python} (the activated environment on PATH)" in " ".join(blocked.out.split())


@pytest.fixture(scope="module")
def covgate_repository(
    tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]
) -> Project:
    """covgate itself as a repository of hooks."""
    return tracked_copy(tmp_path_factory.mktemp("covgate") / "covgate", clean_env)


def test_hooks_from_the_repository(
    hooked: HookProject, covgate_repository: Project, hook_home: Path
) -> None:
    """In an environment of its own, which has neither the project nor its pytest."""
    project = hooked.project
    project.env = without_covgate(project.env, hook_home)
    rev = covgate_repository.git("rev-parse", "HEAD")
    ids = "".join(f"      - id: {name}\n" for name in ALL_IDS)
    hooked.configure(
        f"repos:\n  - repo: {covgate_repository.root}\n    rev: {rev}\n    hooks:\n{ids}"
    )
    project.stage({"m.py": with_broken()})

    blocked = hooked.commit()

    assert blocked.code == 1, blocked
    assert "assert 3 == 2" in blocked.out + blocked.err, blocked
    assert hooked.runs() == 1
    project.stage({"m.py": with_tested()})
    committed = hooked.commit()
    assert committed.code == 0, committed
