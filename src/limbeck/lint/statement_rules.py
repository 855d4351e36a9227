"""Rules about the text of a statement.

They find what no measurement on a scratch database can show: a dropped guarantee, a truncated name,
a secret in the text. A project switches on rules about style, such as a choice of types, with the
setting `lint_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from limbeck.dialects import TextRules, text_rules
from limbeck.lint.column_definitions import (
    bare_name,
    column_definitions,
    pattern,
    table_items,
    without_comments,
    without_strings,
)
from limbeck.lint.findings import Finding
from limbeck.lint.rules import Rule, rule_of_code
from limbeck.lint.verdicts import Verdict
from limbeck.sql import closing_index, mask_secrets, tokenize, unquote

# ── style ─────────────────────────────────────────────────────────────────

StyleCheck = Callable[[str, TextRules], Iterator[str]]
"""Takes a statement and what is known of the database; yields what it finds."""
_SMALL = pattern(
    r"(?:INT(?:EGER)?|INT[24]|SMALLINT|MEDIUMINT|TINYINT(?! \( 1 \))|SMALLSERIAL|SERIAL[24]?)(?!\w)"
)
_SIZED_TEXT = pattern(
    r"(?:VARCHAR|CHARACTER VARYING) \(|(?:CHARACTER|N?CHAR|BPCHAR)(?! VARYING|\w)"
)
_LOCAL_TIME = pattern(
    r"TIMESTAMP(?: \( \d \))?(?! WITH TIME ZONE)(?: WITHOUT| NOT| NULL| DEFAULT|$)"
)
_SERIAL = pattern(r"(?:SMALL|BIG)?SERIAL[248]?(?!\w)")
_JSON = pattern(r"JSON(?!\w)")
_NEW_TABLE = pattern(
    r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\S+(?: \. \S+)?) \((?! LIKE\b)"
)
_WITH_KEY = pattern(r"\bPRIMARY KEY\b|\) (?:INHERITS|AS)\b|, LIKE\b")
_NAMED_TABLE = pattern(
    r"(?:CREATE|ALTER|DROP) (?:UNLOGGED )?TABLE (?:IF (?:NOT )?EXISTS )?(?:ONLY )?(\S+)( \.)?"
)
_CONSTRAINT = pattern(r"(?:ADD )?(FOREIGN KEY|UNIQUE|CHECK|EXCLUDE)\b")
_OF_COLUMN = pattern(r"\b(REFERENCES|UNIQUE|CHECK)\b")
_NAMED_OF_COLUMN = pattern(r"\bCONSTRAINT \S+ (?:REFERENCES|UNIQUE|CHECK)\b")
_ADDED_VALUE = pattern(r"ALTER TYPE\b.*\bADD VALUE\b(?!.*\b(?:BEFORE|AFTER)\b)")


def _of_type(types: re.Pattern[str], words: str) -> StyleCheck:
    def check(statement: str, rules: TextRules) -> Iterator[str]:
        for name, definition in column_definitions(statement, rules.quoting):
            if types.match(definition):
                yield f"{name} {words}"

    return check


def _no_primary_key(statement: str, rules: TextRules) -> Iterator[str]:
    text = without_strings(statement, rules.quoting)
    found = _NEW_TABLE.match(text)
    if found is not None and not _WITH_KEY.search(text):
        yield f"{found[1].replace(' ', '')} has none"


def _unnamed(statement: str, rules: TextRules) -> Iterator[str]:
    for item in table_items(statement, rules.quoting):
        if found := _CONSTRAINT.match(item):
            following = item[found.end() :].split()
            if rules.names_follow_kind and following[:1] != ["("]:
                continue
            yield f"{found[1].upper()} has no name"
    for name, definition in column_definitions(statement, rules.quoting):
        named = len(_NAMED_OF_COLUMN.findall(definition))
        kinds = _OF_COLUMN.findall(definition)
        if len(kinds) > named:
            yield f"{kinds[-1].upper()} of {name} has no name"


def _unqualified(statement: str, rules: TextRules) -> Iterator[str]:
    found = _NAMED_TABLE.match(without_strings(statement, rules.quoting))
    if found is not None and found[2] is None:
        yield f"{found[1]} is looked up in the search_path"


def _last_value(statement: str, rules: TextRules) -> Iterator[str]:
    if _ADDED_VALUE.match(without_strings(statement, rules.quoting)):
        yield "it becomes the largest value"


STYLE_CHECKS: tuple[tuple[str, StyleCheck], ...] = (
    ("LM801", _of_type(_SMALL, "has 32 bits or less")),
    ("LM802", _of_type(_SIZED_TEXT, "is a character type with a length")),
    ("LM803", _of_type(_LOCAL_TIME, "has no time zone")),
    ("LM804", _of_type(_SERIAL, "is a serial")),
    ("LM805", _of_type(_JSON, "is json")),
    ("LM806", _no_primary_key),
    ("LM807", _unnamed),
    ("LM808", _unqualified),
    ("LM809", _last_value),
)


# ── statements ────────────────────────────────────────────────────────────

_MAX_SQL = 2000
# https://www.postgresql.org/docs/release/14.4/
_CORRUPTING = ((14, 0), (14, 4))
_NAME = r"(\S+(?: \. \S+)?)"
_CREATED = pattern(rf"CREATE (?:UNLOGGED |TEMP(?:ORARY)? )?TABLE (?:IF NOT EXISTS )?{_NAME}")
_TABLE = pattern(rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{_NAME}")
_ALTERED = pattern(r"ALTER (?:TABLE|DOMAIN)\b")
_DROPPED = pattern(
    r"\bDROP (?:CONSTRAINT|FOREIGN KEY|CHECK) (?:IF EXISTS )?(\S+)|\bDROP (PRIMARY KEY|NOT NULL)"
)
_NOT_VALID = pattern(r"\bADD CONSTRAINT (\S+) .*\bNOT VALID\b")
_NEW_TYPE = pattern(r"ALTER TABLE\b.*\bALTER (?:COLUMN )?\S+ (?:SET DATA )?TYPE\b")
_NEW_INDEX = pattern(rf"CREATE (?:UNIQUE )?INDEX\b.*? ON (?:ONLY )?{_NAME}")
_NO_INDEX = pattern(r"DROP INDEX\b|ALTER TABLE\b.*\bDROP (?:INDEX|KEY)\b")
_CONCURRENT = pattern(r"(?:CREATE (?:UNIQUE )?INDEX|REINDEX)\b.*\bCONCURRENTLY\b")
_NO_VACUUM = pattern(r"ALTER TABLE\b.*\bautovacuum_enabled = (?:false|off|0|no)")
_IDENTITY = pattern(r"ALTER TABLE\b.*\bREPLICA IDENTITY\b")
_LESS_PUBLISHED = pattern(r"DROP PUBLICATION\b|ALTER PUBLICATION\b.*\b(?:DROP|SET)\b")
_ACCOUNT = pattern(
    r"(?:CREATE|ALTER) (?:OR REPLACE )?(?:ROLE|USER|GROUP|SERVER|SUBSCRIPTION)\b|SET PASSWORD\b"
    r"|GRANT\b.*\bIDENTIFIED\b|CHANGE (?:MASTER|REPLICATION)\b"
)
_ROUTINE = pattern(r"(?:CREATE|ALTER) (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)\b")
_DEFINER = pattern(r"\bSECURITY DEFINER\b")
_SEARCH_PATH = pattern(r"\bSET search_path\b")
_NO_ROW_SECURITY = pattern(r"ALTER TABLE\b.*\b(?:DISABLE|NO FORCE) ROW LEVEL SECURITY\b")
_FOR_EVERYBODY = pattern(r"GRANT\b.*\bTO PUBLIC\b")
_EVERY_ROW = pattern(r"CREATE POLICY\b.*\bUSING \( true \)")
_JOINED = pattern(r"\bEXECUTE\s+(?!FUNCTION\b|PROCEDURE\b)[^;]*?\|\|[^;]*")
_QUOTING = pattern(r"quote_ident|quote_literal|quote_nullable|format\s*\(")
_PREPARED = pattern(r"\bPREPARE\s+\w+\s+FROM\s+@")
_CONCATENATED = pattern(r"\bCONCAT(?:_WS)?\s*\(")
_ANALYZE = pattern(r"(?:VACUUM\b.*)?\bANALY[SZ]E\b ?\)? ?(\S*)")


@dataclass(frozen=True)
class ReadStatement:
    """A statement as the rules read it.

    Args:
        sql: the text as it was sent.
        rules: what is known of the database.
        version: the version of the server; None if no server was asked.
        later: the statements that follow in the revision, without comments.
        created: the tables that the revision has created before it.
        later_sources: returns the text of the revisions that follow.
    """

    sql: str
    rules: TextRules
    version: tuple[int, ...] | None
    later: tuple[str, ...]
    created: frozenset[str]
    later_sources: Callable[[], str]

    @cached_property
    def text(self) -> str:
        """The statement without comments and strings, with one space between tokens."""
        return without_strings(self.sql, self.rules.quoting)

    @property
    def is_about_new_table(self) -> bool:
        """Whether it changes a table that the same revision has created."""
        found = _TABLE.match(self.text)
        return found is not None and bare_name(found[1]) in self.created


Check = Callable[[ReadStatement], Iterator[str]]


def statement_rule_findings(
    verdicts: Sequence[Verdict],
    dialect: str,
    *,
    revision: str,
    path: str | None,
    version: tuple[int, ...] | None = None,
    enabled: frozenset[str] = frozenset(),
    later_sources: Callable[[], str] = str,
) -> Iterator[Finding]:
    """Yield what the rules find in the statements of a revision.

    Args:
        verdicts: what is known of each statement.
        dialect: the name of limbeck's record of the database.
        revision: the identifier of the revision.
        path: the revision file.
        version: the version of the server; None if no server was asked.
        enabled: the codes of the optional rules that are switched on.
        later_sources: returns the text of the revisions that follow.
    """
    texts = [
        (number, sql)
        for number, verdict in enumerate(verdicts)
        if "fails-always" not in verdict.dangers
        for sql in verdict.statement.parts or [verdict.statement.sql]
    ]
    rules = text_rules(dialect)
    checks = [one for one in (*_CHECKS, *_enabled(enabled)) if one[0] in rules.codes]
    bare = [without_comments(sql, rules.quoting) for _, sql in texts]
    created: set[str] = set()
    for place, (number, sql) in enumerate(texts):
        if made := _CREATED.match(bare[place]):
            created.add(bare_name(made[1]))
        read = ReadStatement(
            sql, rules, version, tuple(bare[place + 1 :]), frozenset(created), later_sources
        )
        for code, check in checks:
            details = tuple(dict.fromkeys(check(read)))
            if details:
                rule = rule_of_code(code)
                assert rule is not None  # noqa: S101 - it is in the table of rules
                line = verdicts[number].statement.line
                yield _finding(rule, sql, details, line, revision, path)


def _enabled(codes: frozenset[str]) -> Iterator[tuple[str, Check]]:
    for code, check in STYLE_CHECKS:
        if code in codes:
            yield code, lambda read, check=check: check(read.sql, read.rules)  # type: ignore[misc]


def _finding(
    rule: Rule,
    sql: str,
    details: tuple[str, ...],
    line: int | None,
    revision: str,
    path: str | None,
) -> Finding:
    return Finding(
        rule.code,
        rule.severity,
        rule.summary,
        file=path,
        line=line,
        revision=revision,
        statement=mask_secrets(sql[:_MAX_SQL]),
        details=details,
    )


# ── data and performance ──────────────────────────────────────────────────


def _lost_guarantees(read: ReadStatement) -> Iterator[str]:
    if not _ALTERED.match(read.text) or read.is_about_new_table:
        return
    for found in _DROPPED.finditer(read.text):
        name = found[1]
        again = name and pattern(rf"\bADD CONSTRAINT {re.escape(name)} ")
        if again and any(again.search(one) for one in (read.text, *read.later)):
            continue
        yield f"{name} is dropped" if name else f"{found[2]} is dropped"


def _never_validated(read: ReadStatement) -> Iterator[str]:
    if not _ALTERED.match(read.text) or read.is_about_new_table:
        return
    for item in [*table_items(read.sql, read.rules.quoting)] or [read.text]:
        found = _NOT_VALID.search(item)
        if found is None:
            continue
        name = found[1]
        validated = pattern(rf"\bVALIDATE\s+CONSTRAINT\s+{re.escape(name)}(?!\w)")
        if any(validated.search(one) for one in read.later):
            continue
        if not validated.search(read.later_sources()):
            yield f"{name} is not validated in this revision or a later one"


def _lost_statistics(read: ReadStatement) -> Iterator[str]:
    if read.is_about_new_table:
        return
    table = _TABLE.match(read.text)
    if table and _NEW_TYPE.match(read.text) and not _is_analyzed(table[1], read.later):
        yield f"the statistics of the column are removed: ANALYZE {table[1].replace(' ', '')}"
    table = _NEW_INDEX.match(read.text)
    if table is None or bare_name(table[1]) in read.created:
        return
    if _has_expression(read) and not _is_analyzed(table[1], read.later):
        yield f"an expression has no statistics yet: ANALYZE {table[1].replace(' ', '')}"


def _has_expression(read: ReadStatement) -> bool:
    tokens = tokenize(read.text, read.rules.quoting)
    opening = next((n for n, one in enumerate(tokens) if one.text == "("), None)
    closing = None if opening is None else closing_index(tokens, opening)
    if opening is None or closing is None:
        return False
    return any(one.text == "(" for one in tokens[opening + 1 : closing])


def _is_analyzed(table: str, later: Sequence[str]) -> bool:
    found = (_ANALYZE.match(one) for one in later)
    return any(one is not None and bare_name(one[1]) in {"", bare_name(table)} for one in found)


def _dropped_index(read: ReadStatement) -> Iterator[str]:
    if _NO_INDEX.match(read.text):
        yield "queries that use it become slow, and a unique one no longer rejects duplicates"


def _corrupt_index(read: ReadStatement) -> Iterator[str]:
    if read.version is None or not _CONCURRENT.match(read.text):
        return
    if _CORRUPTING[0] <= read.version < _CORRUPTING[1]:
        yield f"the server is PostgreSQL {'.'.join(map(str, read.version))}"


def _disabled_maintenance(read: ReadStatement) -> Iterator[str]:
    if read.is_about_new_table:
        return
    if _NO_VACUUM.match(read.text):
        yield "dead rows stay, and statistics are not updated, until autovacuum is enabled again"
    if _IDENTITY.match(read.text):
        yield "logical replication identifies the rows of an UPDATE or DELETE by other columns"
    if _LESS_PUBLISHED.match(read.text):
        yield "subscribers no longer receive all changes"


# ── names and clauses ─────────────────────────────────────────────────────


def _long_names(read: ReadStatement) -> Iterator[str]:
    longest = read.rules.longest_name
    if longest is None or not read.text[:6].upper().startswith(("CREATE", "ALTER ")):
        return
    for token in tokenize(read.sql, read.rules.quoting):
        if token.kind not in {"name", "quoted"}:
            continue
        name = unquote(token.text)
        if read.rules.counts_bytes and len(name.encode()) > longest:
            kept = name.encode()[:longest].decode(errors="ignore")
            yield f"{name} has {len(name.encode())} bytes; the server truncates it to {kept}"
        elif not read.rules.counts_bytes and len(name) > longest:
            yield f"{name} has {len(name)} characters"


def _ignored_references(read: ReadStatement) -> Iterator[str]:
    first = read.rules.first_with_references
    if first is None or (read.version or read.rules.assumed_version) >= first:
        return
    for name, definition in column_definitions(read.sql, read.rules.quoting):
        if " REFERENCES " in f" {definition} ".upper():
            yield f"{name} gets no foreign key"


# ── security ──────────────────────────────────────────────────────────────


def _definer_rights(read: ReadStatement) -> Iterator[str]:
    if not _ROUTINE.match(read.text):
        return
    if _DEFINER.search(read.text) and not _SEARCH_PATH.search(read.text):
        yield "the caller can choose the schemas in which names are looked up"


def _secret(read: ReadStatement) -> Iterator[str]:
    if _ACCOUNT.match(read.text) and mask_secrets(read.sql) != read.sql:
        yield "it stays in the history of the files, and in the logs of the server"


def _widened_access(read: ReadStatement) -> Iterator[str]:
    if read.is_about_new_table:
        return
    if _NO_ROW_SECURITY.match(read.text):
        yield "policies no longer hide rows"
    if _FOR_EVERYBODY.match(read.text):
        yield "all roles have the privilege"
    if _EVERY_ROW.match(read.text):
        yield "the policy permits all rows"


def _built_statement(read: ReadStatement) -> Iterator[str]:
    if not _ROUTINE.match(read.text):
        return
    for found in _JOINED.finditer(read.sql):
        if not _QUOTING.search(found[0]):
            yield "a statement is built with || and run with EXECUTE"
    if _PREPARED.search(read.sql) and _CONCATENATED.search(read.sql):
        yield "a statement is built with CONCAT and run with PREPARE"


_CHECKS: tuple[tuple[str, Check], ...] = (
    ("LM117", _lost_statistics),
    ("LM119", _dropped_index),
    ("LM121", _corrupt_index),
    ("LM310", _lost_guarantees),
    ("LM311", _never_validated),
    ("LM408", _long_names),
    ("LM409", _ignored_references),
    ("LM506", _disabled_maintenance),
    ("LM701", _definer_rights),
    ("LM702", _secret),
    ("LM703", _widened_access),
    ("LM704", _built_statement),
)
