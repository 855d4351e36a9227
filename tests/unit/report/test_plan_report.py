"""A plan as text, and as a self-contained page."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from limbeck.catalog import Catalog, Column, ForeignKey, Key, PrimaryKey, Table, Type
from limbeck.dialects import TableSize
from limbeck.planning import (
    Estimate,
    GraphRevision,
    Plan,
    PlannedMove,
    PlannedStatement,
    PlannedTransaction,
    RowCheck,
)
from limbeck.report import plan_lines, plans_html
from limbeck.report.plan_graph import placed_revisions
from limbeck.report.plan_text import byte_text, duration_text, table_size

EVIL = "<script>alert('x')</script>"


def _table(name: str, *columns: Column, references: str | None = None) -> Table:
    keys = (ForeignKey(("id",), Key("table", (None, references)), ("id",)),) if references else ()
    return Table(Key("table", (None, name)), columns, PrimaryKey(("id",)), foreign_keys=keys)


ID = Column("id", Type("integer"), nullable=False)
BEFORE = Catalog.of([_table("shop", ID, Column("name", Type("text"))), _table("gone", ID)])
AFTER = Catalog.of(
    [
        _table("shop", ID, Column("name", Type("text"), nullable=False), Column("x", Type("date"))),
        _table("till", ID, references="shop"),
    ]
)
STATEMENT = PlannedStatement(
    revision="b2",
    sql=f"ALTER TABLE shop ADD note text -- {EVIL}",
    line=7,
    source="measured",
    locks={"shop": "ACCESS EXCLUSIVE"},
    strongest_lock="ACCESS EXCLUSIVE",
    rewrites=("shop",),
    blocks={"shop": ("select", "insert")},
    dangers=("rewrite", "reads-long"),
    code="LM110",
    details=("rewritten: shop",),
    is_long=True,
    estimate=Estimate(90.0, 45.0, 180.0, "1 GB"),
)
PLAN = Plan(
    database="postgresql://me:***@host/shop",
    dialect="postgresql",
    start=("a1",),
    target="head",
    direction="upgrade",
    moves=(PlannedMove("b2", "upgrade", EVIL, None, ("a1",), ("b2",)),),
    transactions=(PlannedTransaction(1, "transaction", ("b2",), (STATEMENT,), STATEMENT.locks),),
    sizes={"shop": TableSize(1_500_000, 3 * 1024**3)},
    checks=(
        RowCheck(
            "b2", "not null", "shop", ("name",), "makes shop.name NOT NULL", "SELECT 1", "fails", 2,
            key_columns=("id",), keys=(("1",), ("9",)),
        ),
        RowCheck("b2", "check", "shop", (), "adds a check", "SELECT 2", "not run", reason="denied"),
    ),
    history=(
        GraphRevision("a1", (), "first", "applied"),
        GraphRevision("b2", ("a1",), EVIL, "planned"),
    ),
    before=BEFORE,
    after=AFTER,
    scratch="postgresql 15.4",
    notes=(f"a note {EVIL}",),
)  # fmt: skip


def test_text() -> None:
    lines = list(plan_lines(PLAN))
    assert "estimated time: ~2 min (45 s to 3 min)" in lines
    assert "transaction 1: b2" in lines
    assert (
        "      locks: ACCESS EXCLUSIVE on shop; work: rewrites shop; size: ~1500000 rows, 3 GB;"
        " time: ~2 min (45 s to 3 min) (measured)"
    ) in lines
    assert "  FAILS: b2 makes shop.name NOT NULL: 2 rows, id = 1, 9" in lines
    assert "  not run: b2 adds a check (denied)" in lines
    unknown = replace(STATEMENT, estimate=None)
    other = replace(PLAN, transactions=(replace(PLAN.transactions[0], statements=(unknown,)),))
    assert any("time: not known" in line for line in plan_lines(other))
    assert not any("estimated time" in line for line in plan_lines(other))


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 B"), (1023, "1023 B"), (2048, "2 kB"), (5 * 1024**6, "5120 PB")]
)
def test_bytes(number: int, words: str) -> None:
    assert byte_text(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.004, "4 ms"), (3.21, "3.2 s"), (42, "42 s"), (600, "10 min"), (9000, "2.5 h")]
)  # fmt: skip
def test_durations(seconds: float, words: str) -> None:
    assert duration_text(seconds) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (TableSize(), "not known"),
        (TableSize(1, None, is_exact=True), "1 row"),
        (TableSize(5, 10), "~5 rows, 10 B"),
        (TableSize(5, None, at_least=True), "over 5 rows"),
    ],
)
def test_sizes(size: TableSize, words: str) -> None:
    assert table_size(size) == words


class _Page(HTMLParser):
    """Collects elements, what they would load, and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.open: list[str] = []
        self.loads: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        names = {"src", "href", "action", "data", "poster", "srcset", "xlink:href", "style"}
        self.loads += [f"{name}={value}" for name, value in attrs if name in names]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        del attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_complete_and_loads_no_other_files() -> None:
    text = plans_html([PLAN])
    page = _Page(text)
    assert page.open == []
    assert page.loads == []
    assert "script" not in page.elements
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert page.elements.count("svg") == 3
    shown = "".join(page.texts)
    for title in ("Revisions", "Tables", "Statements", "Existing rows", "Sizes", "Notes"):
        assert title in page.texts
    assert EVIL in shown
    assert "others cannot select, insert" in shown
    assert "b2, line 7" in shown


def test_changed_columns_are_marked() -> None:
    text = plans_html([PLAN])
    before, after = text.split("<figcaption>After")
    before = before.split("<figcaption>Before")[1]
    assert 'class="table removed"' in before
    assert 'class="mark changed"' in before
    assert "name text NOT NULL" in after
    assert 'class="table added"' in after
    assert 'class="mark added"' in after
    assert 'class="reference"' in after
    same = plans_html([replace(PLAN, after=BEFORE)])
    assert "No table changes." in same


def test_revisions_side_by_side() -> None:
    history = [
        GraphRevision("a", (), "", "applied"),
        GraphRevision("b", ("a",), "", "applied"),
        GraphRevision("c", ("a",), "", "planned"),
        GraphRevision("m", ("b", "c"), "", "planned"),
        GraphRevision("x", ("m",), "", "pending"),
    ]
    lanes = {one.revision.id: one.lane for one in placed_revisions(history)}
    assert lanes == {"x": 0, "m": 0, "b": 0, "c": 1, "a": 0}
