"""Parse statements of MySQL and MariaDB: the table that they change, their clauses."""

from __future__ import annotations

import re

# The server refuses a clause that it does not support, without changing anything.
# https://mariadb.com/kb/en/innodb-online-ddl-overview/
# https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html
ATTEMPTS = (
    ("INSTANT", None),
    ("NOCOPY", "NONE"),
    ("NOCOPY", "SHARED"),
    ("INPLACE", "NONE"),
    ("INPLACE", "SHARED"),
    ("COPY", "NONE"),
    ("COPY", "SHARED"),
    ("COPY", "EXCLUSIVE"),
)
_NAME = r"(?:`([^`]+)`|([\w$]+))(?:\s*\.\s*(?:`([^`]+)`|([\w$]+)))?"
_NAME_GROUPS = 4
ALTER = re.compile(
    rf"\s*ALTER\s+(?:ONLINE\s+)?(?:IGNORE\s+)?TABLE\s+(?:IF\s+EXISTS\s+)?{_NAME}", re.IGNORECASE
)
# deletes the rows that violate a new unique key
ALTER_IGNORE = re.compile(r"\s*ALTER\s+(?:ONLINE\s+)?IGNORE\s+TABLE\b", re.IGNORECASE)
EXCHANGE = re.compile(
    rf"\s*ALTER\s+TABLE\b.*\bEXCHANGE\s+PARTITION\b.*?\bWITH\s+TABLE\s+{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
# https://mariadb.com/kb/en/set-statement/ https://mariadb.com/kb/en/execute-immediate/
_SET_STATEMENT = re.compile(r"\s*SET\s+STATEMENT\b.*?\bFOR\s+(.*)", re.IGNORECASE | re.DOTALL)
_IMMEDIATE = re.compile(r"\s*EXECUTE\s+IMMEDIATE\s+'((?:[^']|'')*)'\s*", re.IGNORECASE)
INDEX = re.compile(
    rf"\s*(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?|DROP\s+)INDEX\b"
    rf".*?\sON\s+{_NAME}",
    re.IGNORECASE | re.DOTALL,
)
DROP_INDEX = re.compile(r"\s*DROP\s+INDEX\s+(IF\s+EXISTS\s+)?(\S+)\s+ON\s+(\S+)\s*", re.IGNORECASE)
WHOLE_TABLES = re.compile(
    r"\s*(?:DROP\s+TABLES?|RENAME\s+TABLES?|CREATE\s+OR\s+REPLACE\s+TABLE)\b", re.IGNORECASE
)
REPLACES_TABLE = re.compile(r"\s*CREATE\s+OR\s+REPLACE\s+TABLE\b", re.IGNORECASE)
TRUNCATE = re.compile(rf"\s*TRUNCATE\s+(?:TABLE\s+)?{_NAME}", re.IGNORECASE)
OPTIMIZE = re.compile(
    rf"\s*OPTIMIZE\s+(?:LOCAL\s+|NO_WRITE_TO_BINLOG\s+)?TABLES?\s+{_NAME}", re.IGNORECASE
)
TRIGGER = re.compile(rf"\s*CREATE\s+.*?TRIGGER\b.*?\sON\s+{_NAME}", re.IGNORECASE | re.DOTALL)
CLAUSE = re.compile(r"\b(ALGORITHM|LOCK)\s*=?\s*(\w+)", re.IGNORECASE)
ALGORITHM = re.compile(r"\s*,?\s*\bALGORITHM\s*=?\s*\w+", re.IGNORECASE)
ALGORITHMS = ("INSTANT", "NOCOPY", "INPLACE", "COPY")
DROPS_ROWS = re.compile(
    r"\b(?:DROP|TRUNCATE)\s+PARTITION\b|\bDROP\s+SYSTEM\s+VERSIONING\b", re.IGNORECASE
)
# partitions that are dropped, truncated or only read: other partitions do not change
BRIEF_PARTITION = re.compile(r"\b(DROP|TRUNCATE|ANALYZE|CHECK)\s+PARTITION\b", re.IGNORECASE)
ADD_PARTITION = re.compile(r"\bADD\s+PARTITION\b", re.IGNORECASE)
PARTITION = re.compile(r"\bPARTITION(ING|S)?\b", re.IGNORECASE)
ENGINE = re.compile(r"\bENGINE\s*=?\s*(\w+)\s*$", re.IGNORECASE)
# these remove from a column what they omit from its definition
REDEFINES = re.compile(r"\b(MODIFY|CHANGE)\b", re.IGNORECASE)
SAYS_NULL = re.compile(r"\bNULL\b", re.IGNORECASE)
RENAMES_COLUMN = re.compile(r"\b(RENAME|CHANGE)\b", re.IGNORECASE)
DROPPED_COLUMN = re.compile(
    r"\bDROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?`?([\w$]+)`?", re.IGNORECASE
)
RENAMES = re.compile(r"\bRENAME\b", re.IGNORECASE)
CONVERTS = re.compile(r"\b(MODIFY|CHANGE|CONVERT)\b", re.IGNORECASE)
# DELETE a FROM t a JOIN ..., DELETE FROM a USING t a JOIN ...
# https://mariadb.com/kb/en/delete/
_DELETE_JOINED = re.compile(
    rf"\s*DELETE\s+(?:(?:LOW_PRIORITY|QUICK|IGNORE)\s+)*(?:(?!(?:FROM|LOW_PRIORITY|QUICK|IGNORE)\b){_NAME}(?:\s*\.\s*\*)?"
    rf"[^()]*?\sFROM|FROM\s+(?P<using>[\w$`.]+)[^()]*?\sUSING)\s(?P<references>.*)",
    re.IGNORECASE | re.DOTALL,
)
_TABLE_REFERENCE = re.compile(
    rf"(?:^|,|\bJOIN\s)\s*{_NAME}(?:\s+(?:AS\s+)?(?!(?:ON|USING|\w*JOIN|LEFT|RIGHT|INNER|CROSS"
    r"|NATURAL|WHERE|ORDER|LIMIT)\b)`?(?P<alias>[\w$]+)`?)?",
    re.IGNORECASE,
)
DATA_CHANGE = re.compile(r"\s*(UPDATE|DELETE|INSERT|REPLACE)\b", re.IGNORECASE)
LOCKS_ROWS = re.compile(
    r"\s*(?:SELECT|WITH)\b.*\b(?:FOR\s+(?:UPDATE|SHARE)|LOCK\s+IN\s+SHARE\s+MODE)\b",
    re.IGNORECASE | re.DOTALL,
)
# https://mariadb.com/kb/en/system-versioned-tables/#removing-old-history
HISTORY = re.compile(rf"\s*DELETE\s+HISTORY\s+FROM\s+{_NAME}", re.IGNORECASE)
CALL = re.compile(rf"\s*CALL\s+{_NAME}", re.IGNORECASE)
VIEW = re.compile(
    rf"\s*(?:CREATE\s+(?:OR\s+REPLACE\s+)|ALTER\s+)(?:(?:ALGORITHM|DEFINER)\s*=\s*\S+\s+)*"
    rf"(?:SQL\s+SECURITY\s+\w+\s+)?VIEW\s+{_NAME}",
    re.IGNORECASE,
)


def as_alter(statement: str) -> str:
    """Return DROP INDEX as ALTER TABLE, which is required for these clauses on MariaDB."""
    match = DROP_INDEX.fullmatch(statement)
    if match is None:
        return statement
    return f"ALTER TABLE {match[3]} DROP INDEX {match[1] or ''}{match[2]}"


def named(match: re.Match[str] | None) -> str | None:
    """Return the table of a match of `_NAME`, without its schema."""
    if match is None:
        return None
    parts = [part for part in match.groups()[:_NAME_GROUPS] if part]
    return parts[-1] if parts else None


def changed_table(statement: str) -> str | None:
    """Return the table whose rows a statement changes first."""
    if found := HISTORY.match(statement):
        return named(found)
    if found := _DELETE_JOINED.match(statement):
        name = named(found) or found["using"].strip("`")
        tables = {
            (alias["alias"] or table).lower(): table
            for alias in _TABLE_REFERENCE.finditer(found["references"])
            if (table := named(alias)) is not None
        }
        return tables.get(name.lower(), name)
    match = re.match(
        rf"\s*(?:UPDATE|INSERT\s+INTO|REPLACE\s+INTO|DELETE(?:\s+FROM)?)\s+"
        rf"(?:(?:LOW_PRIORITY|HIGH_PRIORITY|DELAYED|QUICK|IGNORE)\s+)*(?:FROM\s+)?{_NAME}",
        statement,
        re.IGNORECASE,
    )
    return named(match)


def unwrapped(statement: str) -> str:
    """Return the statement that `SET STATEMENT ... FOR` or `EXECUTE IMMEDIATE` runs.

    Args:
        statement: the SQL; any other statement is returned as it is.
    """
    if match := _SET_STATEMENT.fullmatch(statement):
        return match[1]
    if match := _IMMEDIATE.fullmatch(statement):
        return match[1].replace("''", "'")
    return statement


def number_of(error: BaseException) -> int:
    """Return the error number of the server; 0 for other errors."""
    number = error.args[0] if error.args else 0
    return number if isinstance(number, int) else 0


def costs_more(algorithm: str, other: str) -> bool:
    """Return whether an algorithm costs more than another one; False if that is "DEFAULT"."""
    return other in ALGORITHMS and ALGORITHMS.index(algorithm) > ALGORITHMS.index(other)
