"""Strongly connected components, and topological order by rank."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def ordered(edges: Mapping[Node, Collection[Node]]) -> list[tuple[Node, ...]]:
    """Return the strongly connected components, dependencies first.

    Args:
        edges: each node with the nodes it depends on; every node is a key.
    """
    number: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    on_stack: set[Node] = set()
    components: list[tuple[Node, ...]] = []
    for root in edges:
        if root in number:
            continue
        work: list[tuple[Node, Iterator[Node]]] = [(root, iter(edges[root]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, pointed = work[-1]
            for other in pointed:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(edges[other])))
                    break
                if other in on_stack:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    components.append(_popped(stack, on_stack, node))
    return components


def _popped(stack: list[Node], on_stack: set[Node], until: Node) -> tuple[Node, ...]:
    component = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        component.append(node)
        if node == until:
            return tuple(component)


def topological(ranks: Sequence[tuple[object, ...]], edges: Iterable[tuple[int, int]]) -> list[int]:
    """Return the numbers of nodes in an order in which every edge points forward.

    Args:
        ranks: the rank of each node. The node of lowest rank is chosen among those that can come
            next, and to break a cycle.
        edges: (before, after).
    """
    count = len(ranks)
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for first, then in set(edges):
        if first != then:
            after[first].append(then)
            waiting[then] += 1
    heap = [(ranks[node], node) for node in range(count) if not waiting[node]]
    heapq.heapify(heap)
    rest: list[int] | None = None
    done: list[int] = []
    placed = [False] * count
    while len(done) < count:
        if not heap:
            if rest is None:
                rest = sorted(range(count), key=lambda node: ranks[node], reverse=True)
            while placed[rest[-1]]:
                rest.pop()
            heap = [(ranks[rest[-1]], rest[-1])]
        _, node = heapq.heappop(heap)
        if placed[node]:
            continue
        placed[node] = True
        done.append(node)
        for then in after[node]:
            waiting[then] -= 1
            if not waiting[then]:
                heapq.heappush(heap, (ranks[then], then))
    return done
