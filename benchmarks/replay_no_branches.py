"""A pytest plugin that has pytest-cov measure no branches, whatever the project's settings say.

pytest-testmon refuses to work beside it where branches are measured. Runs in the interpreter of
the project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.hookimpl(hookwrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Set what there is no option for, before pytest-cov begins."""
    early_config.known_args_namespace.cov_branch = False
    yield
