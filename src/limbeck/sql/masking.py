"""Mask secrets in text that is shown, logged or stored: SQL, URLs, settings, messages, source.

Text that looks like a secret is replaced by `***`.
"""

from __future__ import annotations

import logging
import re
import threading

from limbeck.sql.masker import HAS_NAME, MASK, Masker, has_secret_values, is_suspicious
from limbeck.sql.quoted_statements import QuotedParts, mask_quoted_values

# SQLAlchemy prints the parameters of a statement below it
_PARAMETERS = re.compile(r"(\[parameters: ).*?(\]\s*(?:\n|\Z)|\Z)", re.DOTALL)
_ENGINE = "sqlalchemy.engine"
# of SQLAlchemy's messages after a statement: its parameters, columns and rows
_VALUES = frozenset({"[%s] %r", "Row %r", "Col %r"})


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


class _SecretFilter(logging.Filter):
    """Masks the message, the traceback and the stack of log records."""

    def __init__(self) -> None:
        super().__init__()
        self._statement = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(_ENGINE):
            self._mask_values(record)
        text = record.getMessage()
        masked = mask_secrets(text)
        if masked != text:
            record.msg, record.args = masked, ()
        if record.exc_info and not record.exc_text:
            # a formatter writes this text if there is one
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = mask_secrets(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_secrets(record.stack_info)
        return True

    def _mask_values(self, record: logging.LogRecord) -> None:
        """Mask the parameters and rows of a statement that may hold secrets."""
        if record.msg not in _VALUES:
            self._statement.is_secret = has_secret_values(record.getMessage())
        elif getattr(self._statement, "is_secret", False) and isinstance(record.args, tuple):
            record.args = (*record.args[:-1], _Mask())


class _Mask:
    """The mask, as the representation of a value."""

    def __repr__(self) -> str:
        return MASK


def mask_log_records() -> None:
    """Mask secrets in the output of all existing log handlers.

    They include the handler that writes warnings if a program has not set up its log.
    """
    loggers = [logging.getLogger(name) for name in (None, *logging.root.manager.loggerDict)]
    handlers = [handler for logger in loggers for handler in logger.handlers]
    if logging.lastResort is not None:
        handlers.append(logging.lastResort)
    for handler in handlers:
        if not any(isinstance(known, _SecretFilter) for known in handler.filters):
            handler.addFilter(_SecretFilter())
