"""One run that writes every format at once, each to where it was asked for, each valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from report_validators import valid_cobertura, valid_gitlab, valid_json, valid_junit, valid_sarif
from test_report_every_format import VALIDATORS

from conftest import BASE_MODULE, BASE_TEST
from covgate.report.formats import FORMATS

if TYPE_CHECKING:
    from conftest import Project

BROKEN = BASE_MODULE.replace("x + 1", "x + 2").replace("    return 2", "    return x and 2")
SKIPPED = (
    "import pytest\n\n" + BASE_TEST + "\n\n@pytest.mark.skip\ndef test_g():\n    assert f(2)\n"
)


def test_one_run_writes_every_format(project: Project) -> None:
    """A failing test, an uncovered line and a bare skip, in a file whose name is hard to write."""
    odd = 'größe "1"/module & more.py'
    project.stage({"m.py": BROKEN, "test_m.py": SKIPPED, odd: "x = 1\n"})
    (project.root / "out").mkdir()
    files = [name for name in FORMATS if name != "text"]
    words = [f"--format={name}:out/{name}" for name in files]
    done = project.covgate("check", "--target=100", "--format=text", *words)
    assert done.code == 1, done
    written = {name: (project.root / "out" / name).read_text(encoding="utf-8") for name in files}
    for name in FORMATS:
        VALIDATORS[name](written.get(name, done.out))
    # They are one answer: what each says can be found in the others.
    answer = valid_json(written["json"])
    findings = {(one["rule"], one["path"]) for one in answer["findings"]}
    assert {rule for rule, _ in findings} == {"tests-fail", "diff-coverage", "skip-without-reason"}
    results = valid_sarif(written["sarif"])["results"]
    assert {result["ruleId"] for result in results} == {rule for rule, _ in findings}
    issues = valid_gitlab(written["gitlab"])
    assert {(one["check_name"], one["location"]["path"]) for one in issues} == findings
    lines = {
        (name.get("filename"), int(line.get("number") or 0), line.get("hits") != "0")
        for name in valid_cobertura(written["cobertura"]).iter("class")
        for line in name.iter("line")
    }
    assert lines == {
        (path, number, kind == "covered")
        for path, kinds in answer["diff_coverage"]["files"].items()
        for kind, numbers in kinds.items()
        for number in numbers
    }
    failures = int(valid_junit(written["junit"]).attrib["failures"])
    assert failures >= len(answer["tests"]["failed"]) == 1
    for rule, path in findings:
        assert rule in done.out
        assert path in done.out
        assert rule in written["markdown"]
        assert rule in written["github"]
