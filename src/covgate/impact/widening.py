"""What the change of a file that is no Python module means for the tests."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, NamedTuple

from covgate.change.snapshot import SUBMODULE_MODE, SYMLINK_MODE
from covgate.impact.configuration import parsed_ini, parsed_toml
from covgate.impact.modules import folder_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from covgate.change.model import FileChange
    from covgate.change.snapshot import Snapshot

Kind = Literal["everything", "data", "inert"]

_CONFIGURATION = frozenset(
    [
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "tox.ini",
        ".coveragerc",
        ".coveragerc.toml",
        "covgate.toml",
    ]
)
_LOCKS = re.compile(
    r"(?:.*requirements.*|constraints.*|.*\.lock|Pipfile|pylock.*\.toml|environment.*\.ya?ml|"
    r"conda.*\.ya?ml|\.python-version|\.tool-versions|\.env.*|.*\.env|.*\.pth)"
)
# What modules are compiled from, and what decides the bytes of a checkout.
_BUILT = re.compile(
    r"(?:.*\.(?:pyx|pxd|pxi|c|h|cc|cpp|cxx|hh|hpp|rs|f|f90|so|pyd|dll|dylib|pyc|cu|zig|whl)|"
    r"MANIFEST\.in|Cargo\.toml|meson\.build|meson_options\.txt|CMakeLists\.txt|\.gitattributes)"
)
# Read by tools that run beside the tests, or by people.
_INERT_NAMES = re.compile(
    r"(?:\.gitignore|\.editorconfig|\.mailmap|\.git-blame-ignore-revs|\.pre-commit-(?:config|hooks)"
    r"\.ya?ml|\.readthedocs\.ya?ml|\.travis\.yml|\.gitlab-ci\.yml|\.?appveyor\.yml|Jenkinsfile|"
    r"azure-pipelines\.yml|\.?codecov\.ya?ml|renovate\.json5?|\.dockerignore|\.flake8|\.?pylintrc|"
    r"\.?ruff\.toml|\.?mypy\.ini|\.isort\.cfg|\.style\.yapf|\.bandit|\.prettier.*|\.markdownlint.*|"
    r"(?:GNUm|M)akefile|Dockerfile|justfile|pyrightconfig\.json|CODEOWNERS|mkdocs\.ya?ml|CITATION\.cff|"
    r"(?:README|CHANGE|CHANGELOG|CHANGES|HISTORY|NEWS|AUTHORS|CONTRIBUTORS|CONTRIBUTING|"
    r"CODE_OF_CONDUCT|SECURITY|SUPPORT|MAINTAINERS|LICEN[CS]E|NOTICE|COPYING|INSTALL|TODO|ROADMAP|"
    r"GOVERNANCE|THANKS|CREDITS)(?:[-_.].*)?)"
)
_PROSE = (".md", ".rst", ".adoc", ".markdown")
_INERT_FOLDERS = frozenset(
    [
        ".github",
        ".gitlab",
        ".circleci",
        ".azure-pipelines",
        ".vscode",
        ".idea",
        ".devcontainer",
        ".husky",
        ".changeset",
        "doc",
        "docs",
        "documentation",
    ]
)
_TOOLS = frozenset(
    [
        "ruff",
        "black",
        "isort",
        "mypy",
        "pyright",
        "basedpyright",
        "pylint",
        "flake8",
        "bandit",
        "codespell",
        "commitizen",
        "bumpversion",
        "bumpver",
        "towncrier",
        "semantic_release",
        "pydocstyle",
        "docformatter",
        "interrogate",
        "vulture",
        "yapf",
        "autopep8",
        "refurb",
        "ty",
        "check-manifest",
        "djlint",
        "deptry",
        "importlinter",
        "pyrefly",
        "typos",
        "cibuildwheel",
    ]
)
_INI_TOOLS = re.compile(
    r"(?:flake8|isort|mypy|mypy-.*|pylint.*|pycodestyle|pydocstyle|pep8|yapf|bumpversion.*|"
    r"codespell|tox|testenv.*|gh|gh-actions|upload.*|bdist_wheel|check-manifest|doc8)"
)
# The keys of our own table that decide which tests there are, and with what they run.
_OWN_KEYS = frozenset(
    [
        "python",
        "source-roots",
        "source_roots",
        "pytest-args",
        "pytest_args",
        "test-paths",
        "test_paths",
    ]
)


class Verdict(NamedTuple):
    """What a changed file can reach; `why` is a sentence for people."""

    kind: Kind
    why: str


def judge(
    file: FileChange,
    before: Snapshot,
    target: Snapshot,
    inert: Collection[str],
    globs: Collection[str],
) -> Verdict:
    """Say what the change of `file` can reach; `globs` are those of doctest files."""
    path = file.path
    name = path.rpartition("/")[2]
    modes = {file.old_mode, file.new_mode}
    what = f"{path} {status_of(file)}"
    if SUBMODULE_MODE in modes:
        return Verdict("everything", f"the submodule {path} changed")
    if any(fnmatchcase(path, glob) or fnmatchcase(name, glob) for glob in globs):
        return Verdict("everything", f"{path} may hold doctests")
    if name in _CONFIGURATION:
        same = _same_for_tests(file, before, target)
        return Verdict("inert" if same else "everything", f"{what}: it may configure any test")
    if SYMLINK_MODE in modes or path.endswith(".py"):
        return Verdict("data", what)
    if any(fnmatchcase(path, glob) for glob in inert) or _is_inert(path, name, target):
        return Verdict("inert", what)
    if _LOCKS.fullmatch(name) or "requirements" in folder_of(path).split("/"):
        return Verdict("everything", f"{what}: it may change what is installed")
    if _BUILT.fullmatch(name):
        return Verdict("everything", f"{what}: modules or files may be made with it")
    return Verdict("data", what)


def status_of(file: FileChange) -> str:
    """Return what happened to a file, as a verb."""
    return {"added": "is new", "deleted": "was deleted", "renamed": "was renamed"}.get(
        file.status, "changed"
    )


def _is_inert(path: str, name: str, target: Snapshot) -> bool:
    top = path.partition("/")[0] if "/" in path else ""
    if top in _INERT_FOLDERS or _INERT_NAMES.fullmatch(name):
        return True
    if not name.endswith(_PROSE):
        return False
    # Prose beside Python may be what the Python works on.
    return not top or not any(
        other.endswith(".py") and other.startswith(top + "/") for other in target.entries
    )


def _same_for_tests(file: FileChange, before: Snapshot, target: Snapshot) -> bool:
    """Whether two versions of a configuration at the top say the same to Python and pytest."""
    if file.status != "modified" or "/" in file.path or file.old_mode != file.new_mode:
        return False
    old, new = before.read(file.path), target.read(file.path)
    if old is None or new is None:
        return False
    texts = old.decode("utf-8", "replace"), new.decode("utf-8", "replace")
    if file.path.endswith("covgate.toml"):
        first, second = (_own_keys(parsed_toml(text)) for text in texts)
    elif file.path.endswith(".toml"):
        first, second = (_without_tools(parsed_toml(text)) for text in texts)
    elif file.path.endswith((".ini", ".cfg")):
        first, second = (_without_sections(parsed_ini(text)) for text in texts)
    else:
        return False
    return first is not None and first == second


def _own_keys(table: Mapping[str, object] | None) -> dict[str, object] | None:
    return None if table is None else {key: table[key] for key in table if key in _OWN_KEYS}


def _without_tools(tables: Mapping[str, object] | None) -> dict[str, object] | None:
    if tables is None:
        return None
    tools = tables.get("tool", {})
    if not isinstance(tools, dict):
        return None
    kept = {name: value for name, value in tools.items() if name not in _TOOLS}
    own = kept.pop("covgate", None)
    keys = _own_keys(own) if isinstance(own, dict) else None
    return {**tables, "tool": kept, "covgate": keys or {}}


def _without_sections(
    sections: Mapping[str, Mapping[str, str]] | None,
) -> dict[str, object] | None:
    if sections is None:
        return None
    kept: dict[str, object] = {
        name: value for name, value in sections.items() if not _INI_TOOLS.fullmatch(name)
    }
    for name in ("covgate", "tool:covgate"):
        keys = _own_keys(sections.get(name))
        kept.pop(name, None)
        if keys:
            kept["covgate"] = keys
    return kept
