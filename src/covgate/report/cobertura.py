"""The changed lines as Cobertura XML, as GitLab and other services show them beside a diff.

It holds the lines that the gate judged and no others: each is a first line of a changed statement.
An answer without coverage has no packages, and its rates are zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from covgate.report.escaping import well_formed, xml_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.report.answer import Answer, FileLines
    from covgate.report.style import Style

# No branch and no complexity is told; the document type requires the attributes.
_UNKNOWN = {"branch-rate": "0", "complexity": "0"}
_DOCTYPE = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'


def render(answer: Answer, _style: Style) -> str:
    """Return an XML document in ASCII; it says nothing that changes from run to run."""
    coverage = answer.diff_coverage
    files: Mapping[str, FileLines] = coverage.files if coverage else {}
    covered, valid = _totals(files.values())
    root = ET.Element(
        "coverage",
        {
            "line-rate": _rate(covered, valid),
            "lines-covered": str(covered),
            "lines-valid": str(valid),
            "branches-covered": "0",
            "branches-valid": "0",
            **_UNKNOWN,
            "version": "covgate",
            "timestamp": "0",
        },
    )
    ET.SubElement(ET.SubElement(root, "sources"), "source").text = "."
    packages = ET.SubElement(root, "packages")
    folders: dict[str, dict[str, FileLines]] = {}
    for path, lines in sorted(files.items()):
        folders.setdefault(path.rpartition("/")[0], {})[path] = lines
    for folder, some in sorted(folders.items()):
        _add_package(packages, folder, some)
    ET.indent(root)
    body = ET.tostring(root, encoding="us-ascii").decode("ascii")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_DOCTYPE}\n{body}\n'


def _add_package(packages: ET.Element, folder: str, files: Mapping[str, FileLines]) -> None:
    package = ET.SubElement(
        packages,
        "package",
        {
            "name": xml_text(well_formed(folder.replace("/", ".") or ".")),
            "line-rate": _rate(*_totals(files.values())),
            **_UNKNOWN,
        },
    )
    classes = ET.SubElement(package, "classes")
    for path, lines in files.items():
        name = xml_text(well_formed(path))
        one = ET.SubElement(
            classes,
            "class",
            {
                "name": name.rpartition("/")[2],
                "filename": name,
                "line-rate": _rate(*_totals([lines])),
                **_UNKNOWN,
            },
        )
        ET.SubElement(one, "methods")
        listed = ET.SubElement(one, "lines")
        for number, hits in sorted(_hits(lines).items()):
            ET.SubElement(listed, "line", number=str(number), hits=str(hits))


def _totals(files: Iterable[FileLines]) -> tuple[int, int]:
    hits = [_hits(lines) for lines in files]
    return sum(sum(one.values()) for one in hits), sum(map(len, hits))


def _hits(lines: FileLines) -> dict[int, int]:
    return {**dict.fromkeys(lines.covered, 1), **dict.fromkeys(lines.uncovered, 0)}


def _rate(covered: int, valid: int) -> str:
    return f"{covered / valid:.4g}" if valid else "0"
