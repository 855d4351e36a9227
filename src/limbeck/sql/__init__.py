"""The text of SQL: tokens, quoting, identifiers, types and expressions.

This package does not depend on SQLAlchemy or on catalogs.
"""

from limbeck.sql.expressions import (
    Grammar,
    UnparsableError,
    canonicalize,
    lowercase_identifiers,
)
from limbeck.sql.identifiers import identifier, identifiers_in, rename_identifier
from limbeck.sql.lexer import (
    ANY,
    MYSQL,
    POSTGRESQL,
    SQLITE,
    STANDARD,
    QuotingRules,
    Token,
    closing_index,
    quote_identifier,
    quote_if_needed,
    quote_literal,
    quote_path,
    split_top_level,
    strip_leading_comments,
    tokenize,
    unquote,
    unquote_literal,
)
from limbeck.sql.masking import mask_log_records, mask_secrets, mask_source
from limbeck.sql.statements import ScriptStatement, split_script
from limbeck.sql.type_parser import ParsedType, parse_type

__all__ = [
    "ANY",
    "MYSQL",
    "POSTGRESQL",
    "SQLITE",
    "STANDARD",
    "Grammar",
    "ParsedType",
    "QuotingRules",
    "ScriptStatement",
    "Token",
    "UnparsableError",
    "canonicalize",
    "closing_index",
    "identifier",
    "identifiers_in",
    "lowercase_identifiers",
    "mask_log_records",
    "mask_secrets",
    "mask_source",
    "parse_type",
    "quote_identifier",
    "quote_if_needed",
    "quote_literal",
    "quote_path",
    "rename_identifier",
    "split_script",
    "split_top_level",
    "strip_leading_comments",
    "tokenize",
    "unquote",
    "unquote_literal",
]
