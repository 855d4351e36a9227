"""Mask secrets in text that is shown, logged or stored: SQL, URLs, settings, Python source.

Text that looks like a secret is replaced by `***`. If the end of a secret is uncertain, more text
is replaced rather than less.
"""

from __future__ import annotations

import logging
import re

MASK = "***"

# text without any of these words or symbols contains no secret; the statement `pass` is none
_SUSPICIOUS = (
    "://", "passw", "passphrase", "keypass", "pwd", "secret", "token", "identified", "apikey",
    "api_key", "accesskey", "access_key", "privatekey", "private_key", "authkey", "auth_key",
    "credential", "crypt", "digest", "hmac", "host '", 'host name "', "server on '", 'server at "',
)  # fmt: skip
_NAME = (
    r"[\w.-]*(?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key"
    r"|credentials?|sslkeypass|auth_?key)\w*"
)
# A literal of any server, also if truncated, and with quotes escaped as by repr().
# A backslash is an escape on some servers only: the longer match masks more.
_STRING = (
    r"(?:"
    r"(?:[eEnNbBxX]|[uU]&|_\w+\s*)?(?:'(?:[^'\\]|''|\\.)*(?:'|\Z)|\\+'(?:[^'\\]|\\+[^'\\])*(?:\\+'|\Z))"
    r'|"(?:[^"\\]|""|\\.)*(?:"|\Z)|\\+"(?:[^"\\]|\\+[^"\\])*(?:\\+"|\Z)'
    r"|(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?:(?P=tag)|\Z)"
    r")"
)
# `dialect://user:password@host`: the password ends at the last @ of the word, or of the line
# if it contains a space; a port is not a password
_URL = re.compile(
    r"(?<!\w)(\w[\w+.-]*://[^\s:/@'\"]*:)(?!\d{1,5}(?:[/\s?'\",;)]|\Z)(?!\S*@))(?:\S*@|[^\n]*?@)"
)
_SETTING = re.compile(
    rf"(?<![\w.-])({_NAME}[\"']?\s*(?:=>|:=|[=:])\s*)"
    rf"(?!{re.escape(MASK)})(?:{_STRING}|(?P<word>[^\s,;&)\]}}'\"]+))",
    re.IGNORECASE | re.DOTALL,
)
# https://www.postgresql.org/docs/current/sql-createrole.html,
# https://dev.mysql.com/doc/refman/8.4/en/create-user.html,
# https://mariadb.com/kb/en/create-user/, SET PASSWORD, OPTIONS (password '...')
_SQL = re.compile(
    r"(\b(?:\w*password|passwd|pwd|secret|token|passphrase"
    r"|(?<!revision )identified\s+(?:by|with\s+\S+\s+(?:by|as)|via\s+\w+\s+(?:using|as))"
    r"(?:\s+(?:random\s+)?password)?)(?:\s*\(\s*|\s+))" + _STRING,
    re.IGNORECASE | re.DOTALL,
)
# https://mariadb.com/kb/en/set-password/
_FOR_USER = re.compile(
    r"(\bset\s+password\s+for\s+[^=;]*=\s*(?:(?:old_)?password\s*\(\s*)?)" + _STRING,
    re.IGNORECASE | re.DOTALL,
)
# Oracle accepts an unquoted password: IDENTIFIED BY word
_WORD = re.compile(
    r"((?<!revision )\bidentified\s+by\s+)(?!values\b|password\b|random\b|\*\*\*)([\w#$]+)",
    re.IGNORECASE,
)
# the key is the second or a later argument: pgp_sym_encrypt(data, 'key'), AES_DECRYPT(data, 'key')
_CIPHER = re.compile(
    r"(\b(?:pgp_sym_(?:en|de)crypt\w*|aes_(?:en|de)crypt|des_(?:en|de)crypt|encrypt|decrypt|hmac"
    r"|encode|decode)\s*\([^;]*?,\s*)" + _STRING,
    re.IGNORECASE | re.DOTALL,
)
_CIPHERS = re.compile(r"\b(?:pgp_sym_|aes_|des_)?(?:en|de)crypt\w*\s*\(|\bhmac\s*\(", re.IGNORECASE)
# set_config('app.secret', 'value', false) of PostgreSQL
_SET_CONFIG = re.compile(
    rf"(\bset_config\s*\(\s*'{_NAME}'\s*,\s*)" + _STRING, re.IGNORECASE | re.DOTALL
)
# INSERT INTO t (name, password) VALUES ('a', '...'): all literals of the rows
# a literal ends at a quote that no other follows, so that there is one way to read a text
_PLAIN = r"'(?:[^'\\]|''|\\.)*(?:'(?!')|\Z)"
_ROWS = re.compile(
    r"(\b(?:insert|replace)\s+(?:(?:ignore|into)\s+)*[^\s();]+\s*\([^()]*"
    r"(?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|auth_?key)"
    r"[^()]*\)\s*values?\b)"
    rf"((?:\s*,?\s*\((?:[^()']|\((?:[^()']|{_PLAIN})*\)|{_PLAIN})*(?:\)|\Z))+)",
    re.IGNORECASE | re.DOTALL,
)
_LITERAL = re.compile(_PLAIN, re.DOTALL)
# a password with an unquoted @ is taken for the beginning of the host's name
_HOST = re.compile(r"((?:\bhost(?: name)?|\bserver (?:on|at)) [\"'])[^\"'\s]*@")
# SQLAlchemy prints the parameters of a statement below it
_PARAMETERS = re.compile(r"(\[parameters: ).*?(\]\s*(?:\n|\Z)|\Z)", re.DOTALL)
# PASSWORD :name, IDENTIFIED BY %(name)s: the value of the parameter is elsewhere in the source
_PARAMETER = re.compile(
    r"\b(?:\w*password|passwd|pwd|identified\s+(?:by|with\s+\S+\s+(?:by|as)))\s*[=(]?\s*"
    r"(?::|%\()([^\W\d]\w*)",
    re.IGNORECASE,
)
_HAS_SECRET = re.compile(
    r"\bpassword\b|(?<!revision )\bidentified\s+(?:by|with|via)\b|crypt\w*\s*\(", re.IGNORECASE
)


def mask_secrets(text: str) -> str:
    """Return a text with `***` in place of passwords, tokens and keys.

    Args:
        text: a message, a statement, a URL, or text that contains them.
    """
    if not _is_suspicious(text):
        return text
    if "[parameters: " in text and _HAS_SECRET.search(text.partition("[parameters: ")[0]):
        text = _PARAMETERS.sub(rf"\1{MASK}\2", text)
    text = _HOST.sub(rf"\1{MASK}@", _URL.sub(rf"\1{MASK}@", text))
    text = _masked_sql(text)
    return _SETTING.sub(rf"\1{MASK}", text)


def mask_source(text: str) -> str:
    """Return Python source with `***` in place of secrets that are literals.

    Names and calls are not changed, so that the source can still be read and run.
    """
    if not _is_suspicious(text):
        return text
    text = _URL.sub(rf"\1{MASK}@", text)
    for name in set(_PARAMETER.findall(text)):
        text = re.sub(
            rf"(\b{name}[\"']?\s*[=:]\s*)" + _STRING, _masked_literal, text, flags=re.DOTALL
        )
    text = _masked_sql(text, quoted=True)
    return _SETTING.sub(_literal_setting, text)


def _is_suspicious(text: str) -> bool:
    folded = text.casefold()  # as a search without regard to case; many times faster
    return any(word in folded for word in _SUSPICIOUS)


def _masked_sql(text: str, *, quoted: bool = False) -> str:
    def masked(match: re.Match[str]) -> str:
        return match[1] + (_in_quotes(match[0][len(match[1]) :]) if quoted else MASK)

    text = _SET_CONFIG.sub(masked, _FOR_USER.sub(masked, text))
    text = _ROWS.sub(lambda match: match[1] + _LITERAL.sub(f"'{MASK}'", match[2]), text)
    text = _SQL.sub(masked, text)
    text = _WORD.sub(lambda match: match[1] + MASK, text)
    return _CIPHER.sub(masked, text) if _CIPHERS.search(text) else text


def _literal_setting(match: re.Match[str]) -> str:
    if match["word"] is not None:
        # `password=word` in a string continues after the word; a Python expression is kept
        after = match.string[match.end() : match.end() + 1]
        is_text = match[1].endswith("=") and after != "" and after in " &;'\"\\"
        return match[1] + MASK if is_text else match[0]
    return _masked_literal(match)


def _masked_literal(match: re.Match[str]) -> str:
    return match[1] + _in_quotes(match[0][len(match[1]) :])


def _in_quotes(literal: str) -> str:
    """Return the mask in the quotes of a literal, so that the result is still a string."""
    opening = _OPENING.match(literal)
    quote = opening[1] if opening is not None else "'"
    return f"{quote}{MASK}{quote}"


_OPENING = re.compile(r"(?:[a-zA-Z]&?|_\w+\s*)?(\\*['\"]|\$\w*\$)")


class _SecretFilter(logging.Filter):
    """Masks secrets in the log records of all packages: SQLAlchemy logs complete statements."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        masked = mask_secrets(text)
        if masked != text:
            record.msg, record.args = masked, ()
        return True


def mask_log_records() -> None:
    """Mask secrets in the output of all existing log handlers."""
    for name in (None, *list(logging.root.manager.loggerDict)):
        for handler in logging.getLogger(name).handlers:
            if not any(isinstance(known, _SecretFilter) for known in handler.filters):
                handler.addFilter(_SecretFilter())
