"""Decide what a CI run compares HEAD with, and refuse where that would be nothing by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.change.ci_history import History
from covgate.errors import UndecidedError

if TYPE_CHECKING:
    from covgate.change.ci_event import CiEvent
    from covgate.git.repository import Repository

_NAME_ONE = "name what to compare with: covgate ci --base COMMIT"


class Comparison(NamedTuple):
    """The commit that HEAD is compared with (None: the empty tree), and why it is that one."""

    base: str | None
    why: str


def resolve_base(repo: Repository, event: CiEvent, base: str | None, may_fetch: bool) -> Comparison:
    """Return what HEAD is to be compared with.

    `base` is what the caller names, None to find out. Raises `UndecidedError` when it can't be
    established, and when there would be nothing to judge although there are commits.
    """
    history = History(repo, may_fetch, event.remedy)
    if base is not None:
        start = history.merge_base(history.named(base))
        found = Comparison(start, _where_left(f"--base {base}", start, history))
    elif event.target is not None:
        found = _pull_request(history, event)
    elif event.pushed:
        found = _push(history, event)
    else:
        found = _branch(history, event)
    _refuse_nothing(history, event, found, explicit=base is not None)
    said = ", ".join(filter(None, (event.service, event.what)))
    return found._replace(why=f"{said}: {found.why}" if said else found.why)


def _where_left(name: str, start: str, history: History) -> str:
    return _compared(start, f"where it left {name}", history)


def _compared(start: str, because: str, history: History) -> str:
    number = history.count_since(start)
    commits = "1 commit" if number == 1 else f"{number} commits"
    return f"HEAD {history.head.id[:12]} compared with {start[:12]}, {because} ({commits})"


def _first_parent(history: History, why: str) -> Comparison:
    parent = history.first_parent()
    head = history.head.id[:12]
    if parent is None:
        return Comparison(None, f"HEAD {head} is the first commit: compared with the empty tree")
    return Comparison(parent, f"HEAD {head} compared with its first parent {parent[:12]}, {why}")


def _pull_request(history: History, event: CiEvent) -> Comparison:
    parents = history.parents()
    merge = len(parents) > 1 and (
        event.source_commit in parents[1:]
        if event.source_commit
        else event.merges and event.tip in (None, history.head.id)
    )
    target = event.target or "the target branch"
    if merge:
        return _first_parent(history, f"the state of {target} that the CI merged it into")
    if event.source_commit and not history.holds(event.source_commit):
        raise UndecidedError(
            f"HEAD {history.head.id[:12]} is not the pull request, whose head is "
            f"{event.source_commit[:12]}",
            _remedy_for_nothing(event, explicit=False),
        )
    if event.merge_base:
        start = history.merge_base(history.obtain(event.merge_base))
        return Comparison(start, _where_left(target, start, history))
    tip = history.tip_of(event.target) if event.target else None
    starts = [(target, start) for start in (tip, event.target_commit) if start]
    if not starts:
        raise UndecidedError(f"the branch {target} can't be found", _NAME_ONE)
    return _since(history, starts)


def _since(history: History, starts: list[tuple[str, str]]) -> Comparison:
    """Compare with where HEAD left the first of several named commits that does not hold HEAD."""
    nothing: Comparison | None = None
    for name, start in starts:
        base = history.merge_base(history.obtain(start))
        found = Comparison(base, _where_left(name, base, history))
        if base != history.head.id:
            return found
        # That commit holds HEAD by now: merged meanwhile, or nothing of its own was ever there.
        nothing = nothing or found
    assert nothing is not None
    return nothing


def _push(history: History, event: CiEvent) -> Comparison:
    default = event.default_branch or history.default_branch()
    if event.tag:
        return _first_parent(history, "because a tag names one commit")
    if event.branch is not None and default is not None and event.branch != default:
        if tip := history.tip_of(default):
            starts = [(default, tip)]
            if event.before and history.has(event.before):
                starts.append(("what the branch was before the push", event.before))
            return _since(history, starts)
        if event.first and not history.lacks_branch(default):
            raise UndecidedError(f"the branch {default} can't be found", _NAME_ONE)
    if event.before:
        start = history.merge_base(history.obtain(event.before))
        what = "what the push started from"
        if start != event.before:
            what = f"where it left {event.before[:12]}, what the branch was before it was rewritten"
        return Comparison(start, _compared(start, what, history))
    if event.first:
        return Comparison(None, "the first push: everything compared with the empty tree")
    raise UndecidedError(
        f"{event.service} does not say where the branch was before the push", _NAME_ONE
    )


def _branch(history: History, event: CiEvent) -> Comparison:
    """No event says what is new: what the branch has and the default branch has not."""
    default = event.default_branch or history.default_branch()
    current = event.branch or history.current_branch()
    tip = history.tip_of(default) if default else None
    if tip is not None:
        base = history.merge_base(tip)
        if base != history.head.id:
            return Comparison(base, _where_left(default or "", base, history))
    if tip is None and (current is None or current not in (default, "main", "master")):
        raise UndecidedError("no default branch (origin/HEAD, main, master) is known", _NAME_ONE)
    name = default or current or "the default branch"
    return _first_parent(history, f"because it is on {name} and nothing says what was pushed")


def _refuse_nothing(history: History, event: CiEvent, found: Comparison, explicit: bool) -> None:
    """A pass must not come from a comparison of something with itself."""
    if found.base is None:
        return
    commits = history.count_since(found.base)
    as_said = event.commits == 0 and event.tip in (None, history.head.id) and not explicit
    if commits == 0 and not as_said:
        raise UndecidedError(
            f"there is nothing between {found.base[:12]} and HEAD, so nothing would be judged",
            _remedy_for_nothing(event, explicit),
        )
    if event.files and history.tree_of(found.base) == history.head.tree:
        raise UndecidedError(
            f"{event.service} says that {event.files} files changed, but HEAD has the same files "
            f"as {found.base[:12]}",
            _remedy_for_nothing(event, explicit),
        )


def _remedy_for_nothing(event: CiEvent, explicit: bool) -> str:
    if explicit:
        return "name an earlier commit, such as --base HEAD^1"
    if event.what.startswith("pull_request_target"):
        return (
            "this event checks out the base branch; check out the pull request: actions/checkout "
            "with `ref: ${{ github.event.pull_request.head.sha }}` (of trusted authors only: the "
            "tests run with the secrets of the base repository)"
        )
    if event.target is not None:
        return "check out the head of the pull request, or its merge commit"
    return _NAME_ONE
