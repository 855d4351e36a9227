"""The code that is rendered for operations; running it gives equal operations."""

# ruff: noqa: ISC004 -- an expected text is one string over two lines

from __future__ import annotations

import datetime as dt
import warnings
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url

from limbeck import operations as ops
from limbeck.errors import DraftError
from limbeck.render import RenderContext, render_op_text, render_python_code


def _context(dialect: str = "postgresql", **opts: Any) -> RenderContext:
    given = {"sqlalchemy_module_prefix": "sa.", "alembic_module_prefix": "op.", **opts}
    found = make_url(f"{dialect}://").get_dialect()()
    surroundings = SimpleNamespace(opts=given, dialect=found, bind=None, impl=None)
    return RenderContext(surroundings, autogenerate=False)


class Money(sa.TypeDecorator[Any]):
    impl = sa.Numeric
    cache_ok = True

    def __init__(self, currency: str = "EUR") -> None:
        super().__init__(12, 2)
        self.currency = currency


def _column(type_: Any, *args: Any, **kw: Any) -> ops.AddColumnOp:
    return ops.AddColumnOp("t", sa.Column("c", type_, *args, **kw))


TYPES = [
    (sa.String(5), "sa.String(length=5)"),
    (sa.Numeric(10, 2), "sa.Numeric(precision=10, scale=2)"),
    (sa.ARRAY(sa.Enum("a", name="e")), "sa.ARRAY(sa.Enum('a', name='e'))"),
    (postgresql.JSONB(), "postgresql.JSONB(astext_type=sa.Text())"),
    (sa.Interval(native=False), "sa.Interval(native=False)"),
    (sa.String().with_variant(sa.Text(), "mysql"), "sa.String().with_variant(sa.Text(), 'mysql')"),
    (Money("USD"), f"{__name__}.Money(currency='USD')"),
    (
        postgresql.DOMAIN("d", sa.Integer(), check="VALUE > 3"),
        "postgresql.DOMAIN('d', sa.Integer(), check='VALUE > 3')",
    ),
]


@pytest.mark.parametrize(("type_", "expected"), TYPES, ids=lambda value: str(value)[:30])
def test_a_type_is_rendered(type_: Any, expected: str) -> None:
    text = render_op_text(_context(), _column(type_))
    assert text == f"op.add_column('t', sa.Column('c', {expected}, nullable=True))"


def test_types_bring_their_imports() -> None:
    ctx = _context()
    render_op_text(ctx, _column(postgresql.JSONB()))
    render_op_text(ctx, _column(Money()))
    assert ctx.imports == {"from sqlalchemy.dialects import postgresql", f"import {__name__}"}


def test_a_users_prefix_needs_no_import() -> None:
    ctx = _context(user_module_prefix="app.")
    assert "app.Money()" in render_op_text(ctx, _column(Money()))
    assert ctx.imports == set()


OPERATIONS: list[tuple[Any, str]] = [
    (
        ops.RenameConstraintOp("a'b", "c", "t", schema="s"),
        "op.rename_constraint(\"a'b\", 'c', 't', schema='s')",
    ),
    (
        _column(sa.Integer(), server_default="it's", nullable=False),
        "op.add_column('t', sa.Column('c', sa.Integer(), server_default=\"it's\", nullable=False))",
    ),
    (
        _column(sa.Integer(), server_default=sa.text("'a \\:b'")),
        "op.add_column('t', sa.Column('c', sa.Integer(), "
        "server_default=sa.text(\"'a \\\\:b'\"), nullable=True))",
    ),
    (
        ops.CreateIndexOp("i", "t", [sa.text("lower(c)")], postgresql_where=sa.column("c") > 5),
        "op.create_index('i', 't', [sa.literal_column('lower(c)')], unique=False, "
        "postgresql_where=sa.text('c > 5'))",
    ),
    (
        ops.CreateIndexOp("i", "t", ["c"], postgresql_where=sa.column("c") == "a%b"),
        "op.create_index('i', 't', ['c'], unique=False, postgresql_where=sa.text(\"c = 'a%b'\"))",
    ),
    (ops.CreatePrimaryKeyOp("p", "t", ["a"]), "op.create_primary_key('p', 't', ['a'])"),
    (ops.RenameTableOp("a", "b", schema="s"), "op.rename_table('a', 'b', schema='s')"),
    (
        ops.AlterColumnOp("t", "c", modify_type=sa.Integer(), postgresql_using="c::integer"),
        "op.alter_column('t', 'c',\n           type_=sa.Integer(),\n"
        "           postgresql_using='c::integer')",
    ),
    (ops.CreateEnumOp("e", ["a", "b"]), "op.create_enum('e', ['a', 'b'])"),
    (ops.ExecuteSQLOp("a\nb"), "op.execute('a\\nb')"),
    (ops.BackfillOp("t", "a = b + 1"), "op.backfill('t', {'a': 'b + 1'})"),
    (
        ops.BackfillOp(
            "t",
            {"a": sa.func.lower(sa.column("b")), "c": None, "d": 5},
            where=sa.column("b") == "it's:x",
            schema="s",
            batch=50,
            seconds=None,
            pause=0.5,
            max_lag=None,
        ),
        "op.backfill('t', {'a': 'lower(b)', 'c': None, 'd': 5}, where=\"b = 'it''s:x'\", "
        "schema='s', batch=50, seconds=None, pause=0.5, max_lag=None)",
    ),
    (
        ops.BackfillOp(
            sa.Table("t", sa.MetaData(), sa.Column("d", sa.Date), schema="s"),
            {"d": dt.date(2020, 1, 2)},
        ),
        "op.backfill('t', {'d': \"'2020-01-02'\"}, schema='s')",
    ),
]


@pytest.mark.parametrize(("op", "expected"), OPERATIONS, ids=lambda value: str(value)[:40])
def test_an_operation_is_rendered(op: Any, expected: str) -> None:
    assert render_op_text(_context(), op) == expected


class _Recorder:
    """Stands where `op` stands and keeps the operations."""

    def __init__(self) -> None:
        self.found: list[Any] = []

    def invoke(self, op: Any) -> None:
        self.found.append(op)

    def __getattr__(self, name: str) -> Any:
        for cls in vars(ops).values():
            is_operation = isinstance(cls, type) and issubclass(cls, ops.Operation)
            if is_operation and isinstance(vars(cls).get(name), classmethod):
                return lambda *args, **kw: getattr(cls, name)(self, *args, **kw)
        raise AttributeError(name)

    @staticmethod
    def f(name: str) -> Any:
        from sqlalchemy.sql.elements import conv

        return conv(name)


def _table() -> sa.Table:
    metadata = sa.MetaData(naming_convention={"uq": "uq_%(table_name)s_%(column_0_name)s"})
    return sa.Table(
        "t",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("x", sa.Integer, sa.CheckConstraint("x > 5"), unique=True, comment="it's"),
        sa.Column("d", sa.DateTime, server_default=sa.func.now()),
        sa.Column("y", sa.Integer, sa.Computed("x + 1")),
        sa.Column("o", sa.Integer, sa.ForeignKey("other.id", ondelete="CASCADE", name="fk")),
        comment="a table",
    )


def test_running_rendered_code_gives_an_equal_operation() -> None:
    first = [text for op, _ in OPERATIONS if (text := render_op_text(_context(), op))]
    first.append(render_op_text(_context(), ops.CreateTableOp.from_table(_table())))
    for text in first:
        recorder = _Recorder()
        exec(text, {"op": recorder, "sa": sa, "postgresql": postgresql})
        again = [render_op_text(_context(), op) for op in recorder.found]
        assert again == [text]


def test_a_backfill_is_rendered_after_the_new_column() -> None:
    body = ops.UpgradeOps([ops.ModifyTableOps("t", [_column(sa.Integer())])])
    body.ops.append(ops.BackfillOp("t", {"c": "id * 2"}, where="c IS NULL"))
    text = render_python_code(body)
    assert "op.backfill('t', {'c': 'id * 2'}, where='c IS NULL')" in text
    assert text.index("add_column") < text.index("backfill")
    with pytest.raises(DraftError, match="cannot be written as Python source"):
        render_op_text(_context(), ops.BackfillOp("t", {"c": object()}))


def test_a_check_written_on_a_column_is_not_lost() -> None:
    text = render_op_text(_context(), ops.CreateTableOp.from_table(_table()))
    assert "sa.CheckConstraint('x > 5')" in text
    assert "sa.UniqueConstraint('x', name=op.f('uq_t_x'))" in text


def test_a_batch_block() -> None:
    block = ops.ModifyTableOps("t", [ops.DropColumnOp("t", "a"), ops.DropIndexOp("i", "t")])
    assert render_python_code(ops.UpgradeOps([block]), render_as_batch=True) == (
        "# ### commands auto generated by Alembic - please adjust! ###\n"
        "    with op.batch_alter_table('t', schema=None) as batch_op:\n"
        "        batch_op.drop_column('a')\n"
        "        batch_op.drop_index('i')\n\n"
        "    # ### end Alembic commands ###"
    )


def test_an_empty_function_is_rendered_as_pass() -> None:
    assert "    pass\n" in render_python_code(ops.DowngradeOps([]))


def test_rows_that_are_no_literals_are_refused() -> None:
    table = sa.table("t", sa.column("x", sa.Integer()))
    with pytest.raises(DraftError, match="cannot be written"):
        render_op_text(_context(), ops.BulkInsertOp(table, [{"x": sa.func.now()}]))


def test_dropping_an_unnamed_constraint_warns() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        text = render_op_text(_context(), ops.DropConstraintOp(None, "t", type_="unique"))
    assert text.startswith("# ")
    assert "without the constraint's name" in str(caught[0].message)
