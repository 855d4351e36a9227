"""Mask secrets in the log records of all packages: SQLAlchemy logs complete statements."""

from __future__ import annotations

import logging
import threading

from limbeck.sql.masker import MASK, has_secret_values
from limbeck.sql.masking import mask_secrets

_ENGINE = "sqlalchemy.engine"
# of SQLAlchemy's messages after a statement: its parameters, columns and rows
_VALUES = frozenset({"[%s] %r", "Row %r", "Col %r"})


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
    """Mask secrets in the output of all existing log handlers."""
    for name in (None, *list(logging.root.manager.loggerDict)):
        for handler in logging.getLogger(name).handlers:
            if not any(isinstance(known, _SecretFilter) for known in handler.filters):
                handler.addFilter(_SecretFilter())
