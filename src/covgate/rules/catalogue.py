"""Every rule in words: what it means, an example, how it is satisfied, how it is set up.

`covgate explain RULE` and docs/rules.md (`python -m covgate.rules.catalogue`) are made from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Entry(NamedTuple):
    """One rule: a sentence, what it looks at, an example that it finds, the remedy, settings.

    `settings` is TOML; a rule without any can't be set up. `allow` tells whether an allow-comment
    may stand at its place.
    """

    title: str
    means: str
    example: str
    satisfy: str
    settings: str = ""
    allow: bool = False


def _level(rule: str, *lines: str, level: str = "warning") -> str:
    """Return the TOML of a rule: its level, and more keys."""
    return "\n".join((f"[tool.covgate.{rule}]", f'level = "{level}"', *lines)) + "\n"


CATALOGUE: Mapping[str, Entry] = {
    "tests-fail": Entry(
        "An impacted test fails",
        "A test that the change can affect fails, errors in a fixture, or its file can't be "
        "collected. Which tests are affected is found out from traces or imports; when that can't "
        "be told, more tests run.",
        "tests/test_price.py::test_total fails: assert 3 == 2",
        "Repair the code or the test. `covgate explain TEST` says why it ran.",
        _level("tests-fail"),
    ),
    "diff-coverage": Entry(
        "Changed lines are not run by tests",
        "The share of the changed, measured statements that tests run lies below the target. "
        "Statements, exclusions and branches are those of coverage.py with your settings, the "
        "arithmetic is diff-cover's. Where branches are measured, a line of which not every exit "
        "is taken counts as not covered; a new file that no test imports counts in full.",
        "shop/price.py:5: 1 changed line is not run by any test",
        "Add a test that runs the line. Code that can't be tested is excluded with a reason: "
        "`# pragma: no cover - why`.",
        "[tool.covgate.diff-coverage]\ntarget = 90\nmax-missing = 1\n\n"
        "[[tool.covgate.diff-coverage.override]]\n"
        'paths = ["src/app/billing"]\ntarget = 100\n',
    ),
    "untracked-dependency": Entry(
        "The tests need a file that the commit lacks",
        "The tests looked for a file or a module that lies in the working tree and is not part of "
        "the commit. They would fail, or pass for another reason, on every other machine.",
        "the tests use app/new.py, which is not part of the commit",
        "`git add` it, or make the tests do without it.",
        _level("untracked-dependency"),
    ),
    "skip-without-reason": Entry(
        "A test is disabled without a reason",
        "The change skips, deselects, ignores or removes the ground from a test that ran before, "
        "and says nothing about why: a decorator, a call, a marker, an option of pytest, a "
        "collection hook, a test that is commented out or renamed so that pytest passes over it.",
        "import pytest\n\n\n@pytest.mark.skip\ndef test_total():\n    assert total([1]) == 1\n",
        'Give the reason where the test is disabled: `@pytest.mark.skip(reason="needs #42")`, or '
        "repair the test.",
        _level("skip-without-reason", 'issue-pattern = "#[0-9]+"', level="error"),
        allow=True,
    ),
    "hollow-test": Entry(
        "A test can't fail",
        "An added or changed test has no assertion, asserts what is always true, or swallows the "
        "failure: it raises coverage and checks nothing.",
        "def test_total():\n    total([1])\n    assert True\n",
        "Assert what the code is for. A test that only shows that nothing is raised says so in its "
        "name or docstring (smoke); helpers that assert are named in `assert-helpers`.",
        _level("hollow-test", 'assert-helpers = ["check_response"]', level="error"),
        allow=True,
    ),
    "test-first": Entry(
        "A test passes without the change",
        "An added or altered test is run on the code of before the change as well. One that passes "
        "there says nothing about the change. New tests of code that did not change are let be "
        "when they raise the coverage. Off by default: it costs one more run of these tests.",
        "tests/test_price.py::test_coupon passes on the code of before the change",
        "Assert what the change brings: the test has to fail without it.",
        _level("test-first", level="error"),
    ),
    "config-weakened": Entry(
        "The change weakens its own gate",
        "The effective configuration of coverage, pytest, covgate, the hooks or CI lets more "
        "through than before: a lower threshold, a wider exclusion, a rule switched off, tests "
        "left out, a pragma without a reason.",
        "pyproject.toml:12: `fail_under` of coverage went from 80 to 70",
        "Put it back, or lower it for a while with a waiver that names reason, issue, owner and "
        "end.",
        _level("config-weakened"),
    ),
    "coverage-target": Entry(
        "The project misses its coverage target",
        "The coverage of the whole project lies below the target (or coverage's own `fail_under`). "
        "Judged only by exact numbers: a full run, or evidence of every test.",
        "the project is covered to 78.2%, target 80%",
        "`covgate plan` lists what to test first, `covgate next` the one test to write now.",
        _level("coverage-target", "target = 80", level="error"),
    ),
    "coverage-floor": Entry(
        "A module lies below its floor",
        "Every module must have the floor. One that lies below it must be raised by whoever "
        "touches it; a change that does not touch it is not stopped.",
        "app/importer.py: 43% covered, floor 50%",
        "Add tests for that module.",
        _level("coverage-floor", "floor = 50", level="error"),
    ),
    "coverage-component": Entry(
        "A part of the project misses its target",
        "A component (globs of files) has a target, a floor or a diff target of its own.",
        "billing: 84% covered, target 90%",
        "Add tests for that part.",
        "[[tool.covgate.component]]\n"
        'name = "billing"\npaths = ["src/app/billing"]\ntarget = 90\nfloor = 60\n',
    ),
    "coverage-phase": Entry(
        "The project misses what is due by now",
        "Phases lead to the target by date. What a phase asks for is announced 14 days before; a "
        "date alone stops the check of the whole project, not a commit that loses nothing.",
        "74% covered, 75% is due since 2026-06-01",
        "Raise the coverage, or move the plan openly with a waiver.",
        "[[tool.covgate.phase]]\ndate = 2026-06-01\ntarget = 75\n",
    ),
    "coverage-ratchet": Entry(
        "The change loses coverage",
        "The percentage of the project fell, and more statements are missed than before. Deleting "
        "covered code never fails.",
        "coverage fell from 81.4% to 81.1%",
        "Cover what is missed now; the finding names the lines.",
        _level("coverage-ratchet", level="error"),
    ),
    "suite-budget": Entry(
        "The tests take too long",
        "All tests together, or one of them, take longer than agreed.",
        "the tests take 6 min 2 s, at most 5 min are agreed",
        "Make the slowest tests quicker, or move them out of the suite of unit tests.",
        '[tool.covgate.suite-budget]\nmax-total = "5m"\nmax-test = "10s"\n',
    ),
    "error-paths": Entry(
        "New error paths are not tested",
        "A share of the new ways of failing (`except`, `finally`, `raise`) must be run by tests.",
        "app/io.py:31: this new way of failing is not tested",
        "Add a test in which it happens.",
        _level("error-paths", "share = 50", level="error"),
    ),
    "tests-with-code": Entry(
        "Code is changed without a test",
        "A commit that changes what code does changes a test as well.",
        "app/price.py is changed, and no test",
        "Commit the tests of a change together with it.",
        _level("tests-with-code", 'exclude = ["src/app/_vendor"]', level="error"),
    ),
    "waiver-expired": Entry(
        "An exception has ended",
        "A waiver lowers a rule for at most 90 days. It is announced 14 days before its end; then "
        "the finding is back.",
        "the waiver of coverage-floor for app/importer.py ended on 2026-09-30",
        "Do what was put off, or renew the waiver with a new reason.",
        "[[tool.covgate.waiver]]\n"
        'rule = "coverage-floor"\npaths = ["src/app/importer.py"]\nvalue = 40\n'
        'reason = "legacy importer, to be replaced"\nissue = "#123"\n'
        'owner = "ana@example.org"\nexpires = 2026-09-30\n',
    ),
    "waiver-invalid": Entry(
        "An allow-comment allows nothing",
        "A comment `# covgate: allow[...]` names no rule, a rule that can't be allowed, or gives "
        "no reason.",
        "x = 1  # covgate: allow[hollow-test]",
        "Write the rule and the reason: `# covgate: allow[hollow-test] only shows that it starts`.",
    ),
    "undecided": Entry(
        "The verdict could not be established",
        "Something kept covgate from knowing: tests that do not end, an interpreter that dies, "
        "missing history, another copy of the code. That never passes; the exit code is 3.",
        "the tests did not finish in 600 s; they were ended",
        "The finding says what to do. Tests that take longer than people wait have a budget, and "
        "may be handed over to a later stage.",
        '[tool.covgate]\nbudget = "20s"\nwhen-over-budget = "hand-over"\n',
    ),
    "usage": Entry(
        "The command line or a setting is wrong",
        "A mistake in the arguments, the configuration or the environment; the exit code is 2.",
        'pyproject.toml:7: unknown key "taget"; did you mean "target"?',
        "Correct what the message names; `covgate doctor` looks at the whole setup.",
    ),
}


_INTRODUCTION = """\
Made from the code by `python -m covgate.rules.catalogue`; `covgate explain RULE` says the same in a
terminal. [configuration.md](configuration.md) lists every key."""


def text(rule: str) -> str:
    """Return a rule in words, for a terminal."""
    entry = CATALOGUE[rule]
    parts = [f"{rule}: {entry.title}", _wrapped(entry.means)]
    parts += ["example:", _indented(entry.example), "how to satisfy it:", _wrapped(entry.satisfy)]
    if entry.allow:
        parts += [f"  An exception stands where it is: # covgate: allow[{rule}] why"]
    if entry.settings:
        parts += ["settings, in pyproject.toml:", _indented(entry.settings)]
    return "\n".join(parts) + "\n"


def page() -> str:
    """Return docs/rules.md."""
    lines = ["# Rules", "", _INTRODUCTION, ""]
    for rule, entry in CATALOGUE.items():
        fence = "python" if entry.example.endswith("\n") else "text"
        lines += [f"## {rule}", "", f"**{entry.title}.** {entry.means}", ""]
        lines += [f"```{fence}", entry.example.rstrip("\n"), "```", "", entry.satisfy]
        if entry.allow:
            lines += ["", f"An exception stands where it is: `# covgate: allow[{rule}] why`."]
        if entry.settings:
            lines += ["", "```toml", entry.settings.rstrip("\n"), "```"]
        lines.append("")
    return "\n".join(lines)


def _wrapped(words: str) -> str:
    import textwrap

    return textwrap.fill(words, 78, initial_indent="  ", subsequent_indent="  ")


def _indented(block: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in block.rstrip("\n").split("\n"))


if __name__ == "__main__":
    print(page(), end="")
