"""What configuration files say about importing and collecting."""

from __future__ import annotations

from typing import Any

import pytest

from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import Settings
from covgate.impact.configuration import read_configuration

CASES: dict[str, tuple[dict[str, str], str, Any]] = {
    "pythonpath in pyproject": (
        {"pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['lib', '.']"},
        "roots",
        frozenset({"lib", ""}),
    ),
    "pythonpath below the top": (
        {"api/pytest.ini": "[pytest]\npythonpath = lib"},
        "roots",
        frozenset({"api/lib"}),
    ),
    "native pytest table": (
        {"pyproject.toml": "[tool.pytest]\naddopts = ['-p', 'a.b', '-pc.d', '-p', 'no:cov']"},
        "modules",
        frozenset({"a.b", "c.d"}),
    ),
    "pytest.toml": ({"pytest.toml": "[pytest]\npythonpath = ['x']"}, "roots", frozenset({"x"})),
    "settings module": (
        {"setup.cfg": "[tool:pytest]\nDJANGO_SETTINGS_MODULE = settings"},
        "modules",
        frozenset({"settings"}),
    ),
    "settings option": (
        {"tox.ini": "[pytest]\naddopts = --ds=proj.settings"},
        "modules",
        frozenset({"proj.settings"}),
    ),
    "commands of pyproject": (
        {"pyproject.toml": "[project.scripts]\nbuy = 'shop.cli:main'"},
        "commands",
        {"buy": "shop.cli"},
    ),
    "commands of poetry": (
        {"pyproject.toml": "[tool.poetry.scripts]\nbuy = 'shop.cli:main'"},
        "commands",
        {"buy": "shop.cli"},
    ),
    "entry points of setup.cfg": (
        {"setup.cfg": "[options.entry_points]\nconsole_scripts =\n  buy = shop.cli:main"},
        "commands",
        {"buy": "shop.cli"},
    ),
    "plugin in setup.cfg": (
        {"setup.cfg": "[options.entry_points]\npytest11 =\n  shop = shop.plugin"},
        "modules",
        frozenset({"shop.plugin"}),
    ),
    "plugin in setup.py": (
        {"setup.py": "setup(entry_points={'pytest11': ['shop = shop.plugin']})"},
        "modules",
        frozenset({"shop.plugin"}),
    ),
    "command in setup.py": (
        {"setup.py": "setup(entry_points={'console_scripts': ['buy = shop.cli:main']})"},
        "commands",
        {"buy": "shop.cli"},
    ),
    "package folders": (
        {"pyproject.toml": "[tool.setuptools.package-dir]\nshop = 'lib'\n\"\" = 'source'"},
        "renamed",
        {"lib": "shop"},
    ),
    "doctest globs": (
        {"pytest.ini": "[pytest]\naddopts = --doctest-glob '*.md' --doctest-glob=*.rst"},
        "doctest_globs",
        ("*.md", "*.rst"),
    ),
    "broken files say nothing": (
        {"pyproject.toml": "[tool", "setup.cfg": "x\n[y", "pytest.ini": "[pytest]\naddopts = 'x"},
        "modules",
        frozenset(),
    ),
}


@pytest.mark.parametrize(("files", "field", "value"), CASES.values(), ids=CASES.keys())
def test_reads(files: dict[str, str], field: str, value: object) -> None:
    found = read_configuration(MemorySnapshot(files), Settings())
    assert getattr(found, field) == value


def test_arguments_of_our_own_settings_count() -> None:
    settings = Settings(pytest_args=("-p", "a.b", "--doctest-glob=*.md"), source_roots=("lib/",))
    found = read_configuration(MemorySnapshot(), settings)
    assert found.modules == {"a.b"}
    assert found.doctest_globs == ("*.md",)
    assert found.roots == {"lib"}
    assert "pytest-args" in found.other_tests
