"""States and results of tenants as text, JSON and HTML."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from limbeck.report.text import clean

if TYPE_CHECKING:
    from limbeck.fleet import Summary, TenantPlan, TenantResult, TenantStatus

_MARKS = {"done": "✓", "skipped": "=", "failed": "✗", "not run": "-"}
_STATES = (
    "at head", "behind", "unknown revision", "missing", "locked", "failed", "unreachable",
)  # fmt: skip

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; }
body, th, td { padding: .3rem .6rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; border-bottom: 1px solid #8884; vertical-align: top; }
td.error { white-space: pre-wrap; }
.counts span { display: inline-block; margin-right: 1.5rem; font-size: 1.2rem; }
.done, .at-head { color: #1a7f37; } .failed, .unreachable, .missing { color: #cf222e; }
"""
_MANY = 2000


def json_line(values: Mapping[str, Any]) -> str:
    """Return values as one line of JSON."""
    return json.dumps(values, ensure_ascii=True, default=list)


def tenant_status_lines(statuses: Sequence[TenantStatus], *, is_verbose: bool) -> Iterator[str]:
    """Yield a line for each tenant that is not at head, and the counts.

    Args:
        statuses: the states of all tenants.
        is_verbose: also yield a line for tenants at head.
    """
    for one in statuses:
        if is_verbose or one.state != "at head":
            yield clean(status_line(one))
    counts: Counter[str] = Counter(one.state for one in statuses)
    parts = [f"{counts[state]} {state}" for state in _STATES if counts[state]]
    noun = "tenant" if len(statuses) == 1 else "tenants"
    yield f"{len(statuses)} {noun}: {', '.join(parts)}"


def status_line(status: TenantStatus) -> str:
    """Return the state of a tenant as a line."""
    at = ", ".join(status.revisions) or "base"
    if status.state == "behind":
        return f"{status.tenant}: behind by {status.behind} (at {at})"
    text = f"{status.tenant}: {status.state}"
    if status.revisions and not status.detail:
        return f"{text} ({at})"
    return f"{text}: {status.detail}" if status.detail else text


def plan_line(plan: TenantPlan) -> str:
    """Return the revisions that an upgrade of a tenant would run."""
    if plan.pending:
        return clean(f"{plan.status.tenant}: {' -> '.join(plan.pending)}")
    if plan.status.is_problem:
        return clean(status_line(plan.status))
    return clean(f"{plan.status.tenant}: nothing to do")


def result_lines(result: TenantResult) -> Iterator[str]:
    """Yield the result of a tenant."""
    mark = _MARKS[result.outcome]
    if result.outcome == "failed":
        code = f" [{result.code}]" if result.code else ""
        yield clean(f"{mark} {result.tenant}: {result.error}{code}")
        if result.hint:
            yield clean(f"    next: {result.hint}")
        return
    if result.outcome == "not run":
        yield clean(f"{mark} {result.tenant}: not run, because the run ended early")
        return
    way = f" {' -> '.join(result.moves)}" if result.moves else ""
    yield clean(f"{mark} {result.tenant}:{way} ({result.seconds:.2f} s)")


def summary_line(summary: Summary) -> str:
    """Return the counts of a run."""
    parts = [
        f"{summary.outcomes[outcome]} {outcome}"
        for outcome in ("done", "skipped", "failed", "not run")
        if summary.outcomes[outcome]
    ]
    noun = "tenant" if summary.total == 1 else "tenants"
    text = f"{summary.total} {noun}: {', '.join(parts) or 'nothing to do'}"
    if summary.failed or summary.not_run:
        text += ". Fix the problems and run the same command again: it continues from there."
    return text


def results_html(results: Sequence[TenantResult]) -> str:
    """Return the results of a run as a page: counts, then the tenants, failures first."""
    counts: Counter[str] = Counter(result.outcome for result in results)
    rank = {"failed": 0, "not run": 1, "done": 2, "skipped": 3}
    ordered = sorted(results, key=lambda one: rank[one.outcome])
    rows = [
        (
            one.outcome, one.tenant, one.group or "", " → ".join(one.moves),
            ", ".join(one.after), f"{one.seconds:.2f}",
            "\n".join(filter(None, (one.error, one.hint))),
        )
        for one in ordered
    ]  # fmt: skip
    action = results[0].action if results else ""
    head = ("outcome", "tenant", "group", "applied", "now at", "seconds", "error")
    return _page(f"Fleet: {action}", counts, head, rows)


def status_html(statuses: Sequence[TenantStatus]) -> str:
    """Return the states of tenants as a page, problems first."""
    counts: Counter[str] = Counter(one.state for one in statuses)
    ordered = sorted(statuses, key=lambda one: (not one.is_problem, one.state == "at head"))
    rows = [
        (
            one.state, one.tenant, one.group or "", ", ".join(one.revisions),
            str(one.behind or ""), one.detail,
        )
        for one in ordered
    ]  # fmt: skip
    return _page(
        "Fleet: status", counts, ("state", "tenant", "group", "at", "behind by", "detail"), rows
    )


def _page(
    title: str, counts: Counter[str], head: Iterable[str], rows: Sequence[tuple[str, ...]]
) -> str:
    numbers = "".join(
        f'<span class="{_class(name)}"><b>{count}</b> {_text(name)}</span>'
        for name, count in counts.most_common()
    )
    body = "".join(_row(row) for row in rows[:_MANY])
    rest = len(rows) - _MANY
    more = f"<p>and {rest} more tenants</p>" if rest > 0 else ""
    columns = "".join(f"<th>{_text(name)}</th>" for name in head)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head>\n"
        f'<body><h1>{_text(title)}</h1><p class="counts">{numbers}</p>\n'
        f"<table><thead><tr>{columns}</tr></thead><tbody>\n{body}</tbody></table>{more}"
        "</body></html>\n"
    )


def _row(row: tuple[str, ...]) -> str:
    first, *others, last = row
    cells = "".join(f"<td>{_text(one)}</td>" for one in others)
    return (
        f'<tr><td class="{_class(first)}">{_text(first)}</td>{cells}'
        f'<td class="error">{_text(last, lines=True)}</td></tr>\n'
    )


def _text(text: str, *, lines: bool = False) -> str:
    if lines:
        return "\n".join(escape(clean(line)) for line in text.split("\n"))
    return escape(clean(text))


def _class(name: str) -> str:
    return escape(name.replace(" ", "-"))
