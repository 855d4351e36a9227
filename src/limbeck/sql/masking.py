"""Mask secrets in text that is shown, logged or stored: SQL, URLs, settings, messages, source.

Text that looks like a secret is replaced by `***`.
"""

from __future__ import annotations

import re

from limbeck.sql.masker import HAS_NAME, MASK, Masker, has_secret_values, is_suspicious
from limbeck.sql.quoted_statements import QuotedParts, mask_quoted_values

# SQLAlchemy prints the parameters of a statement below it
_PARAMETERS = re.compile(r"(\[parameters: ).*?(\]\s*(?:\n|\Z)|\Z)", re.DOTALL)


def mask_secrets(text: str, *, about: str = "") -> str:
    """Return a text with `***` in place of passwords, tokens and keys.

    Args:
        text: a message, a statement, a URL, or text that contains them.
        about: the statement that a message of a server is about, of which it quotes parts.
    """
    if not (is_suspicious(text) or is_suspicious(about)):
        return text
    if "[parameters: " in text and has_secret_values(text.partition("[parameters: ")[0]):
        text = _PARAMETERS.sub(rf"\1{MASK}\2", text)
    masker = Masker(lambda _: MASK)
    masker.masked(about)
    quoted = QuotedParts(text)
    text = quoted.inserted(masker.masked(quoted.text), masker.removed, masker.masked)
    return mask_quoted_values(text, about, masker.removed, HAS_NAME)


def mask_source(text: str) -> str:
    """Return Python source or SQL with `***` in place of secrets that are literals.

    Names and calls are not changed, and every line keeps its number.
    """
    if not is_suspicious(text):
        return text
    from limbeck.sql.source_masking import masked_source  # needs the parser of Python

    return masked_source(text)
