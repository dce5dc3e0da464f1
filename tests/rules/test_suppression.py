"""Allow-comments: they allow what they name, with a reason, where they stand."""

from __future__ import annotations

import pytest
from staged import skips, staged

from covgate.rules import suppression

PATH = "tests/test_a.py"

ALLOWED = {
    "beside": """
        import pytest
        @pytest.mark.skip  # covgate: allow[skip-without-reason] generated, SHOP-3
        def test_a():
            assert f()
        """,
    "above": """
        import pytest
        # covgate: allow[skip-without-reason] generated, SHOP-3
        @pytest.mark.skip
        def test_a():
            assert f()
        """,
    "above a further decorator": """
        import pytest
        # covgate: allow[skip-without-reason] generated, SHOP-3
        @pytest.mark.slow
        @pytest.mark.skip
        def test_a():
            assert f()
        """,
    "among several rules": """
        import pytest
        @pytest.mark.skip  # covgate: allow[hollow-test, skip-without-reason] generated, SHOP-3
        def test_a():
            assert f()
        """,
    "beside the def": """
        import pytest
        @pytest.mark.skip
        def test_a():  # covgate: allow[skip-without-reason] generated, SHOP-3
            assert f()
        """,
}

REFUSED = {
    "no reason": "@pytest.mark.skip  # covgate: allow[skip-without-reason]",
    "blank reason": "@pytest.mark.skip  # covgate: allow[skip-without-reason] --",
    "placeholder": "@pytest.mark.skip  # covgate: allow[skip-without-reason] todo",
    "no rule": "@pytest.mark.skip  # covgate: allow generated, SHOP-3",
    "empty rule": "@pytest.mark.skip  # covgate: allow[] generated, SHOP-3",
    "unknown rule": "@pytest.mark.skip  # covgate: allow[skips] generated, SHOP-3",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    change = staged({}, {PATH: ALLOWED[name]})
    found = skips(change)
    assert found
    assert suppression.apply(found, change) == []


@pytest.mark.parametrize("name", REFUSED)
def test_refused_and_reported(name: str) -> None:
    text = f"import pytest\n{REFUSED[name]}\ndef test_a():\n    assert f()\n"
    change = staged({}, {PATH: text})
    found = suppression.apply(skips(change), change, ["skip-without-reason", "hollow-test"])
    assert sorted(f.rule for f in found) == ["skip-without-reason", "waiver-invalid"]


def test_another_rule_allows_nothing() -> None:
    text = "@pytest.mark.skip  # covgate: allow[hollow-test] generated, SHOP-3\n"
    change = staged({}, {PATH: f"import pytest\n{text}def test_a():\n    assert f()\n"})
    assert [f.rule for f in suppression.apply(skips(change), change)] == ["skip-without-reason"]


def test_a_string_is_no_comment() -> None:
    text = 'X = "# covgate: allow[skip-without-reason]"\n'
    change = staged({}, {PATH: text})
    assert suppression.apply([], change) == []


def test_an_old_comment_is_not_reported_again() -> None:
    text = "x = 1  # covgate: allow[skip-without-reason]\n"
    change = staged({PATH: text}, {PATH: text + "y = 2\n"})
    assert suppression.apply([], change) == []


def test_configuration_files() -> None:
    before = {"pytest.ini": "[pytest]\naddopts = -q\n", PATH: "def test_a():\n    assert f()\n"}
    why = "# covgate: allow[skip-without-reason] SHOP-3\n"
    after = {**before, "pytest.ini": f"[pytest]\n{why}addopts = -q -k one\n"}
    change = staged(before, after)
    assert suppression.apply(skips(change), change) == []
