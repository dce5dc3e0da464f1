"""Settings are found in the tree under test, and every mistake is told with its place."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from covgate.change.snapshot import Entry, MemorySnapshot
from covgate.config.model import (
    DiffCoverage,
    HollowTest,
    PathTarget,
    Settings,
    Simple,
    SkipWithoutReason,
)
from covgate.config.reading import place_of, read_settings
from covgate.errors import USAGE, UsageError

if TYPE_CHECKING:
    from covgate.config.keys import KeyPath

Files = dict[str, str | bytes]


def snapshot(files: Files, links: tuple[str, ...] = ()) -> MemorySnapshot:
    tree = MemorySnapshot(
        {path: dedent(text) if isinstance(text, str) else text for path, text in files.items()}
    )
    tree.entries = {
        path: Entry("120000", entry.blob) if path in links else entry
        for path, entry in tree.entries.items()
    }
    return tree


def error_of(files: Files, links: tuple[str, ...] = ()) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_settings(snapshot(files, links))
    assert caught.value.exit_code == USAGE
    return caught.value


UNCONFIGURED: dict[str, Files] = {
    "no files": {},
    "no section": {"pyproject.toml": "[project]\nname = 'x'\n", "setup.cfg": "[metadata]\n"},
    "the name alone": {
        "pyproject.toml": "[project]\nname = 'covgate'\n[tool.ruff]\n",
        "setup.cfg": "[metadata]\nname = covgate\n[covgate-like]\nx = 1\n",
    },
    "tool is no table": {"pyproject.toml": "tool = 'covgate'\n"},
    "a header inside a value": {"setup.cfg": "[metadata]\ndescription =\n  [tool.covgate]\n"},
    "below the top": {"sub/covgate.toml": "timeout = 1\n", "sub/pyproject.toml": "[tool.covgate]"},
    "not ours to judge": {"pyproject.toml": "broken", "setup.cfg": "broken"},
}


@pytest.mark.parametrize("files", UNCONFIGURED.values(), ids=UNCONFIGURED)
def test_without_settings_the_defaults_hold(files: Files) -> None:
    assert read_settings(snapshot(files)) == Settings()


CONFIGURED: dict[str, tuple[Files, Settings]] = {
    "pyproject": (
        {
            "pyproject.toml": """\
                [tool.covgate]
                timeout = "10m"
                pytest-args = ["-m", "unit"]
                diff-coverage.target = 90
                [tool.covgate.skip-without-reason]
                issue_pattern = "#[0-9]+"
                [[tool.covgate.diff-coverage.override]]
                paths = "src/old/**"
                target = 50
                """
        },
        Settings(
            timeout=600.0,
            pytest_args=("-m", "unit"),
            diff_coverage=DiffCoverage(target=90.0, override=(PathTarget(("src/old/**",), 50.0),)),
            skip_without_reason=SkipWithoutReason(issue_pattern="#[0-9]+"),
        ),
    ),
    "own file": (
        {"covgate.toml": "progress = true\n[tests-fail]\nlevel = 'warning'\n"},
        Settings(progress=True, tests_fail=Simple("warning")),
    ),
    "own file, empty": ({"covgate.toml": ""}, Settings()),
    "setup.cfg": (
        {
            "setup.cfg": """\
                [metadata]
                name = x
                [covgate]
                # the whole suite is slow
                timeout: 5m
                pytest-args = -m "unit or small"
                inert =
                    docs/**
                    *.md
                [covgate:diff-coverage]
                target = 62.5
                [covgate:diff-coverage:override:old]
                paths = src/old/**, src/older/**
                target = 0
                [covgate:diff-coverage:override:new]
                paths = src/new/**
                target = 100
                [covgate:hollow_test]
                level = off
                """
        },
        Settings(
            timeout=300.0,
            pytest_args=("-m", "unit or small"),
            inert=("docs/**", "*.md"),
            diff_coverage=DiffCoverage(
                target=62.5,
                override=(
                    PathTarget(("src/old/**", "src/older/**"), 0.0),
                    PathTarget(("src/new/**",), 100.0),
                ),
            ),
            hollow_test=HollowTest(level="off"),
        ),
    ),
    "setup.cfg, tool": ({"setup.cfg": "[tool:covgate]\nprogress = on\n"}, Settings(progress=True)),
    "setup.cfg, only a sub-section": (
        {"setup.cfg": "[tool:covgate:tests-fail]\r\nlevel = off\r\n"},
        Settings(tests_fail=Simple("off")),
    ),
    "setup.cfg, defaults of other tools": (
        {"setup.cfg": "[DEFAULT]\nx = 1\n[covgate]\nprogress = 1\n"},
        Settings(progress=True),
    ),
    "setup.cfg with a byte order mark": (
        {"setup.cfg": b"\xef\xbb\xbf[covgate]\nprogress = 1\n"},
        Settings(progress=True),
    ),
    "escaped name": (
        {"pyproject.toml": '[tool."cov\\u0067ate"]\nprogress = true\n'},
        Settings(progress=True),
    ),
    "windows line ends": (
        {"pyproject.toml": "[tool.covgate]\r\nprogress = true\r\n"},
        Settings(progress=True),
    ),
}


@pytest.mark.parametrize(("files", "expected"), CONFIGURED.values(), ids=CONFIGURED)
def test_settings_are_read(files: Files, expected: Settings) -> None:
    assert read_settings(snapshot(files)) == expected


def test_a_link_inside_the_tree_is_followed() -> None:
    files: Files = {
        "pyproject.toml": "conf/../conf/a.toml",
        "conf/a.toml": "tool.covgate.progress = true",
    }
    tree = snapshot(files, links=("pyproject.toml",))
    assert read_settings(tree) == Settings(progress=True)


LINKS: dict[str, tuple[Files, tuple[str, ...]]] = {
    "nowhere": ({"covgate.toml": "a.toml"}, ("covgate.toml",)),
    "outside": ({"covgate.toml": "../a.toml", "a.toml": ""}, ("covgate.toml",)),
    "absolute": ({"covgate.toml": "/a.toml"}, ("covgate.toml",)),
    "in a circle": ({"covgate.toml": "a", "a": "covgate.toml"}, ("covgate.toml", "a")),
}


@pytest.mark.parametrize(("files", "links"), LINKS.values(), ids=LINKS)
def test_a_link_that_leads_nowhere_is_an_error(files: Files, links: tuple[str, ...]) -> None:
    assert error_of(files, links).message == (
        "covgate.toml: a symbolic link that leads to no file of the tree under test"
    )


TWICE: dict[str, tuple[Files, str]] = {
    "own file and pyproject": (
        {"covgate.toml": "", "pyproject.toml": "[tool.covgate]"},
        "covgate.toml and [tool.covgate] of pyproject.toml",
    ),
    "pyproject and setup.cfg": (
        {"pyproject.toml": "[tool.covgate.tests-fail]", "setup.cfg": "[covgate:tests-fail]"},
        "[tool.covgate] of pyproject.toml and [covgate] of setup.cfg",
    ),
    "both spellings in setup.cfg": (
        {"setup.cfg": "[covgate]\n[tool:covgate]"},
        "[covgate] of setup.cfg and [tool:covgate] of setup.cfg",
    ),
}


@pytest.mark.parametrize(("files", "places"), TWICE.values(), ids=TWICE)
def test_two_places_are_an_error_that_names_both(files: Files, places: str) -> None:
    message = error_of(files).message
    assert message == f"covgate is configured in more than one place: {places}"


MISTAKES: dict[str, tuple[Files, list[str]]] = {
    "all at once, in the order of lines": (
        {
            "pyproject.toml": """\
                [tool.covgate]
                inert = [
                    "a",
                    3,
                ]
                [tool.covgate.diff-coverage]
                targt = 90
                [[tool.covgate.diff-coverage.override]]
                paths = []
                [tool.covgate.tests-fail]
                level = "of"
                """
        },
        [
            "pyproject.toml:4: tool.covgate.inert[1]: expected a glob, got 3",
            (
                "pyproject.toml:7: tool.covgate.diff-coverage.targt: "
                'unknown key; did you mean "target"?'
            ),
            (
                "pyproject.toml:8: tool.covgate.diff-coverage.override[0].target: "
                "missing key; expected a number from 0 to 100"
            ),
            (
                "pyproject.toml:9: tool.covgate.diff-coverage.override[0].paths: "
                "expected a list of globs, or one string, got an empty list"
            ),
            (
                "pyproject.toml:11: tool.covgate.tests-fail.level: "
                'expected "error", "warning" or "off", got "of"; did you mean "off"?'
            ),
        ],
    ),
    "own file": (
        {"covgate.toml": "# x\ntimeot = 1\n"},
        ['covgate.toml:2: timeot: unknown key; did you mean "timeout"?'],
    ),
    "quoted key": (
        {"covgate.toml": '"time\\u001bout" = 1\n'},
        ['covgate.toml:1: "time\\u001bout": unknown key; did you mean "timeout"?'],
    ),
    "no table": (
        {"pyproject.toml": "[tool]\ncovgate = 3\n"},
        ["pyproject.toml:2: tool.covgate: expected a table, got 3"],
    ),
    "section of the own file": (
        {"covgate.toml": "\n[tool.covgate]\nprogress = true\n"},
        [
            (
                "covgate.toml:2: tool.covgate: "
                "the keys stand at the top level of this file, not in a section of covgate"
            ),
        ],
    ),
    "section without tool": (
        {"pyproject.toml": "\n[covgate]\nprogress = true\n"},
        ['pyproject.toml:2: covgate: unknown key; did you mean "tool.covgate"?'],
    ),
    "ini": (
        {
            "setup.cfg": """\
                [metadata]
                name = x
                [covgate]
                progress = maybe
                inert =
                    a
                    /b
                [covgate:diff-covrage]
                target = 3
                [covgate:diff-coverage]
                targt = 3
                exclude = a
                [covgate:diff-coverage:override:old]
                paths = b
                """
        },
        [
            'setup.cfg:4: [covgate] progress: expected true or false, got "maybe"',
            (
                "setup.cfg:5: [covgate] inert[1]: "
                'expected a glob relative to the repository and inside it, got "/b"'
            ),
            'setup.cfg:8: [covgate:diff-covrage]: unknown key; did you mean "diff-coverage"?',
            'setup.cfg:11: [covgate:diff-coverage] targt: unknown key; did you mean "target"?',
            (
                "setup.cfg:13: [covgate:diff-coverage:override:old] target: missing key; "
                "expected a number from 0 to 100"
            ),
        ],
    ),
    "ini, section of a section that is not there": (
        {"setup.cfg": "\n[covgate:nothing:like:this]\n"},
        [
            "setup.cfg:2: [covgate:nothing]: unknown key; the keys are "
            + ", ".join(
                (
                    "python, source-roots, pytest-args, test-paths, timeout",
                    "budget, when-over-budget, stage, progress, verify, inert",
                    "tests-fail, untracked-dependency, diff-coverage, skip-without-reason",
                    "hollow-test, test-first, config-weakened, coverage-target, coverage-floor, coverage-component, component, coverage-phase, phase, coverage-ratchet, suite-budget, error-paths, tests-with-code, waiver",
                )
            )
        ],
    ),
    "ini, dotted section": (
        {"setup.cfg": "[a]\n[tool.covgate]\nprogress = 1\n"},
        ['setup.cfg:2: [tool.covgate]: unknown section; did you mean "tool:covgate"?'],
    ),
    "ini, key and section": (
        {"setup.cfg": "[covgate]\ntests-fail = off\n[covgate:tests-fail]\nlevel = off\n"},
        ['setup.cfg:3: "tests-fail" is both a key and a section'],
    ),
    "ini, section and key": (
        {"setup.cfg": "[covgate:tests-fail]\nlevel = off\n[covgate]\ntests-fail = off\n"},
        ['setup.cfg:4: "tests-fail" is both a key and a section'],
    ),
}


@pytest.mark.parametrize(("files", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_told_with_their_place(files: Files, expected: list[str]) -> None:
    error = error_of(files)
    assert error.message.split("\n") == expected
    assert error.help


PLACES: dict[str, tuple[Files, KeyPath, str]] = {
    "toml": (
        {"pyproject.toml": "[tool.covgate]\ninert = [\n'a',\n'b']\n"},
        ("inert", 1),
        "pyproject.toml:4: tool.covgate.inert[1]",
    ),
    "ini": (
        {"setup.cfg": "[covgate]\ninert = a,\n  b\n"},
        ("inert", 1),
        "setup.cfg:2: [covgate] inert[1]",
    ),
    "the whole": ({"covgate.toml": ""}, (), "covgate.toml:1"),
    "defaults": ({}, ("inert", 1), ""),
}


@pytest.mark.parametrize(("files", "path", "expected"), PLACES.values(), ids=PLACES)
def test_the_place_of_a_setting(files: Files, path: KeyPath, expected: str) -> None:
    assert place_of(snapshot(files), path) == expected


def test_defaults_are_read_without_parsers() -> None:
    script = """\
        import sys
        from covgate.change.snapshot import MemorySnapshot
        from covgate.config.reading import read_settings
        read_settings(MemorySnapshot({"pyproject.toml": "[project]", "setup.cfg": "[metadata]"}))
        heavy = {"tomllib", "configparser", "difflib", "json", "covgate.config.validation"}
        print(sorted(heavy & set(sys.modules)), end="")
        read_settings(MemorySnapshot({"covgate.toml": "progress = true"}))
        heavy -= {"tomllib", "covgate.config.validation"}
        print(sorted(heavy & set(sys.modules)), end="")
        """
    done = subprocess.run(
        [sys.executable, "-c", dedent(script)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[][]"
