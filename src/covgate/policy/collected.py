"""Which test files of a tree a plain pytest run would collect."""

from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import basename, normpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from covgate.policy.pytest_args import PytestArgs
    from covgate.policy.pytest_config import PytestConfig


def collected_files(
    paths: Iterable[str], config: PytestConfig, args: PytestArgs | None = None
) -> frozenset[str]:
    """Return the test files, as far as names and options can tell.

    `args` are those of a command line, without them the ones of `addopts` count.
    """
    args = args or config.args
    python = [path for path in paths if path.endswith(".py")]
    starts = _starts(python, [word.text.split("::")[0] for word in args.paths])
    if not starts:
        starts = _starts(python, config.texts("testpaths")) or [""]
    patterns, no_recurse = config.python_files, config.no_recurse
    ignored = [normpath(word.text) for word in args.ignored]
    globs = [normpath(word.text) for word in args.ignored_globs]
    return frozenset(
        path
        for path in python
        if any(_reached(path, start, patterns, no_recurse) for start in starts)
        and not any(within(path, folder) for folder in ignored)
        and not any(_globbed(path, glob) for glob in globs)
    )


def within(path: str, folder: str) -> bool:
    """Return whether `path` is `folder` or something in it."""
    return folder in {"", "."} or path == folder or path.startswith(folder + "/")


def _starts(python: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return the folders and files that exist among `wanted`, globs expanded."""
    folders = {path.rpartition("/")[0] for path in python} if wanted else set()
    folders |= {folder[:at] for folder in folders for at, char in enumerate(folder) if char == "/"}
    folders.discard("")
    known = folders | set(python) | {"."} if wanted else set()
    starts = []
    for text in wanted:
        pattern = normpath(text)
        starts += [path for path in known if path == pattern or fnmatchcase(path, pattern)]
    return ["" if start == "." else start for start in starts]


def _reached(path: str, start: str, patterns: Sequence[str], no_recurse: Sequence[str]) -> bool:
    if path == start:
        return True  # a file that is named is collected whatever it is called
    if not within(path, start) or not any(_is_test(path, pattern) for pattern in patterns):
        return False
    below = path.removeprefix(start).strip("/").split("/")[:-1]
    return not any(fnmatchcase(folder, pattern) for folder in below for pattern in no_recurse)


def _is_test(path: str, pattern: str) -> bool:
    if "/" in pattern:
        return fnmatchcase(path, f"*{pattern}") or fnmatchcase(path, pattern)
    return fnmatchcase(basename(path), pattern)


def _globbed(path: str, glob: str) -> bool:
    """`--ignore-glob` matches files and the folders around them, by their absolute paths."""
    parts = path.split("/")
    tops = ["/".join(parts[: i + 1]) for i in range(len(parts))]
    return any(fnmatchcase(top, glob) or fnmatchcase("/" + top, glob) for top in tops)
