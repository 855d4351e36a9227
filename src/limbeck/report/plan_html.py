"""Plans as a self-contained HTML page without scripts, for light and dark mode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from limbeck.report.plan_diagram import schema_diagram
from limbeck.report.plan_graph import graph_svg
from limbeck.report.plan_text import (
    CHECK_WORDS,
    check_text,
    estimate_text,
    header_lines,
    statement_cells,
    table_size,
    total_estimate,
    transaction_title,
)
from limbeck.report.text import clean

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.planning import Plan, PlannedStatement, PlannedTransaction, RowCheck

# forbids loading resources: https://developer.mozilla.org/docs/Web/HTTP/CSP
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --back: #ffffff; --soft: #f3f4f6;
  --line: #d0d7de; --quiet: #59636e; --red: #b91c1c; --green: #15803d; --amber: #92590a;
  --blue: #1d4ed8; --red-back: #fee2e2; --green-back: #dcfce7; --amber-back: #fef3c7; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --back: #0d1117; --soft: #161b22; --line: #30363d; --quiet: #9198a1;
    --red: #ff8182; --green: #56d364; --amber: #e3b341; --blue: #79c0ff; --red-back: #4c1519;
    --green-back: #12351d; --amber-back: #3d2e0a; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  margin: 2rem auto; max-width: 82rem; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
code, pre, svg text { font-family: ui-monospace, monospace; font-size: 12px; }
pre { background: var(--soft); padding: .6rem; margin: 0; white-space: pre-wrap;
  overflow-wrap: anywhere; border-radius: 5px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem;
  border-bottom: 1px solid var(--line); }
td.sql { width: 45%; } .quiet { color: var(--quiet); }
.counts { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none; }
.counts li { background: var(--soft); border-radius: 6px; padding: .5rem .9rem; }
.counts b { display: block; font-size: 1.3rem; }
.badge { border: 1px solid currentColor; border-radius: 9px; padding: 0 .5rem; font-size: 12px; }
.fails, .loses { color: var(--red); } .passes { color: var(--green); }
.uncertain, .not-run { color: var(--amber); }
.measured { color: var(--green); } .known { color: var(--blue); } .unknown { color: var(--amber); }
.dangers { color: var(--red); margin: .3rem 0; } td ul { margin: .3rem 0; padding-left: 1.2rem; }
.wide { overflow-x: auto; } .sides { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 0; overflow-x: auto; } figcaption { font-weight: 600; }
svg text { fill: var(--text); }
svg .edge { stroke: var(--quiet); stroke-width: 1.5; fill: none; }
svg .outside { stroke-dasharray: 3 3; }
svg circle { stroke: var(--quiet); stroke-width: 2; fill: var(--back); }
svg circle.applied { fill: var(--quiet); }
svg circle.planned { fill: var(--blue); stroke: var(--blue); }
svg text.planned { fill: var(--blue); font-weight: 600; } svg text.pending { fill: var(--quiet); }
svg .table rect { fill: var(--soft); stroke: var(--line); }
svg .table.added > rect:first-child { stroke: var(--green); stroke-width: 2; }
svg .table.removed > rect:first-child { stroke: var(--red); stroke-width: 2; }
svg .table rect.mark { stroke: none; } svg rect.mark.added { fill: var(--green-back); }
svg rect.mark.removed { fill: var(--red-back); } svg rect.mark.changed { fill: var(--amber-back); }
svg .name { font-weight: 700; } svg .reference { stroke: var(--blue); stroke-width: 1.2; }
"""


def plans_html(plans: Sequence[Plan]) -> str:
    """Return plans as a page."""
    body = "".join(_plan(plan, f"p{number}") for number, plan in enumerate(plans, 1))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_text(_title(plans))}</title><style>{_STYLE}</style></head>\n"
        f"<body>\n{body}</body></html>\n"
    )


def _title(plans: Sequence[Plan]) -> str:
    if not plans:
        return "Plan"
    first = plans[0]
    return f"Plan: {first.direction} to {first.target}"


def _plan(plan: Plan, name: str) -> str:
    lines = "<br>".join(_text(line) for line in header_lines(plan))
    sections = [
        f"<h1>{_text(_title([plan]))}</h1>\n<p>{lines}</p>\n{_counts(plan)}",
        _section("Revisions", f'<div class="wide">{graph_svg(plan.history)}</div>'),
        _section("Tables", schema_diagram(plan.before, plan.after)),
        _section("Statements", "".join(_transaction(plan, one) for one in plan.transactions)),
        _section("Existing rows", _checks(plan.checks)),
        _section("Sizes", _sizes(plan)),
        _section("Notes", "".join(f"<li>{_text(note)}</li>" for note in plan.notes), tag="ul"),
    ]
    return f'<article id="{name}">{"".join(sections)}</article>\n'


def _section(title: str, body: str, *, tag: str = "div") -> str:
    if not body:
        return ""
    id_ = title.lower().replace(" ", "-")
    return f'<section class="{id_}"><h2>{title}</h2><{tag}>{body}</{tag}></section>\n'


def _counts(plan: Plan) -> str:
    failing = len(plan.failing_checks)
    dangers = sum(bool(one.dangers) for one in plan.statements)
    total = total_estimate(plan)
    counts = [
        (len(plan.moves), "revisions", ""),
        (len(plan.statements), "statements", ""),
        (len(plan.transactions), "transactions", ""),
        (dangers, "statements with dangers", "fails" if dangers else "passes"),
        (failing, "failing row checks", "fails" if failing else "passes"),
        *([(estimate_text(total), "estimated time", "")] if total is not None else []),
    ]
    cells = "".join(
        f'<li class="{kind}"><b>{_text(str(number))}</b> {words}</li>'
        for number, words, kind in counts
    )
    return f'<ul class="counts">{cells}</ul>\n'


def _transaction(plan: Plan, one: PlannedTransaction) -> str:
    rows = "".join(_statement(plan, statement) for statement in one.statements)
    head = _head(("statement", "locks", "work", "size", "time", "source"))
    return (
        f"<h3>{_text(transaction_title(one))}</h3>"
        f'<div class="wide"><table>{head}<tbody>{rows}</tbody></table></div>\n'
    )


def _statement(plan: Plan, one: PlannedStatement) -> str:
    *cells, source = statement_cells(plan, one)
    place = one.revision if one.line is None else f"{one.revision}, line {one.line}"
    code = f"<b>{_text(one.code)}</b> " if one.code else ""
    details = "".join(f"<li>{_text(detail)}</li>" for detail in one.details)
    dangers = ", ".join(one.dangers)
    findings = f'<div class="dangers">{code}{_text(dangers)}</div>' if dangers else ""
    facts = f'<ul class="quiet">{details}</ul>' if details else ""
    blocks = "; ".join(
        f"{table}: others cannot {', '.join(what)}" for table, what in one.blocks.items() if what
    )
    waits = f'<div class="quiet">{_text(blocks)}</div>' if blocks else ""
    first, *rest = cells
    return (
        f'<tr><td class="sql"><pre>{_text(one.sql)}</pre><div class="quiet">{_text(place)}</div>'
        f"{findings}{facts}</td><td>{_text(first)}{waits}</td>"
        f"{''.join(f'<td>{_text(cell)}</td>' for cell in rest)}"
        f'<td><span class="badge {source}">{source}</span></td></tr>\n'
    )


def _checks(checks: Iterable[RowCheck]) -> str:
    rows = "".join(
        f'<tr><td><span class="badge {one.status.replace(" ", "-")}">{CHECK_WORDS[one.status]}'
        f"</span></td><td>{_text(check_text(one))}<details><summary>query</summary>"
        f"<pre>{_text(one.query)}</pre></details></td></tr>\n"
        for one in checks
    )
    return f"<table>{_head(('result', 'check'))}<tbody>{rows}</tbody></table>" if rows else ""


def _sizes(plan: Plan) -> str:
    rows = "".join(
        f"<tr><td>{_text(name)}</td><td>{_text(table_size(size))}</td></tr>"
        for name, size in plan.sizes.items()
    )
    if not rows:
        return ""
    source = f'<p class="quiet">{_text(plan.sizes_from)}</p>'
    return f"{source}<table>{_head(('table', 'size'))}<tbody>{rows}</tbody></table>"


def _head(names: Iterable[str]) -> str:
    return f"<thead><tr>{''.join(_cells(names))}</tr></thead>"


def _cells(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield f"<th>{name}</th>"


def _text(text: str) -> str:
    return "\n".join(escape(clean(line)) for line in text.split("\n"))
