"""Suites as people have them: plugins, options and settings of all kinds keep their meaning."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from conftest import BASE_MODULE, BASE_TEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Project

EDITED = BASE_MODULE.replace("x + 1", "1 + x").replace("return 2", "return 3")
PACKAGE = {"pkg/__init__.py": "", "pkg/m.py": BASE_MODULE}
FROM_PACKAGE = BASE_TEST.replace("from m", "from pkg.m")
SUBPROCESS_TEST = """\
import subprocess, sys
from m import f


def test_f():
    assert f(1) == 2
    subprocess.run([sys.executable, "-c", "import m; m.g(0)"], check=True)
"""
POOL_TEST = """\
import multiprocessing
from m import f, g


def test_f():
    assert f(1) == 2
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(g, [0]) == [3]
        pool.close()
        pool.join()
"""
REPLACING_TEST = """\
import {module}
from m import f


def wrong(*args, **kwargs):
    raise TypeError("replaced by a test")


def test_f(monkeypatch):
    monkeypatch.setattr({module}, "{name}", wrong)
    assert f(1) == 2
"""
REPLACED = (
    ("json", "dumps"),
    ("json", "dump"),
    ("json", "load"),
    ("os", "open"),
    ("os", "write"),
    ("os", "getpid"),
    ("os.path", "isabs"),
    ("time", "time"),
    ("builtins", "open"),
)


class Suite(NamedTuple):
    """Files staged beside the edited module (lines 2 and 9), and what comes of it.

    `ran` are the tests that ran, `left` what stays uncovered.
    """

    files: Mapping[str, str]
    ran: tuple[str, ...] = ("test_m.py::test_f",)
    code: int = 1
    left: tuple[int, ...] = (9,)
    python: str = "lean"


FULL = "full"  # the environment that these tests run in, with its plugins
SUITES = {
    "pytest-cov": Suite(
        {
            "pytest.ini": "[pytest]\naddopts = --cov=m --cov-report=xml --cov-report=term\n"
            "  --cov-fail-under=100 -W error -p no:asyncio\n"
        },
        python=FULL,
    ),
    "pytest-xdist": Suite(
        {"pytest.ini": "[pytest]\naddopts = -n auto --dist loadscope --maxprocesses=2\n"},
        python=FULL,
    ),
    "pytest-asyncio": Suite(
        {
            "pytest.ini": "[pytest]\nasyncio_mode = auto\n",
            "test_a.py": "from m import f\n\nasync def test_a():\n    assert f(1) == 2\n",
        },
        ran=("test_a.py::test_a", "test_m.py::test_f"),
        python=FULL,
    ),
    "hypothesis": Suite(
        {
            "test_h.py": "from hypothesis import given, strategies as st\nfrom m import g\n\n\n"
            "@given(st.integers(0, 3))\ndef test_h(x):\n    assert g(x) in (1, 3)\n"
        },
        ran=("test_h.py::test_h", "test_m.py::test_f"),
        code=0,
        left=(),
        python=FULL,
    ),
    "random-order": Suite(
        {
            "pytest.ini": "[pytest]\naddopts = -p randomly\n",
            "test_o.py": "from m import f\n"
            + "".join(f"def test_{n}():\n    assert f(1) == 2\n" for n in range(5)),
        },
        ran=(*(f"test_o.py::test_{n}" for n in range(5)), "test_m.py::test_f"),
        python=FULL,
    ),
    "unittest": Suite(
        {
            "test_u.py": "import unittest\nfrom m import g\n\n\nclass T(unittest.TestCase):\n"
            "    def test_g(self):\n        for x in (0, 1):\n            with self.subTest(x=x):\n"
            "                self.assertTrue(g(x))\n"
        },
        ran=("test_m.py::test_f", "test_u.py::T::test_g"),
        code=0,
        left=(),
    ),
    "doctests": Suite(
        {
            "pytest.ini": "[pytest]\naddopts = --doctest-modules\n",
            "d.py": 'def d():\n    """\n    >>> from m import g\n    >>> g(0)\n    3\n    """\n',
        },
        ran=("d.py::d.d", "test_m.py::test_f"),
        code=0,
        left=(),
    ),
    "collect-ignore": Suite(
        {"conftest.py": "collect_ignore = ['test_i.py']\n", "test_i.py": "import nosuch, m\n"}
    ),
    "ignore": Suite(
        {
            "pytest.ini": "[pytest]\naddopts = --ignore=test_i.py --ignore-glob=*_x.py\n",
            "test_i.py": "import nosuch, m\n",
            "test_x.py": "import nosuch, m\n",
        }
    ),
    "norecursedirs": Suite(
        {
            "pytest.ini": "[pytest]\nnorecursedirs = slow\n",
            "slow/test_s.py": "import nosuch, m\n",
        }
    ),
    "python-files": Suite(
        {
            "pytest.ini": "[pytest]\npython_files = check_*.py\npython_functions = check_*\n",
            "check_c.py": "from m import g\n\n\ndef check_g():\n    assert g(0) == 3\n",
        },
        ran=("check_c.py::check_g",),
        left=(2,),
    ),
    "module-level-skip": Suite(
        {
            "test_s.py": "import pytest\npytest.skip('not here: #1', allow_module_level=True)\n"
            "import m\n"
        },
    ),
    "deselected": Suite(
        {
            "pytest.ini": "[pytest]\naddopts = --deselect test_x.py::test_x -k 'not slow'\n",
            "test_x.py": "import m\n\ndef test_x():\n    assert 0\n\ndef test_slow():\n"
            "    assert 0\n",
        },
    ),
    "strict-markers": Suite(
        {
            "pytest.ini": "[pytest]\naddopts = --strict-markers --strict-config\n"
            "markers =\n  unit: quick\n",
            "covgate.toml": 'pytest-args = ["-m", "unit"]\n',
            "test_x.py": "import m, pytest\n\n@pytest.mark.unit\ndef test_u():\n"
            "    assert m.g(0) == 3\n\ndef test_x():\n    assert 0\n",
        },
        ran=("test_x.py::test_u",),
        left=(2,),
    ),
    "test-paths": Suite(
        {
            "covgate.toml": 'test-paths = ["unit"]\n',
            "unit/test_x.py": "import m\n\ndef test_u():\n    assert m.g(0) == 3\n",
        },
        ran=("unit/test_x.py::test_u",),
        left=(2,),
    ),
    "no-cache": Suite({"pytest.ini": "[pytest]\naddopts = -p no:cacheprovider --strict-config\n"}),
    "last-failed": Suite({"pytest.ini": "[pytest]\naddopts = --lf --ff --nf\n"}),
    "import-mode": Suite({"pytest.ini": "[pytest]\naddopts = --import-mode=importlib\n"}),
    "warnings-are-errors": Suite({"pytest.ini": "[pytest]\nfilterwarnings = error\n"}),
    "log-files": Suite(
        {"pytest.ini": "[pytest]\naddopts = --junitxml=out/j.xml --basetemp=out/t -s -q\n"}
    ),
    "coverage-parallel": Suite({".coveragerc": "[run]\nparallel = true\n"}),
    "coverage-relative": Suite({".coveragerc": "[run]\nrelative_files = true\nsource = .\n"}),
    "coverage-contexts": Suite({".coveragerc": "[run]\ndynamic_context = test_function\n"}),
    "coverage-data-file": Suite({".coveragerc": "[run]\ndata_file = out/cov\nbranch = true\n"}),
    "coverage-multiprocessing": Suite(
        {
            ".coveragerc": "[run]\nconcurrency = multiprocessing\nparallel = true\nsigterm = true\n",
            "test_m.py": POOL_TEST,
        },
        code=0,
        left=(),
    ),
    "coverage-subprocess": Suite(
        {
            ".coveragerc": "[run]\npatch = subprocess\nparallel = true\n",
            "test_m.py": SUBPROCESS_TEST,
        },
        code=0,
        left=(),
    ),
    "coverage-omits-it": Suite({".coveragerc": "[run]\nomit = m.py\n"}, code=0, left=()),
    "coverage-other-source": Suite({".coveragerc": "[run]\nsource = pkg\n"}, code=0, left=()),
    "coverage-fail-under": Suite({".coveragerc": "[report]\nfail_under = 100\nskip_covered = 1\n"}),
    "coverage-plugin": Suite(
        {
            ".coveragerc": "[run]\nplugins = own_plugin\n[report]\nexclude_also = return 3\n",
            # Loaded before anything is measured, so its own lines stay uncovered.
            "own_plugin.py": "import coverage\n\ndef coverage_init(registry, options):\n    pass\n",
        },
        left=(),
    ),
}


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_suite(project: Project, lean_python: str, suite: Suite) -> None:
    project.env["COVGATE_PYTHON"] = lean_python if suite.python == "lean" else sys.executable
    project.stage({**suite.files, "m.py": EDITED})
    before = project.state()

    answer = project.check("--only", "tests-fail,diff-coverage")

    assert answer.code == suite.code, answer
    assert answer.ran == sorted(suite.ran)
    assert answer.uncovered.get("m.py", []) == list(suite.left)
    assert not answer.data["tests"]["failed"]
    assert project.state() == before


def test_source_packages(project: Project, lean_python: str) -> None:
    project.env["COVGATE_PYTHON"] = lean_python
    project.commit({**PACKAGE, "test_m.py": FROM_PACKAGE, "m.py": None})
    project.stage(
        {
            ".coveragerc": "[run]\nsource_pkgs = pkg\n",
            "pkg/m.py": EDITED,
            "pkg/k.py": "x = 1\n",
            "other.py": "x = 1\n",
        }
    )

    answer = project.check("--only", "diff-coverage")

    assert answer.uncovered == {"pkg/k.py": [1], "pkg/m.py": [9]}


def test_failing_tests_are_all_shown(project: Project, lean_python: str) -> None:
    project.env["COVGATE_PYTHON"] = lean_python
    failing = "".join(f"def test_{n}():\n    assert m.f(1) == {n}\n" for n in range(4))
    project.stage({"m.py": EDITED, "test_x.py": f"import m\n\n\n{failing}"})

    answer = project.check()

    assert answer.code == 1
    assert answer.data["tests"]["failed"] == [f"test_x.py::test_{n}" for n in (0, 1, 3)]


def test_first_failure_ends_the_run(project: Project, lean_python: str) -> None:
    """With -x in the project's options the rest does not run, and nobody is asked why."""
    project.env["COVGATE_PYTHON"] = lean_python
    project.stage(
        {
            "m.py": EDITED.replace("1 + x", "2 + x"),
            "pytest.ini": "[pytest]\naddopts = -x\n",
            "test_x.py": "import m\n\n\ndef test_x():\n    assert m.f(1)\n",
        }
    )

    answer = project.check("--only", "tests-fail")

    assert answer.code == 1, answer
    assert answer.rules == ["tests-fail"]


def test_tests_that_were_run_again(project: Project, lean_python: str) -> None:
    """As pytest-rerunfailures reports it: the last try counts."""
    project.env["COVGATE_PYTHON"] = lean_python
    conftest = """\
import pytest
from _pytest.runner import runtestprotocol


def pytest_runtest_protocol(item, nextitem):
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for again in (True, False):
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            if report.failed and again:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_report_teststatus(report):
    if report.outcome == "rerun":
        return "rerun", "R", "RERUN"
"""
    flaky = (
        "import m\ntries = []\n\n\ndef test_x():\n    tries.append(1)\n    assert len(tries) > 1\n"
    )
    project.stage({"m.py": EDITED, "conftest.py": conftest, "test_x.py": flaky})

    answer = project.check("--only", "tests-fail")

    assert answer.code == 0, answer
    assert answer.ran == ["test_m.py::test_f", "test_x.py::test_x"]


@pytest.mark.parametrize(("module", "name"), REPLACED, ids=map(".".join, REPLACED))
def test_a_test_that_replaces_the_library(
    project: Project, lean_python: str, module: str, name: str
) -> None:
    project.stage({"m.py": EDITED, "test_m.py": REPLACING_TEST.format(module=module, name=name)})
    answer = project.check("--only", "tests-fail,diff-coverage", COVGATE_PYTHON=lean_python)
    assert (answer.code, answer.uncovered["m.py"]) == (1, [9])
