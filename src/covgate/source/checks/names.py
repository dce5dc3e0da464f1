"""Names by which calls, fixtures and decorators are known to check something."""

from __future__ import annotations

import re

_CALL = re.compile(
    r"""^_*(
        assert | expect | verif | check | ensure | validat | should | must | require | fail
      | raises | warns | deprecated_call | compare | approx(?!$) | snapshot | match_snapshot
      | fnmatch_lines | re_match_lines | no_fnmatch_line | no_re_match_line
      | raise_for | raise_if | raises_group | successResultOf | failureResultOf | flushLoggedErrors
      | eq_$ | ok_$ | ne_$ | gradcheck | gradgradcheck | matches | benchmark | abort_if | demand
      | wait_(for_|until|signal) | wait(Signal|Until|For[^_]|Exposed|Active|Callback)
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_INSIDE = re.compile(
    r"assert|_check(s|ed)?$|_checks?_|_verify|_expect|_compare|_validate|Raises|_eq$"
)
_TESTING = re.compile(r"(^|_)test(s|er|ing)?(_|$)|Test")
_FIXTURE = re.compile(
    r"snapshot|regression|benchmark|golden|approv|assert|expect|verif|check|validat|compar"
)
_DECORATOR = re.compile(
    r"^(given|image_comparison|check_\w+|raises|.*snapshot.*|.*image_compare.*|.*comparison.*"
    r"|expect\w*|verify\w*|validat\w*|assert\w*|mpl_image_compare|benchmark|parametrize_and_check)$"
)
_SMOKE = re.compile(
    r"""smoke | no[_ -]?op\b | sanity
      | (not|n't|nt|never|no|without)[_ ]+(any[_ ]+)?(an?[_ ]+)?
        (rais|crash|fail|error|throw|exception|except|warn|blow|explod|break|hang|deadlock|segfault|leak)
      | (should|must|just|simply)[_ ]+(work|run|pass|succeed|import|load|compile)
      | (can|able[_ ]to)[_ ]+be[_ ]+(import|creat|instantiat|construct|load|pickl)
      | is[_ ]+importable | survive | just[_ ]+make[_ ]+sure | make[_ ]+sure
      | (will|would|may|might)[_ ]+(hang|deadlock|segfault|crash|time[_ ]?out|never[_ ]+return)
      | cleanly | idempoten | testing[_ ]that | (is[_ ]allowed|allows?)(_|\b)
      | no[_ ]+assert | nothing[_ ]+to[_ ]+assert | rais\w*[_ ]+(no|nothing) | tolerat
    """,
    re.VERBOSE | re.IGNORECASE,
)


_WORKS = re.compile(
    r"\bworks?\W*$ | \bcan[ ](create|make|construct|instantiate|import|load|run)\b",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)


def is_check_name(name: str) -> bool:
    """Return whether a function of this name surely is one that checks."""
    return bool(_CALL.match(name) or _INSIDE.search(name))


def is_test_name(name: str) -> bool:
    """Return whether a function of this name may be the body of a test."""
    return bool(_TESTING.search(name))


def is_check_fixture(name: str) -> bool:
    return bool(_FIXTURE.search(name))


def is_check_decorator(name: str) -> bool:
    return bool(_DECORATOR.match(name))


def promises(docstring: str) -> bool:
    """Return whether a docstring says no more than that something works, or can be made."""
    return bool(_WORKS.search(docstring))


def says_smoke(text: str) -> bool:
    """Return whether a name, docstring or comment says that running through is the check."""
    return bool(_SMOKE.search(text))
