"""--format NAME[:FILE], several at once."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest
from report_answers import BLOCKED, PASSED
from report_validators import valid_json, valid_sarif

from covgate.errors import UsageError
from covgate.report.formats import FORMATS, FormatSpec, emit, parse_specs, render
from covgate.report.style import PLAIN, Style

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("values", "specs"),
    [
        pytest.param([], [FormatSpec("text")], id="none"),
        pytest.param(["json"], [FormatSpec("json")], id="one"),
        pytest.param(["json:-"], [FormatSpec("json")], id="dash"),
        pytest.param(
            ["text", "sarif:out.sarif", "junit:out.xml"],
            [FormatSpec("text"), FormatSpec("sarif", "out.sarif"), FormatSpec("junit", "out.xml")],
            id="several",
        ),
        pytest.param(["json:a:b.json"], [FormatSpec("json", "a:b.json")], id="colon in the name"),
        pytest.param(
            ["text", "github"], [FormatSpec("text"), FormatSpec("github")], id="lines share stdout"
        ),
        pytest.param(["json", "json"], [FormatSpec("json")], id="the same twice"),
        pytest.param(
            ["json", "text:x.txt"],
            [FormatSpec("json"), FormatSpec("text", "x.txt")],
            id="text beside a document",
        ),
    ],
)
def test_specs(values: list[str], specs: list[FormatSpec]) -> None:
    assert parse_specs(values) == tuple(specs)


@pytest.mark.parametrize(
    ("values", "message", "help_text"),
    [
        pytest.param(["jsn"], "there is no format 'jsn'", "did you mean 'json'?", id="typo"),
        pytest.param(["JSON"], "there is no format 'JSON'", "did you mean 'json'?", id="case"),
        pytest.param(["pdf"], "there is no format 'pdf'", "the formats are text, ", id="unknown"),
        pytest.param([""], "there is no format ''", "the formats are", id="empty"),
        pytest.param(["json:"], "names no file", "json:FILE", id="no file"),
        pytest.param(
            ["json:x", "sarif:./x"], "json and sarif would both", "file of its own", id="one file"
        ),
        pytest.param(
            ["json", "text"], "json cannot share standard output with text", "json:FILE", id="share"
        ),
        pytest.param(
            ["text", "github", "sarif"], "sarif cannot share", "sarif:FILE", id="share three"
        ),
        pytest.param(["json:."], "it is a folder", "name a file", id="folder"),
        pytest.param(["json:no/x"], "its folder does not exist", "name a file", id="no folder"),
    ],
)
def test_mistakes_say_what_and_what_next(
    values: list[str], message: str, help_text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        parse_specs(values)
    assert caught.value.message.startswith("--format: ")
    assert message in caught.value.message
    assert help_text in caught.value.help
    assert caught.value.exit_code == 2


def test_each_format_is_written_where_it_belongs(tmp_path: Path) -> None:
    sarif, json_file = tmp_path / "out.sarif", tmp_path / "out.json"
    stdout = io.StringIO()
    specs = parse_specs(["text", f"sarif:{sarif}", f"json:{json_file}"])
    emit(BLOCKED, specs, stdout, Style(color=True))
    assert stdout.getvalue() == render("text", BLOCKED, Style(color=True))
    assert valid_sarif(sarif.read_text())["results"]
    assert valid_json(json_file.read_text())["verdict"] == "block"


def test_files_have_no_colours(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    style = Style(color=True, unicode=False)
    emit(BLOCKED, [FormatSpec("text", str(file))], io.StringIO(), style)
    assert file.read_text(encoding="utf-8") == render("text", BLOCKED, PLAIN)


def test_a_file_that_cannot_be_written_costs_no_other_answer(tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    specs = [
        FormatSpec("sarif", str(tmp_path / "gone" / "x.sarif")),
        FormatSpec("json", str(good)),
        FormatSpec("text"),
    ]
    stdout = io.StringIO()
    with pytest.raises(UsageError, match=r"cannot write .*x\.sarif: No such file"):
        emit(PASSED, specs, stdout, PLAIN)
    assert stdout.getvalue().startswith("covgate: passed")
    valid_json(good.read_text())


def test_the_ordinary_devices_are_files_too() -> None:
    emit(PASSED, parse_specs([f"json:{os.devnull}"]), io.StringIO(), PLAIN)


def test_every_format_is_a_module_of_the_package() -> None:
    import importlib

    for path in FORMATS.values():
        assert path.startswith("covgate.report.")
        assert callable(importlib.import_module(path).render)
