"""The documentation against the code: settings are read, commands parsed, rules all there."""

from __future__ import annotations

import argparse
import re
import shlex
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import pytest
import yaml

from covgate.change.snapshot import MemorySnapshot
from covgate.cli import main
from covgate.config.reading import read_settings
from covgate.gate.ruling import RULES
from covgate.report.answer import OPEN_RULES
from covgate.rules import suppression
from covgate.rules.catalogue import CATALOGUE, page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Project

TOP = Path(__file__).parents[2]
PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((TOP / "docs").glob("*.md")))]
_FENCE = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")


class Block(NamedTuple):
    """A fenced block: its page, language and text."""

    page: str
    language: str
    text: str


def blocks(*languages: str) -> list[Block]:
    found = [
        Block(name, *match.groups())
        for name in PAGES
        for match in _FENCE.finditer((TOP / name).read_text())
    ]
    return [block for block in found if block.language in languages]


def named(block: Block) -> str:
    return f"{block.page}-{block.text.split()[0]}"


@pytest.mark.parametrize("block", blocks("toml"), ids=named)
def test_settings_are_valid(block: Block) -> None:
    tomllib.loads(block.text)
    if "tool.covgate" in block.text:
        read_settings(MemorySnapshot({"pyproject.toml": block.text}))


@pytest.mark.parametrize("block", blocks("yaml", "yml"), ids=named)
def test_yaml_is_valid(block: Block) -> None:
    assert isinstance(yaml.safe_load(block.text), dict)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every `covgate ...` that stands in a block or in code within a line."""
    for name in PAGES:
        text = (TOP / name).read_text()
        spans = re.findall(r"`(covgate [a-z][^`\n]*)`", re.sub(_FENCE, "", text))
        for match in _FENCE.finditer(text):
            if match[1] in {"console", "sh", "yaml", "ini", "js", "toml"}:
                spans += re.findall(r"(?m)(?<![\w./-])covgate [a-z][^\n\"'|&;)#]*", match[2])
                spans = [span for span in spans if not span.startswith("covgate pre-commit")]
        for span in spans:
            yield name, shlex.split(re.split(r" \|\| |  #", span)[0])


_WORDS = {"TEST", "FILE:LINE", "RULE", "FILE", "..."}


@pytest.mark.parametrize(
    ("place", "words"), [*commands()], ids=lambda value: " ".join(value) if isinstance(value, list) else None
)  # fmt: skip
def test_commands_and_their_options_exist(
    place: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parse as the program does, and stop before anything is run."""

    class ParsedError(Exception):
        pass

    original = argparse.ArgumentParser.parse_args

    def parse(self: argparse.ArgumentParser, argv: list[str]) -> None:
        original(self, argv)
        raise ParsedError

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
    arguments = [word for word in words[1:] if word != "$@"]
    if len(arguments) == 1 and arguments[0] in {"explain", "completions"}:
        arguments.append({"explain": "tests-fail", "completions": "bash"}[arguments[0]])
    with pytest.raises((ParsedError, SystemExit)) as stopped:
        main(arguments)
    # 0 is that of --help.
    assert getattr(stopped.value, "code", 0) == 0


def test_pictures_are_what_the_pages_say() -> None:
    """The README's block is compared with a real run (test_readme.py), so the picture is as well."""
    pictures = {path.name for path in (TOP / "docs/pictures").glob("*.svg")}
    texts = "\n".join((TOP / name).read_text() for name in PAGES)
    assert pictures == set(re.findall(r"pictures/([\w-]+\.svg)", texts))
    for name in pictures:
        text = (TOP / "docs/pictures" / name).read_text()
        assert len(text) < 60_000
        assert "url(http" not in text
    spans = ET.parse(TOP / "docs/pictures/commit.svg").iter("{http://www.w3.org/2000/svg}text")
    lines: dict[str, str] = {}
    for span in spans:
        line = span.attrib.get("clip-path", "")
        lines[line] = lines.get(line, "") + (span.text or "").replace("\n", "")
    # Blank parts of a line are not drawn.
    shown = {"".join(line.split()) for line in lines.values()}
    (block,) = (b.text for b in blocks("") if b.page == "README.md")
    assert {"".join(line.split()) for line in block.splitlines()} - shown <= {""}


def test_every_rule_is_in_the_catalogue_and_no_other() -> None:
    assert set(CATALOGUE) == {*RULES, *OPEN_RULES, suppression.RULE}


def test_the_page_of_rules_is_made_from_the_code() -> None:
    assert (TOP / "docs" / "rules.md").read_text() == page(), (
        "python -m covgate.rules.catalogue > docs/rules.md"
    )


@pytest.mark.parametrize("rule", CATALOGUE)
def test_a_rule_is_explained(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", rule]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{rule}: {CATALOGUE[rule].title}\n")
    assert max(map(len, said.split("\n"))) <= 100
    settings = CATALOGUE[rule].settings
    read_settings(MemorySnapshot({"pyproject.toml": settings}))
    if rule in RULES and f"[tool.covgate.{rule}" not in settings:
        assert rule in {"coverage-component", "coverage-phase", "waiver-expired"}


def test_examples_in_python_are_found_by_their_rules(project: Project) -> None:
    examples = {rule: one.example for rule, one in CATALOGUE.items() if one.example.endswith("\n")}
    files = {f"test_{n}.py": text for n, text in enumerate(examples.values())}
    project.stage(files)
    found = project.check("--only", ",".join(examples)).data["findings"]
    assert {(one["rule"], one["path"]) for one in found} == set(zip(examples, files, strict=True))
