"""One spelling for SQL expressions, worked out from their text alone.

A tokeniser and a small operator-precedence parser. What they do not know (subqueries, window
functions) is left as a row of tokens, so that nothing is ever called equal by accident.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

TEXT_TYPES = frozenset({"text", "character varying", "character", "bpchar", "varchar", "name"})
NUMBER_TYPES = frozenset(
    {"integer", "smallint", "bigint", "numeric", "double precision", "real", "decimal", "int"}
)


class Token(NamedTuple):
    """A word of SQL: its kind (name, quoted, string, number, mark) and its worth."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Grammar:
    """What differs between databases in the text of an expression.

    Args:
        backslash: a backslash escapes within every string, not only in E'...'.
        quoted_strings: double quotes hold strings.
        brackets: square brackets quote names.
        folds_names: quoted names are compared without regard to case.
        constants: words that stand for another word.
        functions: names of functions that stand for another name.
        marks: signs that stand for a word ("&&" is "and" in MySQL).
        bare_calls: functions that mean the same without arguments and parentheses.
        typed_strings: the server adds a cast to every string, so that none means anything.
        type_words: the usual spelling of a type's name in a cast.
    """

    backslash: bool = False
    quoted_strings: bool = False
    brackets: bool = False
    folds_names: bool = False
    constants: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    bare_calls: frozenset[str] = frozenset()
    typed_strings: bool = False
    type_words: Callable[[str], str] = str


class UnparsableError(ValueError):
    """The text is more than this parser knows."""


class Node(NamedTuple):
    """A piece of an expression: its kind, its spelling and what it is made of."""

    kind: str
    text: str
    parts: tuple[Node, ...] = ()


_SPACE = r"(?P<space>\s+|--[^\n]*|/\*.*?\*/)"
_NAME = r"(?P<name>[^\W\d][\w$]*)"
_NUMBER = r"(?P<number>(?:0[xX][0-9a-fA-F]+)|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
_MARK = (
    r"(?P<mark>->>|->|\#>>|\#>|<=>|<>|!=|==|<=|>=|::|:=|\|\||&&|@>|<@|!~~\*|!~~|~~\*|~~"
    r"|!~\*|!~|~\*|<<\||\|>>|<<=?|>>=?|\?\||\?&|@@|&<|&>|-\|-|=>|[-+*/%^<>=~!@\#&|?(),.\[\]:;])"
)


@cache
def _pattern(*, backslash: bool, brackets: bool) -> re.Pattern[str]:
    plain = r"'(?:[^'\\]|''|\\.)*'" if backslash else r"'(?:[^']|'')*'"
    double = r"\"(?:[^\"\\]|\"\"|\\.)*\"" if backslash else r"\"(?:[^\"]|\"\")*\""
    quoted = rf"{double}|`(?:[^`]|``)*`" + (r"|\[[^\]]*\]" if brackets else "")
    escaped = r"[eE]'(?:[^'\\]|''|\\.)*'"
    dollar = r"\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"
    string = rf"(?P<string>{escaped}|[nN]?{plain}|{dollar})|(?P<bits>[bBxX]{plain})"
    return re.compile(
        f"{_SPACE}|{string}|(?P<quoted>{quoted})|{_NAME}|{_NUMBER}|{_MARK}", re.DOTALL
    )


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "Z": "\x1a"}


def tokens(text: str, grammar: Grammar) -> Iterator[Token]:
    """Yield the words of a text, without blanks and comments.

    Raises:
        UnparsableError: at a character that begins no word.
    """
    pattern = _pattern(backslash=grammar.backslash, brackets=grammar.brackets)
    place, end = 0, len(text)
    while place < end:
        found = pattern.match(text, place)
        if found is None:
            raise UnparsableError(text)
        place = found.end()
        kind = found.lastgroup
        word = found.group()
        if kind == "tag":
            kind = "string"
        if kind == "space":
            continue
        if kind == "string":
            yield Token("string", _string(word, grammar))
        elif kind == "quoted":
            yield _quoted(word, grammar)
        elif kind == "name":
            yield Token("name", word.lower())
        elif kind == "number":
            yield Token("number", word.lower())
        elif kind == "bits":
            yield Token("bits", word.lower())
        else:
            mark = {"!=": "<>", "==": "="}.get(word, word)
            spelled = grammar.marks.get(mark)
            yield Token("mark", mark) if spelled is None else Token("name", spelled)


def _string(word: str, grammar: Grammar) -> str:
    if word.startswith("$"):
        tag = word.index("$", 1) + 1
        return word[tag:-tag]
    escapes = grammar.backslash or word[0] in "eE"
    return _unquoted(word[word.index("'") :], escapes=escapes)


def _unquoted(word: str, *, escapes: bool) -> str:
    mark = word[0]
    inner = word[1:-1].replace(mark * 2, mark)
    if not escapes or "\\" not in inner:
        return inner
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), inner, flags=re.DOTALL)


def _quoted(word: str, grammar: Grammar) -> Token:
    if word[0] == '"' and grammar.quoted_strings:
        return Token("string", _unquoted(word, escapes=grammar.backslash))
    name = word[1:-1] if word[0] == "[" else word[1:-1].replace(word[0] * 2, word[0])
    return Token("quoted", name.lower() if grammar.folds_names else name)


def literal(value: str) -> str:
    """Return a string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def normal(text: str, grammar: Grammar, *, is_default: bool = False) -> str:
    """Return the one spelling of an expression.

    Args:
        text: the expression.
        grammar: what is special about the database's text.
        is_default: the expression is a column's default, whose outermost cast to the
            column's own type means nothing.
    """
    try:
        words = list(tokens(text, grammar))
    except UnparsableError:
        return text.strip()
    try:
        node = _Parser(words, grammar).whole()
    except UnparsableError:
        return " ".join(_spell(word) for word in words)
    if is_default:
        while node.kind == "cast" and node.parts[0].kind in {"string", "number", "array"}:
            node = node.parts[0]
    return node.text


def names_in(text: str, grammar: Grammar) -> frozenset[str]:
    """Return every word of a text that may be a column's name, in lower case."""
    try:
        words = list(tokens(text, grammar))
    except UnparsableError:
        return frozenset()
    return frozenset(word.text.lower() for word in words if word.kind in {"name", "quoted"})


def _spell(word: Token) -> str:
    if word.kind == "string":
        return literal(word.text)
    if word.kind == "quoted":
        return _name(word.text)
    return word.text


def _name(name: str) -> str:
    if re.fullmatch(r"[a-z_][a-z0-9_$]*", name) and name not in _SPECIAL:
        return name
    return '"' + name.replace('"', '""') + '"'


_SPECIAL = frozenset(
    {"user", "current_user", "session_user", "current_date", "current_time", "current_timestamp",
     "localtime", "localtimestamp", "true", "false", "null", "case", "cast", "not", "and", "or",
     "in", "is", "like", "between", "array", "interval"}
)  # fmt: skip
_BINARY: Mapping[str, int] = {
    "or": 1, "xor": 1, "and": 2, "=": 5, "<": 5, ">": 5, "<=": 5, ">=": 5, "<>": 5, "<=>": 5,
    "+": 8, "-": 8, "*": 9, "/": 9, "%": 9, "div": 9, "mod": 9, "^": 10,
}  # fmt: skip
_OTHER_OPERATOR = 7
_NOT, _IS, _LIKE, _ZONE, _COLLATE, _UNARY, _SUBSCRIPT, _CAST = 3, 4, 6, 11, 12, 13, 14, 15
_MATCHES = {"like": "~~", "ilike": "~~*", "similar": "similar to"} | {
    word: word for word in ("regexp", "rlike", "glob", "match")
}
_TYPE_TAILS = {"double": "precision", "character": "varying", "bit": "varying", "char": "varying"}
_NO_OPERATOR = frozenset(["(", ")", ",", ".", "[", "]", ":", ";", "?", "=>"]) - {"?"}
_STOPS = frozenset(
    {"then", "when", "else", "end", "from", "for", "as", "asc", "desc", "using", "over",
     "filter", "within", "order", "separator", "escape", "collate", "at"}
)  # fmt: skip


class _Parser:
    def __init__(self, words: list[Token], grammar: Grammar) -> None:
        self.words = words
        self.place = 0
        self.grammar = grammar

    # ── walking ───────────────────────────────────────────────────────────

    def peek(self, ahead: int = 0) -> Token:
        place = self.place + ahead
        return self.words[place] if place < len(self.words) else Token("end", "")

    def next(self) -> Token:
        word = self.peek()
        self.place += 1
        return word

    def at(self, *texts: str) -> bool:
        word = self.peek()
        return word.kind in {"mark", "name"} and word.text in texts

    def take(self, *texts: str) -> bool:
        if self.at(*texts):
            self.place += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise UnparsableError(text)

    def whole(self) -> Node:
        node = self.expression(0)
        if self.peek().kind != "end":
            raise UnparsableError(self.peek().text)
        return node

    # ── prefix ────────────────────────────────────────────────────────────

    def expression(self, power: int) -> Node:
        left = self.prefix()
        while True:
            found = self.infix(left, power)
            if found is None:
                return left
            left = found

    def prefix(self) -> Node:
        word = self.next()
        match word.kind:
            case "string":
                return Node("string", literal(word.text))
            case "number" | "bits":
                return Node("number", word.text)
            case "quoted":
                return self.path(word)
            case "name":
                return self.word(word)
            case "mark":
                return self.marked(word)
        raise UnparsableError(word.text)

    def marked(self, word: Token) -> Node:
        if word.text == "(":
            if self.at("select", "with", "values"):
                raise UnparsableError("subquery")
            items = self.items(")")
            if len(items) == 1:
                return items[0]
            return Node("row", _listed("(", items, ")"), items)
        if word.text in {"-", "+", "~", "!", "@"}:
            inner = self.expression(_UNARY)
            if inner.kind == "number" and word.text in "+-":
                return Node("number", inner.text if word.text == "+" else _negative(inner.text))
            return Node("unary", f"({word.text}{inner.text})", (inner,))
        if word.text == "*":
            return Node("star", "*")
        raise UnparsableError(word.text)

    def items(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.take(end):
            if found and not self.take(",", "from", "for", "in"):
                raise UnparsableError(self.peek().text)
            found.append(self.expression(0))
        return tuple(found)

    def word(self, word: Token) -> Node:  # noqa: PLR0911 - one return per kind of word
        match word.text:
            case "not":
                return _negated(self.expression(_NOT))
            case "case":
                return self.case()
            case "cast" | "convert" if self.at("(") and word.text == "cast":
                self.next()
                inner = self.expression(0)
                self.expect("as")
                cast = self.cast(inner, self.type_name())
                self.expect(")")
                return cast
            case "array" if self.take("["):
                items = self.items("]")
                return Node("array", _listed("array[", items, "]"), items)
            case "select" | "exists" | "row" | "distinct":
                raise UnparsableError(word.text)
        following = self.peek()
        if following.kind == "string" and word.text.startswith("_"):
            return Node("string", literal(self.next().text))
        if self.typed_literal():
            self.place -= 1
            kind = self.type_name()
            return self.cast(Node("string", literal(self.next().text)), kind)
        return self.path(word)

    def typed_literal(self) -> bool:
        start = self.place
        try:
            self.place -= 1
            self.type_name()
            return self.peek().kind == "string"
        except UnparsableError:
            return False
        finally:
            self.place = start

    def path(self, first: Token) -> Node:
        words = [first]
        while self.at(".") and self.peek(1).kind in {"name", "quoted", "mark"}:
            self.next()
            words.append(self.next())
        if self.at("("):
            return self.call(words)
        if len(words) == 1 and first.kind == "name":
            name = self.grammar.constants.get(first.text, first.text)
            if re.fullmatch(r"-?\d+", name):
                return Node("number", name)
            return Node("constant" if name in _SPECIAL else "name", name)
        return Node("name", ".".join(_spell(word) for word in words))

    def call(self, words: list[Token]) -> Node:
        self.expect("(")
        if words[0].text == "pg_catalog" and len(words) > 1:
            words = words[1:]
        name = ".".join(_spell(word) for word in words).lower()
        name = self.grammar.functions.get(name, name)
        lead = "distinct " if self.take("distinct") else ""
        items = self.items(")")
        if self.at("over", "filter", "within"):
            raise UnparsableError(self.peek().text)
        if name in self.grammar.bare_calls and all(item.text == "0" for item in items):
            return Node("constant", name)
        return Node("call", f"{name}{_listed('(' + lead, items, ')')}", items)

    def case(self) -> Node:
        text = "case"
        if not self.at("when"):
            text += f" {self.expression(0).text}"
        while self.take("when"):
            text += f" when {self.expression(0).text}"
            self.expect("then")
            text += f" then {self.expression(0).text}"
        if self.take("else"):
            tail = self.expression(0)
            # A cast of NULL is what PostgreSQL adds where nobody wrote ELSE.
            bare = tail.parts[0] if tail.kind == "cast" else tail
            text += "" if bare.text == "null" else f" else {tail.text}"
        self.expect("end")
        return Node("case", f"{text} end")

    # ── infix ─────────────────────────────────────────────────────────────

    def infix(self, left: Node, power: int) -> Node | None:  # noqa: PLR0911 - one return per kind of word
        word = self.peek()
        if word.kind == "name":
            return self.word_infix(left, word.text, power)
        if word.kind != "mark":
            return None
        if word.text == "::" and power < _CAST:
            self.next()
            return self.cast(left, self.type_name())
        if word.text == "[" and power < _SUBSCRIPT:
            self.next()
            items = self.items("]")
            return Node("subscript", left.text + _listed("[", items, "]"), (left, *items))
        if word.text in _NO_OPERATOR:
            return None
        binding = _BINARY.get(word.text, _OTHER_OPERATOR)
        if binding <= power:
            return None
        self.next()
        return _operated(left, word.text, self.expression(binding))

    def word_infix(self, left: Node, word: str, power: int) -> Node | None:  # noqa: PLR0911 - one return per kind of word
        if word in {"and", "or", "xor", "div", "mod"}:
            binding = _BINARY[word]
            if binding <= power:
                return None
            self.next()
            right = self.expression(binding)
            return _joined(word, left, right) if word in {"and", "or"} else _pair(left, word, right)
        if word in {"is", "isnull", "notnull"} and power < _IS:
            return self.is_(left)
        if word == "collate" and power < _COLLATE:
            self.next()
            return Node("collate", f"({left.text} collate {_spell(self.next())})", (left,))
        if word == "at" and power < _ZONE:
            self.next()
            self.expect("time")
            self.expect("zone")
            return _pair(left, "at time zone", self.expression(_ZONE))
        if power < _LIKE:
            return self.matched(left)
        return None

    def is_(self, left: Node) -> Node:
        word = self.next().text
        negative = word == "notnull" or self.take("not")
        if word != "is":
            node = Node("is", f"({left.text} is null)", (left,))
        elif self.take("distinct"):
            self.expect("from")
            node = _pair(left, "is distinct from", self.expression(_IS))
        elif self.at("null", "true", "false", "unknown"):
            node = Node("is", f"({left.text} is {self.next().text})", (left,))
        else:
            node = _pair(left, "is", self.expression(_IS))
        return _negated(node) if negative else node

    def matched(self, left: Node) -> Node | None:
        start = self.place
        negative = self.take("not")
        if self.take("in"):
            self.expect("(")
            if self.at("select", "with", "values"):
                raise UnparsableError("subquery")
            node = _among(left, self.items(")"))
        elif self.take("between"):
            low = self.expression(_LIKE)
            self.expect("and")
            return _between(left, low, self.expression(_LIKE), negative=negative)
        elif self.at(*_MATCHES):
            sign = _MATCHES[self.next().text]
            if sign == "similar to":
                self.expect("to")
            node = _pair(left, sign, self.expression(_LIKE))
            if self.take("escape"):
                node = Node("escape", f"({node.text} escape {self.expression(_LIKE).text})")
        else:
            self.place = start
            return None
        return _negated(node) if negative else node

    # ── casts ─────────────────────────────────────────────────────────────

    def type_name(self) -> str:
        first = self.next()
        if first.kind not in {"name", "quoted"} or first.text in _STOPS:
            raise UnparsableError(first.text)
        text = _spell(first)
        while self.take("."):
            text += "." + _spell(self.next())
        if self.at(_TYPE_TAILS.get(text, " "), "unsigned", "signed"):
            text += f" {self.next().text}"
        if self.take("("):
            text += "(" + ",".join(item.text for item in self.items(")")) + ")"
        if self.at("with", "without") and self.peek(1).text == "time":
            text += f" {self.next().text} {self.next().text} {self.next().text}"
        dimensions = ""
        while self.at("[") and self.peek(1).text == "]":
            self.place += 2
            dimensions = "[]"
        return self.grammar.type_words(text) + dimensions

    def cast(self, inner: Node, kind: str) -> Node:
        bare = kind.removesuffix("[]").split("(", 1)[0]
        if bare in TEXT_TYPES:
            return inner
        if bare in NUMBER_TYPES and not kind.endswith("[]"):
            if inner.kind == "number":
                return inner
            if inner.kind == "string" and re.fullmatch(r"'[-+]?[\d.]+'", inner.text):
                return Node("number", _number(inner.text[1:-1]))
        if inner.kind == "string" and self.grammar.typed_strings:
            return inner
        if inner.kind == "array" and inner.parts and kind.endswith("[]"):
            return inner
        return Node("cast", f"({inner.text}::{kind})", (inner,))


def _listed(start: str, items: tuple[Node, ...], end: str) -> str:
    return start + ", ".join(item.text for item in items) + end


def _pair(left: Node, sign: str, right: Node) -> Node:
    return Node("pair", f"({left.text} {sign} {right.text})", (left, right))


def _negative(number: str) -> str:
    return number[1:] if number.startswith("-") else f"-{number}"


def _number(text: str) -> str:
    return text.removeprefix("+")


def _negated(node: Node) -> Node:
    if node.kind == "not":
        return node.parts[0]
    return Node("not", f"(not {node.text})", (node,))


def _joined(word: str, left: Node, right: Node) -> Node:
    parts: list[Node] = []
    for side in (left, right):
        parts.extend(side.parts if side.kind == word else (side,))
    return Node(word, "(" + f" {word} ".join(part.text for part in parts) + ")", tuple(parts))


def _operated(left: Node, sign: str, right: Node) -> Node:
    if sign in {"!~~", "!~~*", "!~", "!~*"}:
        return _negated(_pair(left, sign[1:], right))
    if sign in {"=", "<>"} and right.kind == "call" and len(right.parts) == 1:
        word = "any" if sign == "=" else "all"
        inner = right.parts[0]
        if right.text.startswith(f"{word}(") and inner.kind == "array":
            node = _among(left, inner.parts)
            return node if sign == "=" else _negated(node)
    return _pair(left, sign, right)


def _among(left: Node, items: tuple[Node, ...]) -> Node:
    if len(items) == 1:
        return _pair(left, "=", items[0])
    return Node("in", f"({left.text} in {_listed('(', items, ')')})", (left, *items))


def _between(left: Node, low: Node, high: Node, *, negative: bool) -> Node:
    if negative:
        return _joined("or", _pair(left, "<", low), _pair(left, ">", high))
    return _joined("and", _pair(left, ">=", low), _pair(left, "<=", high))
