"""What is known of a statement from its text alone, for lint without a server.

The text does not show the state of the table. A change that is fast on some tables is described
as on a table with rows, and effects that depend on the rows are described as possible.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from limbeck.sql import ANY, strip_leading_comments

_NAME = r"[`\"\[]?([\w$]+)[`\"\]]?(?:\.[`\"\[]?([\w$]+)[`\"\]]?)?"
_VOLATILE = r"clock_timestamp|random|gen_random_uuid|uuid_generate_v\d|nextval|timeofday"
_ALTER = rf"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?{_NAME}\s+.*"
_DROP_TABLE = rf"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_NAME}"
_ON = rf".*?\sON\s+(?:ONLY\s+)?{_NAME}"


@dataclass(frozen=True, slots=True)
class KnownEffects:
    """The known effects of a statement.

    Args:
        dangers: names of dangers; empty for a statement that only takes a brief lock.
        lock: the strongest lock.
        table: the table of the statement.
        reason: the reason, as text.
    """

    dangers: tuple[str, ...]
    lock: str | None
    table: str | None
    reason: str


_AE, _SRE, _S, _SUE = "ACCESS EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE", "SHARE UPDATE EXCLUSIVE"
# pattern, dangers, lock, reason; the first match is used
_Row = tuple[str, str, "str | None", str]
# https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
_POSTGRESQL: tuple[_Row, ...] = (
    (rf"CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY{_ON}", "", _SUE, "built without blocking"),
    (rf"CREATE\s+UNIQUE\s+INDEX\b{_ON}", "writes-long fails-on-rows", _S, "duplicate values fail"),
    (rf"CREATE\s+INDEX\b{_ON}", "writes-long", _S, "writes wait for the build"),
    (r"DROP\s+INDEX\s+CONCURRENTLY\b", "", None, "dropped without blocking"),
    (r"DROP\s+INDEX\b", "", _AE, "a brief lock of the table"),
    (r"REINDEX\b(?!.*CONCURRENTLY)", "reads-long", _S, "queries wait for the index"),
    (rf"CLUSTER\s+(?:VERBOSE\s+)?{_NAME}", "rewrite reads-long", _AE, "writes the table again"),
    (r"VACUUM\b.*\bFULL\b", "rewrite reads-long", _AE, "writes the table again"),
    (rf"{_DROP_TABLE}\b.*\bCASCADE", "loses breaks drops-objects", _AE, "drops dependents as well"),
    (_DROP_TABLE, "loses breaks", _AE, "rows are lost"),
    (rf"TRUNCATE\s+(?:TABLE\s+)?{_NAME}", "loses", _AE, "rows are lost"),
    (rf"{_ALTER}\bRENAME\s+(?:COLUMN\b|TO\b|(?!CONSTRAINT)\w+\s+TO\b)", "breaks", _AE,
     "running code uses the old name"),
    (rf"{_ALTER}\bDROP\s+CONSTRAINT\b", "", _AE, "a brief lock, of a referenced table as well"),
    (rf"{_ALTER}\bDROP\s+(?:NOT\s+NULL|DEFAULT|EXPRESSION|IDENTITY)", "", _AE, "a brief lock"),
    (rf"{_ALTER}\bDROP\s+(?:COLUMN\b|\w)", "loses breaks", _AE, "values are lost"),
    (rf"{_ALTER}\bSET\s+NOT\s+NULL", "fails-on-rows breaks reads-long", _AE,
     "all rows are read unless a validated check exists"),
    (rf"{_ALTER}\bADD\b.*\bNOT\s+VALID", "", _SRE, "existing rows are not read"),
    (rf"{_ALTER}\bADD\b.*\bUSING\s+INDEX\b", "", _AE, "the index already exists"),
    (rf"{_ALTER}\bADD\b.*\bFOREIGN\s+KEY\b", "fails-on-rows writes-long", _SRE,
     "all rows are compared"),
    (rf"{_ALTER}\bADD\s+(?:CONSTRAINT\s+\S+\s+)?(?:UNIQUE|EXCLUDE)\b", "fails-on-rows reads-long",
     _AE, "an index is built"),
    (rf"{_ALTER}\bADD\s+(?:CONSTRAINT\s+\S+\s+)?PRIMARY\s+KEY", "fails-on-rows reads-long", _AE,
     "an index is built"),
    (rf"{_ALTER}\bADD\s+(?:CONSTRAINT\s+\S+\s+)?CHECK\b", "fails-on-rows reads-long", _AE,
     "all rows are checked"),
    (rf"{_ALTER}\bVALIDATE\s+CONSTRAINT\b", "fails-on-rows", _SUE, "all rows are read"),
    (rf"{_ALTER}\bADD\b.*\b(?:SMALL|BIG)?SERIAL\b|{_ALTER}\bADD\b.*\bGENERATED\b",
     "rewrite reads-long", _AE, "every row gets a value"),
    (rf"{_ALTER}\bADD\b.*\bDEFAULT\s+(?:{_VOLATILE})\b", "rewrite reads-long", _AE,
     "the default is volatile"),
    (rf"{_ALTER}\bADD\s+(?!CONSTRAINT)(?!.*DEFAULT).*NOT\s+NULL", "fails-on-rows breaks", _AE,
     "existing rows have no value"),
    (rf"{_ALTER}\bADD\b.*\bUNIQUE\b", "reads-long", _AE, "an index is built"),
    (rf"{_ALTER}\bTYPE\s+(?:text|varchar|character\s+varying|inet|numeric)\s*(?:,|;|$)", "", _AE,
     "most changes to this type write nothing"),
    (rf"{_ALTER}\b(?:SET\s+DATA\s+)?TYPE\b", "rewrite reads-long", _AE,
     "most changes of a type write the table again"),
    (rf"{_ALTER}\bSET\s+(?:UN)?LOGGED|{_ALTER}\bSET\s+TABLESPACE", "rewrite reads-long", _AE,
     "writes the table again"),
    (rf"{_ALTER}\bATTACH\s+PARTITION", "fails-on-rows reads-long", _SUE, "rows are checked"),
    (rf"{_ALTER}\bDETACH\s+PARTITION\b.*CONCURRENTLY", "breaks", _SUE, "rows leave the table"),
    (rf"{_ALTER}\bDETACH\s+PARTITION", "breaks", _AE, "rows leave the table"),
    (rf"{_ALTER}\b(?:ENABLE|FORCE)\s+ROW\s+LEVEL", "breaks", _AE, "roles see fewer rows"),
    (rf"{_ALTER}\bSET\s+SCHEMA\b", "breaks", _AE, "running code uses the old name"),
    (_ALTER, "", _AE, "a brief lock"),
    (r"ALTER\s+TYPE\b.*\bRENAME\s+VALUE\b", "breaks", None, "running code writes the old value"),
    (r"ALTER\s+DOMAIN\b.*\bNOT\s+VALID", "", None, "existing rows are not read"),
    (r"ALTER\s+DOMAIN\b.*\b(?:ADD|SET\s+NOT|VALIDATE)", "fails-on-rows writes-long", _S,
     "every table that uses it is read"),
    (r"REFRESH\s+MATERIALIZED\s+VIEW\s+CONCURRENTLY", "writes-long", "EXCLUSIVE", "reads continue"),
    (r"REFRESH\s+MATERIALIZED\s+VIEW", "reads-long", _AE, "readers wait"),
    (r"DROP\s+(?:MATERIALIZED\s+)?VIEW\b", "breaks", _AE, "running code may read it"),
    (r"DROP\s+(?:FUNCTION|PROCEDURE)\b", "breaks", None, "running code may call it"),
    (r"DROP\s+SEQUENCE\b", "loses breaks", None, "its current value is lost"),
    (r"(?:REVOKE)\b", "breaks", None, "privileges are revoked"),
    (rf"UPDATE\s+(?:ONLY\s+)?{_NAME}(?!.*\bWHERE\b)", "updates-long", "ROW EXCLUSIVE",
     "all rows stay locked"),
    (rf"DELETE\s+FROM\s+(?:ONLY\s+)?{_NAME}(?!.*\bWHERE\b)", "loses updates-long",
     "ROW EXCLUSIVE", "all rows are deleted"),
    (rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER\b{_ON}", "", _SRE, "a brief lock"),
)  # fmt: skip
# https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-instant-alter-algorithm/
_MYSQL: tuple[_Row, ...] = (
    (_DROP_TABLE, "loses breaks", "EXCLUSIVE", "rows are lost"),
    (rf"TRUNCATE\s+(?:TABLE\s+)?{_NAME}", "loses", "EXCLUSIVE", "rows are lost"),
    (rf"RENAME\s+TABLE\s+{_NAME}", "breaks", "EXCLUSIVE", "running code uses the old name"),
    (rf"{_ALTER}\bRENAME\s+(?:COLUMN|TO|AS)\b|{_ALTER}\bCHANGE\b", "breaks", "NONE",
     "running code uses the old name"),
    (rf"{_ALTER}\bFOREIGN\s+KEY\b.*REFERENCES", "fails-on-rows rewrite writes-long", "SHARED",
     "the table is copied"),
    (rf"{_ALTER}\bADD\b.*\bCHECK\b", "fails-on-rows rewrite writes-long", "SHARED",
     "the table is copied"),
    (rf"{_ALTER}\bDROP\s+(?:FOREIGN|INDEX|KEY|CONSTRAINT|CHECK)\b", "", "NONE", "at once"),
    (rf"{_ALTER}\bDROP\s+(?:COLUMN\s+)?\w", "loses breaks", "NONE", "values are lost"),
    (rf"{_ALTER}\bMODIFY\b", "rewrite writes-long", "SHARED", "most changes copy the table"),
    (rf"{_ALTER}\bCONVERT\s+TO\b", "rewrite writes-long", "SHARED", "the table is copied"),
    (rf"{_ALTER}\bSTORED\b|{_ALTER}\bPERSISTENT\b", "rewrite writes-long", "SHARED", "copied"),
    (rf"{_ALTER}\bADD\s+(?:CONSTRAINT\s+\S+\s+)?UNIQUE\b", "fails-on-rows", "NONE",
     "duplicate values fail"),
    (rf"CREATE\s+(?:FULLTEXT|SPATIAL)\s+INDEX\b{_ON}", "writes-long", "SHARED", "writes wait"),
    (rf"CREATE\s+UNIQUE\s+INDEX\b{_ON}", "fails-on-rows", "NONE", "duplicate values fail"),
    (rf"UPDATE\s+{_NAME}(?!.*\bWHERE\b)", "writes-long", "ROWS", "all rows stay locked"),
    (rf"DELETE\s+FROM\s+{_NAME}(?!.*\bWHERE\b)", "loses writes-long", "ROWS", "all are deleted"),
    (r"DROP\s+VIEW\b", "breaks", None, "running code may read it"),
)  # fmt: skip
# https://www.sqlite.org/lang_altertable.html
_SQLITE: tuple[_Row, ...] = (
    (_DROP_TABLE, "loses breaks", "EXCLUSIVE", "rows are lost"),
    (rf"{_ALTER}\bRENAME\b", "breaks", "EXCLUSIVE", "running code uses the old name"),
    (rf"{_ALTER}\bDROP\b", "loses breaks rewrite writes-long", "EXCLUSIVE", "values are lost"),
    (rf"{_ALTER}\bADD\s+(?!.*DEFAULT).*NOT\s+NULL", "fails-on-rows breaks", "EXCLUSIVE",
     "existing rows have no value"),
    (rf"CREATE\s+UNIQUE\s+INDEX\b{_ON}", "fails-on-rows writes-long", "EXCLUSIVE", "writes wait"),
    (rf"CREATE\s+INDEX\b{_ON}", "writes-long", "EXCLUSIVE", "writes wait for the build"),
    (rf"UPDATE\s+{_NAME}(?!.*\bWHERE\b)", "writes-long", "EXCLUSIVE", "all rows are written"),
    (rf"DELETE\s+FROM\s+{_NAME}(?!.*\bWHERE\b)", "loses", "EXCLUSIVE", "all rows are deleted"),
    (r"DROP\s+VIEW\b", "breaks", None, "running code may read it"),
)  # fmt: skip
_TABLES = MappingProxyType(
    {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL, "sqlite": _SQLITE}
)


@cache
def _compiled(dialect: str) -> Sequence[tuple[re.Pattern[str], tuple[str, ...], str | None, str]]:
    rows = _TABLES.get(dialect, ())
    return [
        (re.compile(rf"\s*(?:{pattern})", re.IGNORECASE | re.DOTALL), tuple(dangers.split()), lock,
         reason)
        for pattern, dangers, lock, reason in rows
    ]  # fmt: skip


def known_effects(statement: str, dialect: str) -> KnownEffects | None:
    """Return what is known of a statement, or None.

    Args:
        statement: the SQL.
        dialect: the name of the record.
    """
    text = strip_leading_comments(statement, ANY)
    for pattern, dangers, lock, reason in _compiled(dialect):
        if match := pattern.match(text):
            names = [name for name in match.groups() if name]
            return KnownEffects(dangers, lock, names[-1] if names else None, reason)
    return None
