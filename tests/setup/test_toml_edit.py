"""Additions to TOML files keep every byte before them, and read as they were meant."""

from __future__ import annotations

import tomllib

import pytest

from covgate.setup.initial import _with_prek_hook
from covgate.setup.toml_edit import append

TABLE = "[tool.covgate]\ntimeout = 5\n"
SHAPES = {
    "empty": "",
    "plain": "[project]\nname = 'x'\n",
    "comments": "# a\n[tool.ruff]  # b\nline-length = 100\n# end\n",
    "no-line-end": "[project]\nname = 'x'",
    "crlf": "[project]\r\nname = 'x'\r\n",
    "blank-lines": "[project]\nname = 'x'\n\n\n",
    "table-of-tools": "[tool]\nx = 1\n",
    "array-of-tables": "[[tool.mypy.overrides]]\nmodule = 'x'\n",
    "multi-line-string": "[project]\ndescription = '''\n[tool.covgate]\n'''\n",
    "multi-line-array": "[project]\ndependencies = [\n  'a',  # b\n]\n",
    "umlauts": "# größer ✓\n",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_appends_a_table(text: str) -> None:
    before = tomllib.loads(text)
    meant = {**before, "tool": {**before.get("tool", {}), "covgate": {"timeout": 5}}}
    edited = append(text, TABLE, meant)
    assert edited is not None
    assert edited.startswith(text)
    assert tomllib.loads(edited) == meant
    assert ("\r\n" in edited) is ("\r\n" in text)


REFUSED = {
    "inline-table": "tool = {x = 1}\n",
    "dotted-keys": "tool.ruff.line-length = 100\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refuses_where_a_table_can_only_change_others(text: str) -> None:
    before = tomllib.loads(text)
    meant = {**before, "tool": {**before["tool"], "covgate": {"timeout": 6}}}
    assert append(text, TABLE, meant) is None


PREK = {
    "empty": "",
    "tables": "[[repos]]\nrepo = 'x'\nrev = 'v1'\nhooks = [{ id = 'a' }]\n",
    "hook-tables": "[[repos]]\nrepo = 'x'\n[[repos.hooks]]\nid = 'a'\n",
    "other-keys": "fail_fast = true\n",
    "inline": "repos = [{ repo = 'x', rev = 'v1', hooks = [{ id = 'a' }] }]\n",
    "inline-empty": "repos = []\n",
    "inline-on-lines": "repos = [\n  { repo = 'x', rev = 'v1', hooks = [{ id = 'a' }] },\n]\nfail_fast = true\n",
    "inline-on-lines-without-comma": "repos = [\n  { repo = 'x', rev = 'v1', hooks = [{ id = 'a' }] }\n]\n",
}  # fmt: skip


@pytest.mark.parametrize("text", PREK.values(), ids=PREK)
def test_adds_a_repository_to_prek(text: str) -> None:
    edited = _with_prek_hook(text)
    assert edited is not None
    before, after = tomllib.loads(text), tomllib.loads(edited)
    assert after["repos"][:-1] == before.get("repos", [])
    assert after["repos"][-1]["hooks"] == [{"id": "covgate"}]
    assert {**after, "repos": 0} == {**before, "repos": 0}
