"""The JSON object: its keys are a promise."""

from __future__ import annotations

from dataclasses import replace

import jsonschema
import pytest
from report_answers import BLOCKED, CART, PASSED, TEST_CART, UNDECIDED, odd
from report_validators import JSON_SCHEMA, valid_json

from covgate.report.answer import DiffCoverageResult, FileLines
from covgate.report.formats import render


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(JSON_SCHEMA)


def test_every_key_is_described_and_required() -> None:
    assert JSON_SCHEMA["required"] == list(JSON_SCHEMA["properties"])
    assert list(valid_json(render("json", PASSED))) == JSON_SCHEMA["required"]


def test_a_block() -> None:
    value = valid_json(render("json", BLOCKED))
    assert value["verdict"] == "block"
    assert value["mode"] == "staged"
    assert value["why_mode"] == "files are staged"
    assert value["base"] == "HEAD"
    assert value["tree"] == "4b825dc6"
    assert [(f["rule"], f["line"], f["end_line"], f["severity"]) for f in value["findings"]] == [
        ("diff-coverage", 41, 42, "error"),
        ("diff-coverage", 43, None, "error"),
        ("untracked-dependency", None, None, "warning"),
        ("tests-fail", 30, None, "error"),
    ]
    assert value["tests"]["total"] == 3120
    assert value["tests"]["failed"] == [f"{TEST_CART}::test_000", f"{TEST_CART}::test_001"]
    assert value["tests"]["selected"][0] == {
        "id": f"{TEST_CART}::test_000",
        "why": f"imports {CART}",
        "outcome": "failed",
        "seconds": 0.5,
    }
    assert value["diff_coverage"] == {
        "percent": 76.92,
        "target": 80.0,
        "files": {CART: {"covered": list(range(1, 11)), "uncovered": [41, 42, 43]}},
    }
    assert value["project_coverage"] is None
    assert value["timing"] == {"tests": 2.1}
    assert value["environment"] == {
        "python": "/home/me/shop/.venv/bin/python",
        "found": ".venv of the project",
    }
    assert value["notes"] == ["no evidence yet: tests were selected by their imports"]


def test_what_was_not_measured_is_null() -> None:
    value = valid_json(render("json", UNDECIDED))
    assert value["diff_coverage"] is None
    assert value["tests"] == {"total": None, "reused": 0, "selected": [], "failed": []}


@pytest.mark.parametrize("number", [0.1, 66.66, 1e-7, 100.0])
def test_numbers_are_exact(number: float) -> None:
    answer = replace(PASSED, diff_coverage=DiffCoverageResult(number, 80.0, {}))
    assert valid_json(render("json", answer))["diff_coverage"]["percent"] == number


def test_no_changed_line_has_no_percent() -> None:
    answer = replace(
        PASSED, diff_coverage=DiffCoverageResult(None, 80.0, {CART: FileLines((), ())})
    )
    assert valid_json(render("json", answer))["diff_coverage"]["percent"] is None


def test_paths_are_as_they_are_when_they_are_text() -> None:
    value = valid_json(render("json", odd("src/日本\n\x1b.py")))
    assert value["findings"][0]["path"] == "src/日本\n\x1b.py"


def test_bytes_in_paths_are_written_out() -> None:
    value = valid_json(render("json", odd("src/caf\udce9.py")))
    assert value["findings"][0]["path"] == "src/caf\\xe9.py"
