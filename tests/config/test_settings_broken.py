"""Files that cannot be parsed are told with their place; no junk raises anything else."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import Settings
from covgate.config.reading import read_settings
from covgate.config.tomlfile import parse_toml
from covgate.errors import USAGE, UsageError

Files = dict[str, str | bytes]


def error_of(files: Files) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_settings(MemorySnapshot(files))
    assert caught.value.exit_code == USAGE
    assert caught.value.help
    return caught.value


BROKEN: dict[str, tuple[Files, str]] = {
    "toml": (
        {"pyproject.toml": "[tool.covgate\nx = 1\n"},
        "pyproject.toml:1:14: not valid TOML: Expected ']' at the end of a table declaration",
    ),
    "toml, at its end": (
        {"covgate.toml": 'a = 1\r\nx = "'},
        "covgate.toml:2:6: not valid TOML: Unterminated string",
    ),
    "toml, key given twice": (
        {"covgate.toml": "progress = true\nprogress = false\n"},
        "covgate.toml:2:17: not valid TOML: Cannot overwrite a value",
    ),
    "toml, byte order mark": (
        {"covgate.toml": b"\xef\xbb\xbfprogress = true\n"},
        "covgate.toml:1:1: not valid TOML: it begins with a byte order mark; save it without",
    ),
    "toml, another encoding": (
        {"covgate.toml": b"a = 1\nb = '\xe9'\n"},
        "covgate.toml:2:6: not UTF-8: invalid continuation byte",
    ),
    "toml, in UTF-16": (
        {"pyproject.toml": "[tool.covgate]\n".encode("utf-16")},
        "pyproject.toml:1:1: not UTF-8: invalid start byte",
    ),
    "toml, too deep": (
        {"covgate.toml": f"a = {'[' * 9999}{']' * 9999}"},
        "covgate.toml: not valid TOML: nested too deeply",
    ),
    "ini": (
        {"setup.cfg": "[covgate]\nx\n"},
        (
            "setup.cfg:2: not a valid ini file: "
            'neither a section, a key with a value nor a comment: "x"'
        ),
    ),
    "ini, key given twice": (
        {"setup.cfg": "[covgate]\nprogress = 1\nprogress = 0\n"},
        'setup.cfg:3: not a valid ini file: the key "progress" stands twice in [covgate]',
    ),
    "ini, section given twice": (
        {"setup.cfg": "[covgate]\n[covgate]\n"},
        "setup.cfg:2: not a valid ini file: the section [covgate] stands twice",
    ),
    "ini, no section": (
        {"setup.cfg": "x = 1\n[covgate]\n"},
        "setup.cfg:1: not a valid ini file: a line before the first section",
    ),
    "ini, another encoding": (
        {"setup.cfg": b"[covgate]\nx = \xe9\n"},
        "setup.cfg:2:5: not UTF-8: invalid continuation byte",
    ),
}


@pytest.mark.parametrize(("files", "expected"), BROKEN.values(), ids=BROKEN)
def test_broken_files_are_told(files: Files, expected: str) -> None:
    assert error_of(files).message.split(" (")[0] == expected


DATES = {
    "a day": ("x = 2026-02-30", ":1:5: 2026-02-30 is no date"),
    "a month": ("x = [\n  2026-13-01,\n]", ":2:3: 2026-13-01 is no date"),
    "in a table": ("x = { y = 2026-02-29 } # why", ":1:11: 2026-02-29 is no date"),
    "with a time": ("x = 2026-02-30T10:00:00Z", ":1:5: 2026-02-30T10:00:00Z is no date"),
    "the other way round": ("x = 1\r\ny = 31/12/2026", ":2:5: 31/12/2026 is no date"),
    "in a text that does not end": ('x = "of 2026-02-30', ":1:19: not valid TOML"),
}


@pytest.mark.parametrize(("text", "expected"), DATES.values(), ids=DATES)
def test_dates_that_are_none(text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_toml("covgate.toml", text.encode())
    assert caught.value.message.startswith(f"covgate.toml{expected}")
    assert caught.value.help


def test_a_date_of_another_tool_is_told_with_the_settings() -> None:
    files: Files = {"pyproject.toml": "[tool.covgate]\nprogres = 1\n[tool.x]\ny = 2026-02-30\n"}
    first, second = error_of(files).message.splitlines()
    assert first.startswith("pyproject.toml:2: tool.covgate.progres: unknown key")
    assert second.startswith("pyproject.toml:4:5: 2026-02-30 is no date; write")
    with pytest.raises(UsageError, match=r"^pyproject\.toml:1:5: 2026-02-30 is no date"):
        read_settings(MemorySnapshot({"pyproject.toml": "y = 2026-02-30"}), {"pyproject.toml"})


def test_more_digits_than_python_converts_are_told() -> None:
    with pytest.raises(UsageError, match=r"^covgate\.toml: not valid TOML: .*digits"):
        parse_toml("covgate.toml", b"timeout = " + b"9" * 5000)


PIECES = (
    *("[tool.covgate]\n", "[covgate]\n", "[tool:covgate:x]\n", "diff-coverage.target", "timeout"),
    *(" = ", "\n", "1", "'a'", '"""', "{", "}", "[", "]", "[[", "]]", ".", "\\u", "\r", "\0", "é"),
)
JUNK = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["covgate.toml", "pyproject.toml", "setup.cfg"]),
        JUNK | st.text() | st.binary(),
    )
)
@example({"covgate.toml": ".".join("a" * 2000) + " = 1"})
@example({"covgate.toml": "timeout = 0x" + "f" * 9999})
@example({"setup.cfg": "[covgate]\n = 1\n"})
@example({"setup.cfg": "[covgate:" + ":" * 2000 + "]\na = 1\n"})
def test_junk_is_never_more_than_a_usage_error(files: Files) -> None:
    with suppress(UsageError):
        assert isinstance(read_settings(MemorySnapshot(files)), Settings)


def test_values_as_deep_as_the_parser_goes_are_told() -> None:
    for depth in range(1, 1000, 7):
        error = error_of({"covgate.toml": f"timeout = {'[' * depth}{']' * depth}"})
        assert error.message.startswith(("covgate.toml", "the configuration of covgate is nested"))
