"""Values for columns whose checks the usual values of their types do not satisfy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.sample_columns import ROWS, SampleColumn, SampleTable, quoted

# For each list of queries the place of the first one that returns true, else of the first one.
_FIRST_TRUE = """
DO $limbeck$
DECLARE
  forms pg_catalog.jsonb;
  places pg_catalog.jsonb := '[]';
  place integer;
  fits boolean;
BEGIN
  FOR forms IN SELECT value FROM pg_catalog.jsonb_array_elements({queries}) LOOP
    place := 0;
    FOR number IN 0..pg_catalog.jsonb_array_length(forms) OPERATOR(pg_catalog.-) 1 LOOP
      BEGIN
        EXECUTE forms OPERATOR(pg_catalog.->>) number INTO fits;
      EXCEPTION WHEN others THEN fits := false;
      END;
      IF fits THEN place := number; EXIT; END IF;
    END LOOP;
    places := places OPERATOR(pg_catalog.||) pg_catalog.to_jsonb(place);
  END LOOP;
  PERFORM pg_catalog.set_config('limbeck.fitting', places::pg_catalog.text, true);
END $limbeck$
"""
# other values for columns whose checks the usual ones do not satisfy
_TEXTS = tuple(
    map(
        qualified,
        (
            "'n' || {n} || '@example.org'",
            "lpad({n}::text, 12, '0')",
            "'A' || lpad({n}::text, 9, '0')",
            "'n' || {n}",
            "'https://example.org/' || {n}",
            "'+49' || lpad({n}::text, 9, '0')",
            "translate({n}::text, '0123456789', 'abcdefghij')",
            "translate({n}::text, '0123456789', 'ABCDEFGHIJ')",
        ),
    )
)
# the lengths that a type or a check may ask for
_LENGTH = re.compile(r"\((\d+)\)|\{(\d+)\}|= (\d+)\b")
_LONGEST = 12
_LETTERS = 26
# primes: numbers of rows that differ have different remainders
_PRIMES = (7, 97, 997, 9973, 99991)
_NUMBERS = tuple(
    map(
        qualified,
        (
            "1 + ({n} % 9)",
            "2 * {n}",
            "{n} % 2",
            "1000 + {n}",
            "100000 + {n}",
            "0 - {n}",
            "({n} % 9) / 10.0",
        ),
    )
)


def with_fitting_values(cursor: Any, tables: list[SampleTable]) -> list[SampleTable]:
    """Ask the server which values satisfy the checks of each column, and of several together.

    Args:
        cursor: a cursor of the driver.
        tables: the tables.
    """
    checked = [(table, column) for table in tables for column in table.columns if column.conditions]
    forms = [_forms(column) for _, column in checked]
    queries = [
        [_fits(column, form) for form in found]
        for (_, column), found in zip(checked, forms, strict=True)
    ]
    chosen: dict[tuple[str, str], str] = {}
    for (table, column), found, place in zip(
        checked, forms, _first_true(cursor, queries), strict=True
    ):
        if place:
            chosen[table.name, column.name] = found[place]
    tables = [_changed(table, chosen) for table in tables]
    return _with_shared_values(cursor, tables)


def _with_shared_values(cursor: Any, tables: list[SampleTable]) -> list[SampleTable]:
    """Ask the server for values that satisfy the checks of several columns, one after the other."""
    checked = [(table, one) for table in tables for one in _shared_conditions(table)]
    variants = [list(_variants(table, condition)) for table, condition in checked]
    queries = [
        [_fit_together(_changed(table, variant), condition) for variant in found]
        for (table, condition), found in zip(checked, variants, strict=True)
    ]
    places = _first_true(cursor, queries)
    chosen: dict[tuple[str, str], str] = {}
    for found, place in zip(variants, places, strict=True):
        chosen |= found[place]
    return [_changed(table, chosen) for table in tables]


def _shared_conditions(table: SampleTable) -> list[str]:
    return list(dict.fromkeys(one for column in table.columns for one in column.shared_conditions))


def _changed(table: SampleTable, chosen: dict[tuple[str, str], str]) -> SampleTable:
    columns = tuple(
        replace(one, fitting=chosen.get((table.name, one.name), one.fitting))
        for one in table.columns
    )
    return replace(table, columns=columns)


def _first_true(cursor: Any, queries: Sequence[Sequence[str]]) -> list[int]:
    """Return for each list of queries the place of the first one that returns true, else 0."""
    if not queries:
        return []
    text = json.dumps(queries).replace("'", "''")
    cursor.execute(_FIRST_TRUE.format(queries=f"'{text}'"))
    cursor.execute("SELECT pg_catalog.current_setting('limbeck.fitting')")
    found: list[int] = json.loads(cursor.fetchone()[0])
    return found


def _variants(table: SampleTable, condition: str) -> Iterator[dict[tuple[str, str], str]]:
    """Yield values for the columns of a check: equal, increasing, decreasing, NULL."""
    columns = [one for one in table.columns if condition in one.shared_conditions]
    yield {}
    for order in (columns, columns[::-1]):
        yield {
            (table.name, column.name): column.value(f"({{n}} OPERATOR(pg_catalog.+) {place})")
            for place, column in enumerate(order)
        }
    yield {(table.name, column.name): "NULL" for column in columns if not column.is_not_null}


def _fit_together(table: SampleTable, condition: str) -> str:
    """Return a query whether the values of a table satisfy a check of several columns."""
    values = ", ".join(f"{column.value('i')} AS {quoted(column.name)}" for column in table.columns)
    return (
        f"SELECT pg_catalog.bool_and(({condition}) IS NOT FALSE)"
        f" FROM (SELECT {values} FROM pg_catalog.generate_series(1, {ROWS}) i) x"
    )


def _forms(column: SampleColumn) -> list[str]:
    """Return expressions for the values of a column with checks, the usual one first."""
    forms = [column.value("{n}")]
    if not column.type.endswith("[]"):
        if column.is_text:
            forms += _TEXTS
            forms += [form for length in _lengths(column) for form in _texts_of(length)]
        elif re.match(r"smallint|integer|bigint|numeric|real|double", column.type):
            forms += _NUMBERS
            forms += re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", " ".join(column.conditions))
    return forms if column.is_not_null else [*forms, "NULL"]


def _lengths(column: SampleColumn) -> list[int]:
    """Return the lengths that the type and the checks of a column name."""
    found = _LENGTH.findall(" ".join((column.type, *column.conditions)))
    numbers = [int("".join(one)) for one in found]
    return list(dict.fromkeys(one for one in numbers if 0 < one <= _LONGEST))


def _texts_of(length: int) -> Iterator[str]:
    """Yield expressions for texts of one length: letters, digits, a letter and digits."""
    letters = " || ".join(
        f"chr(65 + (({{n}} / {_LETTERS**place}) % {_LETTERS})::integer)"
        for place in reversed(range(length))
    )
    yield qualified(letters)
    yield qualified(f"lower({letters})")
    for head, digits in (("", length), ("'A' || ", length - 1)):
        if digits:
            number = f"({{n}} % {_PRIMES[min(digits, len(_PRIMES)) - 1]})"
            yield qualified(f"{head}lpad({number}::text, {digits}, '0')")


def _fits(column: SampleColumn, form: str) -> str:
    """Return a query whether the values of an expression satisfy the checks of a column."""
    holds = " AND ".join(f"({one}) IS NOT FALSE" for one in column.conditions)
    value = f"({form.replace('{n}', 'i')})::{column.type}"
    distinct = (
        """pg_catalog.count(DISTINCT v::pg_catalog.text)
        OPERATOR(pg_catalog.=) pg_catalog.count(*)"""
        if column.is_unique
        else "true"
    )
    return (
        f"SELECT pg_catalog.bool_and({holds}) AND {distinct} FROM (SELECT v, v AS value, v AS "
        f"{quoted(column.name)} FROM (SELECT {value} AS v FROM"
        f" (SELECT pg_catalog.generate_series(1, {ROWS}) UNION SELECT {ROWS + 100000}) n (i)) x) y"
    )
