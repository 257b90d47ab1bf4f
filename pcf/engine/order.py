"""Orders the nodes of a system into blocks: strongly connected components, suppliers before consumers."""

from __future__ import annotations

from collections.abc import Sequence


def blocks(suppliers: Sequence[Sequence[int]]) -> list[list[int]]:
    """Strongly connected components in an order in which every supplier stands before its consumers.

    Parameters
    ----------
    suppliers : sequence of sequences of int
        For each node the nodes it draws on.

    Notes
    -----
    Tarjan (1972), doi 10.1137/0201010, without recursion: a component is closed only after everything it reaches.
    """
    count = len(suppliers)
    number = [-1] * count
    low = [0] * count
    on_stack = [False] * count
    stack: list[int] = []
    found: list[list[int]] = []
    counter = 0
    for start in range(count):
        if number[start] >= 0:
            continue
        work = [(start, 0)]
        while work:
            node, position = work.pop()
            if position == 0:
                number[node] = low[node] = counter
                counter += 1
                stack.append(node)
                on_stack[node] = True
            for place in range(position, len(suppliers[node])):
                supplier = suppliers[node][place]
                if number[supplier] < 0:
                    work += [(node, place + 1), (supplier, 0)]
                    break
                if on_stack[supplier]:
                    low[node] = min(low[node], number[supplier])
            else:
                if low[node] == number[node]:
                    component = []
                    while True:
                        member = stack.pop()
                        on_stack[member] = False
                        component.append(member)
                        if member == node:
                            break
                    found.append(sorted(component))
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
    return found
