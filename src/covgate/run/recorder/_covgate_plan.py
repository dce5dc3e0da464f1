"""The plan of a run, as it crosses from covgate in JSON (see `covgate.run.drive`)."""

from __future__ import annotations

from typing import TypedDict


class Trace(TypedDict):
    """Where the recorder writes, and the functions (line, name) by file that may remember."""

    folder: str
    watch: dict[str, list[tuple[int, str]]]


class Plan(TypedDict):
    """What to run and measure, and where everything goes.

    `files` and `ids` are None when nothing is left out; `origin` is the user's working tree when
    the run is isolated from it, `backup` a folder for copies when it is not, `numbers` the file of
    counts of earlier runs.
    """

    skip: list[str]
    order: list[str]
    until: list[str]
    trace: Trace | None
    files: list[str] | None
    ids: list[str] | None
    measure: list[str]
    measure_all: bool
    earlier: str
    pytest_args: list[str]
    source_roots: list[str]
    root: str
    origin: str | None
    backup: str | None
    remap: list[tuple[str, str]]
    project_places: list[str]
    bytecode: str
    numbers: str
    events: str
    notes: str
    data_file: str
    measured_file: str
    tracked_file: str
