"""What the functions of a revision file will do to data, read from the text."""

from __future__ import annotations

import textwrap

import pytest

from limbeck.data_loss.script_analysis import risks_of

HEAD = """
import sqlalchemy as sa
from alembic import op
TABLE = "person"
OLD = ("note", "memo")
LENGTH = 3
COLUMNS = {"age": sa.Integer(), "name": sa.String()}
TWICE = "note"
TWICE = "memo"
CHANGED = "note"

def _drop(table, column="id", *, schema=None):
    op.drop_column(table, column, schema=schema)
    _drop(table)

def _change():
    global CHANGED
    CHANGED = input()
"""


def _read(body: str) -> list[tuple[object, ...]]:
    source = f"{HEAD}\ndef upgrade():\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n"
    found = risks_of(source, "a.py", "upgrade")
    return [
        (risk.kind, risk.name, *risk.columns, *([str(risk.type)] if risk.type else []))
        for risk in found
    ]


FOUND = {
    "constant": ("op.drop_table(TABLE)", [("drop_table", "person")]),
    "composed": (
        (
            "op.drop_table(f'{TABLE}_2')\nop.drop_table('%s_3' % TABLE)\nop.drop_table(TABLE + '_4')\n"
            "op.drop_table('{}_{}'.format(TABLE, 5))"
        ),
        [("drop_table", f"person_{number}") for number in range(2, 6)],
    ),
    "a loop": (
        "for name in OLD:\n    op.drop_table(name)",
        [("drop_table", "note"), ("drop_table", "memo")],
    ),
    "a loop over a dictionary": (
        "for name, type_ in COLUMNS.items():\n    op.drop_column(TABLE, name)",
        [("drop_column", "person", "age"), ("drop_column", "person", "name")],
    ),
    "a comprehension": (
        "[op.drop_table(name) for name in OLD]",
        [("drop_table", "note"), ("drop_table", "memo")],
    ),
    "a function of the file": (
        "_drop('note', schema='s')\n_drop(column='x', table=TABLE)",
        [("drop_column", "s.note"), ("drop_column", "person", "x")],
    ),
    "a batch block": (
        (
            "with op.batch_alter_table(TABLE) as batch:\n    for name in ['a', 'b']:\n"
            "        batch.drop_column(name)"
        ),
        [("drop_column", "person", "a"), ("drop_column", "person", "b")],
    ),
    "a local name": (
        "name = OLD[0] if False else 'x'\nname = 'note'\nop.drop_table(name)",
        [("drop_table", "note")],
    ),
    "a name of a block": (
        "with op.get_context().autocommit_block():\n    name = 'note'\nop.drop_table(name)",
        [("drop_table", "note")],
    ),
    "branches": (
        "if op.get_bind():\n    op.drop_table('a')\nelse:\n    name = 'b'\n    op.drop_table(name)",
        [("drop_table", "a"), ("drop_table", "b")],
    ),
    "handlers": (
        "try:\n    op.drop_table('a')\nexcept Exception:\n    op.drop_table('b')",
        [("drop_table", "a"), ("drop_table", "b")],
    ),
    "a length": (
        "op.alter_column(TABLE, 'name', type_=sa.String(LENGTH))",
        [("narrow", "person", "name", "VARCHAR(3)")],
    ),
    "sql": (
        (
            "op.execute(f'DROP TABLE {TABLE}')\nfor name in OLD:\n"
            "    op.execute(sa.text('TRUNCATE TABLE ' + name))"
        ),
        [("drop_table", "person"), ("empty_table", "note"), ("empty_table", "memo")],
    ),
}
NOT_FOUND = {
    "bound twice": "op.drop_table(TWICE)",
    "bound elsewhere": "op.drop_table(CHANGED)",
    "an argument": "def inner(TABLE):\n    op.drop_table(TABLE)",
    "a loop over anything": "for TABLE in op.get_bind():\n    op.drop_table(TABLE)",
    "after a branch": "name = 'a'\nif op:\n    name = 'b'\nop.drop_table(name)",
    "at a second turn": "name = 'a'\nfor one in OLD:\n    op.drop_table(name)\n    name = one",
    "after a loop": "for name in OLD:\n    pass\nop.drop_table(name)",
    "put together of it": "op.drop_table(f'{unknown}_x')\nop.drop_table(TABLE + unknown)",
    "a captured name": "match op:\n    case TABLE:\n        op.drop_table(TABLE)",
    "after a capture": "match op:\n    case TABLE:\n        pass\nop.drop_table(TABLE)",
    "a schema": "op.drop_table('note', schema=op.get_bind())",
    "with a width": "op.drop_table('%99999999d' % LENGTH)\nop.drop_table(f'{LENGTH:99999999}')",
    "with an attribute": "op.drop_table('{0.__class__}'.format(TABLE))",
    "an unpacked name": "a, *b = OLD\nop.drop_table(a)",
}


@pytest.mark.parametrize("case", FOUND)
def test_statements_in_the_text_are_found(case: str) -> None:
    body, expected = FOUND[case]
    found = _read(body)
    # the function that calls itself is read once
    assert [one[: len(two)] for one, two in zip(found, expected, strict=True)] == expected


@pytest.mark.parametrize("case", NOT_FOUND)
def test_statements_that_are_not_in_the_text_are_not_reported(case: str) -> None:
    assert _read(NOT_FOUND[case]) == []


def test_analysis_of_nested_loops_ends() -> None:
    body = "".join(f"{' ' * 4 * depth}for a{depth} in N:\n" for depth in range(8))
    source = (
        f"N = {list(range(40))!r}\ndef upgrade():\n{textwrap.indent(body, '    ')}"
        f"{' ' * 36}op.drop_table('note')\n"
    )
    assert {risk.table for risk in risks_of(source, "a.py", "upgrade")} <= {"note"}


def test_no_function_of_the_file_sees_the_names_of_its_caller() -> None:
    source = "def _it():\n    op.drop_table(name)\ndef upgrade():\n    name = 'note'\n    _it()\n"
    assert risks_of(source, "a.py", "upgrade") == ()
