"""Whose evidence is used: that of the same circumstances."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from covgate.change.snapshot import MemorySnapshot
from covgate.traces import environment

if TYPE_CHECKING:
    import pytest


def test_what_another_version_of_covgate_recorded_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def key() -> str:
        return environment.environment_key(sys.executable, {}, MemorySnapshot(), ())

    now = key()
    assert key() == now
    monkeypatch.setattr(environment, "__version__", "0.0.1")
    assert key() != now
