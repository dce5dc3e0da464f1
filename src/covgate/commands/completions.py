"""`covgate completions`: the text that completes commands and options in a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from covgate.errors import PASS
from covgate.gate.ruling import RULES
from covgate.report.formats import FORMATS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

Kind = Literal["none", "words", "files", "refs", "text"]

_ROOT = (("-h", "--help"), "show what there is"), (("--version",), "show the version")
_REFS = "git for-each-ref --format='%(refname:short)' 2>/dev/null"


class Option(NamedTuple):
    """An option, or an argument (no `flags`), and what follows it."""

    flags: tuple[str, ...]
    help: str
    kind: Kind = "none"
    words: tuple[str, ...] = ()


class Command(NamedTuple):
    """A command with its options and arguments."""

    name: str
    help: str
    options: tuple[Option, ...]


def run(options: argparse.Namespace) -> int:
    """Print the completions for the shell that was named."""
    render = {"bash": bash, "zsh": zsh, "fish": fish}[options.shell]
    print(render(read_commands(options.commands)), end="")
    return PASS


def read_commands(
    action: argparse._SubParsersAction[argparse.ArgumentParser],
) -> tuple[Command, ...]:
    """Read commands and options from the parsers themselves."""
    helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
    return tuple(
        Command(name, helps.get(name, ""), tuple(map(_option, parser._actions)))
        for name, parser in action.choices.items()
    )


def _option(action: argparse.Action) -> Option:
    flags = tuple(action.option_strings)
    text = (action.help or "").replace("%%", "%")
    if action.nargs == 0:
        return Option(flags, text)
    if action.choices is not None:
        return Option(flags, text, "words", tuple(map(str, action.choices)))
    metavar = str(action.metavar or "")
    if metavar.startswith("NAME"):
        return Option(flags, text, "words", tuple(FORMATS))
    if metavar.startswith("RULE"):
        return Option(flags, text, "words", tuple(RULES))
    kinds: dict[str, Kind] = {"PATH": "files", "REF": "refs"}
    return Option(flags, text, kinds.get(metavar, "text"))


def bash(commands: Iterable[Command]) -> str:
    """Return the completions for bash 3.2 and later."""
    listed = list(commands)
    names = [command.name for command in listed]
    values: list[str] = []
    words: list[str] = []
    for command in listed:
        flags = [flag for option in command.options for flag in option.flags]
        for option in command.options:
            reply = _bash_reply(option)
            if option.flags and option.kind != "none":
                keys = "|".join(f'"{command.name} {flag}"' for flag in option.flags)
                values.append(f"        {keys}) {reply}return ;;")
            elif not option.flags:
                flags += option.words
        words.append(f'        {command.name}) words="{" ".join(flags)}" ;;')
    root = " ".join([*names, *(flag for flags, _ in _ROOT for flag in flags)])
    return "\n".join(
        [
            "# covgate completions for bash",
            "_covgate() {",
            '    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
            '    local command="" word words',
            "    # bash takes --option=value apart.",
            '    if [ "$previous" = "=" ]; then previous="${COMP_WORDS[COMP_CWORD-2]}"; fi',
            '    if [ "$current" = "=" ]; then current=""; fi',
            '    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            f'        case "$word" in {"|".join(names)}) command="$word"; break ;; esac',
            "    done",
            "    COMPREPLY=()",
            '    case "$command $previous" in',
            *values,
            "    esac",
            '    case "$command" in',
            f'        "") words="{root}" ;;',
            *words,
            "    esac",
            '    COMPREPLY=($(compgen -W "$words" -- "$current"))',
            "}",
            "complete -F _covgate covgate",
            "",
        ]
    )


def _bash_reply(option: Option) -> str:
    if option.kind == "words":
        return f'COMPREPLY=($(compgen -W "{" ".join(option.words)}" -- "$current")); '
    if option.kind == "files":
        return 'COMPREPLY=($(compgen -f -- "$current")); '
    if option.kind == "refs":
        return f'COMPREPLY=($(compgen -W "$({_REFS})" -- "$current")); '
    return ""


def zsh(commands: Iterable[Command]) -> str:
    """Return the completions for zsh, to be evaluated or put into a folder of `fpath`."""
    listed = list(commands)
    described = [f"            {_quoted(f'{c.name}:{c.help}')}" for c in listed]
    cases: list[str] = []
    for command in listed:
        specs = [_quoted(spec) for option in command.options for spec in _zsh_specs(option)]
        cases.append(f"        {command.name}) _arguments \\")
        cases.append("            " + " \\\n            ".join(specs) + " ;;")
    root = [_quoted(f"{flag}[{help}]") for flags, help in _ROOT for flag in flags]
    return "\n".join(
        [
            "#compdef covgate",
            "# covgate completions for zsh",
            "_covgate_refs() {",
            f'    local -a refs; refs=(${{(f)"$({_REFS})"}}); compadd -a refs',
            "}",
            "_covgate() {",
            "    local state line",
            "    local -a commands",
            f"    _arguments -C {' '.join(root)} '1: :->command' '*:: :->argument'",
            '    case "$state" in',
            "    command)",
            "        commands=(",
            *described,
            "        )",
            "        _describe command commands ;;",
            "    argument)",
            '        case "$line[1]" in',
            *cases,
            "        esac ;;",
            "    esac",
            "}",
            'if [ "$funcstack[1]" = "_covgate" ]; then _covgate "$@"',
            "else compdef _covgate covgate; fi",
            "",
        ]
    )


def _zsh_specs(option: Option) -> list[str]:
    help = option.help.translate({ord(char): f"\\{char}" for char in "[]:\\"})
    actions: dict[Kind, str] = {
        "none": "",
        "words": f": :({' '.join(option.words)})",
        "files": ": :_files",
        "refs": ": :_covgate_refs",
        "text": ": : ",
    }
    if not option.flags:
        return [f"1{actions[option.kind]}"]
    equals = "" if option.kind == "none" else "="
    return [
        f"*{flag}{equals if flag.startswith('--') else ''}[{help}]{actions[option.kind]}"
        for flag in option.flags
    ]


def fish(commands: Iterable[Command]) -> str:
    """Return the completions for fish."""
    lines = ["# covgate completions for fish", "complete -c covgate -f"]
    first = "complete -c covgate -n __fish_use_subcommand"
    lines += [f"{first} {_fish_flags(flags)} -d {_fish_quoted(help)}" for flags, help in _ROOT]
    for command in commands:
        lines.append(f"{first} -a {command.name} -d {_fish_quoted(command.help)}")
        after = f"complete -c covgate -n '__fish_seen_subcommand_from {command.name}'"
        lines += [f"{after}{_fish_option(option)}" for option in command.options]
    return "\n".join((*lines, ""))


def _fish_option(option: Option) -> str:
    takes: dict[Kind, str] = {
        "none": "",
        "words": f" -x -a {_fish_quoted(' '.join(option.words))}",
        "files": " -r -F",
        "refs": f' -x -a "({_REFS})"',
        "text": " -x",
    }
    follows = takes[option.kind]
    flags = (
        f" {_fish_flags(option.flags)}{follows}" if option.flags else follows.removeprefix(" -x")
    )
    return f"{flags} -d {_fish_quoted(option.help)}" if option.help else flags


def _fish_flags(flags: tuple[str, ...]) -> str:
    return " ".join(
        f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in flags
    )


def _quoted(text: str) -> str:
    """Quote a word for bash and zsh."""
    return "'" + text.replace("'", "'\\''") + "'"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
