"""What every stage that touches the world is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covgate.git.process import Git
    from covgate.git.repository import Repository


class Surroundings(NamedTuple):
    """The repository, git over this run's own objects, a scratch folder, the environment.

    `ahead`: judged before anybody commits, while the working tree is being worked in.
    """

    repo: Repository
    git: Git
    scratch: Path
    env: Mapping[str, str]
    color: bool
    ahead: bool = False

    @property
    def evidence_file(self) -> Path:
        """Where the evidence of the clone is kept; all of its working trees share it."""
        return self.repo.shared_state / "evidence.sqlite"
