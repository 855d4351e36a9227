"""Outcomes as text and JSON. Nothing here prints, asks or reads a file."""

from __future__ import annotations

from limbeck.startup.lazy_exports import lazy_exports

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.report.fleet import (
        json_line,
        plan_line,
        result_lines,
        results_html,
        status_html,
        summary_line,
        tenant_status_lines,
    )
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
    from limbeck.report.plan_html import plans_html
    from limbeck.report.plan_json import plans_json
    from limbeck.report.plan_text import plan_lines, plan_renderables
    from limbeck.report.schema_output import schema_comments, schema_json
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
    from limbeck.report.verification_text import verification_json, verification_lines

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
    "json_line",
    "line",
    "lint_github",
    "lint_json",
    "lint_junit",
    "lint_sarif",
    "lint_text",
    "listing_json",
    "place_lines",
    "places_json",
    "plan_line",
    "plan_lines",
    "plan_renderables",
    "plans_html",
    "plans_json",
    "rebase_lines",
    "recovered_lines",
    "result_lines",
    "results_html",
    "schema_comments",
    "schema_json",
    "show_lines",
    "status_html",
    "status_json",
    "status_lines",
    "summary_line",
    "template_lines",
    "templates_json",
    "tenant_status_lines",
    "verification_json",
    "verification_lines",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "fleet": (
            "json_line",
            "plan_line",
            "result_lines",
            "results_html",
            "status_html",
            "tenant_status_lines",
            "summary_line",
        ),
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
        "schema_output": ("schema_comments", "schema_json"),
        "plan_html": ("plans_html",),
        "plan_json": ("plans_json",),
        "plan_text": ("plan_lines", "plan_renderables"),
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
        "verification_text": ("verification_json", "verification_lines"),
    },
)
