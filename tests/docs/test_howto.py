"""docs/howto.md: every section followed from an empty directory.

The tools that make environments are stand-ins (`stand_ins.py`), and the services are what their
documentation says that they do: a clone of a certain depth, and variables.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import yaml
from offline_machine import REAL, TOP, Machine, of, section
from stand_ins import CONDA_ACTIVATE, stand_ins

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = "docs/howto.md"
SHOP = """\
mkdir shop && cd shop && git init -q -b main
mkdir shop tests && touch shop/__init__.py
cat > shop/price.py <<'END'
def total(prices):
    return sum(prices)
END
cat > tests/test_price.py <<'END'
from shop.price import total


def test_total():
    assert total([1, 2]) == 3
END
cat > pyproject.toml <<'END'
[build-system]
requires = ["setuptools>=68"]
build-backend = "setuptools.build_meta"

[project]
name = "shop"
version = "1.0"
requires-python = ">=3.11"

[tool.coverage.run]
source = ["shop"]
END
printf '.venv\\n.tox\\n.nox\\n.pdm-python\\n__pycache__\\n*.egg-info\\n' > .gitignore
git add -A && git commit -q -m "A shop"
"""
COUPON = """\
cat > shop/price.py <<'END'
def total(prices, coupon=None):
    price = sum(prices)
    if coupon is not None:
        price -= price * coupon / 100
        assert price >= 0
    return price
END
git add shop
"""
BLOCKED = "covgate: blocked - 2 of 6 changed lines not covered"
TEST = """\
cat >> tests/test_price.py <<'END'


def test_coupon():
    assert total([50, 50], coupon=10) == 90
END
git add tests
"""


@pytest.fixture(scope="module")
def model(
    tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str], lean_python: str
) -> Machine:
    """A machine with covgate and all tools, and the shop of a user in `work/shop`."""
    folder = tmp_path_factory.mktemp("howto")
    machine = Machine(
        folder, clean_env, stand_ins(str(Path(lean_python).parents[1]), sys.executable)
    )
    machine.install_covgate()
    (folder / "work").mkdir()
    assert machine.follow(SHOP, folder / "work").code == 0
    return machine


@pytest.fixture
def shop(model: Machine, tmp_path: Path) -> Path:
    """A copy of the shop, with nothing staged."""
    return Path(shutil.copytree(model.folder / "work" / "shop", tmp_path / "shop"))


def add_settings(shop: Path, text: str) -> None:
    with open(shop / "pyproject.toml", "a") as stream:
        stream.write(f"\n{text}")


class Tool(NamedTuple):
    """How `covgate doctor` says that an environment was found, and what it says without a setting.

    `own` are files that the section's blocks of a language become.
    """

    named: str
    found: str = ""
    own: tuple[str, str] | None = None
    before: str = ""


TOOLS = {
    "uv": Tool("uv run --no-sync python", ".venv of the project"),
    "Poetry": Tool("poetry run python", "`poetry env info -e`"),
    "Hatch": Tool("hatch run python", "the setting `python`"),
    "PDM": Tool("pdm run python", ".venv of the project"),
    "conda": Tool("conda run -n shop python", "CONDA_PREFIX", before=CONDA_ACTIVATE),
    "tox": Tool(".tox/py312/bin/python", ".tox/py312", ("ini", "tox.ini")),
    "nox": Tool(".nox/tests/bin/python", ".nox/tests", ("python", "noxfile.py")),
}


# The environment that is laid out as no other is; what doctor finds, the gate uses.
CHECKED = {"conda"}


@pytest.mark.parametrize("title", TOOLS)
def test_environment(model: Machine, shop: Path, title: str) -> None:
    """What is found without a setting, the gate with the setting, and the job of the CI."""
    if REAL and not shutil.which(title.lower()):
        pytest.skip(f"{title} is not on PATH, and real tools were asked for")
    tool, blocks = TOOLS[title], section(PAGE, title)
    commands, (setting,) = of(blocks, "console"), of(blocks, "toml")
    if tool.own is not None:
        (text,) = of(blocks, tool.own[0])
        (shop / tool.own[1]).write_text(text)
    if title == "Hatch":
        add_settings(shop, setting)
    said = follow(model, shop, tool.before + commands.pop(0))
    assert re.search(rf"ok +interpreter  used: .*\({re.escape(tool.found)}\)", said), said
    if title != "Hatch":
        add_settings(shop, setting)
    said = follow(model, shop, "git add -A\ncovgate doctor")
    assert f"used: {tool.named} (the setting `python`)" in said.replace(f"{shop}/", ""), said
    if commands:
        # The job of the CI, in a clone that has what was committed.
        said = follow(model, shop, f"git commit -q -m Settings\n{commands[-1]}")
        assert "covgate: passed" in said
    if title in CHECKED:
        code, said = model.follow(f"{COUPON}covgate check --target 100", shop)
        assert (code, said.split(" (target")[0]) == (1, BLOCKED)


def follow(machine: Machine, folder: Path, script: str, **env: str) -> str:
    done = machine.follow(script, folder, **env)
    assert done.code == 0, done.said
    return done.said


def steps(job: Any) -> list[str]:
    """The shell lines of a job of GitHub or GitLab."""
    if "script" in job:
        return list(job["script"])
    return [step["run"] for step in job["steps"] if "run" in step]


class Service:
    """The remote of a shop, whose branch `coupon` is asked to be merged into main."""

    def __init__(self, machine: Machine, folder: Path, covered: bool) -> None:
        self.machine, self.folder = machine, folder
        shutil.copytree(machine.folder / "work" / "shop", folder / "up")
        more = TEST if covered else ""
        script = f"""\
git checkout -q -b coupon && {COUPON}{more}git commit -q -m "Take coupons"
git checkout -q main && echo "# Shop" > README.md && git add -A && git commit -q -m Readme
git checkout -q --detach && git merge -q --no-ff -m "Merge coupon into main" coupon
git update-ref refs/pull/1/merge HEAD && git checkout -q main
git config uploadpack.allowAnySHA1InWant true
"""
        follow(machine, folder / "up", script)
        # What the service's image has: an interpreter first on PATH, into which pip installs.
        machine_python = folder / "python"
        follow(machine, folder, f"python3 -m venv {machine_python}")
        self.path = f"{machine_python}/bin:{machine.env['PATH']}"

    def commit(self, ref: str) -> str:
        return follow(self.machine, self.folder / "up", f"git rev-parse {ref}").strip()

    def run(self, job: Any, ref: str, depth: int, **env: str) -> tuple[int, str, Path]:
        """Clone as the service does, and run the steps of a job until one fails."""
        folder = self.folder / f"job-{len([*self.folder.iterdir()])}"
        commit = self.commit(ref)
        up = (self.folder / "up").as_uri()
        clone = f"git init -q -b none {folder} && cd {folder} && git remote add origin {up}\n"
        clone += f"git fetch -q --no-tags --depth={depth} origin +{commit}:refs/remotes/job\n"
        follow(self.machine, self.folder, clone + f"git checkout -q --detach {commit}")
        code, said = 0, ""
        for line in steps(job):
            done = self.machine.follow(line, folder, PATH=self.path, CI="true", **env)
            code, said = done.code, said + done.said
            if code:
                break
        return code, said, folder


def pull_request(service: Service) -> dict[str, str]:
    """The variables of GitHub for `on: pull_request`."""
    event = {
        "pull_request": {
            "number": 1,
            "commits": 1,
            "changed_files": 2,
            "base": {"ref": "main", "sha": service.commit("main")},
            "head": {"ref": "coupon", "sha": service.commit("coupon")},
        },
        "repository": {"default_branch": "main"},
    }
    place = service.folder / "event.json"
    place.write_text(json.dumps(event))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(place),
        "GITHUB_REF": "refs/pull/1/merge",
        "GITHUB_SHA": service.commit("refs/pull/1/merge"),
        "GITHUB_BASE_REF": "main",
        "GITHUB_HEAD_REF": "coupon",
        "GITHUB_STEP_SUMMARY": str(service.folder / "summary.md"),
    }


def test_a_commit_does_not_wait(model: Machine, shop: Path) -> None:
    _, commit = of(section(PAGE, "A commit that does not wait"), "console")
    hook = "printf '#!/bin/sh\\nexec covgate check\\n' > .git/hooks/pre-commit\nchmod +x .git/hooks/*\n"
    said = follow(model, shop, f"mkdir -p .git/hooks\n{hook}{COUPON}{TEST}{commit}")
    assert "covgate: passed - 2 tests ran" in said
    assert "judged ahead by `covgate watch`" in said


VERDICTS = pytest.mark.parametrize("covered", [False, True], ids=["blocked", "passed"])


@VERDICTS
def test_github(model: Machine, tmp_path: Path, covered: bool) -> None:
    """The pull request of the first job at its depth; then what else the section has."""
    service = Service(model, tmp_path, covered)
    gate, parity, bypassed = map(yaml.safe_load, of(section(PAGE, "GitHub Actions"), "yaml"))
    job = gate["jobs"]["covgate"]
    checkout, env = job["steps"][0], pull_request(service)
    depth = checkout["with"]["fetch-depth"]
    code, said, folder = service.run(job, "refs/pull/1/merge", depth, **env)
    assert code == (0 if covered else 1), said
    assert "refs/pull/1/merge" in said or "pull_request #1 into main" in said
    sarif = json.loads((folder / job["steps"][-1]["with"]["sarif_file"]).read_text())
    assert len(sarif["runs"][0]["results"]) == (0 if covered else 1)
    if not covered:
        assert "::error file=shop/price.py,line=4,endLine=5" in said
        return
    # What is merged is judged by a schedule later: the range of the last commit.
    job["steps"] += bypassed["steps"]
    code, said, _ = service.run({"steps": bypassed["steps"]}, "refs/pull/1/merge", depth, **env)
    assert code == 0, said
    job = parity["jobs"]["parity"]
    schedule = {
        **env,
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_BASE_REF": "",
        "GITHUB_HEAD_REF": "",
    }
    code, said, _ = service.run(job, "refs/pull/1/merge", depth, **schedule)
    assert code == 0, said
    assert "equal" in said


def test_gitlab(model: Machine, tmp_path: Path) -> None:
    service = Service(model, tmp_path, covered=False)
    (text,) = of(section(PAGE, "GitLab"), "yaml")
    job = yaml.safe_load(text)["covgate"]
    env = {
        "GITLAB_CI": "true",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_DEFAULT_BRANCH": "main",
        "CI_MERGE_REQUEST_IID": "1",
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "coupon",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": service.commit("coupon~1"),
        "CI_COMMIT_SHA": service.commit("coupon"),
    }
    code, said, folder = service.run(job, "coupon", int(job["variables"]["GIT_DEPTH"]), **env)
    assert code == 1, said
    reports = job["artifacts"]["reports"]
    issues = json.loads((folder / reports["codequality"]).read_text())
    assert [issue["location"]["path"] for issue in issues] == ["shop/price.py"]
    assert "testsuites" in (folder / reports["junit"]).read_text()
    assert "shop/price.py" in (folder / reports["coverage_report"]["path"]).read_text()


def test_pre_commit_ci(model: Machine, shop: Path) -> None:
    """The service leaves out what the page skips; the rest judges without any environment."""
    (text,) = of(section(PAGE, "pre-commit.ci"), "yaml")
    skipped = yaml.safe_load(text).pop("ci")["skip"]
    ids = [hook["id"] for hook in yaml.safe_load(text)["repos"][0]["hooks"]]
    assert set(ids) - set(skipped) == {"skip-reasons"}
    manifest = yaml.safe_load((TOP / ".pre-commit-hooks.yaml").read_text())
    entries = {hook["id"]: hook["entry"] for hook in manifest}
    assert set(skipped) <= set(entries)
    skip = "printf '\\n\\n@pytest.mark.skip\\ndef test_x():\\n    assert total([])\\n' >> tests/test_price.py"
    code, said = model.follow(
        f"sed -i.old '1i import pytest' tests/test_price.py\n{skip}\n"
        f"git add tests/test_price.py\n{entries['skip-reasons']}",
        shop,
    )
    assert (code, said.split("\n")[0]) == (1, "covgate: blocked - 1 skip without a reason")


def test_a_hook_that_takes_too_long(model: Machine, shop: Path, lean_python: str) -> None:
    (shop / ".venv").symlink_to(Path(lean_python).parents[1])
    (setting,) = of(section(PAGE, "A hook that takes too long"), "toml")
    add_settings(shop, setting.replace('"20s"', '"1s"', 1))
    slow = TEST.replace("    assert", "    import time\n\n    time.sleep(9)\n    assert")
    # Somebody to hand over to.
    workflow = "on: push\njobs: {gate: {runs-on: any, steps: [{run: covgate ci}]}}\n"
    (shop / ".github/workflows").mkdir(parents=True)
    (shop / ".github/workflows/ci.yml").write_text(workflow)
    code, said = model.follow(f"git add -A\n{COUPON}{slow}covgate check", shop)
    assert (code, "the budget of stage" in said) == (0, True), said


def test_monorepo(model: Machine, tmp_path: Path, lean_python: str) -> None:
    blocks = section(PAGE, "A monorepo")
    test = r"from {name}.core import f\n\n\ndef test_f():\n    assert f(1)\n"
    lines = ["git init -q -b main .", f"ln -s {Path(lean_python).parents[1]} .venv"]
    for name in ("billing", "catalog"):
        top = f"packages/{name}"
        lines += [
            f"mkdir -p {top}/src/{name} {top}/tests && touch {top}/src/{name}/__init__.py",
            f"printf 'def f(x):\\n    return x\\n' > {top}/src/{name}/core.py",
            # The same name in both packages.
            f"printf '{test.format(name=name)}' > {top}/tests/test_core.py",
        ]
    (tmp_path / "pyproject.toml").write_text("\n".join(of(blocks, "toml")))
    lines += ["printf '.venv\\n__pycache__\\n' > .gitignore", "git add -A", "git commit -q -m Base"]
    follow(model, tmp_path, "\n".join((*lines, *of(blocks, "console"))))
    more = "printf 'def f(x):\\n    return x + 0\\n\\n\\ndef g(x):\\n    return -x\\n' > packages/billing/src/billing/core.py"
    code, said = model.follow(f"{more}\ngit add -A\ncovgate check --format json", tmp_path)
    answer = json.loads(said)
    assert [finding["rule"] for finding in answer["findings"]] == [
        "coverage-component",
        "diff-coverage",
    ]
    ran = [test["id"] for test in answer["tests"]["selected"]]
    assert (code, ran) == (1, ["packages/billing/tests/test_core.py::test_f"])


# Of the plugin what the settings speak to: without Django its settings are a module.
PYTEST_DJANGO = """\
import importlib


def pytest_addoption(parser):
    parser.addoption("--no-migrations", action="store_true")
    parser.addini("DJANGO_SETTINGS_MODULE", "the settings")


def pytest_configure(config):
    assert config.getoption("--no-migrations")
    importlib.import_module(config.getini("DJANGO_SETTINGS_MODULE"))
"""


def test_django(model: Machine, shop: Path, lean_python: str) -> None:
    """The layout of `startproject` and `startapp`; a stand-in for pytest-django."""
    (shop / ".venv").symlink_to(Path(lean_python).parents[1])
    (text,) = of(section(PAGE, "Django"), "toml")
    (shop / "pyproject.toml").write_text(text)
    files = {
        "config/__init__.py": "",
        "config/settings.py": 'INSTALLED_APPS = ["shop"]\n',
        "manage.py": "import sys\n\nprint(sys.argv)\n",
        "shop/migrations/__init__.py": "",
        "shop/migrations/0001_initial.py": "operations = []\n",
        "shop/tests.py": (shop / "tests/test_price.py").read_text(),
        "conftest.py": PYTEST_DJANGO,
    }
    for name, content in files.items():
        (shop / name).parent.mkdir(exist_ok=True)
        (shop / name).write_text(content)
    script = f"git rm -q -r tests && git add -A && git commit -q -m Django\n{COUPON}"
    more = "echo 'operations = [1]' > shop/migrations/0001_initial.py && git add -A\n"
    code, said = model.follow(f"{script}{more}covgate check", shop)
    assert (code, said.split("\n")[0]) == (1, f"{BLOCKED} (target 90%)")
