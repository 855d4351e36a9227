"""What the rules of lint about the text of a statement have to know of each database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

from limbeck import sql as sql_text
from limbeck.sql import QuotingRules


@dataclass(frozen=True, slots=True)
class TextRules:
    """The rules about the text of statements that apply to a database.

    Args:
        quoting: the quoting rules.
        codes: the codes of the rules that apply.
        longest_name: the length of the longest name that the server accepts; None for no limit.
        counts_bytes: that length is in bytes, and the server cuts longer names off.
        first_with_references: the first version that creates the foreign key of a REFERENCES clause
            of a column; None if all do.
        assumed_version: the version to assume if no server was asked.
        names_follow_kind: the name of a constraint may follow its kind, as in `UNIQUE name (x)`.
    """

    quoting: QuotingRules = sql_text.STANDARD
    codes: frozenset[str] = frozenset()
    longest_name: int | None = None
    counts_bytes: bool = False
    first_with_references: tuple[int, ...] | None = None
    assumed_version: tuple[int, ...] = ()
    names_follow_kind: bool = False


_EVERYWHERE = frozenset({"LM119", "LM310", "LM806", "LM807"})
# https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
_POSTGRESQL = TextRules(
    sql_text.POSTGRESQL,
    _EVERYWHERE
    | {"LM117", "LM121", "LM311", "LM408", "LM506", "LM701", "LM702", "LM703", "LM704"}
    | {"LM801", "LM802", "LM803", "LM804", "LM805", "LM808", "LM809"},
    longest_name=63,
    counts_bytes=True,
)
# https://dev.mysql.com/doc/refman/9.4/en/create-table-foreign-keys.html
_MYSQL = TextRules(
    sql_text.MYSQL,
    _EVERYWHERE | {"LM408", "LM409", "LM702", "LM704", "LM801"},
    longest_name=64,
    first_with_references=(9, 0),
    assumed_version=(8, 0),
    names_follow_kind=True,
)
# https://mariadb.com/kb/en/foreign-keys/
_MARIADB = replace(_MYSQL, first_with_references=(10, 5), assumed_version=(10, 6))
_SQLITE = TextRules(sql_text.SQLITE, _EVERYWHERE)
_BY_NAME = MappingProxyType(
    {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MARIADB, "sqlite": _SQLITE}
)
_OTHER = TextRules()


def text_rules(name: str) -> TextRules:
    """Return the rules about the text of statements of a database.

    Args:
        name: the name of the record.
    """
    return _BY_NAME.get(name, _OTHER)
