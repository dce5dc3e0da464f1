"""Which versions took part, as the environments themselves say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

COMMON = ("pytest", "coverage", "diff-cover")
_ASK = """
import json, platform, sys
from importlib.metadata import PackageNotFoundError, version
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def asked(python: Path, names: Iterable[str] = ()) -> dict[str, str]:
    """Return the versions of Python and of those packages that an environment has."""
    command = [str(python), "-I", "-c", _ASK, *COMMON, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def covgate_version() -> str:
    """Return what `covgate --version` says."""
    command = [sys.executable, "-m", "covgate", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def said(base: Mapping[str, str], others: Iterable[Mapping[str, str]] = ()) -> str:
    """Return the versions of the environment, and where those of others are not the same."""
    words = [_named(base)]
    known = dict(base)
    for other in others:
        own = {name: version for name, version in other.items() if name not in known}
        differing = {n: version for n, version in other.items() if known.get(n, version) != version}
        known = {**own, **known}
        if named := _named(own):
            words.append(f"{named} (with {_named(differing)})" if differing else named)
    return ", ".join(words)


def _named(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
