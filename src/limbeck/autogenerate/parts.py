"""Constraints and indexes of a database as SQLAlchemy objects on a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Constraint,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.sql.elements import conv

from limbeck import catalog as values
from limbeck.catalog import Extras
from limbeck.render import escaped

if TYPE_CHECKING:
    from limbeck.dialects import DraftRules


class PartWriter:
    """Writes parts of a table for one dialect.

    Args:
        prefix: what stands before the dialect's own options.
        rules: how the dialect's parts are drafted.
    """

    def __init__(self, prefix: str, rules: DraftRules) -> None:
        self.prefix = prefix
        self._reparseable = rules.reparseable or str
        self._exclude = rules.exclude_constraint

    def write(self, part: values.Constraint | values.Index, table: Table) -> Any:
        """Return the object for a part, attached to the table."""
        made: Constraint
        match part:
            case values.PrimaryKey():
                made = PrimaryKeyConstraint(
                    *[table.c[name] for name in part.columns],
                    name=_kept(part.name),
                    **_timing(part.extras),
                )
                nullable = {name: table.c[name].nullable for name in part.columns}
                table.append_constraint(made)
                for name, before in nullable.items():
                    table.c[name].nullable = before
                return made
            case values.Unique():
                made = UniqueConstraint(
                    *[table.c[name] for name in part.columns],
                    name=_kept(part.name),
                    **_timing(part.extras),
                    **self._options(part.extras, "nulls_not_distinct", "include", "on_conflict"),
                )
            case values.Check():
                made = CheckConstraint(
                    escaped(self._reparseable(part.expr.text)),
                    name=_kept(part.name),
                    **self._options(part.extras, "not_valid"),
                )
                home: Any = dict(part.extras).get("beside")
                if home:
                    made._set_parent_with_dispatch(table.c[home[0]])
                    return made
            case values.ForeignKey():
                made = self._foreign_key(part, table)
            case values.Index():
                return self._index(part, table)
            case values.Exclude() if self._exclude is not None:
                made = self._exclude(part)
            case _:
                raise NotImplementedError(f"a {part.kind} cannot be written yet")
        table.append_constraint(made)
        return made

    def _foreign_key(self, part: values.ForeignKey, table: Table) -> ForeignKeyConstraint:
        target = ".".join(word for word in part.target.path if word)
        referred: list[Any] = [f"{target}.{column}" for column in part.target_columns]
        there = table.metadata.tables.get(target)
        if there is not None and any("." in word for word in part.target.path if word):
            # in a text dots would part it
            referred = [there.c[column] for column in part.target_columns]
        return ForeignKeyConstraint(
            list(part.columns),
            referred,
            name=_kept(part.name),
            onupdate=part.on_update,
            ondelete=part.on_delete,
            match=part.match,
            link_to_name=True,
            **_timing(part.extras),
            **self._options(part.extras, "not_valid"),
        )

    def _index(self, part: values.Index, table: Table) -> Index:
        members = [_member(element, table) for element in part.elements]
        keywords: dict[str, Any] = {}
        if part.where is not None:
            keywords["where"] = text(escaped(self._reparseable(part.where.text)))
        if part.method is not None:
            word = "prefix" if part.method in {"fulltext", "spatial"} else "using"
            keywords[word] = part.method.upper() if word == "prefix" else part.method
        if part.include:
            keywords["include"] = list(part.include)
        ops = {e.column: e.opclass for e in part.elements if e.column and e.opclass}
        lengths = {e.column: e.length for e in part.elements if e.column and e.length}
        keywords.update({"ops": ops} if ops else {}, **({"length": lengths} if lengths else {}))
        extras = dict(part.extras)
        parameters = {k[5:]: v for k, v in extras.items() if k.startswith("with.")}
        keywords.update({"with": parameters} if parameters else {})
        for word in ("tablespace", "nulls_not_distinct"):
            if extras.get(word) is not None:
                keywords[word] = extras[word]
        if extras.get("parser") is not None:
            keywords["with_parser"] = extras["parser"]
        prefixed = {f"{self.prefix}_{word}": value for word, value in keywords.items()}
        return Index(_kept(part.name), *members, unique=part.unique, _table=table, **prefixed)

    def _options(self, extras: Extras, *words: str) -> dict[str, Any]:
        known = dict(extras)
        return {
            f"{self.prefix}_{word}": list(value) if isinstance(value, tuple) else value
            for word in words
            if (value := known.get(word)) is not None
        }


def _member(element: values.IndexElement, table: Table) -> Any:
    made: Any
    if element.column is not None:
        made = table.c[element.column]
    else:
        made = text(escaped(element.expr.text if element.expr else ""))
        tail = " DESC" if element.descending else ""
        tail += f" NULLS {element.nulls.upper()}" if element.nulls else ""
        return text(made.text + tail) if tail else made
    if element.collation:
        made = made.collate(element.collation)
    if element.descending:
        made = made.desc()
    if element.nulls:
        made = made.nulls_first() if element.nulls == "first" else made.nulls_last()
    return made


def _kept(name: str | None) -> str | None:
    """Mark a name as one that stands in the database, so that no convention changes it."""
    return None if name is None else conv(name)


def _timing(extras: Extras) -> dict[str, Any]:
    known = dict(extras)
    found: dict[str, Any] = {}
    if known.get("deferrable"):
        found["deferrable"] = True
    if known.get("initially"):
        found["initially"] = str(known["initially"]).upper()
    return found
