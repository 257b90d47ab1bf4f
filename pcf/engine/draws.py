"""Draws of uncertain inputs: the same for the same seed, whatever else is drawn and on however many workers.

Scenarios come in blocks of a fixed size. Plain draws have a stream of their own for each input and block, so that an input's
numbers stay what they are when other inputs come or go, and two products share the draws of what they share.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from pcf.engine.distributions import Distribution
from pcf.errors import InputError

Array = NDArray[np.float64]

BLOCK = 65_536
"""Scenarios of one block; a power of two, as Sobol' points want it."""

SAMPLERS = ("random", "latin", "sobol")
MOST_SCENARIOS = 10**9


def count_blocks(size: int) -> int:
    """Blocks that `size` scenarios take."""
    return -(-size // BLOCK)


def check_size(size: int) -> int:
    """The number of scenarios itself.

    Raises
    ------
    InputError
        For less than one, or more than can be meant.
    """
    if not 1 <= size <= MOST_SCENARIOS:
        raise InputError("-n", str(size), f"1 to {MOST_SCENARIOS:,} scenarios")
    return size


def draw_block(
    keys: Sequence[str], distributions: Sequence[Distribution], seed: int, block: int, size: int, sampler: str = "random"
) -> Array:
    """Inputs of the scenarios of one block (n_inputs, n_scenarios) [base units].

    Parameters
    ----------
    keys : sequence of str
        Identity of each input.
    distributions : sequence of Distribution
    seed : int
    block : int
        Number of the block from 0.
    size : int
        Scenarios of the whole run; the last block may be shorter.
    sampler : str
        `random`; `latin`: each block is a Latin hypercube; `sobol`: each block is a scrambled Sobol' sequence.

    Notes
    -----
    Blocks are independent replicates under every sampler, so the spread of their means gives an honest standard error.
    """
    count = min(BLOCK, size - block * BLOCK)
    found = np.empty((len(keys), count))
    if sampler == "sobol":
        from scipy.stats import qmc

        if keys:
            # A whole power of two keeps the sequence's balance; what is too much is cut off.
            points = qmc.Sobol(len(keys), scramble=True, rng=_stream(seed, "sobol", block)).random_base2((count - 1).bit_length())
            found[:] = np.clip(points[:count].T, _SMALLEST, 1 - _SMALLEST)
    else:
        for row, key in zip(found, keys, strict=True):
            stream = _stream(seed, key, block)
            stream.random(out=row)
            if sampler == "latin":
                np.divide(stream.permutation(count) + row, count, out=row)
            np.maximum(row, _SMALLEST, out=row)
    for row, distribution in zip(found, distributions, strict=True):
        row[:] = distribution.quantile(row)
    return found


_SMALLEST = 2.0**-53


def _stream(seed: int, key: str, block: int) -> np.random.Generator:
    name = np.frombuffer(hashlib.sha256(key.encode()).digest()[:16], dtype=np.uint32)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, block, *name.tolist()])))


def draw_blocks(
    keys: Sequence[str], distributions: Sequence[Distribution], seed: int, size: int, sampler: str = "random"
) -> Iterator[Array]:
    """Every block of a run in order."""
    for block in range(count_blocks(size)):
        yield draw_block(keys, distributions, seed, block, size, sampler)
