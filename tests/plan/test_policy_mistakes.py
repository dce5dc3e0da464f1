"""Mistakes in a policy that is well formed: all at once, each with its place."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from policy_project import TODAY, change_of

from covgate.coverage.today import today
from covgate.errors import UsageError
from covgate.gate.whole import read_agreed

if TYPE_CHECKING:
    from conftest import Project

SOURCE = '[tool.coverage.run]\nsource = ["app"]\n'
FILES = {
    "app/a.py": "",
    "app/db/b.py": "",
    "app/db/c.py": "",
    "docs/x.md": "",
    "pyproject.toml": SOURCE,
}
DAY = date.fromisoformat(TODAY)


def component(name: str, path: str, rest: str = "") -> str:
    return f'[[component]]\nname = "{name}"\npaths = ["{path}"]\n{rest}\n'


def waiver(rule: str = "coverage-floor", rest: str = "", **keys: str) -> str:
    given = {"reason": '"r"', "issue": '"#1"', "owner": '"o"', "expires": "2026-05-01", **keys}
    lines = "".join(f"{key} = {value}\n" for key, value in given.items())
    return f'[[waiver]]\nrule = "{rule}"\n{lines}{rest}\n'


def phase(day: str, target: float) -> str:
    return f"[[phase]]\ndate = {day}\ntarget = {target}\n"


TARGET, FLOOR = "[coverage-target]\ntarget = {}\n", "[coverage-floor]\nfloor = {}\n"
RIGHT = {
    "nothing": "",
    "nested components": component("app", "app") + component("db", "app/db"),
    "components side by side": component("a", "app/a.py") + component("db", "app/db/**"),
    "phases up to the target": TARGET.format(80)
    + phase("2026-04-01", 70)
    + phase("2026-05-01", 80),
    "phases in any order": phase("2026-05-01", 80) + phase("2026-04-01", 70),
    "floor at the target": TARGET.format(80) + FLOOR.format(80),
    "waiver of 90 days": waiver(expires="2026-06-08"),
    "waiver with a path": waiver(rest='paths = ["app/a.py"]\nvalue = 40'),
    "waiver of a target": waiver("coverage-target", "value = 64"),
    "waiver of a key": waiver("config-weakened", 'value = "fail_under"'),
    "waiver that has ended, of a file that is gone": waiver(
        rest='paths = ["gone.py"]', expires="2026-03-01"
    ),
    "component with a low target and a floor of its own": FLOOR.format(50)
    + component("a", "app/a.py", "target = 40\nfloor = 30"),
}
WRONG = {
    "name twice": (component("a", "app/a.py") + component("a", "app/db"), '"a" is the name of another one'),
    "path without files": (component("a", "app/gone"), "app/gone matches no Python file"),
    "path with other files only": (component("a", "docs"), "docs matches no Python file"),
    "overlap": (component("a", "app/db") + component("b", "app/db"), 'overlaps with the component "a": both claim app/db/b.py'),
    "overlap of globs": (component("a", "app/d*") + component("b", "app/*b"), "equally specific"),
    "empty": (component("a", "app/**/[!x].py") + component("b", "app/a.py"), "matches no Python file"),
    "all claimed by others": (component("a", "app/*.py") + component("b", "app/a.py"), 'the component "a" is empty'),
    "floor above target": (TARGET.format(60) + FLOOR.format(70), "70 is above the target of 60"),
    "floor of a component": (component("a", "app/a.py", "target = 60\nfloor = 70"), "70 is above the component's target of 60"),
    "general floor above a component": (FLOOR.format(50) + component("a", "app/a.py", "target = 40"), "40 is below the general floor of 50"),
    "phase that lowers": (phase("2026-04-01", 75) + phase("2026-05-01", 70), "70 is less than what is due since 2026-04-01: 75"),
    "two phases on a day": (phase("2026-04-01", 70) + phase("2026-04-01", 75), "2026-04-01 is the date of another phase"),
    "phase above target": (TARGET.format(80) + phase("2026-04-01", 85), "85 is above the target of 80"),
    "waiver without an issue": (waiver(issue='""'), "a waiver needs an issue; this is empty"),
    "waiver with a blank owner": (waiver(owner='"  "'), "a waiver needs an owner"),
    "waiver without a reason": (waiver(reason='""'), "a waiver needs a reason"),
    "waiver of 91 days": (waiver(expires="2026-06-09"), "2026-06-09 is more than 90 days ahead; the latest day is 2026-06-08"),
    "waiver of nothing": (waiver(rest='paths = ["gone.py"]'), "gone.py matches no file"),
    "waiver of a target without a limit": (waiver("coverage-target"), "names the limit that holds meanwhile"),
    "waiver of the whole for a path": (waiver("coverage-target", 'value = 64\npaths = ["app"]'), "coverage-target is about the whole project"),
    "value where there is no limit": (waiver("hollow-test", "value = 1"), "hollow-test has no limit"),
    "value that is no number": (waiver(rest='value = "much"'), "expected a number"),
    "key that is no name": (waiver("config-weakened", "value = 3"), "expected the name of the key"),
    "waiver of any key": (waiver("config-weakened"), "name the key that may fall"),
}  # fmt: skip
OWN = "[tool.coverage.report]\nfail_under = 80\n"
AGAINST_FAIL_UNDER = {
    "another target": (TARGET.format(85), "85 contradicts pyproject.toml:2: fail_under = 80"),
    "a higher floor": (FLOOR.format(85), "85 is above pyproject.toml:2: fail_under = 80"),
    "a higher phase": (phase("2026-04-01", 85), "85 is above pyproject.toml:2: fail_under = 80"),
}


def check(text: str, **files: str) -> None:
    new = {**FILES, **files, "covgate.toml": text}
    read_agreed(change_of(FILES, new, everything=False), DAY)


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_what_is_right_passes(text: str) -> None:
    check(text)


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"^covgate\.toml:\d+: ") as caught:
        check(text)
    assert said in caught.value.message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("text", "said"), AGAINST_FAIL_UNDER.values(), ids=AGAINST_FAIL_UNDER)
def test_the_own_setting_of_coverage_must_agree(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(text, **{"pyproject.toml": OWN})
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "pyproject", "said"),
    [
        (TARGET.format(80), "", "coverage has no configuration"),
        (FLOOR.format(50), "", "coverage has no configuration"),
        (
            component("db", "app/db", "target = 50"),
            SOURCE + 'omit = ["app/db/*"]\n',
            'coverage counts no file of the component "db"',
        ),
        (
            TARGET.format(80),
            SOURCE + '[tool.pytest.ini_options]\naddopts = "--cov=app --cov-fail-under=90"\n',
            "80 contradicts pyproject.toml:4: --cov-fail-under = 90",
        ),
    ],
    ids=["target of nothing", "floor of nothing", "component that is left out", "pytest-cov"],
)
def test_a_policy_needs_numbers(text: str, pyproject: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"^covgate\.toml:\d+: ") as caught:
        check(text, **{"pyproject.toml": pyproject})
    assert said in caught.value.message


@pytest.mark.parametrize("value", ["much", "120", "-1"])
def test_fail_under_is_a_percentage(value: str) -> None:
    with pytest.raises(UsageError, match=r"pyproject\.toml:4: fail_under is no percentage"):
        check(
            TARGET.format(80),
            **{"pyproject.toml": f"{SOURCE}[tool.coverage.report]\nfail_under = '{value}'\n"},
        )


def test_the_own_setting_of_coverage_may_say_the_same() -> None:
    check(TARGET.format(80) + FLOOR.format(50), **{"pyproject.toml": OWN})


def test_all_mistakes_are_told_at_once_in_order() -> None:
    text = TARGET.format(60) + FLOOR.format(70) + component("a", "gone") + waiver(issue='""')
    with pytest.raises(UsageError) as caught:
        check(text)
    lines = caught.value.message.splitlines()
    assert [line.split(":")[1] for line in lines] == ["4", "7", "12"]


# Each is wrong in form at one place and in content at another: both are told.
BOTH = {
    "two sections": (
        "timeuot = 3\n" + TARGET.format(60) + FLOOR.format(70),
        {"1: timeuot: unknown key", "5: coverage-floor.floor: 70 is above the target of 60"},
    ),
    "two keys of a section": (
        '[coverage-floor]\nlevel = "eror"\nfloor = 70\n' + TARGET.format(60),
        {"2: coverage-floor.level: expected", "3: coverage-floor.floor: 70 is above"},
    ),
    "an entry before": (
        '[[component]]\nname = "x"\n' + component("db", "gone"),
        {"1: component[0].paths: missing key", "5: component[1].paths[0]: gone matches no"},
    ),
    "keys of one entry": (
        waiver(issue='""', rest="valeu = 3"),
        {"4: waiver[0].issue: a waiver needs an issue", "7: waiver[0].valeu: unknown key"},
    ),
    "an end that is no day": (
        waiver(expires="2026-02-30") + component("a", "gone"),
        {"6: waiver[0].expires: no such day: 2026-02-30", "10: component[0].paths[0]: gone"},
    ),
    "a month that is none": (
        phase("2026-13-01", 70) + phase("2026-04-01", 75) + phase("2026-05-01", 70),
        {"2: phase[0].date: no such day: 2026-13-01", "9: phase[2].target: 70 is less than"},
    ),
    "a date as people write it": (
        phase("30.06.2026", 70) + component("a", "gone"),
        {'2: phase[0].date: expected a date such as 2026-03-31, got "30.06.2026"', "6: component"},
    ),
}
# What only seems wrong because another key of the entry is.
NOT_TOLD = {
    "a floor that is misspelled": FLOOR.format(50)
    + component("a", "app/a.py", "target = 40\nflor = 30"),
    "a limit that is none": waiver("coverage-target", "value = [1]"),
    "a limit that is misspelled": waiver("coverage-target", "valeu = 60"),
}


@pytest.mark.parametrize(("text", "said"), BOTH.values(), ids=BOTH)
def test_mistakes_of_form_hide_none_of_content(text: str, said: set[str]) -> None:
    with pytest.raises(UsageError) as caught:
        check(text)
    lines = caught.value.message.splitlines()
    assert len(lines) == len(said), lines
    for line, start in zip(
        lines, sorted(said, key=lambda one: int(one.split(":")[0])), strict=True
    ):
        assert line.startswith(f"covgate.toml:{start}")


@pytest.mark.parametrize("text", NOT_TOLD.values(), ids=NOT_TOLD)
def test_a_mistake_is_told_once(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(text)
    assert len(caught.value.message.splitlines()) == 1, caught.value.message


def test_the_settings_of_coverage_are_told_with_the_others() -> None:
    broken = f"{SOURCE}[tool.coverage.report]\nfail_under = 'much'\n"
    with pytest.raises(UsageError) as caught:
        check(TARGET.format(80) + component("a", "gone"), **{"pyproject.toml": broken})
    assert [line.split(": ")[0] for line in caught.value.message.splitlines()] == [
        "covgate.toml:5",
        "pyproject.toml:4",
    ]


def test_a_day_that_is_none_is_told_once_in_a_file_that_coverage_reads_too() -> None:
    text = SOURCE + waiver(expires="2026-02-30").replace("[[", "[[tool.covgate.")
    with pytest.raises(UsageError) as caught:
        read_agreed(change_of(FILES, {**FILES, "pyproject.toml": text}, everything=False), DAY)
    assert caught.value.message.startswith("pyproject.toml:8: tool.covgate.waiver[0].expires: no")
    assert len(caught.value.message.splitlines()) == 1


def test_sections_of_an_ini_file_have_their_places() -> None:
    text = "[covgate:component:a]\npaths = gone\n\n[covgate:component:b]\npath = app\n"
    with pytest.raises(UsageError) as caught:
        read_agreed(change_of(FILES, {**FILES, "setup.cfg": text}, everything=False), DAY)
    first, second, third = caught.value.message.splitlines()
    assert first == "setup.cfg:2: [covgate:component:a] paths[0]: gone matches no Python file"
    assert second.startswith("setup.cfg:4: [covgate:component:b] paths: missing key")
    assert third.startswith("setup.cfg:5: [covgate:component:b] path: unknown key")


def test_the_command_ends_with_2(project: Project) -> None:
    project.commit({"covgate.toml": component("a", "nowhere")})
    answer = project.covgate("check")
    assert answer.code == 2
    assert "covgate.toml:3: component[0].paths[0]: nowhere matches no Python file" in answer.out


@pytest.mark.parametrize("missing", ["reason", "issue", "owner", "expires", "rule"])
def test_a_waiver_has_all_its_keys(missing: str) -> None:
    lines = [line for line in waiver().splitlines() if not line.startswith(missing)]
    with pytest.raises(UsageError, match=f"{missing}: missing key"):
        check("\n".join(lines))


@pytest.mark.parametrize("rule", ["tests-fail", "untracked-dependency", "coverage-flor"])
def test_some_rules_can_not_be_waived(rule: str) -> None:
    with pytest.raises(UsageError, match="rule: expected"):
        check(waiver(rule))


def test_the_day() -> None:
    assert today({"COVGATE_TODAY": "2026-03-31"}) == date(2026, 3, 31)
    assert today({}) >= date(2026, 1, 1)
    with pytest.raises(UsageError, match="COVGATE_TODAY is not a date: soon"):
        today({"COVGATE_TODAY": "soon"})


# Two of form, two of content.
MISTAKEN = """\
[tool.coverage.run]
source = ["app"]
[tool.covgate.coverage-floor]
floor = 90
flor = 3
[tool.covgate.coverage-target]
target = 80
[[tool.covgate.component]]
name = "x"
paths = ["nowhere"]
target = "a"
"""


@pytest.fixture(scope="module")
def misconfigured(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Project:
    from conftest import Project

    project = Project(tmp_path_factory.mktemp("mistakes") / "project", clean_env)
    project.commit({"app/a.py": "", "tests/test_a.py": "", "pyproject.toml": MISTAKEN})
    return project


@pytest.mark.parametrize(
    "command",
    ["check --all", "record", "doctor", "baseline", "plan", "next", "trend", "export", "status"],
)
def test_every_command_tells_all_mistakes_at_once(misconfigured: Project, command: str) -> None:
    answer = misconfigured.covgate(*command.split())
    assert answer.code == 2
    told = answer.out + answer.err
    assert [f"pyproject.toml:{line}" in told for line in (4, 5, 10, 11)] == [True] * 4
    assert "help: " in told
    assert "Traceback" not in told


def test_an_answer_with_mistakes_counts_them_and_is_no_open_question(
    misconfigured: Project,
) -> None:
    first, *_, last = misconfigured.covgate("check", "--all").out.splitlines()
    assert (
        first == "covgate: misconfigured - 4 mistakes in the configuration, so nothing was judged"
    )
    assert last == "Found 4 problems"
    data = misconfigured.covgate("check", "--all", "--format=json").data
    assert [one["line"] for one in data["findings"]] == [4, 5, 10, 11]
