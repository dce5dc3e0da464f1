"""Modules that no test imports, modules that coverage leaves out, and targets."""

from __future__ import annotations

import pytest

from conftest import BASE_MODULE, BASE_TEST, Project

G_EDITED = BASE_MODULE.replace("return 2", "return 3")
K_TEST = "import k\n\n\ndef test_k():\n    assert k.f(1) == 2\n"
IN_A_PROCESS = """\
import sys
import subprocess


def test_k():
    code = 'imp' + 'ort k; k.f(1)'
    subprocess.run([sys.executable, '-c', code], check=True)
"""
STATEMENTS = [1, 2, 3, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("path", "config"),
    [
        pytest.param("k.py", None, id="no-source-setting"),
        pytest.param("plugins/k.py", None, id="folder-without-init"),
        pytest.param("pkg/sub/k.py", "[run]\nsource = pkg\n", id="source-names-the-folder"),
        pytest.param("k-1.py", None, id="no-identifier"),
    ],
)
def test_module_that_no_test_imports(project: Project, path: str, config: str | None) -> None:
    if config:
        project.commit({".coveragerc": config, "pkg/__init__.py": ""})
    project.stage({path: BASE_MODULE})
    answer = project.check()
    assert (answer.code, answer.uncovered) == (1, {path: STATEMENTS})
    assert all("unmeasured" in finding["message"] for finding in answer.data["findings"])


def test_changed_module_that_no_test_imports(project: Project) -> None:
    project.commit({"k.py": BASE_MODULE})
    project.stage({"k.py": BASE_MODULE.replace("x + 1", "x + 2")})
    answer = project.check()
    assert (answer.code, answer.uncovered) == (1, {"k.py": [2]})


def test_no_tests_at_all(empty_project: Project) -> None:
    empty_project.commit({"README": ""})
    empty_project.stage({"m.py": BASE_MODULE})
    answer = empty_project.check()
    assert answer.code in (1, 3)
    assert answer.code == 3 or answer.uncovered == {"m.py": STATEMENTS}


def test_only_skipped_tests(empty_project: Project) -> None:
    skipped = "import pytest\n\n@pytest.mark.skip(reason='later')\ndef test_it():\n    pass\n"
    empty_project.commit({"test_m.py": skipped})
    empty_project.stage({"m.py": BASE_MODULE})
    answer = empty_project.check()
    assert (answer.code, answer.uncovered) == (1, {"m.py": STATEMENTS})


@pytest.mark.parametrize(
    "config",
    ["[run]\nomit = k.py\n", "[run]\nsource = pkg\n", "[run]\ninclude = pkg/*\n",
     "[report]\nomit = k.py\n", "[report]\ninclude = pkg/*\n"],
)  # fmt: skip
def test_files_that_coverage_leaves_out(project: Project, config: str) -> None:
    project.commit({".coveragerc": config, "pkg/__init__.py": "", "test_k.py": K_TEST})
    project.stage({"k.py": BASE_MODULE})
    answer = project.check()
    assert (answer.code, answer.uncovered) == (0, {})
    assert any("k.py" in note and "not judged" in note for note in answer.data["notes"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[tool.pytest.ini_options]\naddopts = "--cov=."\n'),
        ("setup.cfg", "[tool:pytest]\naddopts = --cov-report= --cov\n"),
    ],
)
def test_cov_in_addopts_without_the_plugin_is_undecided(
    project: Project, name: str, text: str
) -> None:
    """pytest itself refuses the option; the gate must not take that for a pass."""
    project.commit({name: text})
    project.stage({"m.py": G_EDITED})
    answer = project.check()
    assert answer.code == 3, answer.out


def test_staged_file_that_does_not_parse(project: Project) -> None:
    project.stage({"k.py": "def f(:\n"})
    answer = project.check()
    assert answer.code == 3
    assert "k.py" in answer.data["findings"][0]["message"]


def test_staged_file_that_does_not_parse_and_is_imported(project: Project) -> None:
    project.stage({"m.py": "def f(:\n"})
    answer = project.check()
    assert answer.code in (1, 3)
    assert answer.data["verdict"] != "pass"


@pytest.mark.parametrize(
    "text",
    ["import importlib\n\n\ndef test_k():\n    importlib.import_module('k').f(1)\n",
     "def test_k():\n    __import__('k').f(1)\n",
     "import runpy\n\n\ndef test_k():\n    runpy.run_path('k.py')['f'](1)\n",
     IN_A_PROCESS],
    ids=["importlib", "dunder-import", "runpy", "process"],
)  # fmt: skip
def test_a_test_that_imports_in_another_way_is_found(project: Project, text: str) -> None:
    project.commit({"k.py": BASE_MODULE, "test_k.py": text})
    project.stage({"k.py": BASE_MODULE.replace("y = x + 1", "y = 1 + x")})
    answer = project.check()
    covered = answer.data["diff_coverage"]["files"]["k.py"]
    if "subprocess" in text:
        # Coverage follows child processes only where the project set that up.
        assert "test_k.py::test_k" in answer.ran
    else:
        assert (answer.code, covered) == (0, {"covered": [2], "uncovered": []})


# -- targets and allowances ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("covered", "missing", "target", "code", "percent"),
    [
        (199, 51, "79.5", 0, 79.6),
        (20000, 1, "100", 1, 99.99),
    ],
)
def test_exact_fractions(
    project: Project, covered: int, missing: int, target: str, code: int, percent: float
) -> None:
    before = "def f(x):\n    return x\n\n\ndef g(x):\n    return x\n"
    after = before.replace("    return x", "    x += 1\n" * covered + "    return x", 1)
    after = after.removesuffix("    return x\n") + "    x += 1\n" * missing + "    return x\n"
    project.commit({"k.py": before, "test_k.py": K_TEST.replace("== 2", "")})
    project.stage({"k.py": after})
    answer = project.covgate("check", f"--target={target}", "--format=json")
    assert answer.code == code
    assert answer.data["diff_coverage"]["percent"] == percent


@pytest.mark.parametrize(
    ("table", "code", "noted"),
    [
        ("target = 80\n", 1, ""),
        ("target = 80\nmax-missing = 1\n", 0, "max-missing"),
        ("target = 80\nmin-lines = 5\n", 0, "min-lines"),
        ('target = 80\nlevel = "warning"\n', 0, ""),
        ('target = 80\nexclude = ["m.py"]\n', 0, ""),
        ('target = 80\noverride = [{ paths = ["m.py"], target = 50 }]\n', 0, ""),
        (
            """target = 0
override = [{ paths = ["*.py"], target = 90 }, { paths = ["m.py"], target = 10 }]
""",
            0,
            "",
        ),
    ],
)
def test_one_uncovered_of_two(project: Project, table: str, code: int, noted: str) -> None:
    project.commit({"pyproject.toml": f"[tool.covgate.diff-coverage]\n{table}"})
    project.stage({"m.py": G_EDITED.replace("y = x + 1", "y = 1 + x")})
    answer = project.covgate("check", "--format=json")
    assert answer.code == code, answer.out
    if noted:
        assert any(noted in note for note in answer.data["notes"])
        assert "m.py" in answer.out
    assert "def test_f" in BASE_TEST
