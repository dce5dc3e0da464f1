"""An entry goes into configurations of many shapes, and all else stays as it was."""

from __future__ import annotations

import pytest
import yaml

from covgate.setup.yaml_edit import Hooks, add_hooks, new_file

HOOKS = Hooks("https://example.invalid/covgate", "v1", ("covgate",))
MEANT = {"repo": HOOKS.repo, "rev": "v1", "hooks": [{"id": "covgate"}]}
PLAIN = """\
# head
repos:
  - repo: https://example.invalid/ruff
    rev: v2  # pinned
    hooks:
      - id: ruff
        args: [--fix]
"""
SHAPES = {
    "plain": PLAIN,
    "empty": "",
    "only-a-comment": "# nothing yet\n",
    "no-repos": "exclude: ^docs/\n",
    "repos-of-nothing": "repos:\n",
    "repos-of-nothing-with-a-comment": "repos:  # soon\nfail_fast: true\n",
    "repos-null": "repos: null\nfail_fast: true\n",
    "repos-tilde": "repos: ~\n",
    "empty-list": "repos: []\n",
    "empty-list-with-a-space": "repos: [ ]  # none\nfail_fast: true\n",
    "not-indented": PLAIN.replace("\n  ", "\n").replace("\n        args", "\n      args"),
    "sample-config": "repos:\n-   repo: https://example.invalid/hooks\n    rev: v3\n    hooks:\n    -   id: check-yaml\n    -   id: end-of-file-fixer\n",
    "deeply-indented": "repos:\n      - repo: x\n        rev: v1\n        hooks:\n            - id: a\n",
    "keys-after": PLAIN + "ci:\n  autofix_prs: false\n",
    "blank-lines-and-keys-after": PLAIN + "\n\nci:\n  autofix_prs: false\n",
    "no-line-end": PLAIN.rstrip("\n"),
    "crlf": PLAIN.replace("\n", "\r\n"),
    "crlf-without-line-end": PLAIN.replace("\n", "\r\n").rstrip("\r\n"),
    "comment-of-the-last-entry": PLAIN + "      # - id: ruff-format\nfail_fast: true\n",
    "comment-after-the-list": PLAIN + "# the end\n",
    "comment-at-the-dash": PLAIN + "  # more to come\n",
    "document-marks": "---\n" + PLAIN,
    "document-end": "---\n" + PLAIN + "...\n",
    "flow-hooks": "repos:\n  - repo: x\n    rev: v1\n    hooks: [{id: a}, {id: b}]\n",
    "flow-hooks-on-lines": "repos:\n  - repo: x\n    rev: v1\n    hooks: [\n      {id: a},\n      {id: b},  # two\n    ]\nfail_fast: true\n",
    "flow-entries": "repos:\n  - {repo: x, rev: v1, hooks: [{id: a}]}\n  - {repo: y, rev: v1, hooks: [{id: b}]}\n",
    "flow-list": "repos: [{repo: x, rev: v1, hooks: [{id: a}]}]\n",
    "flow-list-on-lines": "repos: [\n  {repo: x, rev: v1, hooks: [{id: a}]},  # one\n]\n",
    "json": '{"repos": [{"repo": "x", "rev": "v1", "hooks": [{"id": "a"}]}], "fail_fast": true}\n',
    "json-empty": '{"repos": []}\n',
    "block-scalar-at-the-end": "repos:\n  - repo: local\n    hooks:\n      - id: a\n        name: a\n        language: system\n        entry: |\n          one\n          two\n",
    "folded-scalar-then-key": "repos:\n  - repo: local\n    hooks:\n      - id: a\n        files: >-\n          a|\n          b\n\nfail_fast: true\n",
    "multi-line-plain": "repos:\n  - repo: local\n    hooks:\n      - id: a\n        files: a|\n          b\n",
    "quoted-last": "repos:\n  - repo: x\n    rev: 'v1'\n    hooks:\n      - id: \"a\"\n",
    "hooks-first": "repos:\n  - hooks:\n      - id: a\n    repo: x\n    rev: v1\n",
    "key-without-value": "repos:\n  - repo: x\n    rev: v1\n    hooks:\n      - id: a\n        stages:\n",
    "anchors": "x: &hook {id: a}\nrepos:\n  - repo: x\n    rev: v1\n    hooks:\n      - *hook\n",
    "umlauts": "# Prüfungen ✓\nrepos:\n  - repo: x\n    rev: v1\n    hooks:\n      - id: a  # größer\n",
    "repos-before-others": "repos:\n- repo: x\n  rev: v1\n  hooks:\n  - id: a\ndefault_stages: [pre-commit]\n",
    "comments-everywhere": "# a\nrepos:  # b\n  # c\n  - repo: x  # d\n    # e\n    rev: v1\n    hooks:\n      # f\n      - id: a  # g\n        # h\n\n  # i\nexclude: x  # j\n",
    "many-blank-lines": "repos:\n\n\n  - repo: x\n\n    rev: v1\n    hooks:\n\n      - id: a\n\n\n\n",
}  # fmt: skip


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_adds_an_entry_at_the_end(text: str) -> None:
    edited = add_hooks(text, HOOKS)
    assert edited is not None
    before, after = yaml.safe_load(text) or {}, yaml.safe_load(edited)
    assert after == {**before, "repos": [*(before.get("repos") or []), MEANT]}


LINES = [name for name, text in SHAPES.items() if "[]" not in text and "[ ]" not in text and "null" not in text and "~" not in text and "repos: [" not in text and not text.startswith("{")]  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_only_inserts_lines(name: str) -> None:
    text = SHAPES[name]
    edited = add_hooks(text, HOOKS)
    assert edited is not None
    left = edited.splitlines()
    for line in text.splitlines():
        left.remove(line)
    added = [line.split() for line in left]
    assert [words for words in added if words != ["repos:"]] == [
        ["-", "repo:", HOOKS.repo],
        ["rev:", "v1"],
        ["hooks:"],
        ["-", "id:", "covgate"],
    ]
    assert ("\r\n" in edited) is ("\r\n" in text)
    assert edited.replace("\r\n", "").count("\n") == (0 if "\r\n" in text else edited.count("\n"))


def test_takes_the_indentation_of_the_other_entries() -> None:
    edited = add_hooks(SHAPES["sample-config"], HOOKS)
    assert edited is not None
    assert edited.endswith(
        f"-   repo: {HOOKS.repo}\n    rev: v1\n    hooks:\n    -   id: covgate\n"
    )


def test_comments_of_the_last_entry_stay_with_it() -> None:
    edited = add_hooks(SHAPES["comment-of-the-last-entry"], HOOKS)
    assert edited is not None
    assert edited.index("# - id: ruff-format") < edited.index(HOOKS.repo)


REFUSED = {
    "a-list": "- repo: x\n",
    "a-word": "repos\n",
    "broken": "repos: [\n",
    "repos-is-a-word": "repos: all\n",
    "repos-is-a-table": "repos:\n  a: b\n",
    "two-documents": "repos: []\n---\nrepos: []\n",
    "a-tab-before-a-comment": "repos:\n  - repo: x\t# c\n",
    "unknown-tag": "repos: !custom []\n",
    "an-alias": "x: &x [{repo: a}]\nrepos: *x\n",
    "flow-table-without-repos": "{fail_fast: true}\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_leaves_alone_what_it_cannot_edit(text: str) -> None:
    assert add_hooks(text, HOOKS) is None


def test_a_new_file_holds_the_entry() -> None:
    document = yaml.safe_load(new_file(HOOKS, ("pre-commit", "pre-merge-commit")))
    assert document == {
        "default_install_hook_types": ["pre-commit", "pre-merge-commit"],
        "repos": [MEANT],
    }
