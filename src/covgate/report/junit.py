"""The answer as JUnit XML: one suite of the tests that ran, one of the gate's own findings.

The second begins with a case for the verdict, so that an undecided answer is never a green one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

from covgate.report.answer import OPEN_RULES
from covgate.report.escaping import terminal_output, xml_text
from covgate.report.places import place
from covgate.report.wording import headline, output_matters, reported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.report.answer import Answer
    from covgate.report.style import Style

# pytest's outcomes; an expected failure is what JUnit calls skipped.
_RESULTS = {"failed": "failure", "error": "error", "skipped": "skipped", "xfailed": "skipped"}


class _Case(NamedTuple):
    """One test case; `result` is the element that says so when it did not pass."""

    classname: str
    name: str
    seconds: float = 0.0
    result: str | None = None
    message: str = ""
    text: str = ""


def render(answer: Answer, _style: Style) -> str:
    """Return an XML document in ASCII."""
    root = ET.Element("testsuites", name="covgate")
    ran = _suite(root, "tests", _tests(answer))
    _suite(root, "covgate", _gate(answer))
    if answer.output and output_matters(answer, reported(answer)):
        output = terminal_output(answer.output, color=False)
        ET.SubElement(ran, "system-out").text = xml_text(output)
    for key in ("tests", "failures", "errors"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in root)))
    ET.indent(root)
    body = ET.tostring(root, encoding="us-ascii").decode("ascii")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _tests(answer: Answer) -> list[_Case]:
    failed = set(answer.tests.failed)
    cases = []
    for test in sorted(answer.tests.selected):
        result = _RESULTS.get(test.outcome)
        if test.id in failed:
            failed.remove(test.id)
            result = "error" if result == "error" else "failure"
        message = f"{test.outcome}; selected: {test.why}" if result else ""
        cases.append(_Case(*_split(test.id), test.seconds, result, message))
    cases += [_Case(*_split(test), 0.0, "failure", "failed") for test in sorted(failed)]
    return cases


def _gate(answer: Answer) -> list[_Case]:
    results = {"pass": None, "block": "failure", "undecided": "error"}
    first = headline(answer)
    cases = [_Case("covgate", "verdict", 0.0, results[answer.verdict], str(first), str(first))]
    for finding in reported(answer):
        is_open = finding.rule in OPEN_RULES
        result = {"error": "error" if is_open else "failure"}.get(finding.severity)
        text = "\n".join(filter(None, [place(finding), finding.message, finding.help]))
        name = place(finding) or finding.message
        cases.append(_Case(f"covgate.{finding.rule}", name, 0.0, result, finding.message, text))
    return cases


def _split(test: str) -> tuple[str, str]:
    """A node id as class name and name: `tests/test_a.py::TestB::test_c[x::y]`."""
    file, _, rest = test.partition("::")
    plain, bracket, parameters = rest.partition("[")
    *classes, name = plain.split("::")
    classname = ".".join([file.removesuffix(".py").replace("/", "."), *classes])
    return classname, (name + bracket + parameters) or file


def _suite(root: ET.Element, name: str, cases: Sequence[_Case]) -> ET.Element:
    def number(result: str) -> str:
        return str(sum(case.result == result for case in cases))

    suite = ET.SubElement(
        root,
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=number("failure"),
        errors=number("error"),
        skipped=number("skipped"),
        time=_time(sum(case.seconds for case in cases)),
    )
    for case in cases:
        _add(suite, case)
    return suite


def _add(suite: ET.Element, case: _Case) -> None:
    element = ET.SubElement(
        suite,
        "testcase",
        classname=xml_text(case.classname),
        name=xml_text(case.name),
        time=_time(case.seconds),
    )
    if case.result:
        result = ET.SubElement(element, case.result, message=xml_text(case.message))
        result.text = xml_text(case.text) or None


def _time(value: float) -> str:
    return f"{max(0.0, value):.3f}"
