"""Reads coverage's numbers for the files of the change, in the interpreter that measured them.

The project's own coverage decides what a statement, an exclusion or a branch is; only the map
from continuation lines to their statement is made here, from Python's tokens.
"""

from __future__ import annotations

import io
import sys
import tokenize
import warnings
from typing import TYPE_CHECKING

import _covgate_modules
import _covgate_project

from _covgate_scope import covers, has_branch, relative
from _covgate_std import json, os

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from _covgate_plan import Plan
    from coverage import Coverage

_NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)


def write(plan: Plan, measured: Coverage, imported: set[str]) -> None:
    """Write `plan["measured_file"]`: facts of each file of `plan["measure"]`, by path.

    `imported` are the files that are known to have been imported or collected.
    """
    data = _combined(plan, measured)
    root = plan["root"]
    facts = {}
    everything = None
    whole = data
    known: Mapping[str, Any] = {}
    try:
        if plan["measure_all"]:
            everything, known, whole = _covgate_project.counted(plan, data, imported)
        numbers = _numbers(plan, whole, known)
        touched = {relative(path, root) for path in data.get_data().measured_files()}
        for path in plan["measure"]:
            facts[path] = _facts(plan, data, path, numbers.get(path), path in touched)
        problem = None
    except Exception as error:  # coverage's own errors say what is wrong with its settings
        problem = "{}: {}".format(type(error).__name__, error)
    answer = {
        "files": facts,
        "problem": problem,
        "branch": has_branch(data),
        "copies": _other_copies(plan),
        "project": everything,
    }
    with open(plan["measured_file"], "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


def _combined(plan: Plan, measured: Coverage) -> Coverage:
    """Return a coverage object with the data of this process and of all that it started."""
    folder, name = os.path.split(plan["data_file"])
    parts = [entry for entry in os.listdir(folder) if entry.startswith(name + ".")]
    if not parts:
        return measured
    import coverage

    combined = coverage.Coverage(data_file=plan["data_file"])
    if os.path.exists(plan["data_file"]):
        combined.load()
    combined.combine([folder])
    combined.save()
    return combined


def _numbers(plan: Plan, cov: Coverage, known: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return coverage's JSON facts of the files of the change that its settings report.

    `known` are those of a report of everything; without `source` that leaves out what nothing
    imported.
    """
    numbers = {path: known[path] for path in plan["measure"] if path in known}
    names = [os.path.join(plan["root"], path) for path in plan["measure"] if path not in known]
    names = [name for name in names if os.path.exists(name)]
    if not names:
        return numbers
    out = plan["measured_file"] + ".json"
    try:
        cov.json_report(morfs=names, outfile=out, ignore_errors=True)
    except Exception as error:
        if type(error).__name__ in ("NoDataError", "CoverageException", "NoSource"):
            return numbers
        raise
    with open(out, encoding="utf-8") as stream:
        files = json.load(stream)["files"]
    numbers.update((relative(path, plan["root"]), facts) for path, facts in files.items())
    return numbers


def _facts(
    plan: Plan, cov: Coverage, path: str, numbers: Mapping[str, Any] | None, touched: bool
) -> Mapping[str, object]:
    full = os.path.join(plan["root"], path)
    if not os.path.exists(full):
        return {"measured": False, "imported": touched, "broken": "the tests removed it"}
    in_scope = touched or covers(cov, full)
    if numbers is None or not in_scope:
        broken = _syntax_error(full) if in_scope else None
        return {"measured": False, "imported": touched, "broken": broken}
    partial: dict[int, list[int]] = {}
    for line, exit_line in numbers.get("missing_branches", []):
        partial.setdefault(abs(line), []).append(exit_line)
    taken: dict[int, int] = {}
    for line, _ in numbers.get("executed_branches", []):
        taken[abs(line)] = taken.get(abs(line), 0) + 1
    return {
        "measured": True,
        "imported": touched and bool(numbers["executed_lines"]),
        "executed": numbers["executed_lines"],
        "missing": numbers["missing_lines"],
        "excluded": numbers["excluded_lines"],
        "partial": [[n, taken.get(n, 0), len(exits)] for n, exits in sorted(partial.items())],
        "statement_of": _statement_lines(full),
    }


def _syntax_error(full: str) -> str | None:
    """Return what keeps Python from reading a file, None when nothing does."""
    try:
        with open(full, "rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(stream.read(), full, "exec", dont_inherit=True)
    except SyntaxError as error:
        where = "line {}: ".format(error.lineno) if error.lineno else ""
        return where + error.msg
    except ValueError as error:
        return str(error)
    return None


def _other_copies(plan: Plan) -> list[list[str]]:
    """Return [path, file] of modules that were imported from elsewhere than the tree under test.

    An installed copy of the project hides the code that is being committed.
    """
    with open(plan["tracked_file"], encoding="utf-8") as stream:
        tracked = set(json.load(stream))
    tails = _expected_places(tracked, plan["source_roots"])
    copies = []
    for name, module in list(sys.modules.items()):
        file = _covgate_modules.fact(module, "__file__")
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        is_package = _covgate_modules.fact(module, "__path__") is not None
        tail = name.replace(".", "/") + ("/__init__.py" if is_package else ".py")
        if tail in tails and relative(os.path.abspath(file), plan["root"]) not in tracked:
            copies.append([tails[tail], file])
    return sorted(copies)


def _expected_places(tracked: set[str], source_roots: list[str]) -> Mapping[str, str]:
    """Return the tracked file of each module that an import should find in the project.

    Only below folders that code is installed from; packages that tests keep as data are not
    meant to be imported.
    """
    roots = {"", "src", "lib", "python", *(root.rstrip("/") for root in source_roots)}
    for path in tracked:
        folder, _, name = path.rpartition("/")
        if name == "setup.py":
            roots.update((folder, folder + "/src"))
    tails = {}
    for path in tracked:
        parts = path.split("/")
        start = len(parts) - 1
        while start and "/".join([*parts[:start], "__init__.py"]) in tracked:
            start -= 1
        root = "/".join(parts[:start])
        # The top of the repository comes first on the path: its modules can't be hidden.
        if root in roots and (start < len(parts) - 1 or root):
            tails["/".join(parts[start:])] = path
    return tails


def _statement_lines(full: str) -> list[list[int]]:
    """Return [line, first line] of each continuation line that holds code of its statement."""
    pairs: list[list[int]] = []
    with open(full, "rb") as stream:
        # Python and coverage end a line at a lone carriage return as well.
        source = stream.read().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        first: int | None = None
        rows: set[int] = set()
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            if token.type == tokenize.NEWLINE:
                if first is not None:
                    pairs.extend([row, first] for row in sorted(rows) if row != first)
                first, rows = None, set()
            elif token.type not in _NO_CODE and token.type != tokenize.ENDMARKER:
                first = token.start[0] if first is None else first
                rows.update(range(token.start[0], token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    return pairs
