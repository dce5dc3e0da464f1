"""The settings of the tree under test: found, read and checked.

Most commits are made in projects without any settings of covgate's: this must cost next to
nothing, so parsers are imported only when a file seems to configure covgate.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.change.snapshot import SYMLINK_MODE
from covgate.config.model import Settings
from covgate.config.text import Sections
from covgate.config.tomlfile import HELP, decode, parse_toml, read_toml
from covgate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from covgate.change.snapshot import Snapshot
    from covgate.config.ini import Ini
    from covgate.config.keys import KeyPath
    from covgate.config.positions import Position
    from covgate.config.tomlfile import Misdated, Toml
    from covgate.config.validation import Kept

OWN_FILE = "covgate.toml"
PROJECT_FILE = "pyproject.toml"
INI_FILE = "setup.cfg"
# A TOML key may be spelled with escapes, and in UTF-16 every other byte is NUL: look closer then.
_MAY_NAME_US = (b"covgate", b"\\u", b"\\U", b"\0")
_INI_SECTION = re.compile(rb"^[ \t]*\[\s*((?:tool[.:])?covgate)\s*[]:]", re.MULTILINE)


class _Place(NamedTuple):
    """Where a setting stands: file, line, and its full name as written there."""

    file: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + (f": {self.name}" if self.name else "")


class _Source(NamedTuple):
    """A table of settings, what to call it, and how to find the place of a part of it.

    `misdated` are values that look like dates and are none, anywhere in the file.
    """

    name: str
    table: object
    place: Callable[[KeyPath], _Place]
    file: str
    misdated: tuple[Misdated, ...] = ()


class Told(NamedTuple):
    """A mistake in the words of a report, where it stands, and the key that it is about."""

    file: str
    line: int
    text: str
    path: KeyPath = ()


class SettingsError(UsageError):
    """Mistakes in the settings, and what is right of them, None when nothing is.

    `kept` tells of each list of tables in `settings` which of the written ones it has.
    """

    def __init__(self, told: Iterable[Told], settings: Settings | None, kept: Kept) -> None:
        self.told = sorted(told)
        self.settings, self.kept = settings, kept
        super().__init__("\n".join(one.text for one in self.told), HELP)


def read_settings(snapshot: Snapshot, changed: Container[str] = ()) -> Settings:
    """Return the settings in a tree: of covgate.toml, pyproject.toml or setup.cfg at its top.

    Without any the defaults hold. A pyproject.toml in `changed` is parsed even if nothing in it
    seems to concern covgate: broken, it hides the settings of all tools. Raises UsageError when
    two places configure covgate and when a file cannot be parsed; SettingsError with every mistake
    in the settings, each with its place.
    """
    try:
        sources = _find(snapshot)
        if PROJECT_FILE in changed and not any(one.file == PROJECT_FILE for one in sources):
            parse_toml(PROJECT_FILE, _content(snapshot, PROJECT_FILE) or b"")
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
        raise UsageError("the configuration of covgate is nested too deeply", HELP) from None
    except UsageError as error:
        error.help = error.help or HELP
        raise


def place_of(snapshot: Snapshot, path: KeyPath) -> str:
    """Return where a setting stands, e.g. `pyproject.toml:12: tool.covgate.diff-coverage.target`.

    For findings about a setting that is well formed but does not fit the project. `path` has
    names of keys and positions in lists; empty text without settings.
    """
    sources = _find(snapshot)
    return str(sources[0].place(path)) if sources else ""


def _find(snapshot: Snapshot) -> list[_Source]:
    found = (_own(snapshot), _project(snapshot), *_ini(snapshot))
    return [source for source in found if source]


def _own(snapshot: Snapshot) -> _Source | None:
    data = _content(snapshot, OWN_FILE)
    if data is None:
        return None
    document = read_toml(OWN_FILE, data)
    source = _toml_source(OWN_FILE, OWN_FILE, data, document, ())
    for path in (("covgate",), ("tool", "covgate")):
        if path[0] in document.content:
            message = "the keys stand at the top level of this file, not in a section of covgate"
            raise UsageError(f"{source.place(path)}: {message}")
    return source


def _project(snapshot: Snapshot) -> _Source | None:
    data = _content(snapshot, PROJECT_FILE)
    if data is None or not any(name in data for name in _MAY_NAME_US):
        return None
    document = read_toml(PROJECT_FILE, data)
    if "covgate" in document.content:
        place = _toml_source("", PROJECT_FILE, data, document, ()).place(("covgate",))
        raise UsageError(f'{place}: unknown key; did you mean "tool.covgate"?')
    tool = document.content.get("tool")
    if not isinstance(tool, dict) or "covgate" not in tool:
        _refuse_misdated(document)
        return None
    name = f"[tool.covgate] of {PROJECT_FILE}"
    return _toml_source(name, PROJECT_FILE, data, document, ("tool", "covgate"))


def _refuse_misdated(document: Toml) -> None:
    if document.misdated:
        raise UsageError("\n".join(one.told(PROJECT_FILE) for one in document.misdated))


def _toml_source(
    name: str, file: str, data: bytes, document: Toml, base: tuple[str, ...]
) -> _Source:
    @cache
    def positions() -> dict[KeyPath, Position]:
        from covgate.config.positions import find_positions

        return find_positions(data.decode())

    def place(path: KeyPath) -> _Place:
        full = (*base, *path)
        known = _longest_known(full, positions())
        return _Place(file, positions()[known].line if known else 1, _dotted(full))

    table: Any = document.content
    for part in base:
        table = table[part]
    return _Source(name, table, place, file, document.misdated)


def _ini(snapshot: Snapshot) -> list[_Source]:
    data = _content(snapshot, INI_FILE)
    if data is None or b"covgate" not in data:
        return []
    data = data.removeprefix(b"\xef\xbb\xbf")
    sections = {match[1].decode() for match in _INI_SECTION.finditer(data)}
    if not sections:
        return []
    from covgate.config.ini import read_ini

    text = decode(INI_FILE, data).replace("\r\n", "\n")
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
        path = _labelled(path, ini.table)
        known = _longest_known(path, ini.lines)
        if known is None:  # [root:one:two] implies [root:one]
            return _Place(INI_FILE, min(ini.lines.values()), _section(root, path))
        rest = _dotted(path[len(known) :])
        separator = " " if rest and not rest.startswith("[") else ""
        return _Place(INI_FILE, ini.lines[known], f"{ini.names[known]}{separator}{rest}")

    return _Source(f"[{root}] of {INI_FILE}", ini.table, place, INI_FILE)


def _labelled(path: KeyPath, table: object) -> KeyPath:
    """Return a path with the names of the sections that stand for positions in a list."""
    found: list[str | int] = []
    for part in path:
        inner: object = None
        if isinstance(table, Sections):
            if isinstance(part, int):
                if not all(isinstance(section, Sections) for section in table.values()):
                    continue  # one section is the only item of its list
                part = [*table][part]  # noqa: PLW2901 - the same place by another name
            inner = table.get(part)
        found.append(part)
        table = inner
    return tuple(found)


def _section(root: str, path: KeyPath) -> str:
    return f"[{':'.join((root, *map(str, path)))}]"


def _longest_known(path: KeyPath, places: Mapping[KeyPath, object]) -> KeyPath | None:
    starts = (path[:length] for length in range(len(path), -1, -1))
    return next((start for start in starts if start in places), None)


def _checked(source: _Source) -> Settings:
    from covgate.config.validation import check

    checked = check(Settings, source.table)
    places = [(source.place(mistake.path), mistake) for mistake in checked.mistakes]
    told = [
        Told(place.file, place.line, f"{place}: {mistake.message}", mistake.path)
        for place, mistake in places
    ]
    lines = {one.line for one in told}
    told += [
        Told(source.file, one.line, one.told(source.file))
        for one in source.misdated
        if one.line not in lines  # else the settings say more of it
    ]
    if told or checked.value is None:
        raise SettingsError(told, checked.value, checked.kept)
    return checked.value


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
