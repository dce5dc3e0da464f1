"""Judge whether a text says why a test does not run."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal, NamedTuple

from covgate.source.skips.values import Const, Seq, Union, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

State = Literal["stated", "missing", "empty", "placeholder", "untracked"]

# A text made of nothing but these words restates that the test is off, or promises to say later.
_FILLER = frozenset(
    """
    a an and at the this that these it its is are was be been to of for in me my
    todo fixme fix fixed fixes fixing xxx hack wip tbd tba tmp temp temporary temporarily later soon
    skip skips skipped skipping skiptest skipif xfail xfailed xfails expected unexpected
    disable disabled disabling deactivate deactivated deactivating off turned turn switched switch
    ignore ignored ignoring ignores park parked mute muted silenced silence
    broken break breaks breaking brokenn flaky flakey flake flakes flakiness unstable intermittent
    intermittently sometimes fail fails failed failing failure failures error errors bug buggy bugs
    test tests testing testcase case now currently moment until unless when just please
    none null nil na undefined unknown unconditional unconditionally reason reasons no not yet why
    because whatever something idk dunno work works working doesn don does do t s
    known issue problem placeholder empty blank foo bar baz asdf qwerty lorem ipsum dummy
    run runs running need needs must should will would can cannot see look check again due by
    pending ready finish finished unfinished done progress under investigate investigated
    investigating investigation revisit random randomly occasionally always still bad
    n
    """.split()
)


class Reason(NamedTuple):
    """What is known about a reason: its state, and the text when that is constant."""

    state: State
    text: str | None = None


STATED = Reason("stated")
MISSING = Reason("missing")


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case, without punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("_", " ")
    return re.findall(r"[^\W_]+", plain)


def is_placeholder(text: str, own_names: Iterable[str] = ()) -> bool:
    """Return whether a text that is not blank says nothing: filler words, or the test's name."""
    found = words(text)
    if not found:
        return True
    if len(found) > 1 and all(len(word) == 1 for word in found):
        found = ["".join(found)]  # T.B.D., n/a
    if all(word in _FILLER for word in found):
        return True
    if len(found) == 1 and re.fullmatch(r"([a-z])\1*", found[0]):
        return True
    return any(found == words(name) for name in own_names)


def judge(value: Value | None, own_names: Iterable[str] = (), pattern: str = "") -> Reason:
    """Judge the value given as a reason; whatever cannot be told counts as stated."""
    if value is None:
        return MISSING
    if isinstance(value, Union):
        found = [judge(option, own_names, pattern) for option in value.options]
        stated = [reason for reason in found if reason.state == "stated"]
        return stated[0] if stated else found[0]
    if isinstance(value, Seq) and not value.open and not value.items:
        return Reason("empty", "")
    if not isinstance(value, Const):
        return STATED
    if isinstance(value.value, (str, bytes)):
        text = value.value if isinstance(value.value, str) else value.value.decode("latin-1")
        return judge_text(text, own_names, pattern)
    return STATED if value.value or value.value is Ellipsis else Reason("empty", "")


def judge_text(text: str, own_names: Iterable[str] = (), pattern: str = "") -> Reason:
    """Judge a reason whose text is known."""
    if not text.strip().strip("\u200b\ufeff\u2060\u00ad"):
        return Reason("empty", text)
    if is_placeholder(text, own_names):
        return Reason("placeholder", text)
    if pattern and not re.search(pattern, text):
        return Reason("untracked", text)
    return Reason("stated", text)
