"""Compute the canonical text of SQL expressions from their text alone.

A small operator-precedence parser. Syntax that it does not support (subqueries, window
functions) is kept as a list of tokens, so that different expressions never become equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from limbeck.sql.expression_nodes import (
    Node,
    between,
    binary,
    binary_node,
    in_list,
    list_text,
    logical,
    negated,
    negative,
)
from limbeck.sql.lexer import (
    STANDARD,
    QuotingRules,
    Token,
    quote_identifier,
    quote_literal,
    tokenize,
    unquote,
    unquote_literal,
)

TEXT_TYPES = frozenset({"text", "character varying", "character", "bpchar", "varchar", "name"})
NUMBER_TYPES = frozenset(
    {"integer", "smallint", "bigint", "numeric", "double precision", "real", "decimal", "int"}
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The differences between dialects in the syntax of expressions.

    Args:
        quoting: the quoting rules of the dialect.
        case_insensitive: quoted identifiers are compared case-insensitively.
        constants: canonical spelling of constants.
        functions: canonical names of functions.
        operators: symbols that are synonyms of words ("&&" is "and" in MySQL).
        bare_calls: functions that can be called without arguments and parentheses.
        typed_strings: the server adds a cast to every string, so a cast of a string is ignored.
        type_spelling: returns the canonical spelling of a type's name in a cast.
    """

    quoting: QuotingRules = STANDARD
    case_insensitive: bool = False
    constants: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    operators: Mapping[str, str] = field(default_factory=dict)
    bare_calls: frozenset[str] = frozenset()
    typed_strings: bool = False
    type_spelling: Callable[[str], str] = str


class UnparsableError(ValueError):
    """The text contains syntax that this parser does not support."""


def _tokens(text: str, grammar: Grammar) -> list[Token]:
    """Return the tokens of a text with their values: names in lower case, strings unquoted.

    Raises:
        UnparsableError: a character does not begin a token.
    """
    rules = grammar.quoting
    tokens: list[Token] = []
    for token in tokenize(text, rules):
        kind, value = token.kind, token.text
        if kind == "string":
            value = unquote_literal(value, backslash_escapes=rules.backslash_escapes)
        elif kind == "quoted":
            value = unquote(value)
            value = value.lower() if grammar.case_insensitive else value
        elif kind == "mark":
            value = {"!=": "<>", "==": "="}.get(value, value)
            word = grammar.operators.get(value)
            kind, value = ("mark", value) if word is None else ("name", word)
        elif kind == "other":
            raise UnparsableError(text)
        else:
            value = value.lower()
        tokens.append(token._replace(kind=kind, text=value))
    return tokens


def canonicalize(text: str, grammar: Grammar, *, is_default: bool = False) -> str:
    """Return the canonical text of an expression.

    Args:
        text: the expression.
        grammar: the grammar of its dialect.
        is_default: the expression is a column's default, whose outermost cast to the
            column's own type is ignored.
    """
    try:
        tokens = _tokens(text, grammar)
    except UnparsableError:
        return text.strip()
    try:
        node = _Parser(tokens, grammar).parse()
    except UnparsableError:
        return " ".join(_token_text(token) for token in tokens)
    if is_default:
        while node.kind == "cast" and node.parts[0].kind in {"string", "number", "array"}:
            node = node.parts[0]
    return node.text


def lowercase_identifiers(text: str, grammar: Grammar) -> frozenset[str]:
    """Return every word of a text that may be an identifier, in lower case."""
    try:
        tokens = _tokens(text, grammar)
    except UnparsableError:
        return frozenset()
    return frozenset(token.text.lower() for token in tokens if token.kind in {"name", "quoted"})


def _token_text(token: Token) -> str:
    if token.kind == "string":
        return quote_literal(token.text)
    if token.kind == "quoted":
        return _identifier_text(token.text)
    return token.text


def _identifier_text(name: str) -> str:
    if re.fullmatch(r"[a-z_][a-z0-9_$]*", name) and name not in _SPECIAL:
        return name
    return quote_identifier(name)


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
_END = Token("end", "", 0, 0)
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
    """An operator-precedence parser over the tokens of one expression."""

    def __init__(self, tokens: list[Token], grammar: Grammar) -> None:
        self.tokens = tokens
        self.position = 0
        self.grammar = grammar

    # ── tokens ───────────────────────────────────────────────────────────

    def peek(self, ahead: int = 0) -> Token:
        """Return the token a number of places ahead, without consuming it."""
        position = self.position + ahead
        return self.tokens[position] if position < len(self.tokens) else _END

    def advance(self) -> Token:
        """Consume the next token."""
        token = self.peek()
        self.position += 1
        return token

    def at(self, *texts: str) -> bool:
        """Return whether the next token is one of these words or symbols."""
        token = self.peek()
        return token.kind in {"mark", "name"} and token.text in texts

    def accept(self, *texts: str) -> bool:
        """Consume the next token if it is one of these words or symbols."""
        if self.at(*texts):
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Consume a word or symbol, or raise an error."""
        if not self.accept(text):
            raise UnparsableError(text)

    def parse(self) -> Node:
        """Parse all tokens as one expression."""
        node = self.expression(0)
        if self.peek().kind != "end":
            raise UnparsableError(self.peek().text)
        return node

    # ── prefix ────────────────────────────────────────────────────────────

    def expression(self, power: int) -> Node:
        """Parse operators that bind stronger than `power`."""
        left = self.prefix()
        while True:
            node = self.infix(left, power)
            if node is None:
                return left
            left = node

    def prefix(self) -> Node:
        """Parse an operand."""
        token = self.advance()
        match token.kind:
            case "string":
                return Node("string", quote_literal(token.text))
            case "number" | "bits":
                return Node("number", token.text)
            case "quoted":
                return self.identifier_path(token)
            case "name":
                return self.word_prefix(token)
            case "mark":
                return self.mark_prefix(token)
        raise UnparsableError(token.text)

    def mark_prefix(self, token: Token) -> Node:
        """Parse an operand that begins with a symbol."""
        if token.text == "(":
            if self.at("select", "with", "values"):
                raise UnparsableError("subquery")
            items = self.items(")")
            if len(items) == 1:
                return items[0]
            return Node("row", list_text("(", items, ")"), items)
        if token.text in {"-", "+", "~", "!", "@"}:
            inner = self.expression(_UNARY)
            if inner.kind == "number" and token.text in "+-":
                return Node("number", inner.text if token.text == "+" else negative(inner.text))
            return Node("unary", f"({token.text}{inner.text})", (inner,))
        if token.text == "*":
            return Node("star", "*")
        raise UnparsableError(token.text)

    def items(self, end: str) -> tuple[Node, ...]:
        """Parse a list up to its closing bracket."""
        nodes: list[Node] = []
        while not self.accept(end):
            if nodes and not self.accept(",", "from", "for", "in"):
                raise UnparsableError(self.peek().text)
            nodes.append(self.expression(0))
        return tuple(nodes)

    def word_prefix(self, token: Token) -> Node:  # noqa: PLR0911 - one return per kind of word
        """Parse an operand that begins with a word."""
        match token.text:
            case "not":
                return negated(self.expression(_NOT))
            case "case":
                return self.case()
            case "cast" | "convert" if self.at("(") and token.text == "cast":
                self.advance()
                inner = self.expression(0)
                self.expect("as")
                cast = self.cast(inner, self.type_name())
                self.expect(")")
                return cast
            case "array" if self.accept("["):
                items = self.items("]")
                return Node("array", list_text("array[", items, "]"), items)
            case "select" | "exists" | "row" | "distinct":
                raise UnparsableError(token.text)
        following = self.peek()
        if following.kind == "string" and token.text.startswith("_"):
            return Node("string", quote_literal(self.advance().text))
        if self.typed_literal():
            self.position -= 1
            kind = self.type_name()
            return self.cast(Node("string", quote_literal(self.advance().text)), kind)
        return self.identifier_path(token)

    def typed_literal(self) -> bool:
        """Return whether the tokens are a type and a string: DATE '...'."""
        start = self.position
        try:
            self.position -= 1
            self.type_name()
            return self.peek().kind == "string"
        except UnparsableError:
            return False
        finally:
            self.position = start

    def identifier_path(self, first: Token) -> Node:
        """Parse a dotted name, or a call of a function."""
        path = [first]
        while self.at(".") and self.peek(1).kind in {"name", "quoted", "mark"}:
            self.advance()
            path.append(self.advance())
        if self.at("("):
            return self.call(path)
        if len(path) == 1 and first.kind == "name":
            name = self.grammar.constants.get(first.text, first.text)
            if re.fullmatch(r"-?\d+", name):
                return Node("number", name)
            return Node("constant" if name in _SPECIAL else "name", name)
        return Node("name", ".".join(map(_token_text, path)))

    def call(self, path: list[Token]) -> Node:
        """Parse the arguments of a function."""
        self.expect("(")
        if path[0].text == "pg_catalog" and len(path) > 1:
            path = path[1:]
        name = ".".join(map(_token_text, path)).lower()
        name = self.grammar.functions.get(name, name)
        lead = "distinct " if self.accept("distinct") else ""
        items = self.items(")")
        if self.at("over", "filter", "within"):
            raise UnparsableError(self.peek().text)
        if name in self.grammar.bare_calls and all(item.text == "0" for item in items):
            return Node("constant", name)
        return Node("call", f"{name}{list_text('(' + lead, items, ')')}", items)

    def case(self) -> Node:
        """Parse CASE."""
        text = "case"
        if not self.at("when"):
            text += f" {self.expression(0).text}"
        while self.accept("when"):
            text += f" when {self.expression(0).text}"
            self.expect("then")
            text += f" then {self.expression(0).text}"
        if self.accept("else"):
            tail = self.expression(0)
            # PostgreSQL adds a cast of NULL if there is no ELSE.
            bare = tail.parts[0] if tail.kind == "cast" else tail
            text += "" if bare.text == "null" else f" else {tail.text}"
        self.expect("end")
        return Node("case", f"{text} end")

    # ── infix ─────────────────────────────────────────────────────────────

    def infix(self, left: Node, power: int) -> Node | None:  # noqa: PLR0911 - one return per kind of word
        """Parse one operator after an operand; None if there is none."""
        token = self.peek()
        if token.kind == "name":
            return self.word_infix(left, token.text, power)
        if token.kind != "mark":
            return None
        if token.text == "::" and power < _CAST:
            self.advance()
            return self.cast(left, self.type_name())
        if token.text == "[" and power < _SUBSCRIPT:
            self.advance()
            items = self.items("]")
            return Node("subscript", left.text + list_text("[", items, "]"), (left, *items))
        if token.text in _NO_OPERATOR:
            return None
        binding = _BINARY.get(token.text, _OTHER_OPERATOR)
        if binding <= power:
            return None
        self.advance()
        return binary(left, token.text, self.expression(binding))

    def word_infix(self, left: Node, word: str, power: int) -> Node | None:  # noqa: PLR0911 - one return per kind of word
        """Parse an operator that is a word."""
        if word in {"and", "or", "xor", "div", "mod"}:
            binding = _BINARY[word]
            if binding <= power:
                return None
            self.advance()
            right = self.expression(binding)
            if word in {"and", "or"}:
                return logical(word, left, right)
            return binary_node(left, word, right)
        if word in {"is", "isnull", "notnull"} and power < _IS:
            return self.is_test(left)
        if word == "collate" and power < _COLLATE:
            self.advance()
            return Node("collate", f"({left.text} collate {_token_text(self.advance())})", (left,))
        if word == "at" and power < _ZONE:
            self.advance()
            self.expect("time")
            self.expect("zone")
            return binary_node(left, "at time zone", self.expression(_ZONE))
        if power < _LIKE:
            return self.comparison(left)
        return None

    def is_test(self, left: Node) -> Node:
        """Parse IS, ISNULL or NOTNULL."""
        word = self.advance().text
        negative = word == "notnull" or self.accept("not")
        if word != "is":
            node = Node("is", f"({left.text} is null)", (left,))
        elif self.accept("distinct"):
            self.expect("from")
            node = binary_node(left, "is distinct from", self.expression(_IS))
        elif self.at("null", "true", "false", "unknown"):
            node = Node("is", f"({left.text} is {self.advance().text})", (left,))
        else:
            node = binary_node(left, "is", self.expression(_IS))
        return negated(node) if negative else node

    def comparison(self, left: Node) -> Node | None:
        """Parse IN, BETWEEN, LIKE and similar operators."""
        start = self.position
        negative = self.accept("not")
        if self.accept("in"):
            self.expect("(")
            if self.at("select", "with", "values"):
                raise UnparsableError("subquery")
            node = in_list(left, self.items(")"))
        elif self.accept("between"):
            low = self.expression(_LIKE)
            self.expect("and")
            return between(left, low, self.expression(_LIKE), negative=negative)
        elif self.at(*_MATCHES):
            sign = _MATCHES[self.advance().text]
            if sign == "similar to":
                self.expect("to")
            node = binary_node(left, sign, self.expression(_LIKE))
            if self.accept("escape"):
                node = Node("escape", f"({node.text} escape {self.expression(_LIKE).text})")
        else:
            self.position = start
            return None
        return negated(node) if negative else node

    # ── casts ─────────────────────────────────────────────────────────────

    def type_name(self) -> str:
        """Parse the name of a type."""
        first = self.advance()
        if first.kind not in {"name", "quoted"} or first.text in _STOPS:
            raise UnparsableError(first.text)
        text = _token_text(first)
        while self.accept("."):
            text += "." + _token_text(self.advance())
        if self.at(_TYPE_TAILS.get(text, " "), "unsigned", "signed"):
            text += f" {self.advance().text}"
        if self.accept("("):
            text += "(" + ",".join(item.text for item in self.items(")")) + ")"
        if self.at("with", "without") and self.peek(1).text == "time":
            text += f" {self.advance().text} {self.advance().text} {self.advance().text}"
        dimensions = ""
        while self.at("[") and self.peek(1).text == "]":
            self.position += 2
            dimensions = "[]"
        return self.grammar.type_spelling(text) + dimensions

    def cast(self, inner: Node, kind: str) -> Node:
        """Return a cast, or its operand if the cast has no effect."""
        bare = kind.removesuffix("[]").split("(", 1)[0]
        if bare in TEXT_TYPES:
            return inner
        if bare in NUMBER_TYPES and not kind.endswith("[]"):
            if inner.kind == "number":
                return inner
            if inner.kind == "string" and re.fullmatch(r"'[-+]?[\d.]+'", inner.text):
                return Node("number", inner.text[1:-1].removeprefix("+"))
        if inner.kind == "string" and self.grammar.typed_strings:
            return inner
        if inner.kind == "array" and inner.parts and kind.endswith("[]"):
            return inner
        return Node("cast", f"({inner.text}::{kind})", (inner,))
