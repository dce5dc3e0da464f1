"""The structure of a shell script: lists, pipes, groups, conditions and loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.policy.option import Word
from covgate.policy.shell_words import Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Container

_CLOSERS = {"then", "else", "elif", "fi", "do", "done", "esac", "}"}
_ENDS = {";", "\n", "&", ";;", ";&", ";;&"}


class Simple(NamedTuple):
    """A command with its words."""

    words: tuple[Word, ...]


class Group(NamedTuple):
    """`( ... )` or `{ ...; }`, a function's body, the body of a loop."""

    body: tuple[Item, ...]
    name: str = ""  # of a function


class If(NamedTuple):
    """The branches of an if, the conditions first; `otherwise` is the else part."""

    branches: tuple[tuple[tuple[Item, ...], tuple[Item, ...]], ...]
    otherwise: tuple[Item, ...]


class Loop(NamedTuple):
    """A for (without condition), while or until."""

    condition: tuple[Item, ...]
    body: tuple[Item, ...]


class Pipe(NamedTuple):
    """Commands joined by `|`."""

    commands: tuple[Simple | Group | If | Loop, ...]
    negated: bool


class Item(NamedTuple):
    """Pipes joined by `&&` and `||` (`operators` stand between them)."""

    pipes: tuple[Pipe, ...]
    operators: tuple[str, ...]
    background: bool = False


class ShellSyntaxError(ValueError):
    """A script that this parser does not understand."""


def parse_script(script: str, line: int = 1) -> tuple[Item, ...]:
    """Return the items of a script; what cannot be parsed is read line by line."""
    try:
        parser = _Parser(tokenize(script, line))
        items = parser.items(())
        if parser.at < len(parser.tokens):
            raise ShellSyntaxError
    except ShellSyntaxError:
        return _line_by_line(script, line)
    return items


def _line_by_line(script: str, line: int) -> tuple[Item, ...]:
    found: list[Item] = []
    for offset, text in enumerate(script.splitlines()):
        words = tuple(Word(t.text, t.line) for t in tokenize(text, line + offset) if t.is_word)
        if words and words[0].text not in _CLOSERS:
            found.append(Item((Pipe((Simple(words),), negated=False),), ()))
    return tuple(found)


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def items(self, closers: Container[str]) -> tuple[Item, ...]:
        """Parse until one of `closers`, which is left in place."""
        found: list[Item] = []
        while True:
            while self._operator() in _ENDS:
                self.at += 1
            if self.at >= len(self.tokens) or self._closes(closers):
                return tuple(found)
            item = self._item()
            if self._operator() == "&":
                item = item._replace(background=True)
            elif self._operator() not in _ENDS and not self._at_end(closers):
                raise ShellSyntaxError
            found.append(item)

    def _at_end(self, closers: Container[str]) -> bool:
        return self.at >= len(self.tokens) or self._closes(closers)

    def _closes(self, closers: Container[str]) -> bool:
        return (self._operator() or self._reserved()) in closers if closers else False

    def _operator(self) -> str:
        if self.at < len(self.tokens) and not self.tokens[self.at].is_word:
            return self.tokens[self.at].text
        return ""

    def _reserved(self) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at].is_word:
            token = self.tokens[self.at]
            return "" if token.is_quoted else token.text
        return ""

    def _item(self) -> Item:
        pipes, operators = [self._pipe()], []
        while self._operator() in {"&&", "||"}:
            operators.append(self._operator())
            self.at += 1
            self._newlines()
            pipes.append(self._pipe())
        return Item(tuple(pipes), tuple(operators))

    def _pipe(self) -> Pipe:
        negated = False
        while self._reserved() == "!":
            negated = not negated
            self.at += 1
        commands = [self._command()]
        while self._operator() in {"|", "|&"}:
            self.at += 1
            self._newlines()
            commands.append(self._command())
        return Pipe(tuple(commands), negated)

    def _newlines(self) -> None:
        while self._operator() == "\n":
            self.at += 1

    def _command(self) -> Simple | Group | If | Loop:
        if self._operator() == "(":
            return self._group(")")
        match self._reserved():
            case "{":
                return self._group("}")
            case "if":
                return self._if()
            case "for" | "select":
                while self._reserved() != "do":
                    self._step()
                return Loop((), self._body("do", {"done"}, "done"))
            case "while" | "until":
                condition = self._body(self._reserved(), {"do"}, "")
                return Loop(condition, self._body("do", {"done"}, "done"))
            case "case":
                raise ShellSyntaxError
        return self._simple()

    def _group(self, closer: str) -> Group:
        self.at += 1
        body = self.items({closer})
        self._expect(closer)
        self._redirections()
        return Group(body)

    def _if(self) -> If:
        branches = []
        keyword = "if"
        while True:
            condition = self._body(keyword, {"then"}, "")
            branches.append((condition, self._body("then", {"elif", "else", "fi"}, "")))
            keyword = self._reserved()
            if keyword != "elif":
                break
        otherwise = self._body("else", {"fi"}, "") if keyword == "else" else ()
        self._expect("fi")
        self._redirections()
        return If(tuple(branches), otherwise)

    def _body(self, opener: str, closers: set[str], closer: str) -> tuple[Item, ...]:
        self._expect(opener)
        body = self.items(closers)
        if closer:
            self._expect(closer)
            self._redirections()
        return body

    def _expect(self, text: str) -> None:
        if (self._operator() or self._reserved()) != text:
            raise ShellSyntaxError
        self.at += 1

    def _step(self) -> None:
        self.at += 1
        if self.at >= len(self.tokens):
            raise ShellSyntaxError

    def _redirections(self) -> None:
        while (
            self._operator()
            and self._operator()[-1] in "<>&"
            and self._operator() not in {"&&", "&"}
        ):
            self.at += 2

    def _simple(self) -> Simple | Group:
        words: list[Word] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            if token.is_word:
                words.append(Word(token.text, token.line))
                self.at += 1
            elif token.text == "(" and len(words) == 1:
                return self._function()._replace(name=words[0].text)
            elif token.text in _ENDS or token.text in {"&&", "||", "|", "|&", ")"}:
                break
            elif token.text == "(":
                raise ShellSyntaxError
            else:  # a redirection and its target
                self.at += 2
        if not words:
            raise ShellSyntaxError
        return Simple(tuple(words))

    def _function(self) -> Group:
        """`name() { ...; }`: taken as if it were called where it is defined."""
        self.at += 1
        self._expect(")")
        self._newlines()
        if self._operator() == "(":
            return self._group(")")
        if self._reserved() != "{":
            raise ShellSyntaxError
        return self._group("}")
