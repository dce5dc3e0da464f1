"""What a call of pre-commit or prek runs: which hooks, at which stage, from which file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covgate.policy.command_options import value_of, values_of
from covgate.policy.gate import Gate, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.policy.option import Word
    from covgate.policy.shell import Command

_STAGES = {"pre-commit", "commit", "pre-push", "push", "pre-merge-commit", "merge-commit"}
_HOOK_FILES = {".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml"}
_HOOK_OPTIONS = {
    "--hook-stage", "--config", "-c", "--color", "--from-ref", "--to-ref", "--source", "--origin",
    "-s", "-o", "--remote-branch", "--local-branch", "--skip", "--directory", "-d", "-C", "--cd",
    "--commit-msg-filename", "--checkout-type", "--rewrite-command", "-j", "--jobs",
}  # fmt: skip


def hook_runner(name: str, rest: Sequence[Word], place: Place, command: Command) -> list[Gate]:
    """Return the gate that a run of the hooks is, none for other uses of the program."""
    first = rest[0].text if rest else ""
    if first != "run" and not (name == "prek" and first.startswith("-")):
        return []
    skipped = [part for part in command.env.get("SKIP", "").split(",") if part]
    skipped += [w.text for w in values_of(rest, "--skip")]
    if name == "prek":
        skipped += [part for part in command.env.get("PREK_SKIP", "").split(",") if part]
    line = command.env_lines.get("SKIP", 0)
    stage, config = (
        value_of(rest, "--hook-stage"),
        value_of(rest, "--config") or value_of(rest, "-c"),
    )
    off = stopped_clock(command)
    if stage and stage.text not in _STAGES:
        off = f"the hooks do not run at stage {stage.text}"
    elif config and config.text.removeprefix("./") not in _HOOK_FILES:
        off = f"`{config.text}` has other hooks"
    gate = Gate("hooks", name, place, rules=frozenset(skipped), off=off, strength_line=line)
    return [gate._replace(envs=_named_hooks(rest))]


def _named_hooks(rest: Sequence[Word]) -> frozenset[str]:
    """Return the hooks that a command names: only these run."""
    found: set[str] = set()
    texts = iter([word.text for word in rest if word.text != "run"])
    for text in texts:
        if text == "--files":
            break
        if text in _HOOK_OPTIONS:
            next(texts, None)
        elif not text.startswith("-") and re.fullmatch(r"[\w./:-]+", text):
            found.add(text)
    return frozenset(found)


def stopped_clock(command: Command) -> str:
    """Return why phases and waivers do not come due for a command, "" when they do."""
    return "`COVGATE_TODAY` stops the clock" if command.env.get("COVGATE_TODAY") else ""
