"""The layout of a project, told from its paths."""

from __future__ import annotations

import pytest

from covgate.setup.layout import read_layout

CASES = [
    ("src", ["src/shop/__init__.py", "src/shop/cart.py", "tests/test_cart.py", "setup.py"], "src", ["src"], ["shop"], ["tests"]),
    ("src-module", ["src/shop.py", "tests/test_shop.py"], "src", ["src"], ["shop"], ["tests"]),
    ("src-namespace", ["src/acme/shop/cart.py", "tests/unit/test_cart.py"], "src", ["src"], ["acme"], ["tests"]),
    ("flat", ["shop/__init__.py", "shop/tests/test_cart.py", "docs/conf.py"], "flat", [], ["shop"], ["shop/tests"]),
    ("two-flat", ["shop/__init__.py", "bank/__init__.py", "tests/test_a.py"], "flat", [], ["bank", "shop"], ["tests"]),
    ("modules", ["m.py", "test_m.py", "setup.py", "conftest.py"], "modules", [], ["m"], []),
    ("packages", ["packages/a/src/a/__init__.py", "packages/b/src/b/x.py", "packages/a/tests/test_a.py", "packages/b/tests/test_b.py"], "packages", ["packages/a/src", "packages/b/src"], ["a", "b"], ["packages/a/tests", "packages/b/tests"]),
    ("django", ["manage.py", "shop/__init__.py", "shop/models.py", "shop/tests.py"], "flat", [], ["shop"], []),
    ("only-tests", ["tests/test_a.py"], "none", [], [], ["tests"]),
    ("empty", [], "none", [], [], []),
    ("no-python", ["README.md"], "none", [], [], []),
    ("example-of-a-src-layout", ["shop/__init__.py", "examples/one/src/x.py", "tests/test_a.py"], "flat", [], ["shop"], ["tests"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "kind", "roots", "names", "tests"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_reads_a_layout(
    paths: list[str], kind: str, roots: list[str], names: list[str], tests: list[str]
) -> None:
    layout = read_layout(paths)
    found = (layout.kind, list(layout.source_roots), list(layout.names), list(layout.test_folders))
    assert found == (kind, roots, names, tests)
    assert layout.describe()
