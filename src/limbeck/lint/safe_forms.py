"""Safe forms: the same change in other statements, measured before it is named or written."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects import SafeStep, with_placeholders, words_of
from limbeck.lint.recorded_run import RecordedRun, record
from limbeck.lint.revision_runs import OpenDatabase
from limbeck.lint.verdicts import Runs, Verdict, judge
from limbeck.operations import current_operations

if TYPE_CHECKING:
    from limbeck.dialects import Dialect, Measurement
    from limbeck.lint.findings import Finding

_WAITS = frozenset({"rewrite", "reads-long", "writes-long", "updates-long"})
# what cannot run at all, or not on rows that the schema allows
_FAILS = frozenset({"fails-always", "fails-in-tx", "fails-on-rows"})
_NEVER = frozenset({"loses", "breaks", "drops-objects"})
# the name of the code that is tried
_CODE = "<safe form>"
_LONGEST_LINE = 100


def code_of(steps: Sequence[SafeStep]) -> str:
    """Return the code of a safe form, for a revision file."""
    lines: list[str] = []
    is_in_block = False
    for step in steps:
        if step.outside and not is_in_block:
            lines.append("with op.get_context().autocommit_block():")
        is_in_block = step.outside
        lines += step.code.splitlines() or _executed(step.sql, "    " * step.outside)
    return "\n".join(lines)


def _executed(sql: str, indent: str) -> list[str]:
    """Return the lines of a call that executes a statement; a long text has several."""
    text = _quoted(with_placeholders(sql))
    line = f"{indent}op.execute({text})"
    if len(line) <= _LONGEST_LINE - 4 or text[0] not in "\"'":
        return [line]
    parts, left = [], text[1:-1]
    while left:
        at = left.rfind(" ", 0, _LONGEST_LINE - 20) + 1 if len(left) > _LONGEST_LINE - 20 else 0
        part, left = (left[:at], left[at:]) if at else (left, "")
        parts.append(f"{indent}    {text[0]}{part}{text[0]}")
    return [f"{indent}op.execute(", *parts, f"{indent})"]


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\")
    return f'"{text}"' if '"' not in text else f"'{text}'" if "'" not in text else repr(text)


def safe_form(
    verdicts: Sequence[Verdict], index: int, dialect: Dialect, open_database: OpenDatabase
) -> str | None:
    """Return code that does what a statement does, and measures better; None for none.

    Args:
        verdicts: those of the revision.
        index: which of them.
        dialect: the record of the database.
        open_database: returns a scratch database at the parent revision.
    """
    verdict, measurement = verdicts[index], dialect.measurement
    dangers = frozenset(verdict.dangers)
    if measurement is None or len(verdict.statement.changes) > 1 or not dangers & (_WAITS | _FAILS):
        return None
    steps = _steps(verdict, dangers, measurement, open_database)
    if not steps:
        return None
    code = code_of(steps)
    earlier = [one.statement.sql for one in verdicts[:index]]
    program = _program(earlier, code)
    # code names its tables as an UPDATE does
    words = words_of([*earlier, *(step.sql or f"UPDATE {step.code}" for step in steps)])

    def run(*, spoiled: bool) -> RecordedRun:
        with open_database() as engine:
            with engine.connect() as connection:
                measurement.fill(connection, spoiled=spoiled, words=words)
            return record(
                program,
                engine,
                dialect,
                path=_CODE,
                words=words,
                skips_failures=spoiled and measurement.rolls_back,
            )

    filled = run(spoiled=False)
    if filled.error is not None:
        return None
    spoiled = run(spoiled=True) if "fails-on-rows" in dangers else filled
    tried = list(judge(Runs(filled, filled, spoiled), measurement))[len(earlier) :]
    found = frozenset(danger for one in tried for danger in one.dangers)
    return code if _is_better(found, dangers) else None


def _is_better(found: frozenset[str], dangers: frozenset[str]) -> bool:
    """Return whether a form does what the statement cannot, or lets others wait less."""
    if found & {"fails-always", "fails-in-tx"}:
        return False
    # what a statement that never runs would do was not measured
    if (found - dangers) & _NEVER and not dangers & {"fails-always", "fails-in-tx"}:
        return False
    if dangers & _FAILS and not found & _FAILS:
        return True
    # that a unique index may meet duplicates stays true of it
    return found & _WAITS < dangers & _WAITS


def _steps(
    verdict: Verdict, dangers: frozenset[str], measurement: Measurement, open_database: OpenDatabase
) -> Sequence[SafeStep]:
    if "fails-in-tx" in dangers:
        return (SafeStep(verdict.statement.shown, outside=True),)
    if measurement.safe_steps is None:
        return ()
    with _reader(open_database) as read:
        return measurement.safe_steps(verdict.statement.shown, read)


@contextmanager
def _reader(open_database: OpenDatabase) -> Iterator[Callable[[str], Sequence[Any]]]:
    """Give a function that reads from a scratch database, which is made where it is called."""
    with ExitStack() as stack:
        opened: list[sa.Connection] = []

        def read(query: str) -> Sequence[Any]:
            if not opened:
                engine = stack.enter_context(open_database())
                opened.append(stack.enter_context(engine.connect()))
            return opened[0].exec_driver_sql(query.replace("%", "%%")).all()

        yield read


def _program(earlier: Sequence[str], code: str) -> Callable[[], None]:
    """Return a program of the earlier statements and the code, each on lines of its own."""
    lines = ["def upgrade(op, sa, earlier):"]
    lines += [
        f"    op.get_bind().exec_driver_sql(earlier[{place}])" for place in range(len(earlier))
    ]
    lines += [f"    {line}" for line in code.splitlines()]
    names: dict[str, Any] = {}
    exec(compile("\n".join(lines), _CODE, "exec"), names)  # noqa: S102 - the code that is offered
    return lambda: names["upgrade"](current_operations(), sa, earlier)


def apply_safe_forms(source: str, findings: Sequence[Finding]) -> tuple[str, int]:
    """Return the text of a revision file with the safe forms of findings, and their number.

    A call is replaced where it stands alone, outside of loops and functions other than `upgrade`,
    so that it runs once and for this statement only.

    Args:
        source: the text of the file.
        findings: the findings about it.
    """
    has_sa = "import sqlalchemy as sa" in source
    forms = {
        one.line: one.safe_form
        for one in findings
        if one.safe_form and one.line and (has_sa or "sa." not in one.safe_form)
    }
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
