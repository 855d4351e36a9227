"""Outcomes as text and JSON. Nothing here prints, asks or reads a file."""

from __future__ import annotations

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.report.history_graph import FINE, PLAIN, Strokes, graph_lines
    from limbeck.report.json_output import (
        branches_json,
        check_json,
        listing_json,
        places_json,
        status_json,
        templates_json,
    )
    from limbeck.report.lint_output import (
        LINT_FORMATS,
        lint_github,
        lint_json,
        lint_junit,
        lint_sarif,
        lint_text,
    )
    from limbeck.report.text import (
        block,
        branch_lines,
        check_lines,
        clean,
        heads_lines,
        history_lines,
        init_lines,
        line,
        place_lines,
        rebase_lines,
        recovered_lines,
        show_lines,
        status_lines,
        template_lines,
    )

__all__ = [
    "FINE",
    "LINT_FORMATS",
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
    "lint_github",
    "lint_json",
    "lint_junit",
    "lint_sarif",
    "lint_text",
    "listing_json",
    "place_lines",
    "places_json",
    "rebase_lines",
    "recovered_lines",
    "show_lines",
    "status_json",
    "status_lines",
    "template_lines",
    "templates_json",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "history_graph": ("FINE", "PLAIN", "Strokes", "graph_lines"),
        "json_output": (
            "branches_json",
            "check_json",
            "listing_json",
            "places_json",
            "status_json",
            "templates_json",
        ),
        "lint_output": (
            "LINT_FORMATS",
            "lint_github",
            "lint_json",
            "lint_junit",
            "lint_sarif",
            "lint_text",
        ),
        "text": (
            "block",
            "branch_lines",
            "check_lines",
            "clean",
            "heads_lines",
            "history_lines",
            "init_lines",
            "rebase_lines",
            "line",
            "place_lines",
            "recovered_lines",
            "show_lines",
            "status_lines",
            "template_lines",
        ),
    },
)
