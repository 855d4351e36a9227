"""Nodes of canonical expressions, and the functions that build them."""

from __future__ import annotations

from typing import NamedTuple


class Node(NamedTuple):
    """A subexpression: its kind, its canonical text and its operands."""

    kind: str
    text: str
    parts: tuple[Node, ...] = ()


def list_text(start: str, items: tuple[Node, ...], end: str) -> str:
    """Return operands as a list between two brackets."""
    return start + ", ".join(item.text for item in items) + end


def binary_node(left: Node, sign: str, right: Node) -> Node:
    """Return the application of a binary operator."""
    return Node("pair", f"({left.text} {sign} {right.text})", (left, right))


def negative(number: str) -> str:
    """Return a number with the opposite sign."""
    return number[1:] if number.startswith("-") else f"-{number}"


def negated(node: Node) -> Node:
    """Return NOT of an expression; two of them cancel out."""
    if node.kind == "not":
        return node.parts[0]
    return Node("not", f"(not {node.text})", (node,))


def logical(word: str, left: Node, right: Node) -> Node:
    """Return AND or OR of two expressions; chains of one operator are flattened."""
    parts: list[Node] = []
    for side in (left, right):
        parts.extend(side.parts if side.kind == word else (side,))
    return Node(word, "(" + f" {word} ".join(part.text for part in parts) + ")", tuple(parts))


def binary(left: Node, sign: str, right: Node) -> Node:
    """Return the application of an operator, in its canonical form."""
    if sign in {"!~~", "!~~*", "!~", "!~*"}:
        return negated(binary_node(left, sign[1:], right))
    if sign in {"=", "<>"} and right.kind == "call" and len(right.parts) == 1:
        word = "any" if sign == "=" else "all"
        inner = right.parts[0]
        if right.text.startswith(f"{word}(") and inner.kind == "array":
            node = in_list(left, inner.parts)
            return node if sign == "=" else negated(node)
    return binary_node(left, sign, right)


def in_list(left: Node, items: tuple[Node, ...]) -> Node:
    """Return IN; with one item it is an equality."""
    if len(items) == 1:
        return binary_node(left, "=", items[0])
    return Node("in", f"({left.text} in {list_text('(', items, ')')})", (left, *items))


def between(left: Node, low: Node, high: Node, *, negative: bool) -> Node:
    """Return BETWEEN as two comparisons."""
    if negative:
        return logical("or", binary_node(left, "<", low), binary_node(left, ">", high))
    return logical("and", binary_node(left, ">=", low), binary_node(left, "<=", high))
