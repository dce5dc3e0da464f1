"""What the variables of a CI and the payload of its event are read as."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from covgate.change.ci_event import CiEvent, read_event

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = "a" * 40, "b" * 40, "c" * 40
ZERO = "0" * 40
PULL = {
    "pull_request": {
        "number": 5,
        "commits": 3,
        "changed_files": 2,
        "base": {"ref": "main", "sha": A},
        "head": {"ref": "work", "sha": B},
    },
    "repository": {"default_branch": "main"},
}


class Case(NamedTuple):
    id: str
    env: dict[str, str]
    expected: dict[str, Any]
    payload: Any = None


GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_SHA": C}
GITLAB = {"GITLAB_CI": "true", "CI_COMMIT_SHA": C, "CI_DEFAULT_BRANCH": "main"}
CASES = [
    Case("no-ci", {}, {"service": "", "target": None, "pushed": False}),
    Case("unknown-ci", {"CI": "true"}, {"service": "CI"}),
    Case("ci-switched-off", {"CI": "false"}, {"service": ""}),
    Case(
        "github-pull-request",
        {**GITHUB, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main", "GITHUB_REF": "refs/pull/5/merge"},
        {"what": "pull_request #5 into main", "target": "main", "source_commit": B, "target_commit": A, "merges": True, "tip": C, "commits": 3, "files": 2},
        PULL,
    ),
    Case(
        "github-pull-request-without-payload",
        {**GITHUB, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main", "GITHUB_REF": "refs/pull/5/merge"},
        {"target": "main", "source_commit": None, "merges": True, "commits": None},
    ),
    Case(
        "github-pull-request-target",
        {**GITHUB, "GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_BASE_REF": "main", "GITHUB_REF": "refs/heads/main"},
        {"target": "main", "merges": False, "what": "pull_request_target #5 into main"},
        PULL,
    ),
    Case(
        "github-push",
        {**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/feature/a"},
        {"pushed": True, "before": A, "first": False, "branch": "feature/a", "default_branch": "trunk", "commits": 1},
        {"before": A, "after": C, "ref": "refs/heads/feature/a", "commits": [{}], "repository": {"default_branch": "trunk"}},
    ),
    Case(
        "github-first-push",
        {**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"},
        {"pushed": True, "before": None, "first": True},
        {"before": ZERO, "after": C},
    ),
    Case(
        "github-tag",
        {**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/tags/v1"},
        {"pushed": True, "tag": True, "branch": None},
        {"before": ZERO},
    ),
    Case(
        "github-merge-queue",
        {**GITHUB, "GITHUB_EVENT_NAME": "merge_group"},
        {"target": "main", "merge_base": A},
        {"merge_group": {"base_sha": A, "base_ref": "refs/heads/main", "head_sha": C}},
    ),
    Case("github-schedule", {**GITHUB, "GITHUB_EVENT_NAME": "schedule", "GITHUB_REF": "refs/heads/main"}, {"pushed": False, "target": None, "branch": "main"}, {}),
    Case("github-payload-is-a-list", {**GITHUB, "GITHUB_EVENT_NAME": "push"}, {"before": None, "first": False}, []),
    Case("github-payload-of-other-types", {**GITHUB, "GITHUB_EVENT_NAME": "push"}, {"before": None, "first": False, "commits": None}, {"before": 5, "commits": "x", "repository": [1]}),
    Case("github-before-is-an-option", {**GITHUB, "GITHUB_EVENT_NAME": "push"}, {"before": None}, {"before": "--upload-pack=evil"}),
    Case(
        "gitlab-merge-request",
        {**GITLAB, "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DIFF_BASE_SHA": A, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_BEFORE_SHA": ZERO, "CI_MERGE_REQUEST_EVENT_TYPE": "detached"},
        {"what": "merge request !7 into main", "target": "main", "merge_base": A, "merges": False, "pushed": False},
    ),
    Case(
        "gitlab-merged-result",
        {**GITLAB, "CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_DIFF_BASE_SHA": A, "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": B, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": C, "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result"},
        {"merge_base": B, "source_commit": C, "merges": True},
    ),
    Case("gitlab-push", {**GITLAB, "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": A}, {"pushed": True, "before": A, "branch": "main", "default_branch": "main"}),
    Case("gitlab-first-push", {**GITLAB, "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": ZERO}, {"pushed": True, "first": True, "before": None}),
    Case("gitlab-schedule", {**GITLAB, "CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": ZERO}, {"pushed": False, "first": False, "what": "a schedule pipeline"}),
    Case("gitlab-tag", {**GITLAB, "CI_COMMIT_TAG": "v1", "CI_COMMIT_BEFORE_SHA": ZERO}, {"pushed": True, "tag": True}),
    Case(
        "azure",
        {"TF_BUILD": "True", "SYSTEM_PULLREQUEST_PULLREQUESTID": "3", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main", "SYSTEM_PULLREQUEST_SOURCECOMMITID": B},
        {"service": "Azure Pipelines", "target": "main", "source_commit": B},
    ),
    Case("buildkite-branch", {"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST": "false", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "", "BUILDKITE_BRANCH": "work"}, {"target": None, "branch": "work"}),
    Case("travis-branch", {"TRAVIS": "true", "TRAVIS_PULL_REQUEST": "false", "TRAVIS_BRANCH": "main"}, {"target": None, "branch": "main"}),
    Case("jenkins", {"JENKINS_URL": "https://ci.example", "CHANGE_ID": "9", "CHANGE_TARGET": "main"}, {"target": "main", "what": "pull request #9 into main"}),
    Case("circle", {"CI": "true", "CIRCLECI": "true", "CIRCLE_BRANCH": "work"}, {"service": "CircleCI", "target": None, "branch": "work"}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_reads_an_event(case: Case, tmp_path: Path) -> None:
    env = dict(case.env)
    if case.payload is not None:
        file = tmp_path / "event.json"
        file.write_text(json.dumps(case.payload))
        env["GITHUB_EVENT_PATH"] = str(file)
    event = read_event(env)
    assert {name: getattr(event, name) for name in case.expected} == case.expected


@pytest.mark.parametrize("text", ["", "{", "\x00", "[" * 100_000], ids=["empty", "cut", "binary", "deep"])  # fmt: skip
def test_an_unreadable_payload_means_that_less_is_known(text: str, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(text)
    event = read_event({**GITHUB, "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(file)})
    assert (event.pushed, event.before, event.first) == (True, None, False)


def test_a_missing_payload_means_that_less_is_known(tmp_path: Path) -> None:
    event = read_event({**GITHUB, "GITHUB_EVENT_PATH": str(tmp_path / "none")})
    assert event == CiEvent(service="GitHub Actions", remedy=event.remedy, tip=C)
