"""Say quickly that a new test module silences nothing, without parsing it.

Judging a whole project would otherwise spend its time on parsing modules that hold ordinary
tests. The words below stand in every form that is reported in a module without a past.
"""

from __future__ import annotations

import re

_WORDS = re.compile(
    rb"""skip|Skip|xfail|expectedFailure|todo\b|__test__|marks\s*=|_marker\b|applymarker
    |\bif\s+(False|0|None|not\s+True|TYPE_CHECKING|typing\.TYPE_CHECKING)\s*:|while\s+(0|False)
    |@property|def\s+__(init|new)__|exit|pytest_|collect_ignore
    |parametrize\([^\[\n]*\[\s*\]|^\s*\w+\s*(:[^=\n]*)?=\s*(\[\s*\]|\(\s*\)|list\(\))\s*$
    |^\s+return(\s+(None|True|False))?\s*(\#.*)?$
    |^\s*@(?!pytest\b|(static|class)method\b|(unittest\.)?mock\.|patch\b|fixture\b|given\b|settings\b
        |(contextlib\.)?(async)?contextmanager\b|functools\.|override\b|dataclass|abstractmethod\b
        |abc\.|overload\b|asyncio\.|pytest_asyncio\.|parametrize\b|mark\.parametrize\b)
    """,
    re.VERBOSE | re.MULTILINE,
)
_TESTS = re.compile(rb"^([ \t]*(?:async\s+)?def|class)\s+([tT]est\w*)", re.MULTILINE)
_BOUND = re.compile(rb"^(?:del\s+test|test\w*\s*=|\w+\.pytestmark)", re.MULTILINE)


def may_silence(data: bytes) -> bool:
    """Return whether a module may hold anything that silences a test."""
    if _WORDS.search(data) or _BOUND.search(data):
        return True
    names = _TESTS.findall(data)
    return len(set(names)) < len(names)
