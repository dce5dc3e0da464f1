"""What a CI says about the change that it runs for, read from variables and the event's payload.

Only reading: what follows from it for the base is decided in `ci_base`. Every commit id is checked
to be one; names of branches are used as they are, as words for git, never in a shell.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.git.fetching import is_commit_id

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADS = "refs/heads/"
_TAGS = "refs/tags/"
_TRUE = {"1", "true", "yes", "on"}


class CiEvent(NamedTuple):
    """One run of a CI.

    `what` names the event for a person. `target` is the branch that a pull request goes to (None:
    there is none); `merge_base` the commit where it left that branch, `target_commit` a commit of
    that branch, `source_commit` the head of the pull request. `merges` says that the CI checks out
    the merge of both. `pushed` says that commits were pushed to `branch` (`tag`: a tag was), from
    `before`; None with `first` says that there was nothing before. `commits` and `files` are how
    many the CI says there are, None when it does not. `remedy` is how to get more history.
    """

    service: str = ""
    what: str = ""
    remedy: str = "git fetch --unshallow"
    target: str | None = None
    merge_base: str | None = None
    target_commit: str | None = None
    source_commit: str | None = None
    merges: bool = False
    pushed: bool = False
    tag: bool = False
    first: bool = False
    before: str | None = None
    branch: str | None = None
    default_branch: str | None = None
    tip: str | None = None
    commits: int | None = None
    files: int | None = None


class _Service(NamedTuple):
    """The variables of a CI: its sign, the number and target of a pull request, and the rest."""

    name: str
    sign: str
    number: str
    target: str
    source: str = ""
    branch: str = ""
    before: str = ""
    remedy: str = "git fetch --unshallow"


_OTHERS = (
    _Service(
        "Azure Pipelines",
        "TF_BUILD",
        "SYSTEM_PULLREQUEST_PULLREQUESTID",
        "SYSTEM_PULLREQUEST_TARGETBRANCH",
        "SYSTEM_PULLREQUEST_SOURCECOMMITID",
        "BUILD_SOURCEBRANCH",
        remedy="set `fetchDepth: 0` in the `checkout: self` step",
    ),
    _Service(
        "Bitbucket Pipelines",
        "BITBUCKET_BUILD_NUMBER",
        "BITBUCKET_PR_ID",
        "BITBUCKET_PR_DESTINATION_BRANCH",
        branch="BITBUCKET_BRANCH",
        remedy="set `clone: {depth: full}` in bitbucket-pipelines.yml",
    ),
    _Service(
        "Jenkins",
        "JENKINS_URL",
        "CHANGE_ID",
        "CHANGE_TARGET",
        branch="BRANCH_NAME",
        before="GIT_PREVIOUS_COMMIT",
    ),
    _Service(
        "Buildkite",
        "BUILDKITE",
        "BUILDKITE_PULL_REQUEST",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
        branch="BUILDKITE_BRANCH",
    ),
    _Service(
        "Travis CI",
        "TRAVIS",
        "TRAVIS_PULL_REQUEST",
        "TRAVIS_BRANCH",
        "TRAVIS_PULL_REQUEST_SHA",
        "TRAVIS_BRANCH",
        remedy="set `git: {depth: false}` in .travis.yml",
    ),
    _Service(
        "Drone",
        "DRONE",
        "DRONE_PULL_REQUEST",
        "DRONE_TARGET_BRANCH",
        branch="DRONE_BRANCH",
        before="DRONE_COMMIT_BEFORE",
        remedy="set `clone: {depth: 0}` in .drone.yml",
    ),
    _Service(
        "Woodpecker",
        "CI_PIPELINE_FORGE_URL",
        "CI_COMMIT_PULL_REQUEST",
        "CI_COMMIT_TARGET_BRANCH",
        branch="CI_COMMIT_BRANCH",
    ),
    _Service(
        "AppVeyor",
        "APPVEYOR",
        "APPVEYOR_PULL_REQUEST_NUMBER",
        "APPVEYOR_REPO_BRANCH",
        "APPVEYOR_PULL_REQUEST_HEAD_COMMIT",
        "APPVEYOR_REPO_BRANCH",
    ),
    _Service("CircleCI", "CIRCLECI", "", "", branch="CIRCLE_BRANCH"),
)


def read_event(env: Mapping[str, str]) -> CiEvent:
    """Return what the CI around us says; an event without a service when there is no CI."""
    if _is_true(env.get("GITHUB_ACTIONS")):
        return _github(env, _payload(env.get("GITHUB_EVENT_PATH")))
    if _is_true(env.get("GITLAB_CI")):
        return _gitlab(env)
    for service in _OTHERS:
        if env.get(service.sign):
            return _other(service, env)
    return CiEvent(service="CI" if _is_true(env.get("CI")) else "")


def _is_true(value: str | None) -> bool:
    return (value or "").lower() in _TRUE


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and is_commit_id(value) else None


def _zeros(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not value.strip("0")


def _branch(ref: object) -> str | None:
    """Return the branch that a ref names; tags and pull requests name none."""
    if not isinstance(ref, str) or not ref:
        return None
    if ref.startswith(_HEADS):
        return ref.removeprefix(_HEADS)
    return None if ref.startswith("refs/") else ref


def _payload(path: str | None) -> dict[str, Any]:
    """Read the file with the event; without a readable one there is simply less known."""
    if not path:
        return {}
    try:
        with open(path, encoding="utf-8") as stream:
            payload = json.load(stream)
    except (OSError, ValueError, RecursionError):
        return {}
    return payload if isinstance(payload, dict) else {}


def _dig(payload: object, *keys: str) -> object:
    for key in keys:
        payload = payload.get(key) if isinstance(payload, dict) else None
    return payload


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _github(env: Mapping[str, str], payload: dict[str, Any]) -> CiEvent:
    name = env.get("GITHUB_EVENT_NAME", "")
    event = CiEvent(
        service="GitHub Actions",
        what=f"the event {name}" if name else "",
        remedy="give actions/checkout `fetch-depth: 0`",
        branch=_branch(env.get("GITHUB_REF")),
        default_branch=_branch(_dig(payload, "repository", "default_branch")),
        tip=_id(env.get("GITHUB_SHA")),
    )
    if name.startswith("pull_request"):
        return _github_pull_request(event, name, env, payload)
    if name == "merge_group":
        target = _branch(_dig(payload, "merge_group", "base_ref"))
        return event._replace(
            what=f"the merge queue of {target or 'the base branch'}",
            target=target or "",
            merge_base=_id(_dig(payload, "merge_group", "base_sha")),
        )
    if name == "push":
        return _github_push(event, env, payload)
    return event


def _github_pull_request(
    event: CiEvent, name: str, env: Mapping[str, str], payload: dict[str, Any]
) -> CiEvent:
    target = _branch(env.get("GITHUB_BASE_REF") or _dig(payload, "pull_request", "base", "ref"))
    number = _count(_dig(payload, "pull_request", "number"))
    into = f" into {target}" if target else ""
    return event._replace(
        what=f"{name} #{number}{into}" if number is not None else f"{name}{into}",
        target=target or "",
        target_commit=_id(_dig(payload, "pull_request", "base", "sha")),
        source_commit=_id(_dig(payload, "pull_request", "head", "sha")),
        merges=env.get("GITHUB_REF", "").endswith("/merge"),
        commits=_count(_dig(payload, "pull_request", "commits")),
        files=_count(_dig(payload, "pull_request", "changed_files")),
    )


def _github_push(event: CiEvent, env: Mapping[str, str], payload: dict[str, Any]) -> CiEvent:
    ref = env.get("GITHUB_REF") or _dig(payload, "ref")
    tag = isinstance(ref, str) and ref.startswith(_TAGS)
    before, listed = _dig(payload, "before"), _dig(payload, "commits")
    return event._replace(
        what=f"a push of {str(ref).removeprefix(_HEADS).removeprefix('refs/')}",
        pushed=True,
        tag=tag,
        branch=_branch(ref),
        before=_id(before),
        first=_zeros(before),
        commits=len(listed) if isinstance(listed, list) else None,
    )


def _gitlab(env: Mapping[str, str]) -> CiEvent:
    event = CiEvent(
        service="GitLab CI",
        remedy='set the variable `GIT_DEPTH: "0"` for the job',
        default_branch=_branch(env.get("CI_DEFAULT_BRANCH")),
        branch=_branch(env.get("CI_COMMIT_BRANCH")),
        tip=_id(env.get("CI_COMMIT_SHA")),
    )
    if env.get("CI_MERGE_REQUEST_IID") or env.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        target = _branch(env.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"))
        number = env.get("CI_MERGE_REQUEST_IID", "")
        into = f" into {target}" if target else ""
        merged = env.get("CI_MERGE_REQUEST_EVENT_TYPE") in {"merged_result", "merge_train"}
        return event._replace(
            what=f"merge request !{number}{into}" if number else f"merge request{into}",
            target=target or "",
            # Of a merged result the start of the changes is the target, not where they forked.
            merge_base=_id(
                env.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA")
                or env.get("CI_MERGE_REQUEST_DIFF_BASE_SHA")
            ),
            source_commit=_id(env.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")),
            merges=merged,
        )
    source = env.get("CI_PIPELINE_SOURCE", "push")
    before = env.get("CI_COMMIT_BEFORE_SHA")
    pushed = source == "push"
    tag = env.get("CI_COMMIT_TAG")
    return event._replace(
        what=(f"a push of {tag or event.branch or 'HEAD'}" if pushed else f"a {source} pipeline"),
        pushed=pushed,
        tag=bool(tag),
        before=_id(before),
        first=pushed and _zeros(before),
    )


def _other(service: _Service, env: Mapping[str, str]) -> CiEvent:
    number = env.get(service.number, "") if service.number else ""
    target = _branch(env.get(service.target)) if number not in {"", "false"} else None
    before = _id(env.get(service.before)) if service.before and target is None else None
    return CiEvent(
        service=service.name,
        what=f"pull request #{number} into {target}" if target else "",
        remedy=service.remedy,
        target=target,
        source_commit=_id(env.get(service.source)) if service.source else None,
        branch=_branch(env.get(service.branch)) if service.branch else None,
        before=before,
        pushed=before is not None,
    )
