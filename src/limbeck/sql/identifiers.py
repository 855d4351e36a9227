"""Find and rename identifiers in SQL text."""

from __future__ import annotations

from limbeck.sql.lexer import (
    QuotingRules,
    Token,
    quote_identifier,
    quote_if_needed,
    tokenize,
    unquote,
)

_KINDS = frozenset({"name", "quoted"})


def identifier(token: Token) -> str | None:
    """Return the identifier that a token may be, without quotes; otherwise None."""
    if token.kind == "name":
        return token.text
    return unquote(token.text) if token.kind == "quoted" else None


def identifiers_in(text: str, rules: QuotingRules) -> frozenset[str]:
    """Return every word of a text that may be an identifier, without quotes."""
    return frozenset(unquote(token.text) for token in tokenize(text, rules) if token.kind in _KINDS)


def rename_identifier(text: str, old: str, new: str, rules: QuotingRules) -> str:
    """Return a text with an identifier renamed; strings are not changed.

    Args:
        text: any SQL text.
        old: the identifier, compared case-sensitively.
        new: the new name; it is quoted if the old one was quoted or if it needs quotes.
        rules: the quoting rules of the text's dialect.
    """
    parts: list[str] = []
    position = 0
    for token in tokenize(text, rules):
        if token.kind not in _KINDS or unquote(token.text) != old:
            continue
        parts.append(text[position : token.start])
        parts.append(_written(new, token))
        position = token.end
    return "".join((*parts, text[position:])) if parts else text


def _written(name: str, token: Token) -> str:
    if token.kind == "name":
        return quote_if_needed(name)
    opening, closing = token.text[0], token.text[-1]
    if opening == "[":
        return opening + name.replace(closing, closing * 2) + closing
    return quote_identifier(name, opening)
