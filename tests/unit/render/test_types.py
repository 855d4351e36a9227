"""Types are rendered as they were constructed, also if several of them are similar."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from limbeck.operations import CreateTableOp, UpgradeOps
from limbeck.render import render_python_code


class Words(sa.types.UserDefinedType[str]):
    """A type of a project's own, whose looks depend on more than plain attributes."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def __repr__(self) -> str:
        return f"Words{self._words!r}"


def _rendered(*types: TypeEngine[object]) -> str:
    columns = [sa.Column(f"c{place}", type_) for place, type_ in enumerate(types)]
    op = CreateTableOp.from_table(sa.Table("t", sa.MetaData(), *columns))
    return render_python_code(UpgradeOps([op]))


@pytest.mark.parametrize(
    ("types", "texts"),
    [
        ((sa.String(1), sa.String(2), sa.String(1)), ("String(length=1)", "String(length=2)")),
        ((sa.Numeric(1), sa.Numeric(True)), ("Numeric(precision=1)", "Numeric(precision=True)")),
        ((sa.Integer(), sa.BigInteger()), ("Integer()", "BigInteger()")),
        ((sa.Enum("a", name="x"), sa.Enum("b", name="x")), ("Enum('a'", "Enum('b'")),
        ((sa.ARRAY(sa.Integer), sa.ARRAY(sa.Text)), ("sa.Integer()", "sa.Text()")),
        ((Words("a"), Words("b")), ("Words('a',)", "Words('b',)")),
        (
            (sa.String(3), sa.String(3).with_variant(sa.Text(), "mysql")),
            (".with_variant(sa.Text(), 'mysql')", "sa.String(length=3), nullable"),
        ),
    ],
)
def test_different_types_are_rendered_differently(
    types: tuple[TypeEngine[object], ...], texts: tuple[str, ...]
) -> None:
    text = _rendered(*types)
    for one in texts:
        assert one in text
    # the second time they print as they did the first
    assert _rendered(*types, *types).count(texts[0]) == 2 * text.count(texts[0])


def test_create_type_false_is_rendered() -> None:
    text = _rendered(postgresql.ENUM("a", name="x", create_type=False))
    assert "postgresql.ENUM('a', name='x', create_type=False)" in text
    assert "create_type" not in _rendered(sa.Enum("a", name="x"))
