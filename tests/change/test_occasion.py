"""What git is doing: told from the command lines above us, from MERGE_HEAD and the environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from covgate.change import occasion
from covgate.change.occasion import Occasion, observe

if TYPE_CHECKING:
    from collections.abc import Sequence

PLAIN = Occasion(committing=True)
AMEND = Occasion(committing=True, amending=True)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ("git commit", PLAIN),
        ("git commit -m words", PLAIN),
        ("/usr/bin/git commit", PLAIN),
        ("git-commit -a", PLAIN),
        ("/usr/lib/git-core/git-commit --amend", AMEND),
        ("git.exe commit --amend", AMEND),
        ("git -C /x -c a.b=c --no-pager commit --amend", AMEND),
        ("git --git-dir=/x --work-tree /y commit --amend", AMEND),
        ("git commit --amend", AMEND),
        ("git commit --ame", AMEND),
        ("git commit --am", AMEND),
        ("git commit --a", PLAIN),  # ambiguous: git itself refuses it
        ("git commit --all", PLAIN),
        ("git commit -a --amend --no-edit", AMEND),
        ("git commit --amend --no-amend", PLAIN),
        ("git commit --no-amend --amend", AMEND),
        ("git commit -m --amend", PLAIN),
        ("git commit -am --amend", PLAIN),
        ("git commit -mwords --amend", AMEND),
        ("git commit -ma --amend", AMEND),
        ("git commit --message --amend", PLAIN),
        ("git commit --mess --amend", PLAIN),
        ("git commit --message=words --amend", AMEND),
        ("git commit -F file --amend", AMEND),
        ("git commit -C --amend", PLAIN),
        ("git commit --author --amend", PLAIN),
        ("git commit -S --amend", AMEND),
        ("git commit -SF --amend", AMEND),
        ("git commit -u --amend", AMEND),
        ("git commit -- --amend", PLAIN),
        ("git commit path --amend", AMEND),
        ("git commit --fixup=amend:HEAD", PLAIN),
        ("git merge topic", Occasion()),
        ("git stash push -m commit", Occasion()),
        ("git", Occasion()),
        ("python -m pre_commit run", Occasion()),
        ("", Occasion()),
    ],
    ids=str,
)
def test_command_line_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: str, expected: Occasion
) -> None:
    def ancestors(top: Path) -> Sequence[Sequence[str]]:
        return [["sh", "hook"], argv.split(), ["bash"]]

    monkeypatch.setattr(occasion, "_git_ancestors", ancestors)
    assert observe(tmp_path, tmp_path, {}) == expected


def test_no_git_above(tmp_path: Path) -> None:
    assert observe(tmp_path, tmp_path, {}) == Occasion()


@pytest.mark.parametrize(
    ("merge_head", "env", "expected"),
    [
        ("aa\nbb\n", {}, ("aa", "bb")),
        (None, {"GIT_REFLOG_ACTION": "merge x", "GITHEAD_aa": "x"}, ("aa",)),
        (None, {"GIT_REFLOG_ACTION": "pull", "GITHEAD_bb": "x", "GITHEAD_aa": "y"}, ("aa", "bb")),
        ("cc\n", {"GIT_REFLOG_ACTION": "merge x", "GITHEAD_aa": "x"}, ("cc",)),
        (None, {"GITHEAD_aa": "left over"}, ()),
        (None, {"GIT_REFLOG_ACTION": "rebase"}, ()),
    ],
    ids=["merge-head", "clean-merge", "octopus-pull", "file-first", "not-merging", "rebase"],
)
def test_heads_being_merged(
    tmp_path: Path, merge_head: str | None, env: dict[str, str], expected: tuple[str, ...]
) -> None:
    if merge_head is not None:
        (tmp_path / "MERGE_HEAD").write_text(merge_head)
    assert observe(tmp_path, tmp_path, env).merging == expected


def test_ancestors_of_another_repository_do_not_count(tmp_path: Path) -> None:
    """The tests that started us may themselves run below a `git commit` somewhere else."""
    assert list(occasion._git_ancestors(tmp_path)) == []
    assert list(occasion._git_ancestors(Path.cwd()))
