"""The settings of the tree under test: found, read and checked.

Most commits are made in projects without any settings of covgate's: this must cost next to
nothing, so parsers are imported only when a file seems to configure covgate.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.snapshot import SYMLINK_MODE
from covgate.config.model import Settings
from covgate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping

    from covgate.change.snapshot import Snapshot
    from covgate.config.ini import Ini
    from covgate.config.keys import KeyPath
    from covgate.config.positions import Position

OWN_FILE = "covgate.toml"
PROJECT_FILE = "pyproject.toml"
INI_FILE = "setup.cfg"
# A TOML key may be spelled with escapes, and in UTF-16 every other byte is NUL: look closer then.
_MAY_NAME_US = (b"covgate", b"\\u", b"\\U", b"\0")
_INI_SECTION = re.compile(rb"^[ \t]*\[\s*((?:tool[.:])?covgate)\s*[]:]", re.MULTILINE)
_HELP = (
    "Correct and stage the file: the settings are read from the tree that is to be committed. "
    "docs/configuration.md of covgate describes every key."
)


class _Place(NamedTuple):
    """Where a setting stands: file, line, and its full name as written there."""

    file: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + (f": {self.name}" if self.name else "")


class _Source(NamedTuple):
    """A table of settings, what to call it, and how to find the place of a part of it."""

    name: str
    table: object
    place: Callable[[KeyPath], _Place]


def read_settings(snapshot: Snapshot, changed: Container[str] = ()) -> Settings:
    """Return the settings in a tree: of covgate.toml, pyproject.toml or setup.cfg at its top.

    Without any the defaults hold. A pyproject.toml in `changed` is parsed even if nothing in it
    seems to concern covgate: broken, it hides the settings of all tools. Raises UsageError when
    two places configure covgate, when a file cannot be parsed, and with every mistake in the
    settings, each with its place.
    """
    try:
        if PROJECT_FILE in changed:
            parse_toml(PROJECT_FILE, _content(snapshot, PROJECT_FILE) or b"")
        sources = _find(snapshot)
        if not sources:
            return Settings()
        if len(sources) > 1:
            places = " and ".join(source.name for source in sources)
            raise UsageError(
                f"covgate is configured in more than one place: {places}",
                help="Keep the settings in one of them, and remove the others.",
            )
        return _checked(sources[0])
    except RecursionError:
        raise UsageError("the configuration of covgate is nested too deeply", _HELP) from None
    except UsageError as error:
        error.help = error.help or _HELP
        raise


def place_of(snapshot: Snapshot, path: KeyPath) -> str:
    """Return where a setting stands, e.g. `pyproject.toml:12: tool.covgate.diff-coverage.target`.

    For findings about a setting that is well formed but does not fit the project. `path` has
    names of keys and positions in lists; empty text without settings.
    """
    sources = _find(snapshot)
    return str(sources[0].place(path)) if sources else ""


def parse_toml(file: str, data: bytes) -> dict[str, object]:
    """Return the content of a TOML file; raises UsageError with the place when it has none."""
    import tomllib

    text = _decode(file, data)
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and int() for more digits than it converts
        raise UsageError(_parse_failure(file, text, str(error)), _HELP) from None
    except RecursionError:
        raise UsageError(f"{file}: not valid TOML: nested too deeply", _HELP) from None


def _find(snapshot: Snapshot) -> list[_Source]:
    found = (_own(snapshot), _project(snapshot), *_ini(snapshot))
    return [source for source in found if source]


def _own(snapshot: Snapshot) -> _Source | None:
    data = _content(snapshot, OWN_FILE)
    if data is None:
        return None
    document = parse_toml(OWN_FILE, data)
    source = _toml_source(OWN_FILE, OWN_FILE, data, document, ())
    for path in (("covgate",), ("tool", "covgate")):
        if path[0] in document:
            message = "the keys stand at the top level of this file, not in a section of covgate"
            raise UsageError(f"{source.place(path)}: {message}")
    return source


def _project(snapshot: Snapshot) -> _Source | None:
    data = _content(snapshot, PROJECT_FILE)
    if data is None or not any(name in data for name in _MAY_NAME_US):
        return None
    document = parse_toml(PROJECT_FILE, data)
    if "covgate" in document:
        place = _toml_source("", PROJECT_FILE, data, document, ()).place(("covgate",))
        raise UsageError(f'{place}: unknown key; did you mean "tool.covgate"?')
    tool = document.get("tool")
    if not isinstance(tool, dict) or "covgate" not in tool:
        return None
    name = f"[tool.covgate] of {PROJECT_FILE}"
    return _toml_source(name, PROJECT_FILE, data, tool["covgate"], ("tool", "covgate"))


def _toml_source(name: str, file: str, data: bytes, table: object, base: KeyPath) -> _Source:
    @cache
    def positions() -> dict[KeyPath, Position]:
        from covgate.config.positions import find_positions

        return find_positions(data.decode())

    def place(path: KeyPath) -> _Place:
        full = (*base, *path)
        known = _longest_known(full, positions())
        return _Place(file, positions()[known].line if known else 1, _dotted(full))

    return _Source(name, table, place)


def _ini(snapshot: Snapshot) -> list[_Source]:
    data = _content(snapshot, INI_FILE)
    if data is None or b"covgate" not in data:
        return []
    data = data.removeprefix(b"\xef\xbb\xbf")
    sections = {match[1].decode() for match in _INI_SECTION.finditer(data)}
    if not sections:
        return []
    from covgate.config.ini import read_ini

    text = _decode(INI_FILE, data).replace("\r\n", "\n")
    sources = []
    for root in sorted(sections):
        if ini := read_ini(INI_FILE, text, root):
            source = _ini_source(root, ini)
            if root == "tool.covgate":
                mistake = 'unknown section; did you mean "tool:covgate"?'
                raise UsageError(f"{source.place(())}: {mistake}")
            sources.append(source)
    return sources


def _ini_source(root: str, ini: Ini) -> _Source:
    def place(path: KeyPath) -> _Place:
        known = _longest_known(path, ini.lines)
        if known is None:  # [root:one:two] implies [root:one]
            return _Place(INI_FILE, min(ini.lines.values()), _section(root, path))
        rest = _dotted(path[len(known) :])
        separator = " " if rest and not rest.startswith("[") else ""
        return _Place(INI_FILE, ini.lines[known], f"{ini.names[known]}{separator}{rest}")

    return _Source(f"[{root}] of {INI_FILE}", ini.table, place)


def _section(root: str, path: KeyPath) -> str:
    return f"[{':'.join((root, *map(str, path)))}]"


def _longest_known(path: KeyPath, places: Mapping[KeyPath, object]) -> KeyPath | None:
    starts = (path[:length] for length in range(len(path), -1, -1))
    return next((start for start in starts if start in places), None)


def _checked(source: _Source) -> Settings:
    from covgate.config.validation import validate

    settings, mistakes = validate(Settings, source.table)
    if settings is not None:
        return settings
    told = [(source.place(mistake.path), mistake.message) for mistake in mistakes]
    told.sort(key=lambda one: one[0].line)
    raise UsageError("\n".join(f"{place}: {message}" for place, message in told))


def _content(snapshot: Snapshot, path: str) -> bytes | None:
    """Return the content of a file, through symbolic links inside the tree."""
    data = snapshot.read(path)
    place = path
    for _ in range(8):
        # Links hold a path, so one line: the list of entries need not be made for other files.
        if data is None or b"\n" in data or snapshot.entries[place].mode != SYMLINK_MODE:
            return data
        from posixpath import dirname, join, normpath

        place = normpath(join(dirname(place), data.decode(errors="replace")))
        data = None if place.startswith(("../", "/")) else snapshot.read(place)
        if data is None:
            break
    raise UsageError(
        f"{path}: a symbolic link that leads to no file of the tree under test",
        "Put the file itself there, or stage what the link leads to.",
    )


def _decode(file: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        raise UsageError(f"{file}:{line}:{column}: not UTF-8: {error.reason}", _HELP) from None


def _parse_failure(file: str, text: str, words: str) -> str:
    if text.startswith("\ufeff"):
        return f"{file}:1:1: not valid TOML: it begins with a byte order mark; save it without"
    where = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", words)
    if where is None:
        return f"{file}: not valid TOML: {words}"
    lines = text.replace("\r\n", "\n").split("\n")
    line, column = where.groups() if where[1] else (len(lines), len(lines[-1]) + 1)
    return f"{file}:{line}:{column}: not valid TOML: {words[: where.start()]}"


def _dotted(path: KeyPath) -> str:
    from covgate.config.wording import quote

    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            bare = re.fullmatch(r"[A-Za-z0-9_-]+", part)
            text += f".{part if bare else quote(part)}"
    return text.removeprefix(".")
