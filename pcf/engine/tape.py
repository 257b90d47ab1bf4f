"""Records what a calculation does to arrays, so that it can be repeated on other numbers without the calculation's own code.

The model composes and solves a system with NumPy on a small probe of scenarios whose inputs are `Recorded` arrays. Each
operation that touches one is noted; what no input touches stays a plain number and costs nothing later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Operand = int | float
"""A slot (int) or a constant (float)."""

OPERATIONS: Mapping[str, np.ufunc] = {
    ufunc.__name__: ufunc
    for ufunc in (
        np.add, np.subtract, np.multiply, np.divide, np.power, np.square, np.minimum, np.maximum, np.absolute, np.negative, np.sqrt,
        np.exp, np.log, np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.logical_and, np.logical_or,
        np.logical_not, np.isfinite,
    )
}  # fmt: skip
"""Operations that a program may hold, besides `where`."""

CONDITIONS = frozenset(
    {"less", "less_equal", "greater", "greater_equal", "equal", "logical_and", "logical_or", "logical_not", "isfinite"}
)
"""Operations whose result is a truth value."""

_KEEPS_SIGN = frozenset({"add", "multiply", "divide", "minimum", "maximum", "sqrt", "power", "where"})
_KEEPS_FINITE = frozenset({"add", "subtract", "multiply", "square", "minimum", "maximum", "absolute", "negative", "where"})


@dataclass(frozen=True)
class Operation:
    """One operation: name, slot of the result, operands."""

    name: str
    result: int
    operands: tuple[Operand, ...]


@dataclass
class Tape:
    """The operations in the order in which they were done.

    `guards` holds conditions that no scenario of the probe met and that decided how the calculation went on: where one is met
    in another scenario, the record does not hold for it.
    """

    count: int = 0
    operations: list[Operation] = field(default_factory=list)
    guards: list[int] = field(default_factory=list)
    inputs: dict[str, int] = field(default_factory=dict)
    _known: dict[tuple[str, tuple[Operand, ...]], Recorded] = field(default_factory=dict)
    _positive: set[int] = field(default_factory=set)
    _by_result: dict[int, Operation] = field(default_factory=dict)

    def input(self, name: str, probe: NDArray[np.float64], *, positive: bool) -> Recorded:
        """A new input with its probe values (n_probe,); `positive`: zero or more in every scenario."""
        slot = self._slot()
        self.inputs[name] = slot
        if positive:
            self._positive.add(slot)
        return _wrap(probe, self, slot)

    def _slot(self) -> int:
        self.count += 1
        return self.count - 1

    def note(self, name: str, operands: Sequence[Any], compute: Callable[..., Any]) -> Any:
        """Do an operation on the probe and note it; one that changes nothing is left out."""
        same = _unchanged(name, operands)
        if same is not None:
            return same
        plain = [item.view(np.ndarray) if isinstance(item, Recorded) else item for item in operands]
        slots: tuple[Operand, ...] = tuple(item.slot if isinstance(item, Recorded) else float(item) for item in operands)
        key = (name, slots)
        if key not in self._known:
            slot = self._slot()
            operation = Operation(name, slot, slots)
            self.operations.append(operation)
            self._by_result[slot] = operation
            if name in _KEEPS_SIGN and all(self._is_positive(item) for item in (slots[1:] if name == "where" else slots)):
                self._positive.add(slot)
            if name in {"absolute", "exp", "square"} or (name == "maximum" and any(self._is_positive(item) for item in slots)):
                self._positive.add(slot)
            self._known[key] = _wrap(compute(*plain), self, slot)
        return self._known[key]

    def _is_positive(self, operand: Operand) -> bool:
        return operand in self._positive if isinstance(operand, int) else operand >= 0

    def guard(self, condition: Recorded) -> None:
        """Note that no scenario may meet a condition, as far as it can be met at all."""
        operation = self._by_result[condition.slot]
        if operation.name == "less" and operation.operands[1] == 0.0 and self._is_positive(operation.operands[0]):
            return
        if condition.slot not in self.guards:
            self.guards.append(condition.slot)

    def guard_finite(self, condition: Recorded) -> None:
        """Note that a value has to stay finite: only what can turn a finite number into another one is watched."""
        for slot in self._risks(self._by_result[condition.slot].operands[0], set()):
            self.guard(self.note("logical_not", [self.note("isfinite", [slot], np.isfinite)], np.logical_not))

    def _risks(self, operand: Operand, seen: set[int]) -> list[Recorded]:
        if not isinstance(operand, int) or operand in seen or operand not in self._by_result:
            return []
        seen.add(operand)
        operation = self._by_result[operand]
        if operation.name in _KEEPS_FINITE or (operation.name == "divide" and isinstance(operation.operands[1], float)):
            return [item for inner in operation.operands for item in self._risks(inner, seen)]
        return [self._known[(operation.name, operation.operands)]]


class Recorded(np.ndarray[Any, Any]):
    """Probe values (n_probe,) of one slot of a tape."""

    tape: Tape
    slot: int

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Note an operation, or decide a question about all scenarios by the probe."""
        if method == "__call__" and not options and ufunc.__name__ in OPERATIONS:
            return self.tape.note(ufunc.__name__, inputs, ufunc)
        if method == "reduce" and ufunc in (np.logical_or, np.logical_and):
            return decide(self, every=ufunc is np.logical_and)
        raise TypeError(f"{ufunc.__name__}.{method} cannot be recorded")

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        """The few functions that the model uses on values of scenarios."""
        if function is np.where:
            return _where(*arguments)
        if function in {np.any, np.all}:
            return decide(arguments[0], every=function is np.all)
        if function in {np.ndim, np.shape, np.size}:
            return function(arguments[0].view(np.ndarray))
        if function in {np.min, np.max}:
            return function(arguments[0].view(np.ndarray))
        raise TypeError(f"{function.__name__} cannot be recorded")

    def any(self, *_: Any, **__: Any) -> Any:
        """Whether any scenario of the probe is true; noted as a guard where none is."""
        return decide(self, every=False)

    def all(self, *_: Any, **__: Any) -> Any:
        """Whether every scenario of the probe is true; noted as a guard where every one is."""
        return decide(self, every=True)

    def __bool__(self) -> bool:
        """A decision for all scenarios at once is `any` or `all`."""
        raise TypeError("a value of scenarios has no single truth value")


def decide(condition: Any, *, every: bool) -> bool:
    """Answer `any` or `all` by the probe.

    A true `any` and a false `all` lead to code that holds for every scenario; the other answers become guards.
    """
    if not isinstance(condition, Recorded):
        return bool(np.all(condition) if every else np.any(condition))
    tape, name = condition.tape, None
    operation = tape._by_result.get(condition.slot)
    name = operation.name if operation else None
    plain = condition.view(np.ndarray)
    if every:
        found = bool(plain.all())
        if found and name == "isfinite":
            tape.guard_finite(condition)
        elif found:
            tape.guard(tape.note("logical_not", [condition], np.logical_not))
        return found
    found = bool(plain.any())
    if not found:
        if name not in CONDITIONS:
            condition = tape.note("logical_not", [tape.note("equal", [condition, 0.0], np.equal)], np.logical_not)
        tape.guard(condition)
    return found


def _unchanged(name: str, operands: Sequence[Any]) -> Any | None:
    """What an operation returns whatever the scenario: an operand as it is, bit for bit, or nothing; None where it depends."""
    first, last = operands[0], operands[-1]
    plain_first, plain_last = not isinstance(first, Recorded), not isinstance(last, Recorded)
    if name == "add" and plain_first and first == 0:
        return last
    if name in {"add", "subtract"} and plain_last and last == 0:
        return first
    if name == "multiply" and ((plain_first and first == 0) or (plain_last and last == 0)):
        return 0.0
    if name == "multiply" and plain_first and first == 1:
        return last
    if name == "logical_and" and plain_first and first:
        return last
    if name in {"multiply", "divide"} and plain_last and last == 1:
        return first
    return None


def _where(condition: Any, first: Any, second: Any) -> Any:
    tape = next(item.tape for item in (condition, first, second) if isinstance(item, Recorded))
    return tape.note("where", [condition, first, second], np.where)


def _wrap(values: Any, tape: Tape, slot: int) -> Recorded:
    found: Recorded = np.array(values).view(Recorded)
    found.tape, found.slot = tape, slot
    return found
