"""Failures of tenants in words: what happened, in which state the tenant is, what to do next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

import sqlalchemy as sa

from limbeck.errors import ConnectTimeoutError, LimbeckError, LockTimeoutError
from limbeck.sql import mask_secrets
from limbeck.text import visible

_LONGEST = 2000
_IN_URL = re.compile(r"://[^:/@]*:(.*)@")
# What no second try changes. The drivers have no common code for it, and servers may be asked in
# their language: what is not recognized is tried again, which does no harm.
_LASTS = re.compile(
    r"password authentication failed|no password supplied|access denied|unknown database"
    r"|does not exist|no pg_hba\.conf entry|not permitted to log in|unable to open database file"
    r"|not known|permission denied|role .* is not",
    re.IGNORECASE,
)
_NO_DATABASE = re.compile(r"database .* does not exist|unknown database", re.IGNORECASE)
_CREDENTIALS = re.compile(
    r"password authentication failed|no password supplied|access denied|no pg_hba\.conf entry",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FailureText:
    """A failure, ready to print.

    Args:
        code: limbeck's code of the error; "" for others.
        text: what happened.
        hint: what to do next.
        can_retry: it may pass by itself.
    """

    code: str
    text: str
    hint: str
    can_retry: bool


def describe_failure(error: BaseException, url: str | None) -> FailureText:
    """Put an error in words, without secrets.

    Args:
        error: what was raised.
        url: the URL of the tenant, whose password is taken out.
    """
    if isinstance(error, LimbeckError):
        text = error.message
        if error.place:
            text = f"{text} ({error.place})"
        code, hint = error.code, error.hint or ""
    elif isinstance(error, sa.exc.DBAPIError):
        text = str(error.orig).strip() or type(error.orig).__name__
        code, hint = "", _database_hint(text)
    else:
        text = f"{type(error).__name__}: {error}".strip(": ")
        code, hint = "", "Correct what the error names, then run the same command again."
    text = visible(without_secrets(text, url))
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]} ..."
    return FailureText(code, text, visible(without_secrets(hint, url)), _can_retry(error))


def is_missing_database(text: str) -> bool:
    """Return whether a server has reported that a database does not exist."""
    return _NO_DATABASE.search(text) is not None


def _database_hint(text: str) -> str:
    if _CREDENTIALS.search(text):
        return "Nothing was run. Correct user and password of this tenant's url."
    if is_missing_database(text):
        return (
            "Nothing was run. `fleet create` creates the database; or take the tenant out of the "
            "fleet."
        )
    return "Nothing was run. Check that the server runs and can be reached, then run it again."


def _can_retry(error: BaseException) -> bool:
    """Return whether the same command may succeed later without any change."""
    if isinstance(error, (LockTimeoutError, ConnectTimeoutError)):
        return True
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (sa.exc.OperationalError, sa.exc.InterfaceError)):
            is_lost = cause.connection_invalidated or cause.statement is None
            return is_lost and _LASTS.search(str(cause.orig)) is None
        cause = cause.__cause__
    return False


def without_secrets(text: str, url: str | None = None) -> str:
    """Return a text without passwords.

    Args:
        text: a message of a database, a driver or a script.
        url: the URL in use, whose password is taken out wherever it stands.
    """
    text = mask_secrets(text)
    match = _IN_URL.search(url or "")
    if match is not None and match[1]:
        for secret in sorted({match[1], unquote(match[1])}, key=len, reverse=True):
            text = text.replace(secret, "***")
    return text
