"""Commits of documents alone: nothing is parsed for them, unless a document speaks to a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Project

SKIPPED = ">>> print(1)  # doctest: +SKIP\n1\n"


def test_a_document_passes_without_tests(project: Project) -> None:
    project.stage({"README.md": "text\n", "logo.png": "\0"})
    answer = project.check()
    assert (answer.code, answer.rules, answer.data["tests"]["selected"]) == (0, [], [])


def test_a_document_that_skips_its_example_is_read(project: Project) -> None:
    project.commit({"pytest.ini": "[pytest]\naddopts = --doctest-glob=*.rst --doctest-modules\n"})
    project.commit({"guide.rst": ">>> print(1)\n1\n"})
    project.stage({"guide.rst": SKIPPED})
    assert project.check("--only=skip-without-reason").rules == ["skip-without-reason"]


def test_a_module_that_becomes_a_document_is_read(project: Project) -> None:
    project.git("mv", "test_m.py", "test_m.md")
    assert project.check("--only=skip-without-reason").rules == ["skip-without-reason"]
