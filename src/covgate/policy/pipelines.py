"""The gates in CI configuration: GitHub, GitLab, and whoever else writes commands into YAML."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from covgate.policy.conditions import can_hold, never_holds
from covgate.policy.gate import GATE_NAME, Domain, Gate, Place
from covgate.policy.recognise import Defaults, gates_of
from covgate.policy.shell import commands_of, expand
from covgate.policy.triggers import starts
from covgate.policy.yamldoc import Node, YamlError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.policy.option import Word
    from covgate.policy.tree import Tree

PATTERN = re.compile(
    r"\.github/(?:workflows/[^/]+|actions/.+/action)\.ya?ml|action\.ya?ml|\.gitlab-ci\.ya?ml"
    r"|\.gitlab/.*\.ya?ml|(?:ci|\.ci)/[^/]*\.ya?ml|\.travis\.ya?ml|\.circleci/config\.ya?ml"
    r"|\.?azure-pipelines(?:[-/].*)?\.ya?ml|bitbucket-pipelines\.ya?ml|\.?appveyor\.ya?ml|\.cirrus\.ya?ml"
    r"|\.drone\.ya?ml|\.woodpecker(?:/.*)?\.ya?ml|buildspec\.ya?ml|cloudbuild\.ya?ml"
)
HOOK_PATTERN = re.compile(r"\.?lefthook(?:-local)?\.ya?ml|Taskfile\.ya?ml|\.?taskfile\.ya?ml")
_COMMANDS = {
    "run", "script", "before_script", "after_script", "bash", "sh", "cmd", "cmds", "command",
    "commands", "pwsh", "powershell", "test_script", "build_script", "install",
    "before_install", "after_success",
}  # fmt: skip
_WITHOUT_EFFECT = {"after_script", "after_success"}
_SOFT = {
    "continue-on-error",
    "continueOnError",
    "allow_failure",
    "allow-failure",
    "ignore_failure",
    "ignore_error",
}
_ENV = {"env", "variables", "environment", "vars"}
_TRIGGERS = {
    "push",
    "pull_request",
    "pull_request_target",
    "merge_group",
    "workflow_call",
    "workflow_run",
}
_HOOK_ACTION = re.compile(r"pre-commit/action$|prek-action$")
_ACTION_INPUT = re.compile(r"(?:min|fail|threshold|target)", re.IGNORECASE)


@dataclass(frozen=True)
class _Context:
    path: str
    defaults: Defaults
    label: tuple[str, ...] = ()
    off: str = ""
    off_line: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    env_lines: Mapping[str, int] = field(default_factory=dict)
    dead_jobs: frozenset[str] = frozenset()
    errexit: bool = True
    pipefail: bool = False
    condition: str = ""

    def switched_off(self, why: str, line: int) -> _Context:
        return self if self.off else replace(self, off=why, off_line=line)


def is_pipeline(path: str) -> bool:
    return PATTERN.fullmatch(path) is not None or HOOK_PATTERN.fullmatch(path) is not None


def pipeline_gates(tree: Tree, path: str, defaults: Defaults) -> list[Gate]:
    """Return the gates of one file; raises YamlError."""
    root = tree.yaml(path)
    if root is None or not root.is_mapping:
        return []
    context = _Context(path, defaults)
    if path.startswith(".github/workflows/"):
        context = replace(_triggered(context, root, tree), dead_jobs=_dead_jobs(root))
    if "gitlab" in path:
        rules = root.get("workflow", "rules")
        if rules is not None and rules.items and _never(rules.items[0]):
            context = context.switched_off("`workflow` never starts it", rules.line)
        root = _with_extends(root)
    domain: Domain = "script" if HOOK_PATTERN.fullmatch(path) else "ci"
    return [
        gate._replace(place=gate.place._replace(domain=domain)) for gate in _walk(root, context)
    ]


def _triggered(context: _Context, root: Node, tree: Tree) -> _Context:
    """A workflow that neither pushes nor pull requests start guards nothing."""
    on = root.get("on")
    if on is None:
        return context
    events = {word.text: Node(word.line) for word in on.strings()}
    events |= {word.text: node for word, node in on.pairs}
    if any(name in _TRIGGERS and starts(node, tree) for name, node in events.items()):
        return context
    if _TRIGGERS & set(events):
        return context.switched_off("the filters of `on` keep it from starting", on.line)
    return context.switched_off(f"the workflow only starts on {', '.join(sorted(events))}", on.line)


def _dead_jobs(root: Node) -> frozenset[str]:
    """Return the jobs whose condition never holds."""
    jobs = root.get("jobs")
    return frozenset(
        word.text
        for word, job in (jobs.pairs if jobs else ())
        if (condition := job.get("if")) is not None
        and (_constant(condition) is False or never_holds(condition.text or ""))
    )


def _is_rare(refs: set[str]) -> bool:
    """Return whether `only` names nothing but what is no change: schedules, tags, ..."""
    return bool(refs) and refs <= {
        "schedules",
        "tags",
        "triggers",
        "web",
        "api",
        "chat",
        "external",
    }


def _with_extends(root: Node) -> Node:
    """Put GitLab's `extends` into the jobs and leave the hidden jobs (`.name`) out."""
    jobs = {word.text: node for word, node in root.pairs}

    def extended(node: Node, depth: int = 0) -> Node:
        bases = node.get("extends")
        if bases is None or depth > 9:
            return node
        pairs = dict(node.pairs)
        own = {word.text for word in pairs}
        for name in reversed(bases.strings()):
            base = jobs.get(name.text)
            for word, value in extended(base, depth + 1).pairs if base else ():
                if word.text not in own:
                    own.add(word.text)
                    pairs[word] = value
        return replace(node, pairs=tuple(pairs.items()))

    visible = [(word, extended(node)) for word, node in root.pairs if word.text[:1] != "."]
    return replace(root, pairs=tuple(visible))


def _walk(node: Node, context: _Context) -> Iterator[Gate]:
    if not node.is_mapping:
        for item in node.items:
            yield from _walk(item, context)
        return
    context = _entered(node, context)
    uses = node.get("uses")
    if uses is not None and uses.text:
        yield from _action(uses, node, context)
    for word, value in node.pairs:
        name = word.text
        if name in _COMMANDS and not value.is_mapping:
            if name in _WITHOUT_EFFECT:
                off = context.switched_off(f"`{name}` cannot fail the job", word.line)
                yield from _script(value, off)
            else:
                yield from _script(value, context)
        elif name not in _ENV and name not in {"on", "with", "if", "rules"}:
            yield from _walk(value, _labelled(context, word, value))


def _labelled(context: _Context, word: Word, value: Node) -> _Context:
    return replace(context, label=(*context.label, word.text)) if value.is_mapping else context


def _entered(node: Node, context: _Context) -> _Context:
    """Take in what a job or step says about itself."""
    for word, value in node.pairs:
        name = word.text
        if why := _why_off(name, value, context):
            context = context.switched_off(why, word.line)
        elif name in {"if", "condition", "only_if"} and value.text is not None:
            context = _conditional(context, value)
        elif name in _ENV and value.is_mapping:
            own = {w.text: expand(v.text or "", context.env) for w, v in value.pairs}
            lines = {w.text: v.line for w, v in value.pairs}
            context = replace(
                context, env={**context.env, **own}, env_lines={**context.env_lines, **lines}
            )
        elif name == "shell" and value.text:
            context = _with_shell(context, value.text)
        elif name == "defaults" and (shell := value.get("run", "shell")) and shell.text:
            context = _with_shell(context, shell.text)
        elif name == "name" and value.text:
            context = replace(context, label=(*context.label, value.text))
    return context


def _why_off(name: str, value: Node, context: _Context) -> str:
    """Say why a key of a job or step keeps it from blocking, "" when it does not."""
    texts = {word.text for word in value.strings()}
    if name in _SOFT and (can_hold(value.text or "") or value.is_mapping):
        return f"`{name}` discards its failure"
    if name == "when" and value.text in {"manual", "never"}:
        return f"`when: {value.text}` keeps it from running"
    if name == "rules" and value.items and _never(value.items[0]):
        return "`when: never` keeps it from running"
    if name == "only" and _is_rare(texts):
        return "`only` keeps it from running on changes"
    if name == "needs" and context.dead_jobs & texts:
        return "it needs a job that never runs"
    if (name == "enabled" and value.is_false) or (name == "skip" and value.is_true):
        return f"`{name}: {value.text}` keeps it from running"
    return ""


def _constant(value: Node) -> bool | None:
    text = re.sub(r"^\$\{\{\s*(.*?)\s*\}\}$", r"\1", (value.text or "").strip()).lower()
    return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
        text
    )


def _conditional(context: _Context, value: Node) -> _Context:
    text = (value.text or "").strip()
    if _constant(value) is False or never_holds(text):
        return context.switched_off(f"`if: {text}` never holds", value.line)
    if can_hold(text):
        return context
    return replace(context, condition=f"{context.condition} {text}".strip())


def _never(rule: Node) -> bool:
    names = {word.text for word, _ in rule.pairs}
    return rule.string("when") == "never" and not names & {"if", "changes", "exists"}


def _with_shell(context: _Context, shell: str) -> _Context:
    """GitHub: `bash` means -eo pipefail, a shell with its own arguments means just those."""
    if "{0}" in shell:
        program = shell.split(maxsplit=1)[0].rpartition("/")[2]
        if program in {"true", "false", "echo", "cat", ":", "test"}:
            context = context.switched_off(f"`shell: {shell}` runs no script", context.off_line)
        flags = re.findall(r"\s-(\w+)", shell)
        errexit = any("e" in flag for flag in flags) or "errexit" in shell
        return replace(context, errexit=errexit, pipefail="pipefail" in shell)
    return replace(context, errexit=True, pipefail=shell.strip() == "bash")


def _script(value: Node, context: _Context) -> Iterator[Gate]:
    nodes = value.items or (value,)
    texts = [node.script() for node in nodes if node.text is not None]
    if not texts:
        for node in nodes:
            yield from _walk(node, context)
        return
    place = Place("ci", context.path, value.line, " / ".join(context.label))
    env = context.env
    for text, line in texts:
        found = commands_of(
            text,
            line,
            errexit=context.errexit,
            pipefail=context.pipefail,
            env=env,
            env_lines=context.env_lines,
        )
        for command in found:
            for gate in gates_of(command, place, context.defaults, context.off):
                off_line = context.off_line if context.off else gate.off_line
                yield gate._replace(off_line=off_line, condition=context.condition)


def _action(uses: Node, step: Node, context: _Context) -> Iterator[Gate]:
    """An action whose name speaks of tests or coverage, with its strictest number."""
    name = (uses.text or "").partition("@")[0]
    if not GATE_NAME.search(name.replace("/", "-")) and not _HOOK_ACTION.search(name):
        return
    place = Place("ci", context.path, uses.line, " / ".join(context.label))
    if _HOOK_ACTION.search(name):
        skipped = frozenset(part for part in context.env.get("SKIP", "").split(",") if part)
        line = context.env_lines.get("SKIP", 0)
        gate = Gate("hooks", "pre-commit", place, rules=skipped, strength_line=line)
        yield gate._replace(off=context.off, off_line=context.off_line or uses.line)
        return
    numbers = []
    settings = step.get("with")
    for word, value in settings.pairs if settings else ():
        if _ACTION_INPUT.search(word.text):
            numbers += [
                float(n)
                for n in re.findall(r"\d+(?:\.\d+)?", expand(value.text or "", context.env))
            ]
    yield Gate(
        "other", name, place, min(numbers, default=0.0),
        off=context.off, off_line=context.off_line or uses.line, condition=context.condition,
    )  # fmt: skip


__all__ = ["YamlError", "is_pipeline", "pipeline_gates"]
