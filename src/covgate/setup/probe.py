"""Ask an interpreter what it has, and where it would import the project's packages from."""

from __future__ import annotations

import json
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from covgate.run.interpreter import ask, without_git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DISTRIBUTIONS = ("pytest", "coverage", "pytest-cov", "pytest-xdist", "pytest-testmon")
# Runs in the project's interpreter, of any version of Python 3.
_SCRIPT = """
import importlib.util, json, os, sys, sysconfig
try:
    from importlib.metadata import version
except ImportError:
    version = None
sys.path[:] = [p for p in sys.path if p not in ("", os.getcwd())]
names, distributions = json.loads(sys.argv[1])
versions, origins = {}, {}
for name in distributions if version else ():
    try:
        versions[name] = version(name)
    except Exception:
        pass
standard = os.path.realpath(sysconfig.get_path("stdlib"))
for name in names:
    origin = None
    try:
        spec = importlib.util.find_spec(name)
    except Exception:
        spec = None
    if spec is not None:
        places = list(spec.submodule_search_locations or [])
        origin = spec.origin if spec.has_location else (places[0] if places else "built-in")
        below = os.path.realpath(origin).startswith(standard + os.sep)
        if origin == "built-in" or (below and "-packages" not in origin):
            continue
    origins[name] = origin
print(json.dumps([list(sys.version_info[:3]), versions, origins]))
"""


class Probed(NamedTuple):
    """Python's version, versions by distribution, and where each name would be imported from.

    A name that cannot be imported has None; names of the standard library are left out.
    """

    python: tuple[int, ...]
    versions: Mapping[str, str]
    origins: Mapping[str, str | None]


def probe(python: str, names: Sequence[str], env: Mapping[str, str]) -> Probed | str:
    """Return what the interpreter says, or why it says nothing."""
    asked = json.dumps([list(names), _DISTRIBUTIONS])
    with tempfile.TemporaryDirectory(prefix="covgate-") as place:
        done = ask([python, "-B", "-c", _SCRIPT, asked], place, without_git(env))
    if isinstance(done, OSError):
        return f"cannot be started ({done})"
    try:
        version, versions, origins = json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        said = done.stderr.strip().splitlines()
        return f"did not answer ({said[-1] if said else f'exit code {done.returncode}'})"
    return Probed(tuple(version), versions, origins)
