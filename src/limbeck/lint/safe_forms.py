"""Safe forms: the same change in other statements, measured before it is named or written."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from limbeck.dialects import safe_statements, words_of
from limbeck.lint.recorded_run import record
from limbeck.lint.revision_runs import OpenDatabase
from limbeck.lint.verdicts import Runs, Verdict, judge
from limbeck.operations import current_operations

if TYPE_CHECKING:
    from limbeck.dialects import Dialect, SafeStatement
    from limbeck.lint.findings import Finding

# what a safe form has to remove; that a unique index may meet duplicates stays true of it
_WAITS = frozenset({"rewrite", "reads-long", "writes-long", "updates-long"})
_FAILS = frozenset({"fails-always", "fails-in-tx"})


def code_of(steps: Sequence[SafeStatement]) -> str:
    """Return the code of a safe form, for a revision file."""
    lines = []
    is_in_block = False
    for step in steps:
        if step.outside and not is_in_block:
            lines.append("with op.get_context().autocommit_block():")
        is_in_block = step.outside
        lines.append(f"{'    ' * step.outside}op.execute({_quoted(step.sql)})")
    return "\n".join(lines)


def _quoted(sql: str) -> str:
    # op.execute takes a colon before a name for a parameter
    text = " ".join(sql.split()).replace("\\", "\\\\").replace(":", "\\\\:")
    return f'"{text}"' if '"' not in text else f"'{text}'" if "'" not in text else repr(text)


def safe_form(
    verdicts: Sequence[Verdict], index: int, dialect: Dialect, open_database: OpenDatabase
) -> str | None:
    """Return code that does what a statement does while others wait less, None for none.

    Args:
        verdicts: those of the revision.
        index: which of them.
        dialect: the record of the database.
        open_database: returns a scratch database at the parent revision.
    """
    verdict, measurement = verdicts[index], dialect.measurement
    waits = _WAITS.intersection(verdict.dangers)
    if not waits or measurement is None:
        return None
    steps = safe_statements(verdict.statement.sql, dialect.name)
    if not steps:
        return None
    earlier = [one.statement.sql for one in verdicts[:index]]
    with open_database() as engine:
        with engine.connect() as connection:
            measurement.fill(connection, words=words_of([*earlier, *(step.sql for step in steps)]))
        run = record(_program(earlier, steps), engine, dialect, path=__file__)
    if run.error is not None:
        return None
    found = {danger for one in judge(Runs(run, run, run), measurement) for danger in one.dangers}
    known = {danger for one in verdicts[:index] for danger in one.dangers}
    left = _WAITS.intersection(found) - known
    return None if found & _FAILS or not left < waits else code_of(steps)


def _program(earlier: Sequence[str], steps: Sequence[SafeStatement]) -> Callable[[], None]:
    def upgrade() -> None:
        op: Any = current_operations()
        for sql in earlier:
            op.get_bind().exec_driver_sql(sql)
        for step in steps:
            if step.outside:
                with op.get_context().autocommit_block():
                    op.get_bind().exec_driver_sql(step.sql)
            else:
                op.get_bind().exec_driver_sql(step.sql)

    return upgrade


def apply_safe_forms(source: str, findings: Sequence[Finding]) -> tuple[str, int]:
    """Return the text of a revision file with the safe forms of findings, and their number.

    A call is replaced where it stands alone, outside of loops and functions other than `upgrade`,
    so that it runs once and for this statement only.

    Args:
        source: the text of the file.
        findings: the findings about it.
    """
    forms = {one.line: one.safe_form for one in findings if one.safe_form and one.line}
    lines = source.splitlines()
    replaced = 0
    for node in sorted(_calls(source), key=lambda one: -one.lineno):
        end = node.end_lineno or node.lineno
        line = next((number for number in forms if node.lineno <= number <= end), None)
        if line is None or not _stands_alone(node, lines):
            continue
        indent = " " * node.col_offset
        code = forms.pop(line) or ""
        lines[node.lineno - 1 : end] = [f"{indent}{text}" for text in code.splitlines()]
        replaced += 1
    return "\n".join(lines) + ("\n" if source.endswith("\n") else ""), replaced


def _stands_alone(node: ast.Expr, lines: Sequence[str]) -> bool:
    """Return whether no other code is in the lines of a call."""
    first, last = lines[node.lineno - 1], lines[(node.end_lineno or node.lineno) - 1]
    is_continued = node.lineno > 1 and lines[node.lineno - 2].rstrip().endswith("\\")
    after = last.encode()[node.end_col_offset or 0 :].decode().strip()
    is_first = not first[: node.col_offset].strip()
    return is_first and not is_continued and (not after or after.startswith("#"))


def _calls(source: str) -> list[ast.Expr]:
    """Return the calls directly in `upgrade`."""
    tree = ast.parse(source)
    return [
        statement
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and function.name == "upgrade"
        for statement in function.body
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    ]
