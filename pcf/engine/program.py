"""A recorded calculation as a program: run for any number of scenarios in chunks, and differentiated exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.engine.tape import CONDITIONS, OPERATIONS, Operand, Operation, Recorded, Tape

Array = NDArray[np.float64]

CHUNK = 4096
"""Scenarios at a time: the live registers of a program then fit the second-level cache of a processor."""


@dataclass(frozen=True)
class Program:
    """Straight-line operations from inputs to outputs.

    Parameters
    ----------
    inputs : tuple of str
        Names in the order of the rows of what `run` takes; their slots are 0, 1, …
    operations : tuple of Operation
        Each result's slot is written once.
    outputs : mapping of str to Operand
        Output → slot, or the constant that it is.
    guards : tuple of int
        Slots of conditions that no scenario may meet for the program to hold.
    """

    inputs: tuple[str, ...]
    operations: tuple[Operation, ...]
    outputs: Mapping[str, Operand]
    guards: tuple[int, ...]

    @cached_property
    def _plan(self) -> tuple[list[tuple[str, int, tuple[tuple[bool, Any], ...]]], dict[int, int], int, int]:
        """Operations on registers that are reused as soon as their value is no longer needed.

        Returns the steps (name, register, operands as (is register, value)), the register of each slot that is kept, and how many
        registers of numbers and of truth values there are.
        """
        last: dict[int, int] = {}
        for position, operation in enumerate(self.operations):
            for operand in operation.operands:
                if isinstance(operand, int):
                    last[operand] = position
        kept = {slot for slot in self.outputs.values() if isinstance(slot, int)} | set(self.guards)
        register: dict[int, int] = {slot: slot for slot in range(len(self.inputs))}
        free: dict[bool, list[int]] = {False: [], True: []}
        count = {False: len(self.inputs), True: 0}
        steps: list[tuple[str, int, tuple[tuple[bool, Any], ...]]] = []
        for position, operation in enumerate(self.operations):
            operands = tuple((True, register[item]) if isinstance(item, int) else (False, item) for item in operation.operands)
            truth = operation.name in CONDITIONS
            if free[truth]:
                register[operation.result] = free[truth].pop()
            else:
                register[operation.result] = -1 - count[True] if truth else count[False]
                count[truth] += 1
            steps.append((operation.name, register[operation.result], operands))
            for slot in {item for item in operation.operands if isinstance(item, int)}:
                if last[slot] == position and slot not in kept and slot >= len(self.inputs):
                    free[register[slot] < 0].append(register[slot])
        return steps, register, count[False], count[True]

    def run(self, values: Array) -> tuple[dict[str, Any], NDArray[np.bool_]]:
        """Outputs of scenarios and where the program does not hold.

        Parameters
        ----------
        values : (n_inputs, n_scenarios)
            Inputs [base units].

        Returns
        -------
        outputs : mapping of str to (n_scenarios,) or float
            A float where no input reaches the output.
        broken : (n_scenarios,) of bool
            Scenarios that meet a guard: they have to be composed anew.
        """
        size = values.shape[1]
        found: dict[str, Any] = {name: slot for name, slot in self.outputs.items() if not isinstance(slot, int)}
        boolean = {operation.result for operation in self.operations if operation.name in CONDITIONS}
        for name, slot in self.outputs.items():
            if isinstance(slot, int):
                found[name] = np.empty(size, dtype=bool if slot in boolean else float)
        broken = np.zeros(size, dtype=bool)
        steps, register, numbers, truths = self._plan
        width = min(CHUNK, size)
        memory = np.empty((numbers - len(self.inputs), width))
        marks = np.empty((truths, width), dtype=bool)
        with np.errstate(all="ignore"):
            for start in range(0, size, width):
                stop = min(start + width, size)
                place = self._places(values, memory, marks, start, stop)
                for name, target, operands in steps:
                    arguments: list[Any] = [place[item] if slotted else item for slotted, item in operands]
                    if name == "where":
                        np.copyto(place[target], arguments[2])
                        np.copyto(place[target], arguments[1], where=arguments[0])
                    else:
                        OPERATIONS[name](*arguments, out=place[target])
                for name, slot in self.outputs.items():
                    if isinstance(slot, int):
                        found[name][start:stop] = place[register[slot]]
                for slot in self.guards:
                    broken[start:stop] |= place[register[slot]]
        return found, broken

    def _places(self, values: Array, memory: Array, marks: Any, start: int, stop: int) -> dict[int, Any]:
        width, count = stop - start, len(self.inputs)
        place: dict[int, Any] = {index: values[index, start:stop] for index in range(count)}
        place |= {count + index: row[:width] for index, row in enumerate(memory)}
        place |= {-1 - index: row[:width] for index, row in enumerate(marks)}
        return place

    def gradient(self, output: str, point: Sequence[float]) -> tuple[float, Array]:
        """Value of an output at one point and its exact derivative by every input (n_inputs,).

        Notes
        -----
        Reverse mode: one pass back over the operations. At the kink of `minimum`, `maximum` or `where` the side that the point
        takes counts.
        """
        slot = self.outputs[output]
        if not isinstance(slot, int):
            return float(slot), np.zeros(len(self.inputs))
        value: dict[int, float] = dict(enumerate(float(item) for item in point))

        def known(operand: Operand) -> float:
            return value[operand] if isinstance(operand, int) else operand

        with np.errstate(all="ignore"):
            for operation in self.operations:
                arguments = [known(item) for item in operation.operands]
                if operation.name == "where":
                    value[operation.result] = arguments[1] if arguments[0] else arguments[2]
                else:
                    value[operation.result] = float(OPERATIONS[operation.name](*arguments))
            slope: dict[int, float] = {slot: 1.0}
            for operation in reversed(self.operations):
                back = slope.pop(operation.result, 0.0)
                if back == 0.0 or operation.name in CONDITIONS:
                    continue
                arguments = [known(item) for item in operation.operands]
                for operand, part in zip(operation.operands, _partials(operation.name, arguments), strict=True):
                    if isinstance(operand, int) and part != 0.0:
                        slope[operand] = slope.get(operand, 0.0) + back * part
        return value[slot], np.array([slope.get(index, 0.0) for index in range(len(self.inputs))])


def _partials(name: str, values: Sequence[float]) -> tuple[float, ...]:
    """Derivatives of one operation by its operands."""
    if name == "where":
        return 0.0, float(bool(values[0])), float(not values[0])
    if len(values) == 1:
        (a,) = values
        return (
            {
                "negative": lambda: -1.0,
                "absolute": lambda: float(np.sign(a)),
                "square": lambda: 2 * a,
                "sqrt": lambda: 0.5 / float(np.sqrt(a)),
                "exp": lambda: float(np.exp(a)),
                "log": lambda: 1 / a,
            }[name](),
        )
    a, b = values
    return {
        "add": lambda: (1.0, 1.0),
        "subtract": lambda: (1.0, -1.0),
        "multiply": lambda: (b, a),
        "divide": lambda: (1 / b, -a / b**2),
        "power": lambda: (b * float(np.power(a, b - 1)), 0.0),
        "minimum": lambda: (float(a <= b), float(a > b)),
        "maximum": lambda: (float(a >= b), float(a < b)),
    }[name]()


def finish(tape: Tape, outputs: Mapping[str, Any]) -> Program:
    """The program of a tape: what neither outputs nor guards need is left out, and slots are numbered anew."""
    wanted: dict[str, Operand] = {
        name: item.slot if isinstance(item, Recorded) else float(item) for name, item in outputs.items()
    }
    needed = {slot for slot in wanted.values() if isinstance(slot, int)} | set(tape.guards)
    kept: list[Operation] = []
    for operation in reversed(tape.operations):
        if operation.result in needed:
            kept.append(operation)
            needed |= {item for item in operation.operands if isinstance(item, int)}
    number = {slot: index for index, slot in enumerate(tape.inputs.values())}
    for operation in reversed(kept):
        number[operation.result] = len(number)

    def renumbered(operand: Operand) -> Operand:
        return number[operand] if isinstance(operand, int) else operand

    operations = tuple(
        Operation(item.name, number[item.result], tuple(renumbered(operand) for operand in item.operands))
        for item in reversed(kept)
    )
    return Program(
        tuple(tape.inputs),
        operations,
        {name: renumbered(item) for name, item in wanted.items()},
        tuple(number[slot] for slot in tape.guards),
    )
