"""The formats by name, and where each answer is to go.

Formats are imported when they are used: a commit that passes pays for text alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from covgate.errors import UsageError
from covgate.report.style import PLAIN, Style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol, TextIO

    from covgate.report.answer import Answer

    class Format(Protocol):
        """What a module of a format offers."""

        def render(self, answer: Answer, style: Style) -> str:
            """Return the answer in this format; it ends with a line end."""


FORMATS: Mapping[str, str] = {
    "text": "covgate.report.text",
    "json": "covgate.report.json_object",
    "markdown": "covgate.report.markdown",
    "github": "covgate.report.github",
    "gitlab": "covgate.report.gitlab",
    "cobertura": "covgate.report.cobertura",
    "sarif": "covgate.report.sarif",
    "junit": "covgate.report.junit",
    "html": "covgate.report.html",
}

# One document each: anything before or after it on the same stream would break it.
DOCUMENTS = frozenset({"json", "gitlab", "cobertura", "sarif", "junit", "html"})


class FormatSpec(NamedTuple):
    """One `--format NAME[:FILE]`; without a file the answer goes to standard output."""

    name: str
    file: str | None = None


def render(name: str, answer: Answer, style: Style = PLAIN) -> str:
    """Return the answer in the format `name`, one of `FORMATS`."""
    import importlib

    module = cast("Format", importlib.import_module(FORMATS[name]))
    return module.render(answer, style)


def parse_specs(values: Sequence[str]) -> tuple[FormatSpec, ...]:
    """Read the values of --format; none means text on standard output.

    Raises UsageError for an unknown format, an empty file name, two formats for one file, and
    formats that cannot share standard output.
    """
    specs = tuple(dict.fromkeys(_parse(value) for value in values)) or (FormatSpec("text"),)
    _check_files(specs)
    _check_output(specs)
    return specs


def emit(answer: Answer, specs: Sequence[FormatSpec], stdout: TextIO, style: Style) -> None:
    """Write the answer in every format asked for, those on standard output first.

    Raises UsageError when a file cannot be written, after all the others are.
    """
    for spec in specs:
        if spec.file is None:
            stdout.write(render(spec.name, answer, style))
    stdout.flush()
    failed: UsageError | None = None
    for spec in specs:
        if spec.file is not None:
            text = render(spec.name, answer, PLAIN._replace(verbose=style.verbose))
            failed = _write(spec.file, text) or failed
    if failed is not None:
        raise failed


def _parse(value: str) -> FormatSpec:
    name, colon, file = value.partition(":")
    if name not in FORMATS:
        raise UsageError(f"--format: there is no format {name!r}", _suggestion(name))
    if colon and not file:
        raise UsageError(
            f"--format: {value!r} names no file after the colon",
            f"write `--format {name}` for standard output or `--format {name}:FILE`",
        )
    return FormatSpec(name, None if file in {"", "-"} else file)


def _suggestion(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name.strip().lower(), FORMATS, n=1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}the formats are {', '.join(FORMATS)}, each as NAME or NAME:FILE"


def _check_files(specs: Sequence[FormatSpec]) -> None:
    """Find now what would be a pity to learn only after the tests ran."""
    files = [(spec, spec.file) for spec in specs if spec.file is not None]
    if not files:
        return
    from pathlib import Path

    taken: dict[Path, FormatSpec] = {}
    for spec, file in files:
        path = Path(file).resolve()
        other = taken.setdefault(path, spec)
        if other is not spec:
            raise UsageError(
                f"--format: {other.name} and {spec.name} would both be written to {file}",
                "give each format a file of its own",
            )
        if path.is_dir():
            raise _cannot_write(file, "it is a folder")
        if not path.parent.is_dir():
            raise _cannot_write(file, "its folder does not exist")


def _check_output(specs: Sequence[FormatSpec]) -> None:
    names = [spec.name for spec in specs if spec.file is None]
    document = next((name for name in names if name in DOCUMENTS), None)
    if document is not None and len(names) > 1:
        others = ", ".join(name for name in names if name != document)
        raise UsageError(
            f"--format: {document} cannot share standard output with {others}",
            f"send it to a file: `--format {document}:FILE`",
        )


def _write(file: str, text: str) -> UsageError | None:
    try:
        with open(file, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except OSError as error:
        return _cannot_write(file, error.strerror or str(error))
    return None


def _cannot_write(file: str, reason: str) -> UsageError:
    return UsageError(
        f"--format: cannot write {file}: {reason}",
        "name a file in an existing folder that you may write to",
    )
