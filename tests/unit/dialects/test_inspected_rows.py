"""Values of sample rows for columns with checks."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.dialects.inspected_rows import inspected_tables


@pytest.mark.parametrize(
    "check",
    [
        "length(c) = 3",
        "c GLOB '[A-Z][A-Z][A-Z]' AND length(c) = 3",
        "c GLOB '[a-z][a-z][a-z][a-z]' AND length(c) = 4",
        "c GLOB '[0-9][0-9][0-9][0-9][0-9]' AND length(c) = 5",
    ],
)
def test_a_key_with_a_check_gets_another_value_in_each_row(check: str) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLE t (c TEXT PRIMARY KEY CHECK ({check}))")
        (table,) = inspected_tables(connection)
        values = {table.columns[0].literal(number) for number in range(1, 201)}
        rows = [[value] for value in sorted(values)]
        connection.exec_driver_sql(table.insert(table.columns, rows))
    engine.dispose()
    assert len(values) == 200
