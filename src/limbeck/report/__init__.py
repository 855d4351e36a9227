"""Outcomes as text and JSON. Nothing here prints, asks or reads a file."""

from __future__ import annotations

import importlib

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.report.history_graph import FINE, PLAIN, Strokes, graph_lines
    from limbeck.report.json_output import (
        branches_json,
        check_json,
        listing_json,
        places_json,
        templates_json,
    )
    from limbeck.report.made import (
        check_lines,
        init_lines,
        template_lines,
    )
    from limbeck.report.text import (
        block,
        branch_lines,
        clean,
        heads_lines,
        history_lines,
        line,
        place_lines,
        show_lines,
    )

_FILES = {
    "history_graph": (
        "FINE",
        "PLAIN",
        "Strokes",
        "graph_lines",
    ),
    "text": (
        "block",
        "branch_lines",
        "clean",
        "heads_lines",
        "history_lines",
        "line",
        "place_lines",
        "show_lines",
    ),
    "made": (
        "check_lines",
        "init_lines",
        "template_lines",
    ),
    "json_output": (
        "branches_json",
        "check_json",
        "listing_json",
        "places_json",
        "templates_json",
    ),
}
_HOMES = {name: file for file, names in _FILES.items() for name in names}

__all__ = [
    "FINE",
    "PLAIN",
    "Strokes",
    "block",
    "branch_lines",
    "branches_json",
    "check_json",
    "check_lines",
    "clean",
    "graph_lines",
    "heads_lines",
    "history_lines",
    "init_lines",
    "line",
    "listing_json",
    "place_lines",
    "places_json",
    "show_lines",
    "template_lines",
    "templates_json",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
