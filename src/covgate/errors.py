"""What covgate says when it cannot go on: a sentence, a remedy and an exit code.

Every error that a user can cause is a `CovgateError`; `cli` prints it without a
traceback. Anything else is a defect of covgate and ends as "undecided".
"""

from __future__ import annotations

PASS = 0
BLOCK = 1
USAGE = 2
UNDECIDED = 3


class CovgateError(Exception):
    """Something that the reader can act on: what happened, and what to do next."""

    exit_code = UNDECIDED

    def __init__(
        self,
        message: str,
        help: str = "",
        output: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.output = output


class UsageError(CovgateError):
    """A wrong command line, configuration or environment (exit code 2)."""

    exit_code = USAGE


class UndecidedError(CovgateError):
    """covgate could not establish the verdict (exit code 3); it never passes as a pass."""

    exit_code = UNDECIDED
