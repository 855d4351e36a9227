"""Queries of PostgreSQL's catalogs in which every name is schema-qualified.

PostgreSQL calls a function with better matching arguments from any schema on the search path,
including `public`, and runs it with the privileges of the migrating user.
"""

from __future__ import annotations

import re

# String literals and quoted identifiers are not changed.
_LITERAL = re.compile(r"""(E?'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*")(::reg(?:class|type)\b)?""")
# key words that are not functions
_KEYWORDS = frozenset(
    {
        "all", "and", "any", "array", "as", "by", "case", "cast", "coalesce", "exists", "filter",
        "from", "greatest", "in", "lateral", "least", "not", "on", "or", "row", "select", "then",
        "union", "values", "when", "where", "within",
    }
)  # fmt: skip
# types whose names are part of the grammar
GRAMMAR_TYPES = frozenset(
    {"int", "integer", "bigint", "smallint", "boolean", "bit", "char", "varchar", "numeric"}
)
_WORD = re.compile(r"(?<![.\w:])([a-z_]\w*)\s*\(")
_TABLE = re.compile(r"(?<![.\w])(pg_[a-z_]+)\b(?!\s*[(.])")
_CAST = re.compile(r"::([a-z]\w*)\b(?!\.)")
_OPERATOR = re.compile(r"(?<![<>=|(.])(<>|<=|>=|=|\|\||(?<= )<(?= )|(?<= )>(?= ))(?![<>=|])")
# arithmetic has an operand and a space before it, unlike the asterisk of `SELECT *`
_ARITHMETIC = re.compile(r"(?<=[\w)}$] )(?<!SELECT )([-+/*%])(?= )")
_NOT_IN = re.compile(r"\bNOT IN \(")
_IN = re.compile(r"\bIN \(")


def qualified(sql: str) -> str:
    """Return a query of the catalogs with `pg_catalog` before every name in it.

    Args:
        sql: a query with functions, types and tables of `pg_catalog` only, names and functions in
            lower case, key words in upper case. A list after IN contains only literals. It does
            not contain `CASE x WHEN`, NULLIF, BETWEEN, USING and IS DISTINCT FROM, which call an
            operator that cannot be qualified. `||`, `+` and the like are in parentheses if they
            are operands, because all qualified operators have the same precedence.

    Source: https://www.postgresql.org/docs/current/typeconv-oper.html,
    https://wiki.postgresql.org/wiki/A_Guide_to_CVE-2018-1058
    """
    parts: list[str] = []
    end = 0
    # each literal is replaced by a mark while the text around it is rewritten
    literals: list[str] = []
    for match in _LITERAL.finditer(sql):
        parts.append(sql[end : match.start()])
        parts.append(f"${len(literals)}$")
        literals.append(match[1] if match[2] is None else _object(match[1], match[2][2:]))
        end = match.end()
    parts.append(sql[end:])
    text = _qualified_words("".join(parts))
    return re.sub(r"\$(\d+)\$", lambda found: literals[int(found[1])], text)


def _object(literal: str, kind: str) -> str:
    """Return the oid of an object of `pg_catalog`, whose name is a literal."""
    return f"'pg_catalog.{literal[1:]}::pg_catalog.{kind}"


def _qualified_words(sql: str) -> str:
    sql = _CAST.sub(_cast, sql)
    for pattern in (_OPERATOR, _ARITHMETIC):
        sql = pattern.sub(lambda match: f"OPERATOR(pg_catalog.{match[1]})", sql)
    sql = sql.replace("NOT LIKE ", "OPERATOR(pg_catalog.!~~) ")
    sql = sql.replace("LIKE ", "OPERATOR(pg_catalog.~~) ")
    sql = _with_arrays(sql)
    sql = _TABLE.sub(r"pg_catalog.\1", sql)
    return _WORD.sub(_call, sql)


def _cast(match: re.Match[str]) -> str:
    name = match[1]
    return f"::{name}" if name in GRAMMAR_TYPES else f"::pg_catalog.{name}"


def _with_arrays(sql: str) -> str:
    """Write IN as a comparison with ANY, and NOT IN as one with ALL."""
    for pattern, operator in (
        (_NOT_IN, "OPERATOR(pg_catalog.<>) ALL ("),
        (_IN, "OPERATOR(pg_catalog.=) ANY ("),
    ):
        pieces = []
        end = 0
        for match in pattern.finditer(sql):
            close = sql.index(")", match.end())
            inner = sql[match.end() : close]
            pieces.append(sql[end : match.start()] + operator)
            if "SELECT" in inner:
                end = match.end()
            else:
                pieces.append(f"ARRAY[{inner}])")
                end = close + 1
        sql = "".join([*pieces, sql[end:]])
    return sql


def _call(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name in _KEYWORDS or len(name) < 2 else f"pg_catalog.{match[0]}"  # noqa: PLR2004
