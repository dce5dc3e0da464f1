"""What a reader of each format insists on."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema

JSON_SCHEMA: dict[str, Any] = json.loads(
    files("covgate.report").joinpath("answer.schema.json").read_text(encoding="utf-8")
)


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(required),
        "properties": {**required, **(optional or {})},
    }


def _array(items: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


_STRING = {"type": "string"}
_POSITIVE = {"type": "integer", "minimum": 1}
_LEVEL = {"enum": ["error", "warning", "note"]}
_MESSAGE = _object({"text": _STRING})

# The part of SARIF 2.1.0 that covgate writes, with what GitHub's code scanning asks for on top:
# a location with a first line on every result, and a description of every rule.
SARIF_SCHEMA = _object(
    {
        "$schema": {"type": "string", "pattern": "sarif-2\\.1\\.0"},
        "version": {"const": "2.1.0"},
        "runs": _array(
            _object(
                {
                    "tool": _object(
                        {
                            "driver": _object(
                                {
                                    "name": {"const": "covgate"},
                                    "version": {"type": "string", "minLength": 1},
                                    "rules": _array(
                                        _object(
                                            {
                                                "id": _STRING,
                                                "shortDescription": _MESSAGE,
                                                "fullDescription": _MESSAGE,
                                            }
                                        ),
                                        uniqueItems=True,
                                    ),
                                }
                            )
                        }
                    ),
                    "invocations": _array(
                        _object(
                            {"executionSuccessful": {"type": "boolean"}},
                            {
                                "toolExecutionNotifications": _array(
                                    _object({"level": _LEVEL, "message": _MESSAGE})
                                )
                            },
                        ),
                        minItems=1,
                        maxItems=1,
                    ),
                    "results": _array(
                        _object(
                            {
                                "ruleId": _STRING,
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "level": _LEVEL,
                                "message": _MESSAGE,
                                "locations": _array(
                                    _object(
                                        {
                                            "physicalLocation": _object(
                                                {
                                                    "artifactLocation": _object(
                                                        {
                                                            # A relative reference of RFC 3986
                                                            # without scheme, query, fragment.
                                                            "uri": {
                                                                "type": "string",
                                                                "pattern": "^([A-Za-z0-9._~/-]"
                                                                "|%[0-9A-F]{2})*$",
                                                            },
                                                            "uriBaseId": {"const": "%SRCROOT%"},
                                                        }
                                                    ),
                                                    "region": _object(
                                                        {
                                                            "startLine": _POSITIVE,
                                                            "endLine": _POSITIVE,
                                                        }
                                                    ),
                                                }
                                            )
                                        }
                                    ),
                                    minItems=1,
                                    maxItems=1,
                                ),
                                "partialFingerprints": _object({"covgate/v1": _STRING}),
                            }
                        )
                    ),
                    "properties": {"type": "object", "additionalProperties": _STRING},
                }
            ),
            minItems=1,
            maxItems=1,
        ),
    }
)

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB_SCHEMA = _array(
    _object(
        {
            "description": {"type": "string"},
            "check_name": _STRING,
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": _object(
                {
                    "path": {"type": "string"},
                    "lines": _object({"begin": _POSITIVE, "end": _POSITIVE}),
                }
            ),
        },
        {"type": {"const": "issue"}, "categories": _array(_STRING)},
    )
)


def strict_json(text: str) -> Any:
    """Parse `text` as parsers do that know no lone surrogates, no NaN and no double keys."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    value = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def valid_json(text: str) -> Any:
    value = strict_json(text)
    jsonschema.Draft202012Validator(JSON_SCHEMA).validate(value)
    return value


def valid_sarif(text: str) -> Any:
    value = strict_json(text)
    jsonschema.Draft202012Validator(SARIF_SCHEMA).validate(value)
    run = value["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] <= region["endLine"]
    return run


def valid_gitlab(text: str) -> Any:
    value = strict_json(text)
    jsonschema.Draft202012Validator(GITLAB_SCHEMA).validate(value)
    names = [issue["fingerprint"] for issue in value]
    assert len(set(names)) == len(names)
    return value


# What the schemas in use (Jenkins', pytest's, GitLab's reader) have in common: elements with
# their required and optional attributes, and the elements that they may hold.
_TIME = re.compile(r"[0-9]+\.[0-9]{3}")
_COUNT = re.compile(r"[0-9]+")
_JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": ({"name", "tests", "failures", "errors"}, {"time"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time"},
        set(),
        {"testcase", "system-out"},
    ),
    "testcase": ({"name", "classname", "time"}, set(), {"failure", "error", "skipped"}),
    "failure": ({"message"}, {"type"}, set()),
    "error": ({"message"}, {"type"}, set()),
    "skipped": ({"message"}, {"type"}, set()),
    "system-out": (set(), set(), set()),
}


def valid_junit(text: str) -> ET.Element:
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        required, optional, children = _JUNIT[element.tag]
        assert required <= set(element.attrib) <= required | optional
        assert {child.tag for child in element} <= children
        assert _TIME.fullmatch(element.get("time", "0.000"))
        for name in ("tests", "failures", "errors", "skipped"):
            assert _COUNT.fullmatch(element.get(name, "0"))
    for suite in [root, *root]:
        cases = list(suite.iter("testcase"))
        assert int(suite.attrib["tests"]) == len(cases)
        assert all(len(case) <= 1 for case in cases)
        assert int(suite.attrib["failures"]) == len(list(suite.iter("failure")))
        assert int(suite.attrib["errors"]) == len(list(suite.iter("error")))
    return root


# http://cobertura.sourceforge.net/xml/coverage-04.dtd: attributes (all required but those of
# `line` that tell of branches) and children, in order.
_RATES = {"line-rate", "branch-rate", "complexity"}
_COBERTURA: dict[str, tuple[set[str], list[str]]] = {
    "coverage": (
        {
            *_RATES,
            "lines-covered",
            "lines-valid",
            "branches-covered",
            "branches-valid",
            "version",
            "timestamp",
        },
        ["sources", "packages"],
    ),
    "sources": (set(), ["source"]),
    "source": (set(), []),
    "packages": (set(), ["package"]),
    "package": ({*_RATES, "name"}, ["classes"]),
    "classes": (set(), ["class"]),
    "class": ({*_RATES, "name", "filename"}, ["methods", "lines"]),
    "methods": (set(), []),
    "lines": (set(), ["line"]),
    "line": ({"number", "hits"}, []),
}


def valid_cobertura(text: str) -> ET.Element:
    assert "coverage-04.dtd" in text
    root = ET.fromstring(text.encode())
    assert root.tag == "coverage"
    for element in root.iter():
        attributes, children = _COBERTURA[element.tag]
        assert set(element.attrib) == attributes
        found = [child.tag for child in element]
        assert found == children or (len(children) == 1 and set(found) <= set(children))
        for name in element.attrib.keys() & _RATES:
            assert 0 <= float(element.attrib[name]) <= 1
    lines = list(root.iter("line"))
    assert int(root.attrib["lines-valid"]) == len(lines)
    assert int(root.attrib["lines-covered"]) == sum(line.get("hits") != "0" for line in lines)
    return root


_COMMAND = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>[^\n]*?)::(?P<data>.*)")


def valid_github(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Read the commands back as the runner does: name, properties and message."""
    assert text.endswith("\n")
    first, *commands = text[:-1].split("\n")
    assert first.startswith("covgate: ")
    assert "##[" not in first
    result = []
    for line in commands:
        match = _COMMAND.fullmatch(line)
        assert match, line
        pairs = (pair.partition("=") for pair in match["properties"].split(","))
        properties = {key: _unescaped(value, ":,") for key, _, value in pairs}
        assert set(properties) <= {"file", "line", "endLine", "title"}
        result.append((match["name"], properties, _unescaped(match["data"], "")))
    return result


def _unescaped(text: str, more: str) -> str:
    for char in "\r\n" + more:
        text = text.replace(f"%{ord(char):02X}", char)
    assert not re.search("%(?!25)", text)
    return text.replace("%25", "%")
