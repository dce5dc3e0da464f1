"""Globs: what they match, and which of several fits closest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covgate.config.globs import matches, specificity


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("m.py", "m.py", True),
        ("m.py", "pkg/m.py", False),
        ("*.py", "m.py", True),
        ("*.py", "pkg/m.py", False),
        ("**/*.py", "m.py", True),
        ("**/*.py", "a/b/m.py", True),
        ("**", "a/b/m.py", True),
        ("pkg", "pkg/a/m.py", True),
        ("pkg/", "pkg/a/m.py", True),
        ("./pkg", "pkg/m.py", True),
        (".", "pkg/m.py", True),
        ("./", "m.py", True),
        ("pkg", "pkg2/m.py", False),
        ("pkg/*", "pkg/m.py", True),
        ("pkg/**", "pkg/a/b/m.py", True),
        ("pkg/**/m.py", "pkg/m.py", True),
        ("pkg/**/m.py", "pkg/a/b/m.py", True),
        ("pkg/**/m.py", "pkgx/m.py", False),
        ("m?.py", "m1.py", True),
        ("m?.py", "m/.py", False),
        ("m?.py", "m.py", False),
        ("a*b.py", "a/b.py", False),
        ("m[1].py", "m[1].py", True),
        ("a+b.py", "a+b.py", True),
        ("a.py", "aXpy", False),
        ("(x|y).py", "x.py", False),
        ("é.py", "é.py", True),
        ("a\nb.py", "a\nb.py", True),
        ("*.py", "a\nb.py", True),
        ("", "m.py", False),
    ],
)
def test_matching(glob: str, path: str, expected: bool) -> None:
    assert matches(glob, path) is expected


PATHS = st.lists(st.sampled_from(["a", "b.py", "é", "x y", "[1]", "*"]), min_size=1, max_size=4)


@given(PATHS)
def test_a_path_matches_itself_its_folders_and_everything(parts: list[str]) -> None:
    path = "/".join(parts)
    assert matches(path, path)
    assert matches("**", path)
    assert matches(parts[0], path)
    assert matches(f"{parts[0]}/**", path) or len(parts) == 1


@pytest.mark.parametrize(
    ("closer", "farther"),
    [
        ("src/app/**", "src/**"),
        ("src/app/m.py", "src/app/**"),
        ("src/app/m.py", "src/app/*.py"),
        ("src/app/*.py", "src/app/*"),
        ("src/**", "**"),
        ("src/app", "src"),
        ("src/app/m.py", "**/m.py"),
    ],
)
def test_specificity(closer: str, farther: str) -> None:
    near, far = specificity(closer, "src/app/m.py"), specificity(farther, "src/app/m.py")
    assert near is not None
    assert far is not None
    assert near > far


def test_a_glob_that_does_not_match_has_no_specificity() -> None:
    assert specificity("lib/**", "src/m.py") is None
