"""Counts the statements of the whole project, from what runs now and what reused tests executed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import _covgate_known

from _covgate_scope import covers, has_branch, is_ours, relative
from _covgate_std import json, os

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

    from _covgate_plan import Plan
    from coverage import Coverage, CoverageData

    Ran = Mapping[str, "list[tuple[int, int]]"]  # arcs by the name that coverage keeps a file under


def counted(
    plan: Plan, cov: Coverage, imported: set[str]
) -> tuple[Mapping[str, Any], Mapping[str, Any], Coverage]:
    """Return the counts of all files, coverage's JSON facts of some by path, and what told them.

    The counts are {"files": see `covgate.coverage.project.FileNumbers`} or {"problem": why there
    are none}. The last knows all that was executed of the files of the change. `imported` are the
    files that are known to have been imported or collected.
    """
    earlier = _earlier(plan, cov, imported)
    try:
        files, counts, whole = _reported(plan, cov, earlier)
    except Exception as error:  # a plugin of coverage may raise anything
        problem = "{}: {}".format(type(error).__name__, error)
        return {"problem": problem}, {}, _joined(plan, cov, earlier)
    root = plan["root"]
    kept = {path: n for path, n in counts.items() if not is_ours(os.path.join(root, path))}
    return {"files": kept}, files, whole


def _reported(
    plan: Plan, cov: Coverage, earlier: Ran
) -> tuple[Mapping[str, Any], Mapping[str, Any], Coverage]:
    """Return coverage's facts of the files that must be analysed, and the counts of all files."""
    root = plan["root"]
    whole = cov
    if cov.config.paths and hasattr(cov, "_prepare_data_for_reporting"):
        whole, earlier = _joined(plan, cov, earlier), {}
        whole._prepare_data_for_reporting()  # gives files other names
    data = whole.get_data()
    names = sorted({*data.measured_files(), *earlier})
    names = [name for name in names if not is_ours(os.path.join(root, name))]
    has_arcs = _has_arcs(whole, data)
    keys = _covgate_known.keys(whole, names, root, has_arcs, _executed(data, earlier, has_arcs))
    detailed = {os.path.join(root, path) for path in plan["measure"]}
    asked = {n: key for n, key in keys.items() if os.path.join(root, n) not in detailed}
    known = _covgate_known.load(plan["numbers"], asked)
    counts = {relative(name, root): found for name, found in known.items() if found is not None}
    unknown = [name for name in names if name not in known]
    files: Mapping[str, Any] = {}
    if known:
        earlier = {name: arcs for name, arcs in earlier.items() if name not in known}
    whole = _joined(plan, whole, earlier)
    if unknown or not counts:
        files = _json(whole, plan, unknown if known else None, bool(counts))
    counts.update((path, _counts(facts)) for path, facts in files.items())
    learnt = ((keys[n], counts.get(relative(n, root))) for n in unknown if n in keys)
    _covgate_known.store(plan["numbers"], learnt)
    return files, counts, whole


def _json(
    cov: Coverage, plan: Plan, names: list[str] | None, may_be_empty: bool
) -> Mapping[str, Any]:
    """Return coverage's JSON facts of some files by path (None: of all that it reports)."""
    out = plan["measured_file"] + ".all.json"
    try:
        cov.json_report(morfs=names, outfile=out)
    except Exception as error:
        if may_be_empty and type(error).__name__ == "NoDataError":
            return {}  # the settings leave all of these out
        raise
    with open(out, encoding="utf-8") as stream:
        report = json.load(stream)
    return {relative(path, plan["root"]): facts for path, facts in report["files"].items()}


def _counts(facts: Mapping[str, Any]) -> list[Any]:
    names = ("excluded_lines", "num_branches", "num_partial_branches", "missing_branches")
    summary = facts["summary"]
    counts = [summary["num_statements"], facts["missing_lines"]]
    partial = {abs(line) for line, _ in facts.get("missing_branches", ())}
    counts += [summary.get(name, 0) for name in names]
    return [*counts, sorted(partial - set(facts["missing_lines"]))]


# -- what reused tests executed --------------------------------------------------------------------


def _earlier(plan: Plan, cov: Coverage, imported: set[str]) -> Ran:
    """Return what reused tests executed of the files that coverage's settings take in."""
    if not plan["earlier"]:
        return {}
    data = cov.get_data()
    executed: dict[str, list[tuple[int, int]]] = {}
    # What ran while a file was imported is known better when this run has imported it.
    for path, importer, items in json.loads(plan["earlier"]):
        full = os.path.join(plan["root"], path)
        is_known = bool(importer) and (
            importer in imported or bool(data.lines(_stored_name(plan, cov, importer)))
        )
        if items and not is_known and os.path.exists(full) and covers(cov, full):
            executed.setdefault(_stored_name(plan, cov, path), []).extend(map(_arc, items))
    return executed


def _stored_name(plan: Plan, cov: Coverage, path: str) -> str:
    """Return the name under which coverage keeps what ran of a file."""
    return path if cov.get_option("run:relative_files") else os.path.join(plan["root"], path)


def _arc(item: Any) -> tuple[int, int]:
    """Return an arc; what is known of a line alone leads to itself."""
    return (item, item) if isinstance(item, int) else (item[0], item[1])


def _lines(arcs: Collection[tuple[int, int]]) -> set[int]:
    return {number for arc in arcs for number in arc if number > 0}


def _has_arcs(cov: Coverage, data: CoverageData) -> bool:
    return bool(data.has_arcs()) or has_branch(cov)


def _executed(data: CoverageData, earlier: Ran, has_arcs: bool) -> Callable[[str], list[Any]]:
    """Return what tells all that was executed of a file: arcs or lines, sorted."""

    def executed(name: str) -> list[Any]:
        arcs = earlier.get(name, ())
        found: set[Any] = set(arcs) if has_arcs else _lines(arcs)
        found.update((data.arcs(name) if has_arcs else data.lines(name)) or ())
        return sorted(found)

    return executed


def _joined(plan: Plan, cov: Coverage, earlier: Ran) -> Coverage:
    """Return a coverage object that has what reused tests executed as well."""
    if not earlier:
        return cov
    import coverage

    whole = coverage.Coverage(data_file=plan["data_file"] + "-whole")
    data = whole.get_data()
    data.update(cov.get_data())
    if _has_arcs(cov, data):
        data.add_arcs(earlier)
    else:
        data.add_lines({name: _lines(arcs) for name, arcs in earlier.items()})
    return whole
