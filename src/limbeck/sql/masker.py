"""Find secrets in text and replace them: SQL, URLs, settings, command lines.

If the end of a secret is uncertain, more text is replaced rather than less. The patterns look only
a limited number of characters ahead, so that the time grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MASK = "***"

# A literal of any server, also if truncated, and with quotes escaped as by repr().
# A backslash is an escape on some servers only: the longer match masks more. A quote before a
# letter does not end a literal: it is one that should have been doubled.
_STRING_TEXT = (
    r"(?:"
    r"(?:[eEnNbBxX]|[uU]&|_\w+\s*)?(?:'(?:[^'\\]|''|\\.|'(?=\w))*(?:'|\Z)"
    r"|\\+'(?:[^'\\]|\\+[^'\\])*(?:\\+'|\Z))"
    r'|"(?:[^"\\]|""|\\.)*(?:"|\Z)|\\+"(?:[^"\\]|\\+[^"\\])*(?:\\+"|\Z)'
    r"|\ue000\d+\ue001"  # a value that is put into the text
    r"|(?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?:(?P=tag)|\Z)"
    r")"
)
_LITERAL_OF_ANY = re.compile(_STRING_TEXT, re.DOTALL)
# a value in a literal that is itself in a literal: 'host=h password=''a b'''
_DOUBLED = re.compile(r"''(?=[^\s'\"),;&|\]}])(?:[^'\\]|\\.)*(?:'{1,2}|\Z)", re.DOTALL)
_BRACED = re.compile(r"\{[^{}\n]*\}")
# a separator is part of a word if neither a space nor another setting follows it
_BARE_WORD = re.compile(
    r"(?:[^\s,;&)\]}'\"\\]|\\.|[,;)\]}](?![\s,;&)\]}'\"\\]|\Z|[\w.-]+[\"']?\s*[=:]))+", re.DOTALL
)
# no secrets: `(using password: YES)`, `token = gen_random_uuid()`
_PLAIN_VALUE = re.compile(
    r"(?:yes|no|true|false|null|none|default|[\w.]+\(\s*\))(?![^\s,;)\]}\"'])", re.IGNORECASE
)
_CALL = re.compile(r"[\w.]+\s*\((?=[^)\n]*['\"$])")
_COMMENT = re.compile(r"(?:\s|/\*.*?\*/|--[^\n]*\n)*", re.DOTALL)
_JOINED = re.compile(r"\s*(?:\|\|\s*|\+\s*(?=['\"\w])|(?='))")
_LONGEST_CALL = 10_000

# text without any of these words or symbols contains no secret; the statement `pass` is none
_SUSPICIOUS = (
    "://", "passw", "passphrase", "keypass", "pwd", "secret", "token", "identified", "apikey",
    "api_key", "accesskey", "access_key", "privatekey", "private_key", "authkey", "auth_key",
    "credential", "crypt", "digest", "hmac", "host '", 'host name "', "server on '", 'server at "',
    "bearer ", "-u ", "--user",
)  # fmt: skip
_WORD = (
    r"(?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key"
    r"|credentials?|sslkeypass|auth_?key)"
)
NAME = rf"[\w.-]*{_WORD}\w*"
HAS_NAME = re.compile(_WORD, re.IGNORECASE)
_FLAGS = re.IGNORECASE | re.DOTALL

# `dialect://user:password@host`: the password ends at the last @ of the word, or of the line
# if it contains a space; a port is not a password
_URL = re.compile(
    r"(?<!\w)(\w[\w+.-]*://[^\s:/@'\"]*:)(?!\d{1,5}(?:[/\s?'\",;)]|\Z)(?!\S{0,2000}@))"
    r"(?:\S{0,2000}@|[^\n]{0,2000}?@)"
)
_QUERY = re.compile(rf"([?&]{NAME}=)(?!\*\*\*)([^&\s'\"<>]+)", _FLAGS)
_SETTING = re.compile(rf"(?<![\w.-])({NAME}[\"']?\s*(?:=>|:=|[=:])\s*)", _FLAGS)
# what begins a secret that is a literal, an expression of literals, or a call with literals:
# https://www.postgresql.org/docs/current/sql-createrole.html,
# https://dev.mysql.com/doc/refman/8.4/en/create-user.html,
# https://mariadb.com/kb/en/create-user/, https://mariadb.com/kb/en/set-password/,
# SET PASSWORD, OPTIONS (password '...'), SET app.secret TO '...'
_SPACE = r"(?:\s|/\*.*?\*/)"
_SQL = re.compile(
    rf"(\b(?:{NAME}(?:\s+to)?"
    rf"|(?<!revision )identified\s+(?:by\w*|with\s+\S+\s+(?:by|as)|via\s+\w+\s+(?:using|as))"
    rf"(?:\s+(?:random\s+)?password)?)(?:\s*\(\s*|{_SPACE}+)(?=[\"'\\$\ue000]|[enbxu_]\w*&?\s*'))",
    _FLAGS,
)
_FOR_USER = re.compile(
    r"(\bset\s+password\s+for\s+[^=;]{0,1000}=\s*(?:(?:old_)?password\s*\(\s*)?)(?=[\"'\\])", _FLAGS
)
_SET_CONFIG = re.compile(rf"(\bset_config\s*\(\s*'{NAME}'\s*,\s*)(?=['\\e])", _FLAGS)
# the key is the second or a later argument: pgp_sym_encrypt(data, 'key'), AES_DECRYPT(data, 'key')
_CIPHER = re.compile(
    r"(\b(?:pgp_sym_(?:en|de)crypt\w*|aes_(?:en|de)crypt|des_(?:en|de)crypt|encrypt|decrypt|hmac"
    r"|encode|decode)\s*\([^;]{0,10000}?,\s*)" + _STRING_TEXT,
    _FLAGS,
)
_CIPHERS = re.compile(r"\b(?:pgp_sym_|aes_|des_)?(?:en|de)crypt\w*\s*\(|\bhmac\s*\(", re.IGNORECASE)
# a single word without quotes: Oracle's IDENTIFIED BY word, options of programs, HTTP headers
_BARE = re.compile(
    r"((?<!revision )\bidentified\s+by\s+)(?!values\b|password\b|random\b|\*\*\*)([\w#$]+)"
    rf"|(\bset\s+(?:session\s+|local\s+)?{NAME}\s+to\s+)(?!default\b|\*\*\*)([\w.+/=-]+)"
    rf"|((?<!\S)--{NAME}\s+)(?!-|\*\*\*)([^\s'\"]+)"
    r"|((?<![\w-])(?:-u|--user)[\s=]\s*[^\s:'\"]+:)(?!\*\*\*)([^\s'\"]+)"
    r"|(\bbearer\s+)(?!\*\*\*)([\w.~+/=-]{4,})",
    re.IGNORECASE,
)
# INSERT INTO t (name, password) VALUES ('a', '...'): all literals of the statement
# a literal ends at a quote that no other follows, so that there is one way to read a text
_PLAIN = r"'(?:[^'\\]|''|\\.)*(?:'(?!')|\Z)"
_INSERT = r"\b(?:insert|replace)\s+(?:(?:ignore|into)\s+)*[^\s();]+\s*\([^()]*"
_ROWS = re.compile(
    rf"({_INSERT}{_WORD}[^()]*\)\s*values?\b)"
    rf"((?:\s*,?\s*\((?:[^()']|\((?:[^()']|{_PLAIN})*\)|{_PLAIN})*(?:\)|\Z))+)",
    _FLAGS,
)
_SELECTED = re.compile(
    rf"({_INSERT}{_WORD}[^()]*\)\s*(?:select|with)\b)((?:[^';\n]|{_PLAIN}|\n(?![\[A-Z(\n]))*)",
    _FLAGS,
)
_LITERAL = re.compile(_PLAIN, re.DOTALL)
# a password with an unquoted @ is taken for the beginning of the host's name
_HOST = re.compile(r"((?:\bhost(?: name)?|\bserver (?:on|at)) [\"'])[^\"'\s]*@")
_ENCRYPTS = re.compile(r"(?<!revision )\bidentified\s+(?:by|with|via)\b|crypt\w*\s*\(", _FLAGS)


def has_secret_values(statement: str) -> bool:
    """Return whether the parameters or rows of a statement may be secret."""
    return HAS_NAME.search(statement) is not None or _ENCRYPTS.search(statement) is not None


def is_suspicious(text: str) -> bool:
    """Return whether a text may contain a secret."""
    folded = text.casefold()  # as a search without regard to case; many times faster
    return any(word in folded for word in _SUSPICIOUS)


class Masker:
    """Replaces the secrets of a text.

    Args:
        replacement: returns what replaces a literal or an expression of SQL.
        keeps_words: whether a word without quotes that may be an expression of Python is kept.

    Attributes:
        removed: the secrets that were replaced.
    """

    def __init__(self, replacement: Callable[[str], str], *, keeps_words: bool = False) -> None:
        self._replacement = replacement
        self._keeps_words = keeps_words
        self.removed: list[str] = []

    def masked(self, text: str) -> str:
        """Return a text with masks in place of secrets."""
        if not is_suspicious(text):
            return text
        text = _HOST.sub(self._before_host, _URL.sub(self._before_host, text))
        text = _QUERY.sub(self._bare, text)
        for begin in (_SET_CONFIG, _FOR_USER):
            text = self._replaced(begin, text)
        text = _SELECTED.sub(self._rows, _ROWS.sub(self._rows, text))
        text = _BARE.sub(self._bare, self._replaced(_SQL, text))
        if _CIPHERS.search(text):
            text = _CIPHER.sub(self._literal, text)
        return self._replaced(_SETTING, text, has_words=True)

    def _replaced(self, begin: re.Pattern[str], text: str, *, has_words: bool = False) -> str:
        """Replace the values that begin where a pattern ends."""
        pieces: list[str] = []
        done = 0
        while match := begin.search(text, done):
            start = match.end()
            is_kept = text.startswith(MASK, start) or _PLAIN_VALUE.match(text, start) is not None
            end, is_word = (
                (start, True) if is_kept else _value_end(text, start, has_words=has_words)
            )
            pieces.append(text[done:start])
            if end > start and not (is_word and self._is_python(match[1], text, end)):
                value = text[start:end]
                self.removed.append(value)
                pieces.append(MASK if is_word else self._replacement(value))
            else:
                pieces.append(text[start:end])
            done = max(end, start)
            if done == match.start():  # an empty match
                break
        return "".join([*pieces, text[done:]])

    def _is_python(self, before: str, text: str, end: int) -> bool:
        if not self._keeps_words:
            return False
        # `password=word` in a string continues after the word; an expression of Python is kept
        after = text[end : end + 1]
        return not (before.endswith("=") and after in " \n&;'\"\\")

    def _before_host(self, match: re.Match[str]) -> str:
        self.removed.append(match[0][len(match[1]) : -1])
        return f"{match[1]}{MASK}@"

    def _bare(self, match: re.Match[str]) -> str:
        before, value = (one for one in match.groups() if one is not None)
        self.removed.append(value)
        return before + MASK

    def _literal(self, match: re.Match[str]) -> str:
        value = match[0][len(match[1]) :]
        self.removed.append(value)
        return match[1] + self._replacement(value)

    def _rows(self, match: re.Match[str]) -> str:
        self.removed += _LITERAL.findall(match[2])
        return match[1] + _LITERAL.sub(f"'{MASK}'", match[2])


def _value_end(text: str, start: int, *, has_words: bool) -> tuple[int, bool]:
    """Return the end of the value at a place, and whether it is a word without quotes.

    Args:
        text: the text.
        start: the place.
        has_words: whether the value may be a word.
    """
    start = _comment_end(text, start)
    end = _literal_end(text, start)
    if end is None and has_words:
        word = _BRACED.match(text, start) or _BARE_WORD.match(text, start)
        return (start, True) if word is None else (word.end(), True)
    if end is None:
        return start, False
    while (joint := _JOINED.match(text, end)) and joint.end() > end:
        more = _literal_end(text, joint.end())
        if more is None:
            break
        end = more
    return end, False


def _comment_end(text: str, start: int) -> int:
    match = _COMMENT.match(text, start)
    return start if match is None else match.end()


def _literal_end(text: str, start: int) -> int | None:
    """Return the end of a literal, or of a call that contains literals."""
    match = _DOUBLED.match(text, start) or _LITERAL_OF_ANY.match(text, start)
    if match is not None:
        return match.end()
    call = _CALL.match(text, start)
    return None if call is None else _call_end(text, call.end())


def _call_end(text: str, place: int) -> int:
    """Return the place after the parenthesis that closes a call."""
    depth = 1
    limit = min(len(text), place + _LONGEST_CALL)
    while place < limit and depth:
        if text[place] in "'\"$" and (match := _LITERAL_OF_ANY.match(text, place)):
            place = match.end()
            continue
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        place += 1
    return place
