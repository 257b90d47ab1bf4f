"""Formulas: a whitelisted syntax tree of its own, evaluated on numbers and arrays, checked for units and cycles.

An expression is plain data that survives JSON: a number, `["n", name]`, `[operator, a, b]` or `["f", function, ...]`.
"""

from __future__ import annotations

import ast
import graphlib
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from pcf.errors import InputError
from pcf.units import Dimension

Expression = Any

LONGEST, DEEPEST, MOST_NODES, MOST_POWER = 500, 20, 200, 3
FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "min": (2, 8), "max": (2, 8), "abs": (1, 1), "sqrt": (1, 1), "exp": (1, 1), "log": (1, 1), "clip": (3, 3), "where": (3, 3),
}  # fmt: skip
"""Function → fewest and most arguments."""

_OPERATORS: Mapping[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARISONS: Mapping[type, str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=="}
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_WRITTEN = re.compile(r"(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z0-9_.])|[A-Za-z_]\w*(?!\w)|[-+*/(),<>= ])+\Z", re.ASCII)
"""Plain decimal numbers, names and signs: neither comments nor hexadecimal digits nor a number that runs into a word."""

_ALLOWED = "names, numbers, + - * / **, comparisons inside where(), " + ", ".join(FUNCTIONS)


def parse(text: str, place: str) -> Expression:
    """Parse a formula.

    Raises
    ------
    InputError
        For anything outside the whitelist, or beyond the limits of length, depth and size.
    """
    source = " ".join(text.split())
    if not source or len(source) > LONGEST or not source.isascii() or not source.isprintable():
        found = "nothing" if not source else f"{len(source)} characters" if len(source) > LONGEST else "unusual characters"
        raise InputError(place, found, f"a formula of 1 to {LONGEST} plain characters")
    if not _WRITTEN.match(source):
        raise InputError(place, f"formula {source[:80]!r}", _ALLOWED)
    depth = 0
    for char in source:
        depth += (char == "(") - (char == ")")
        if depth > DEEPEST:
            raise InputError(place, "too many brackets inside each other", f"a depth of at most {DEEPEST}")
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise InputError(place, f"formula {source[:80]!r}", _ALLOWED) from problem
    count = 0

    def refuse(what: str) -> InputError:
        return InputError(place, f"{what} in {source[:80]!r}", _ALLOWED)

    def build(node: ast.AST, level: int, condition: bool = False) -> Expression:
        nonlocal count
        count += 1
        if level > DEEPEST or count > MOST_NODES:
            raise InputError(place, "a formula too deep or too long", f"depth {DEEPEST}, {MOST_NODES} parts")
        if isinstance(node, ast.Constant):
            if type(node.value) not in {int, float} or not math.isfinite(_as_float(node.value)):
                raise refuse(f"constant {str(node.value)[:20]!r}")
            return _as_float(node.value)
        if isinstance(node, ast.Name):
            if not _NAME.match(node.id):
                raise refuse(f"name {node.id!r}")
            return ["n", node.id]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            inner = build(node.operand, level + 1)
            if isinstance(node.op, ast.UAdd):
                return inner
            return -inner if isinstance(inner, float) else ["-", 0.0, inner]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            left, right = build(node.left, level + 1), build(node.right, level + 1)
            symbol = _OPERATORS[type(node.op)]
            if symbol == "**" and not (isinstance(right, float) and abs(right) <= MOST_POWER):
                raise refuse("a power that is not a constant from -3 to 3")
            return [symbol, left, right]
        if isinstance(node, ast.Compare) and condition and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
            return [_COMPARISONS[type(node.ops[0])], build(node.left, level + 1), build(node.comparators[0], level + 1)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords:
            name, (fewest, most) = node.func.id, FUNCTIONS[node.func.id]
            if not fewest <= len(node.args) <= most:
                raise refuse(f"{name} with {len(node.args)} arguments")
            if name == "where" and not isinstance(node.args[0], ast.Compare):
                raise refuse("where() without a comparison")
            return ["f", name, *(build(item, level + 1, name == "where" and not place_) for place_, item in enumerate(node.args))]
        raise refuse(type(node).__name__)

    return build(tree, 1)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def names(expression: Expression) -> set[str]:
    """Names that an expression uses."""
    if not isinstance(expression, list | tuple):
        return set()
    if expression[0] == "n":
        return {expression[1]}
    return set().union(*(names(item) for item in expression[(2 if expression[0] == "f" else 1) :]))


def nesting(expression: Expression) -> int:
    """Levels of an expression inside each other."""
    if not isinstance(expression, list | tuple) or expression[0] == "n":
        return 1
    return 1 + max(nesting(item) for item in expression[(2 if expression[0] == "f" else 1) :])


def _divide(a: Any, b: Any) -> Any:
    return np.divide(a, b) if isinstance(a, np.ndarray) or isinstance(b, np.ndarray) else float(np.divide(a, b))


def _power(a: Any, b: float) -> Any:
    return np.power(a, b) if isinstance(a, np.ndarray) else float(np.power(float(a), b))


def _clip(value: Any, low: Any, high: Any) -> Any:
    return np.minimum(np.maximum(value, low), high)


def _reduce(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def apply(*values: Any) -> Any:
        result = values[0]
        for value in values[1:]:
            result = function(result, value)
        return result

    return apply


_CALLS: Mapping[str, Callable[..., Any]] = {
    "min": _reduce(np.minimum), "max": _reduce(np.maximum), "abs": np.abs, "sqrt": np.sqrt, "exp": np.exp,
    "log": np.log, "clip": _clip, "where": np.where,
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": _divide, "**": _power,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal,
}  # fmt: skip


def evaluate(expression: Expression, namespace: Mapping[str, Any]) -> Any:
    """Value of an expression: a float, or an array where any name is one; a division by zero gives infinity."""
    with quiet():
        return evaluate_quietly(expression, namespace)


def quiet() -> Any:
    """What is not finite is found where it is used, not told by numpy on stderr."""
    return np.errstate(all="ignore")


def evaluate_quietly(expression: Expression, namespace: Mapping[str, Any]) -> Any:
    """As `evaluate`, of many expressions inside of one `quiet`."""
    value = _evaluate(expression, namespace)
    return value if isinstance(value, np.ndarray) and value.ndim else float(value)


def _evaluate(expression: Expression, namespace: Mapping[str, Any]) -> Any:
    if not isinstance(expression, list | tuple):
        return expression
    head = expression[0]
    if head == "n":
        return namespace[expression[1]]
    if head == "f":
        return _CALLS[expression[1]](*(_evaluate(item, namespace) for item in expression[2:]))
    return _CALLS[head](_evaluate(expression[1], namespace), _evaluate(expression[2], namespace))


def dimension_of(expression: Expression, dims: Mapping[str, Dimension]) -> Dimension:
    """Dimension of an expression.

    Raises
    ------
    InputError
        Where unlike things are added or compared, or a function of a plain number gets something else.
    """
    found = _dimension(expression, dims)
    return () if found is None else found


def _dimension(expression: Expression, dims: Mapping[str, Dimension]) -> Dimension | None:
    """As `dimension_of`; None for the literal zero, which fits anything."""
    if not isinstance(expression, list | tuple):
        return None if expression == 0 else ()
    head = expression[0]
    if head == "n":
        return dims[expression[1]]
    arguments = [
        _dimension(item, dims) for item in expression[(2 if head == "f" else 1) :] if head != "**" or item is expression[1]
    ]
    if head == "*":
        return _combine(arguments[0] or (), arguments[1] or (), 1)
    if head == "/":
        return _combine(arguments[0] or (), arguments[1] or (), -1)
    if head == "**":
        return _combine((), arguments[0] or (), float(expression[2]))
    if head == "f":
        name = expression[1]
        if name in {"exp", "log"}:
            if arguments[0]:
                raise InputError("formula", f"{name}() of a quantity with a unit", "a plain number")
            return ()
        if name == "sqrt":
            return _combine((), arguments[0] or (), 0.5)
        return _same(arguments[1:] if name == "where" else arguments)
    return _same(arguments)


def _same(arguments: list[Dimension | None]) -> Dimension | None:
    known = [item for item in arguments if item is not None]
    if any(item != known[0] for item in known):
        shown = " and ".join(
            " ".join(f"{name}^{power:g}" for name, power in item) or "a plain number" for item in dict.fromkeys(known)
        )
        raise InputError("formula", f"{shown} added or compared", "like with like")
    return known[0] if known else None


def _combine(first: Dimension, second: Dimension, power: float) -> Dimension:
    total = dict(first)
    for name, value in second:
        total[name] = total.get(name, 0.0) + power * value
    return tuple(sorted((name, value) for name, value in total.items() if abs(value) > 1e-12))


def order_definitions(definitions: Mapping[str, Expression]) -> list[str]:
    """Names in an order in which each follows from those before it.

    Raises
    ------
    InputError
        For a cycle, which is named.
    """
    needs = {
        name: [item for item in sorted(names(expression)) if item in definitions] for name, expression in definitions.items()
    }
    try:
        return list(graphlib.TopologicalSorter(needs).static_order())
    except graphlib.CycleError as problem:
        raise InputError("derived", " -> ".join(reversed(problem.args[1])), "formulas without a cycle") from None


def ensure_finite(value: Any, place: str) -> Any:
    """The value itself.

    Raises
    ------
    InputError
        For NaN or infinity.
    """
    finite = math.isfinite(value) if isinstance(value, float) else np.all(np.isfinite(value))
    if not finite:
        raise InputError(place, "not a finite number", "a finite number", "look for a division by zero")
    return value
