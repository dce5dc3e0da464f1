"""Under which circumstances traces were recorded: those of others are kept, but not used."""

from __future__ import annotations

import configparser
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from covgate import __version__
from covgate.traces.values import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.change.snapshot import Snapshot

# Changing one of these changes what the interpreter or pytest does with the same code.
_VARIABLES = (
    "COVERAGE_RCFILE",
    "PYTEST_ADDOPTS",
    "PYTEST_PLUGINS",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD",
)
_PYTHON_VARIABLES = (
    "PYTHONHASHSEED", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONUTF8", "PYTHONDEVMODE",
    "PYTHONIOENCODING", "PYTHONASYNCIODEBUG", "PYTHONSAFEPATH", "TZ", "LC_ALL",
)  # fmt: skip
_CUSTOMIZING = ("sitecustomize", "usercustomize")
_INI = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"),
        ("setup.cfg", "tool:pytest"))  # fmt: skip
_COVERAGE = ((".coveragerc", "run"), ("setup.cfg", "coverage:run"), ("tox.ini", "coverage:run"))


def environment_key(
    python: str, environ: Mapping[str, str], snapshot: Snapshot, arguments: Iterable[object]
) -> str:
    """Return the name of an environment: covgate, interpreter, pytest, its plugins and settings."""
    parts = [
        __version__,  # an earlier one may have seen less of what tests depend on
        _interpreter(python),
        *(f"{name}={environ.get(name)}" for name in (*_VARIABLES, *_PYTHON_VARIABLES)),
        *_plugins(python),
        *_settings(snapshot),
        repr(tuple(arguments)),
    ]
    return digest("\0".join(parts))


def _interpreter(python: str) -> str:
    place = Path(python).resolve()
    try:
        found = place.stat()
        stamp = f"{found.st_size}:{found.st_mtime_ns}"
    except OSError:
        stamp = ""
    config = Path(python).parent.parent / "pyvenv.cfg"
    try:
        text = config.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return f"{python} {place} {stamp} {text}"


def site_folders(python: str) -> list[Path]:
    """Return the folders of installed distributions of an interpreter, as far as they are found."""
    prefix = Path(python).parent.parent
    return [*sorted(prefix.glob("lib/python3*/site-packages")), *prefix.glob("Lib/site-packages")]


def _plugins(python: str) -> Iterable[str]:
    """Yield pytest, coverage, whatever plugs into pytest, and what Python reads when it starts."""
    for folder in site_folders(python):
        try:
            entries = sorted(entry.name for entry in folder.iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.endswith(".pth") or entry.startswith(_CUSTOMIZING):
                yield _started(folder / entry)
                continue
            if not entry.endswith((".dist-info", ".egg-info")):
                continue
            if entry.startswith(("pytest-", "coverage-", "pluggy-")):
                yield entry
                continue
            try:
                text = (folder / entry / "entry_points.txt").read_text(errors="replace")
            except OSError:
                continue
            if "[pytest11]" in text:
                yield entry


def _started(place: Path) -> str:
    """Return a hash of what the interpreter runs when it starts, or puts on its path."""
    if place.is_dir():
        place /= "__init__.py"
    try:
        return digest(place.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""


def _settings(snapshot: Snapshot) -> Iterable[str]:
    """Yield pytest's own settings in the tree; other tools' sections do not count."""
    yield from _sections(snapshot, _INI)
    yield from _coverage_settings(snapshot)
    data = snapshot.read("pyproject.toml") if "pyproject.toml" in snapshot.entries else None
    if data is not None:
        try:
            table = tomllib.loads(data.decode("utf-8")).get("tool", {})
            yield repr((table.get("pytest"), table.get("coverage", {}).get("run")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            yield repr(data)


def _sections(snapshot: Snapshot, places: Iterable[tuple[str, str]]) -> Iterable[str]:
    """Yield the sections of some files; a file that is no INI file, or is pytest's own, in full."""
    for path, section in places:
        data = snapshot.read(path) if path in snapshot.entries else None
        if data is None:
            continue
        text = data.decode("utf-8", "replace")
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(text)
        except configparser.Error:
            yield f"{path} {text}"
            continue
        if parser.has_section(section):
            yield f"{path} {sorted(parser[section].items())!r}"
        elif path.endswith("pytest.ini"):
            yield f"{path} {text}"


def _coverage_settings(snapshot: Snapshot) -> Iterable[str]:
    """Yield what coverage measures: lines that it left out are in no trace."""
    yield from _sections(snapshot, _COVERAGE)
    data = snapshot.read(".coveragerc.toml") if ".coveragerc.toml" in snapshot.entries else None
    if data is not None:
        yield f".coveragerc.toml {data!r}"
