"""Cuts a shell script into words and operators, each with its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPERATOR = re.compile(r"&&|\|\||;;&?|;&|\|&|&>>?|[;&|()\n]|\d*(?:>>|<<<|<<-?|<>|>\||[<>]&?)")
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_BRACED = re.compile(r"\$\{[^}]*\}")
_PLAIN = re.compile(r"[^\s\\'\"$`&|;()<>#]+|#")


class Token(NamedTuple):
    """A word (its quotes gone) or an operator; a newline is an operator."""

    text: str
    line: int
    is_word: bool
    is_quoted: bool = False


def tokenize(script: str, line: int = 1) -> list[Token]:
    """Return the tokens; never raises, an unclosed quote ends with the script."""
    return list(_Lexer(script, line).tokens())


class _Lexer:
    def __init__(self, text: str, line: int) -> None:
        self.text = text
        self.at = 0
        self.line = line
        self.heredocs: list[str] = []

    def tokens(self) -> Iterator[Token]:
        while self.at < len(self.text):
            start = self.text[self.at]
            if start in " \t\r":
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
                self.line += 1
            elif start == "#":
                self.at = self._end_of_line()
            elif operator := _OPERATOR.match(self.text, self.at):
                yield from self._operator(operator.group())
            else:
                yield self._word()

    def _operator(self, text: str) -> Iterator[Token]:
        yield Token(text, self.line, is_word=False)
        self.at += len(text)
        if text == "\n":
            self.line += 1
            for end in self.heredocs:
                self._skip_heredoc(end)
            self.heredocs = []
        elif text.endswith(("<<", "<<-")) and "<<<" not in text:
            word = re.compile(r"[ \t]*(['\"]?)([^\s'\"]+)\1").match(self.text, self.at)
            if word:
                self.heredocs.append(word[2])

    def _skip_heredoc(self, end: str) -> None:
        while self.at < len(self.text):
            stop = self._end_of_line()
            line = self.text[self.at : stop]
            self.at = min(stop + 1, len(self.text))
            self.line += 1
            if line.strip() == end:
                break

    def _end_of_line(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _word(self) -> Token:
        parts: list[str] = []
        line, quoted = self.line, False
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t\r\n&|;()<>":
                break
            if char == "\\":
                parts.append(self.text[self.at + 1 : self.at + 2].replace("\n", ""))
                self._advance(2)
            elif char in "'\"":
                quoted = True
                parts.append(self._quoted(char))
            elif char == "`" or self.text.startswith("$(", self.at):
                parts.append(self._substitution())
            elif char == "$":
                match = _EXPRESSION.match(self.text, self.at) or _BRACED.match(self.text, self.at)
                text = match.group() if match else "$"
                parts.append(text)
                self._advance(len(text))
            else:
                match = _PLAIN.match(self.text, self.at)
                parts.append(match.group() if match else char)
                self._advance(len(parts[-1]))
        return Token("".join(parts), line, is_word=True, is_quoted=quoted)

    def _advance(self, count: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count

    def _quoted(self, quote: str) -> str:
        end = self.at + 1
        while end < len(self.text) and self.text[end] != quote:
            end += 2 if quote == '"' and self.text[end] == "\\" else 1
        inner = self.text[self.at + 1 : end]
        self._advance(end + 1 - self.at)
        return re.sub(r'\\(["\\$`])', r"\1", inner) if quote == '"' else inner

    def _substitution(self) -> str:
        start = self.at
        if self.text[self.at] == "`":
            end = self.text.find("`", self.at + 1)
        else:
            depth, end = 0, self.at + 1
            while end < len(self.text):
                depth += {"(": 1, ")": -1}.get(self.text[end], 0)
                if not depth:
                    break
                end += 1
        self._advance((len(self.text) if end < 0 else end + 1) - start)
        return self.text[start : self.at]
