"""Which rows and values a revision loses, from digests before, between and after."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from limbeck.catalog import Catalog, Key, Table
from limbeck.scratch import RowDigests
from limbeck.verification.findings import Phase, VerifyFinding

_DELETES = re.compile(r"\b(?:DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|REPLACE\s+INTO)\b", re.IGNORECASE)
_UPDATES = re.compile(r"\b(?:UPDATE|MERGE|REPLACE|ON\s+CONFLICT|ON\s+DUPLICATE)\b", re.IGNORECASE)


@dataclass(frozen=True)
class State:
    """A database at one moment.

    Args:
        catalog: its schema.
        digests: its rows.
        properties: what the catalog does not hold, by description.
    """

    catalog: Catalog
    digests: RowDigests
    properties: Mapping[str, str] = field(default_factory=dict)


def row_findings(
    before: State, between: State, after: State, up: Sequence[str], down: Sequence[str]
) -> list[VerifyFinding]:
    """Return the rows and values that are lost.

    Args:
        before: before the upgrade.
        between: after the upgrade.
        after: after the downgrade.
        up: the statements of the upgrade.
        down: the statements of the downgrade.
    """
    found: list[VerifyFinding] = []
    for key, digest in before.digests.items():
        again = after.digests.get(key)
        if again is None or again == digest:
            continue
        middle = between.digests.get(key)
        name = key.full_name
        if middle is None:
            found.append(_cannot_restore(f"table {name}", "rows", "drops the table"))
            continue
        if again.count < digest.count:
            in_up = middle.count < digest.count
            statements, phase = (up, "upgrade") if in_up else (down, "downgrade")
            found.append(
                _fewer(key, digest.count, again.count, statements, phase)  # type: ignore[arg-type]
            )
            continue
        if again.count > digest.count:
            number = again.count - digest.count
            rows = "row is" if number == 1 else "rows are"
            words = f"{number} {rows} left in {name} after the downgrade"
            found.append(VerifyFinding("rows-left", "warning", "downgrade", words, f"table {name}"))
            continue
        table = before.catalog.get(key)
        if isinstance(table, Table):
            found += _changed_values(table, before, between, after, (*up, *down))
    return found


def lost_by_upgrade(before: State, between: State, up: Sequence[str]) -> list[VerifyFinding]:
    """Return the rows and values that are lost, where there is no downgrade.

    Args:
        before: before the upgrade.
        between: after the upgrade.
        up: the statements of the upgrade.
    """
    found: list[VerifyFinding] = []
    for key, digest in before.digests.items():
        middle = between.digests.get(key)
        if middle is None or middle == digest:
            continue
        if middle.count < digest.count:
            found.append(_fewer(key, digest.count, middle.count, up, "upgrade"))
            continue
        table = before.catalog.get(key)
        if isinstance(table, Table) and not _mentions(_UPDATES, up, key):
            found += [
                _value_lost(key, name, "upgrade")
                for name in _same_columns(table, between.catalog)
                if digest.columns.get(name) != middle.columns.get(name)
            ]
    return found


def _fewer(
    key: Key, count: int, now: int, statements: Sequence[str], phase: Phase
) -> VerifyFinding:
    name = key.full_name
    lost = f"{count - now} of {count} rows of {name}"
    if _mentions(_DELETES, statements, key) and now:
        return VerifyFinding(
            "rows-deleted",
            "warning",
            phase,
            f"{lost} are deleted and not restored",
            f"table {name}",
        )
    return VerifyFinding("rows-lost", "error", phase, f"{lost} are lost", f"table {name}")


def _changed_values(
    table: Table, before: State, between: State, after: State, statements: Sequence[str]
) -> Iterator[VerifyFinding]:
    key, name = table.key, table.key.full_name
    digest, middle, again = (one.digests[key] for one in (before, between, after))
    stable = set(_same_columns(table, between.catalog))
    for column in (column.name for column in table.columns):
        if digest.columns.get(column) == again.columns.get(column):
            continue
        if column not in again.columns:
            continue
        if column not in stable:
            yield _cannot_restore(
                f"column {name}.{column}", "values", "drops the column or changes its type"
            )
        elif _mentions(_UPDATES, statements, key):
            yield _cannot_restore(f"column {name}.{column}", "values", "updates the rows")
        else:
            is_up = digest.columns.get(column) != middle.columns.get(column)
            yield _value_lost(key, column, "upgrade" if is_up else "downgrade")


def _same_columns(table: Table, other: Catalog) -> Iterator[str]:
    """Yield the columns of a table that have the same name and type in another catalog."""
    twin = other.get(table.key)
    if not isinstance(twin, Table):
        return
    for column in table.columns:
        same = twin.column(column.name)
        if same is not None and same.type == column.type:
            yield column.name


def _mentions(pattern: re.Pattern[str], statements: Sequence[str], key: Key) -> bool:
    name = re.compile(rf"(?<!\w){re.escape(key.name)}(?!\w)", re.IGNORECASE)
    return any(pattern.search(one) and name.search(one) for one in statements)


def _value_lost(key: Key, column: str, phase: Phase) -> VerifyFinding:
    name = key.full_name
    return VerifyFinding(
        "rows-lost",
        "error",
        phase,
        f"values of {name}.{column} are not the same afterwards, and no statement updates them",
        f"column {name}.{column}",
    )


def _cannot_restore(what: str, lost: str, reason: str) -> VerifyFinding:
    return VerifyFinding(
        "cannot-restore",
        "note",
        "downgrade",
        f"the downgrade cannot restore the {lost} of {what}: the upgrade {reason}",
        what,
    )
