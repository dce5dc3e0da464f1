"""`covgate ci` in clones as CIs make them: what it compares, deepens, and refuses."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import BASE_MODULE, BASE_TEST, Answered, Project

if TYPE_CHECKING:
    from collections.abc import Mapping

ZERO = "0" * 40
SKIP = "import pytest\n\n\n@pytest.mark.skip\ndef test_{n}():\n    assert True\n"
# The static rule needs no test run: enough to see what is compared.
STATIC = ("--only=skip-without-reason", "--format=json")
GITHUB = {"CI": "true", "GITHUB_ACTIONS": "true"}
GITLAB = {"CI": "true", "GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main"}


class Forge:
    """A remote repository, and the clones that a CI makes of it.

    main has 12 commits; `work` left it at the 8th, and adds a bare skip in each of 3 commits.
    `work` is merged into main as `refs/pull/1/merge`.
    """

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = env
        up = self.up = Project(folder / "up", env)
        for n in range(8):
            up.commit({"m.py": BASE_MODULE + f"# {n}\n", "test_m.py": BASE_TEST}, f"main {n}")
        self.fork = up.git("rev-parse", "HEAD")
        up.git("checkout", "-q", "-b", "work")
        for n in range(3):
            up.commit({f"test_work_{n}.py": SKIP.format(n=n)}, f"work {n}")
        self.work = up.git("rev-parse", "HEAD")
        up.git("checkout", "-q", "main")
        for n in range(4):
            up.commit({f"test_main_{n}.py": SKIP.format(n=n)}, f"later {n}")
        self.main = up.git("rev-parse", "HEAD")
        up.git("merge", "-q", "--no-ff", "-m", "merge", "work")
        self.merge = up.git("rev-parse", "HEAD")
        up.git("update-ref", "refs/pull/1/merge", self.merge)
        up.git("reset", "-q", "--hard", self.main)

    def checkout(self, ref: str, depth: int | None = 1, name: str = "job") -> Project:
        """A clone as actions/checkout and GitLab's runner make it: one ref, a detached HEAD."""
        job = Project(self.folder / name, self.env)
        job.git("remote", "add", "origin", self.up.root.as_uri())
        limit = [f"--depth={depth}"] if depth else []
        commit = self.up.git("rev-parse", ref)
        job.git("fetch", "-q", "--no-tags", *limit, "origin", f"+{commit}:refs/remotes/job")
        job.git("checkout", "-q", "--detach", commit)
        return job


@pytest.fixture(scope="module")
def made_forge(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Forge:
    env = {key: value for key, value in clean_env.items() if key != "CI" and "_CI" not in key}
    return Forge(tmp_path_factory.mktemp("forge"), env)


@pytest.fixture
def forge(made_forge: Forge, tmp_path: Path) -> Forge:
    """The forge, whose clones go to a folder of the test."""
    forge = Forge.__new__(Forge)
    forge.__dict__.update(made_forge.__dict__, folder=tmp_path)
    return forge


def event(job: Project, name: str, payload: Any, **more: str) -> dict[str, str]:
    """The variables of a GitHub event."""
    file = job.root.parent / "event.json"
    file.write_text(json.dumps(payload))
    return {**GITHUB, "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(file), **more}


def pull_request(forge: Forge, job: Project, name: str = "pull_request", **more: str) -> dict[str, str]:  # fmt: skip
    payload = {
        "pull_request": {
            "number": 1,
            "commits": 3,
            "changed_files": 3,
            "base": {"ref": "main", "sha": forge.fork},
            "head": {"ref": "work", "sha": forge.work},
        },
        "repository": {"default_branch": "main"},
    }
    more.setdefault("GITHUB_REF", "refs/pull/1/merge")
    more.setdefault("GITHUB_SHA", forge.merge)
    return event(job, name, payload, GITHUB_BASE_REF="main", **more)


def push(job: Project, branch: str, before: str, commits: int = 1, **more: str) -> dict[str, str]:
    payload = {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "commits": [{}] * commits,
        "repository": {"default_branch": "main"},
    }
    more.setdefault("GITHUB_REF", f"refs/heads/{branch}")
    return event(job, "push", payload, **more)


def judged(answer: Answered) -> list[str]:
    """The files in which new skips were found: what the comparison holds."""
    assert answer.code in (0, 1), answer.out + answer.err
    return sorted(finding["path"] for finding in answer.data["findings"])


WORK = [f"test_work_{n}.py" for n in range(3)]
LATER = [f"test_main_{n}.py" for n in range(4)]


@pytest.mark.parametrize("depth", [1, 2, 3, None])
def test_a_pull_request_is_compared_with_the_first_parent_of_its_merge(
    forge: Forge, depth: int | None
) -> None:
    job = forge.checkout(forge.merge, depth)
    answer = job.covgate("ci", *STATIC, **pull_request(forge, job))
    assert judged(answer) == WORK
    assert answer.data["base"] == forge.main
    assert forge.main[:12] in answer.data["notes"][0]
    assert "pull_request #1 into main" in answer.data["notes"][0]


def test_a_pull_request_without_a_payload_is_known_by_its_ref(forge: Forge) -> None:
    job = forge.checkout(forge.merge, 2)
    env = {**GITHUB, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"}
    answer = job.covgate("ci", *STATIC, **env, GITHUB_REF="refs/pull/1/merge", GITHUB_SHA=forge.merge)  # fmt: skip
    assert judged(answer) == WORK


@pytest.mark.parametrize("depth", [1, 2, 4, None])
@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_the_head_of_a_pull_request_is_compared_with_where_it_left(
    forge: Forge, name: str, depth: int | None
) -> None:
    job = forge.checkout(forge.work, depth)
    before = job.state()
    answer = job.covgate("ci", *STATIC, **pull_request(forge, job, name))
    assert judged(answer) == WORK
    assert answer.data["base"] == forge.fork
    assert job.state() == before
    assert not (job.root / ".git/FETCH_HEAD").read_text().count(forge.main)


def test_pull_request_target_on_its_base_branch_is_refused(forge: Forge) -> None:
    job = forge.checkout(forge.main)
    env = pull_request(forge, job, "pull_request_target", GITHUB_REF="refs/heads/main", GITHUB_SHA=forge.main)  # fmt: skip
    answer = job.covgate("ci", *STATIC, **env)
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")
    assert "pull_request.head.sha" in answer.data["findings"][0]["help"]


@pytest.mark.parametrize("depth", [1, 2, None])
def test_a_push_to_main_is_compared_with_what_main_was(forge: Forge, depth: int | None) -> None:
    job = forge.checkout(forge.main, depth)
    answer = job.covgate("ci", *STATIC, **push(job, "main", forge.fork, 4))
    assert judged(answer) == LATER
    assert answer.data["base"] == forge.fork


@pytest.mark.parametrize("before", ["zeros", "an-earlier-commit", "a-commit-that-is-gone"])
@pytest.mark.parametrize("depth", [1, None])
def test_a_push_of_a_branch_is_compared_with_where_it_left_main(
    forge: Forge, depth: int | None, before: str
) -> None:
    job = forge.checkout(forge.work, depth)
    commits = {"zeros": ZERO, "an-earlier-commit": f"{forge.up.git('rev-parse', 'work~1')}"}
    answer = job.covgate("ci", *STATIC, **push(job, "work", commits.get(before, "d" * 40)))
    assert judged(answer) == WORK
    assert "where it left main (3 commits)" in answer.data["notes"][0]


def test_a_branch_that_main_holds_by_now_is_compared_with_what_it_was(forge: Forge) -> None:
    job = forge.checkout(forge.up.git("rev-parse", "main~2"))
    answer = job.covgate("ci", *STATIC, **push(job, "release", forge.fork))
    assert judged(answer) == LATER[:2]


def test_the_first_push_of_a_repository_is_compared_with_nothing(forge: Forge) -> None:
    job = forge.checkout(forge.main)
    answer = job.covgate("ci", *STATIC, **push(job, "main", ZERO))
    assert judged(answer) == LATER
    assert "first push" in answer.data["notes"][0]


def test_a_rewritten_main_is_compared_with_where_it_parted(forge: Forge) -> None:
    job = forge.checkout(forge.main)
    answer = job.covgate("ci", *STATIC, **push(job, "main", forge.work))
    assert judged(answer) == LATER
    assert "rewritten" in answer.data["notes"][0]


def test_a_push_whose_start_is_gone_is_refused(forge: Forge) -> None:
    job = forge.checkout(forge.main, None)
    answer = job.covgate("ci", *STATIC, **push(job, "main", "d" * 40))
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")
    assert "--base" in answer.data["findings"][0]["help"]


def test_a_push_without_a_payload_is_refused(forge: Forge) -> None:
    job = forge.checkout(forge.main, None)
    answer = job.covgate("ci", *STATIC, **GITHUB, GITHUB_EVENT_NAME="push", GITHUB_REF="refs/heads/main")  # fmt: skip
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")


def test_a_tag_is_compared_with_the_commit_before(forge: Forge) -> None:
    job = forge.checkout(forge.main)
    answer = job.covgate("ci", *STATIC, **push(job, "", ZERO, GITHUB_REF="refs/tags/v1"))
    assert judged(answer) == LATER[3:]


@pytest.mark.parametrize("depth", [1, 2, 20, None])
def test_a_merge_request_is_compared_with_the_base_of_its_diff(
    forge: Forge, depth: int | None
) -> None:
    job = forge.checkout(forge.work, depth)
    env = {"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DIFF_BASE_SHA": forge.fork}
    answer = job.covgate("ci", *STATIC, **GITLAB, **env, CI_COMMIT_BEFORE_SHA=ZERO)
    assert judged(answer) == WORK
    assert "merge request !7" in answer.data["notes"][0]


def test_a_merged_result_is_compared_with_its_target(forge: Forge) -> None:
    job = forge.checkout(forge.merge)
    env = {
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": forge.fork,
        "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": forge.main,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": forge.work,
        "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result",
    }
    answer = job.covgate("ci", *STATIC, **GITLAB, **env)
    assert judged(answer) == WORK
    assert answer.data["base"] == forge.main


def test_a_gitlab_push_to_main_is_compared_with_what_main_was(forge: Forge) -> None:
    job = forge.checkout(forge.main)
    env = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"}
    answer = job.covgate("ci", *STATIC, **GITLAB, **env, CI_COMMIT_BEFORE_SHA=forge.fork)
    assert judged(answer) == LATER


@pytest.mark.parametrize("depth", [1, None])
@pytest.mark.parametrize("env", [{"CI": "true"}, {"CI": "1", "CIRCLECI": "true", "CIRCLE_BRANCH": "work"}], ids=["unknown", "circle"])  # fmt: skip
def test_a_plain_ci_compares_with_where_the_default_branch_was_left(
    forge: Forge, env: dict[str, str], depth: int | None
) -> None:
    job = forge.checkout(forge.work, depth)
    assert judged(job.covgate("ci", *STATIC, **env)) == WORK


def test_a_plain_ci_on_the_default_branch_compares_with_the_commit_before(forge: Forge) -> None:
    job = forge.checkout(forge.main)
    answer = job.covgate("ci", *STATIC, CI="true")
    assert judged(answer) == LATER[3:]
    assert "nothing says what was pushed" in answer.data["notes"][0]


@pytest.mark.parametrize("remote_head", ["main", "master", None])
def test_a_clone_of_a_developer_asks_no_remote(
    forge: Forge, remote_head: str | None, tmp_path: Path
) -> None:
    job = forge.checkout(forge.work, None)
    if remote_head:
        job.git("update-ref", f"refs/remotes/origin/{remote_head}", forge.fork)
    else:
        job.git("update-ref", "refs/remotes/origin/trunk", forge.fork)
        job.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    job.git("remote", "set-url", "origin", str(tmp_path / "nowhere"))
    assert judged(job.covgate("ci", *STATIC)) == WORK


def test_a_detached_head_without_a_default_branch_is_refused(forge: Forge) -> None:
    job = forge.checkout(forge.work, None)
    answer = job.covgate("ci", *STATIC)
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")
    assert "--base" in answer.data["findings"][0]["help"]


REFUSED = [
    ("not-allowed", ["--no-fetch"], {}),
    ("no-remote", [], {"remove": "origin"}),
    ("remote-is-gone", [], {"set-url": "origin"}),
]


@pytest.mark.parametrize(
    ("options", "remote"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_shallow_clone_that_cannot_be_deepened_is_refused_with_the_remedy(
    forge: Forge, options: list[str], remote: dict[str, str], tmp_path: Path
) -> None:
    job = forge.checkout(forge.merge)
    for word, name in remote.items():
        rest = [(tmp_path / "nowhere").as_uri()] if word == "set-url" else []
        job.git("remote", word, name, *rest)
    answer = job.covgate("ci", *STATIC, *options, **pull_request(forge, job))
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")
    assert "`fetch-depth: 0`" in answer.data["findings"][0]["help"]


def test_a_shallow_clone_outside_a_ci_is_deepened_only_when_asked(forge: Forge) -> None:
    job = forge.checkout(forge.work)
    refused = job.covgate("ci", *STATIC, "--base", forge.fork)
    assert (refused.code, refused.data["verdict"]) == (3, "undecided")
    assert "git fetch --unshallow" in refused.data["findings"][0]["help"]
    assert judged(job.covgate("ci", *STATIC, "--fetch", "--base", forge.fork)) == WORK


@pytest.mark.parametrize("base", ["main", "origin/main", "HEAD~3", "full-id"])
def test_a_named_base_is_found_in_a_shallow_clone(forge: Forge, base: str) -> None:
    job = forge.checkout(forge.work)
    name = forge.fork if base == "full-id" else base
    answer = job.covgate("ci", *STATIC, "--base", name, CI="true")
    assert judged(answer) == WORK
    assert f"--base {name}" in answer.data["notes"][0]


@pytest.mark.parametrize("base", ["HEAD", "job", "main"])
def test_a_named_base_that_leaves_nothing_to_judge_is_refused(forge: Forge, base: str) -> None:
    job = forge.checkout(forge.main, None)
    answer = job.covgate("ci", *STATIC, "--base", base, **push(job, "main", forge.fork, 0))
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")
    assert "nothing" in answer.data["findings"][0]["message"]


@pytest.mark.parametrize("base", ["nosuch", "--all", "", "HEAD~99", "-x"])
def test_a_base_that_does_not_exist_is_refused(forge: Forge, base: str) -> None:
    job = forge.checkout(forge.main, None)
    answer = job.covgate("ci", *STATIC, f"--base={base}", CI="true")
    assert answer.code == 3
    assert base in answer.data["findings"][0]["message"]


def test_commits_that_the_ci_speaks_of_but_the_clone_has_not_are_undecided(forge: Forge) -> None:
    job = forge.checkout(forge.main)
    answer = job.covgate("ci", *STATIC, **push(job, "main", forge.main, 2))
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")


def test_changed_files_that_the_ci_speaks_of_but_head_has_not_are_undecided(forge: Forge) -> None:
    job = forge.checkout(forge.main, None)
    job.git("fetch", "-q", "origin", forge.work)
    job.git("merge", "-q", "-s", "ours", "--no-edit", forge.work)
    answer = job.covgate("ci", *STATIC, **pull_request(forge, job))
    assert (answer.code, answer.data["verdict"]) == (3, "undecided")
    assert "says that 3 files changed" in answer.data["findings"][0]["message"]


def test_a_new_branch_without_commits_of_its_own_passes_and_says_so(forge: Forge) -> None:
    job = forge.checkout(forge.main)
    answer = job.covgate("ci", *STATIC, **push(job, "new", ZERO, 0))
    assert (answer.code, answer.data["verdict"]) == (0, "pass")
    assert "(0 commits)" in answer.data["notes"][0]


def test_the_first_commit_is_compared_with_the_empty_tree(project: Project) -> None:
    answer = project.covgate("ci", "--format=json", "--target=0")
    assert (answer.code, answer.data["base"]) == (0, "the empty tree")
    assert "first commit" in answer.data["notes"][0]


def test_a_repository_without_commits_is_refused(empty_project: Project) -> None:
    answer = empty_project.covgate("ci")
    assert (answer.code, answer.err) == (3, "")
    assert "no commit yet" in answer.out


def test_outside_a_repository_it_is_a_usage_error(tmp_path: Path, project: Project) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    assert project.covgate("ci", cwd=str(outside)).code == 2


def test_judges_with_the_numbers_of_the_hook(project: Project) -> None:
    """The commit that the hook would block is blocked by CI with the same findings."""
    base = project.git("rev-parse", "HEAD")
    project.stage({"m.py": BASE_MODULE.replace("y = x + 1", "y = x + 1\n    if x > 9:\n        y = 0")})  # fmt: skip
    hook = project.check()
    project.git("commit", "-q", "-m", "change")
    ci = project.covgate("ci", "--target=100", "--format=json", **push(project, "main", base))
    assert (hook.code, ci.code) == (1, 1)
    for key in ("findings", "diff_coverage", "tree", "verdict"):
        assert hook.data[key] == ci.data[key]


def test_full_runs_everything(project: Project) -> None:
    base = project.commit({"other.py": "def h():\n    return 1\n", "test_other.py": "from other import h\n\n\ndef test_h():\n    assert h() == 1\n"})  # fmt: skip
    project.commit({"m.py": BASE_MODULE.replace("y = x + 1", "y = 1 + x")})
    env = push(project, "main", base)
    assert project.covgate("ci", "--format=json", **env).ran == ["test_m.py::test_f"]
    full = project.covgate("ci", "--full", "--format=json", **env)
    assert full.ran == ["test_m.py::test_f", "test_other.py::test_h"]


@pytest.mark.parametrize("formats", [[], ["--format=text"]], ids=["by-itself", "formats-given"])
def test_the_step_summary_gets_the_markdown(project: Project, formats: list[str]) -> None:
    project.commit({"README.md": "text\n"})
    summary = project.root.parent / "summary.md"
    summary.write_text("# before\n")
    answer = project.covgate("ci", *formats, GITHUB_STEP_SUMMARY=str(summary))
    assert answer.code == 0
    assert answer.out.startswith("covgate: passed")
    text = summary.read_text()
    assert text.startswith("# before\n")
    assert ("### covgate" in text) is (not formats)


def test_a_step_summary_that_cannot_be_written_changes_no_verdict(project: Project) -> None:
    project.commit({"README.md": "text\n"})
    answer = project.covgate("ci", GITHUB_STEP_SUMMARY=str(project.root))
    assert answer.code == 0
    assert "GITHUB_STEP_SUMMARY" in answer.err


def test_bypassed_lists_every_commit_of_a_shallow_clone(forge: Forge) -> None:
    """A clone of depth 2 holds the last commit of a pull request alone, without its parent."""
    job = forge.checkout(forge.merge, depth=2)
    env = pull_request(forge, job)
    refused = job.covgate("ci", "--bypassed", *STATIC, "--no-fetch", **env)
    assert refused.code == 3
    assert "too shallow to tell all commits" in refused.out + refused.err
    listed = job.covgate("ci", "--bypassed", *STATIC, **env)
    assert listed.code == 1
    said = [(one["subject"], one["verdict"]) for one in listed.data["commits"]]
    assert said == [*((f"work {n}", "block") for n in range(3)), ("merge", "pass")]


def test_works_without_a_shell_environment(forge: Forge) -> None:
    job = forge.checkout(forge.merge)
    env = pull_request(forge, job)
    program = shutil.which("git")
    assert program is not None
    job.env = {
        "PATH": str(Path(program).parent),
        "PYTHONPATH": job.env.get("PYTHONPATH", ""),
        "COVGATE_PYTHON": sys.executable,
    }
    assert judged(job.covgate("ci", *STATIC, **env)) == WORK
