"""Canonical names of the objects of pytest, unittest and friends that silence tests."""

from __future__ import annotations

CANONICAL = {
    "pytest",
    "_pytest",
    "unittest",
    "unittest2",
    "functools",
    "contextlib",
    "twisted",
    "os",
    "sys",
    "builtins",
    "typing",
    "collections",
    "abc",
    "asyncio",
}

_PREFIXES = (
    ("_pytest.outcomes.Skipped", "pytest.skip.Exception"),
    ("_pytest.outcomes.XFailed", "pytest.xfail.Exception"),
    ("_pytest.runner.Skipped", "pytest.skip.Exception"),
    ("_pytest.outcomes.", "pytest."),
    ("_pytest.skipping.", "pytest."),
    ("_pytest.mark.structures.MARK_GEN", "pytest.mark"),
    ("_pytest.mark.MARK_GEN", "pytest.mark"),
    ("_pytest.mark.param", "pytest.param"),
    ("pytest.outcomes.", "pytest."),
    ("unittest.case.", "unittest."),
    ("unittest.async_case.", "unittest."),
    ("unittest2.case.", "unittest."),
    ("unittest2.", "unittest."),
    ("twisted.trial.unittest.SkipTest", "unittest.SkipTest"),
)
_RENAMED = tuple(prefix for prefix, _ in _PREFIXES)

PYTEST_NAMES = frozenset(
    {
        "mark",
        "skip",
        "xfail",
        "importorskip",
        "param",
        "fixture",
        "raises",
        "warns",
        "deprecated_call",
        "fail",
        "exit",
        "approx",
        "main",
    }
)
UNITTEST_NAMES = frozenset(
    {
        "TestCase",
        "IsolatedAsyncioTestCase",
        "FunctionTestCase",
        "SkipTest",
        "skip",
        "skipIf",
        "skipUnless",
        "expectedFailure",
        "main",
    }
)
STARS = {
    "pytest": PYTEST_NAMES,
    "unittest": UNITTEST_NAMES,
    "functools": frozenset({"partial", "wraps", "lru_cache", "cache", "partialmethod"}),
}

PYTEST_MARKS = frozenset({"pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"})
UNITTEST_DECORATORS = frozenset({"unittest.skip", "unittest.skipIf", "unittest.skipUnless"})
DECORATORS = PYTEST_MARKS | UNITTEST_DECORATORS | {"unittest.expectedFailure"}
SKIP_CALLS = frozenset({"pytest.skip", "pytest.xfail", "pytest.importorskip"})
SKIP_EXCEPTIONS = frozenset(
    {"pytest.skip.Exception", "pytest.xfail.Exception", "unittest.SkipTest"}
)
TEST_CASES = frozenset(
    {
        "unittest.TestCase",
        "unittest.IsolatedAsyncioTestCase",
        "django.test.TestCase",
        "django.test.SimpleTestCase",
        "django.test.TransactionTestCase",
        "django.test.LiveServerTestCase",
        "rest_framework.test.APITestCase",
        "rest_framework.test.APISimpleTestCase",
        "rest_framework.test.APITransactionTestCase",
        "twisted.trial.unittest.TestCase",
        "twisted.trial.unittest.SynchronousTestCase",
        "testtools.TestCase",
        "absl.testing.absltest.TestCase",
        "absl.testing.parameterized.TestCase",
        "tornado.testing.AsyncTestCase",
        "tornado.testing.AsyncHTTPTestCase",
        "asynctest.TestCase",
        "aiohttp.test_utils.AioHTTPTestCase",
        "flask_testing.TestCase",
        "testcase.TestCase",
    }
)


def canonical(name: str) -> str:
    """Return the public name of an object that can be reached under several."""
    if not name.startswith(_RENAMED):
        return name
    for prefix, replacement in _PREFIXES:
        if name.startswith(prefix):
            return replacement + name[len(prefix) :]
    return name
