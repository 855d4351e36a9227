"""Normalize the text of MariaDB's and MySQL's expressions."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation

from limbeck.catalog import Type
from limbeck.dialects.mysql import routines, triggers, views
from limbeck.dialects.mysql.type_names import NUMBERS
from limbeck.sql import MYSQL, Grammar, canonicalize, quote_literal, unquote_literal

GRAMMAR = Grammar(
    quoting=MYSQL,
    case_insensitive=True,
    constants={"true": "1", "false": "0", "current_user": "current_user"},
    operators={"&&": "and"},
    functions={
        "now": "current_timestamp", "localtime": "current_timestamp", "curdate": "current_date",
        "localtimestamp": "current_timestamp", "curtime": "current_time", "ucase": "upper",
        "lcase": "lower", "substr": "substring", "mid": "substring", "power": "pow",
        "ceiling": "ceil", "character_length": "char_length", "octet_length": "length",
        "json_compact": "json_compact",
    },
    bare_calls=frozenset({"current_timestamp", "current_date", "current_time"}),
    typed_strings=True,
)  # fmt: skip
_STRING = re.compile(r"'((?:[^']|'')*)'")
_BITS = re.compile(r"(?:b'([01]+)'|(?:0x|x')([0-9a-f]+)'?|(\d+))", re.IGNORECASE)


class MysqlExpressionNormalizer:
    """Normalizes the text of expressions and caches the results."""

    def __init__(self, namespace: str | None = None) -> None:
        self.namespace = namespace
        self.known: dict[tuple[str, str, Type | None], str] = {}

    def __call__(self, text: str, role: str, type_: Type | None = None) -> str:
        """Return the normalized text of an expression."""
        cache_key = (text, role, type_ if role == "default" else None)
        result = self.known.get(cache_key)
        if result is None:
            result = (
                triggers.normalized_text(text)
                or routines.normalized_text(text)
                or views.normalized_text(text, self.namespace)
                if role == "body"
                else _spelling(text, role, type_)
            )
            self.known[cache_key] = result
        return result


def _spelling(text: str, role: str, type_: Type | None) -> str:
    canonical = canonicalize(text, GRAMMAR, is_default=role == "default")
    return canonical if role != "default" or type_ is None else _literal(canonical, type_)


def _literal(text: str, type_: Type) -> str:
    match = _STRING.fullmatch(text)
    value = unquote_literal(text) if match else text
    if type_.name in NUMBERS:
        return _number(value, type_) or text
    if type_.name == "bit":
        return _bits(text) or text
    if type_.name in {"binary", "varbinary"}:
        return _bytes(text, match is not None) or text
    if match and type_.name in {"datetime", "timestamp", "date"}:
        return _moment(value, type_) or text
    if match is None and re.fullmatch(r"-?[\d.]+", text):
        # The server stores a number after DEFAULT as a string.
        return quote_literal(text)
    return text


def _number(value: str, type_: Type) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if type_.name == "decimal":
        return str(number.quantize(Decimal(1).scaleb(-int(type_.args[1]))))
    if number == number.to_integral_value():
        return str(int(number))
    return str(number.normalize())


def _bits(text: str) -> str | None:
    """Return the normalized text of b'101', 0x05, x'05' and 5."""
    match = _BITS.fullmatch(text)
    if match is None:
        return None
    bits, digits, number = match.groups()
    value = int(bits, 2) if bits else int(digits, 16) if digits else int(number)
    return f"b'{value:b}'"


def _bytes(literal: str, is_string: bool) -> str | None:  # noqa: FBT001
    """Return the normalized text of 'A' and 0x41; trailing zeros are padding."""
    if is_string:
        data = unquote_literal(literal).encode()
    elif literal.startswith(("0x", "x'")):
        digits = literal[2:].rstrip("'")
        data = bytes.fromhex(digits if len(digits) % 2 == 0 else f"0{digits}")
    else:
        return None
    text = data.rstrip(b"\0").hex()
    return f"0x{text}"


def _moment(value: str, type_: Type) -> str | None:
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    is_date = type_.name == "date"
    return quote_literal(str(moment.date() if is_date else moment.replace(tzinfo=None)))
