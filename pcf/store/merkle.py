"""Merkle tree of the log: roots and proofs of RFC 6962, checked as RFC 9162 says. Pure; knows no database.

Everything works over a `Read`: `read(level, index)` gives the hash of the complete subtree of `2**level` leaves that starts
at leaf `index * 2**level`. Such a hash never changes while the log grows, so a store can keep it; a root or a proof asks for
O(log n) of them.

References
----------
RFC 6962, section 2.1, and RFC 9162, sections 2.1.3.2 and 2.1.4.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from pcf.errors import CheckFailed, InputError

Read = Callable[[int, int], bytes]

HASH = hashlib.sha256().digest_size
"""Bytes of a hash."""

EMPTY = hashlib.sha256().digest()
"""Root of the tree without leaves."""

TILE = 8
"""Levels of the tree that a tile spans: it holds `2**TILE` hashes of one level.

Tile `(level, number)` covers the leaves from `number * 256**(level + 1)` to the next one's first; its content is the 256
node hashes at height `8 * level`, one behind the other. The store writes the tile as one row when the 256 hashes of that
level are complete (`completed_tiles`), and never again.
"""

_TILES_KEPT = 256
_HASHES_KEPT = 4096


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf with some content."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of a node over its two children; its prefix differs from a leaf's, so that neither passes for the other."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """Root over the hashes of one level whose number is a power of two."""
    while len(hashes) > 1:
        hashes = _paired(hashes)
    return hashes[0]


def root(size: int, read: Read) -> bytes:
    """Root of the tree of the first `size` leaves."""
    if size < 0:
        raise InputError("tree", f"{size} leaves", "0 or more")
    return _root_from(0, size, read) if size else EMPTY


def inclusion_proof(index: int, size: int, read: Read) -> list[bytes]:
    """Hashes that lead from a leaf to the root, the leaf's neighbour first.

    Parameters
    ----------
    index : int
        Number of the leaf, from 0.
    size : int
        Leaves of the tree.
    read : Read
        Complete subtrees of at least these leaves.

    Raises
    ------
    InputError
        When the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise InputError("inclusion proof", f"leaf {index} of {size}", f"a leaf from 0 to {size - 1}" if size > 0 else "a leaf")
    path, start = [], 0
    while size > 1:
        half = _split(size)
        if index < start + half:
            path.append(_root_from(start + half, size - half, read))
            size = half
        else:
            path.append(_root_from(start, half, read))
            start, size = start + half, size - half
    return path[::-1]


def consistency_proof(first: int, second: int, read: Read) -> list[bytes]:
    """Hashes that show that the tree of the first `first` leaves is the beginning of that of `second` leaves.

    Nothing needs to be shown, and the proof is empty, from a tree without leaves and between equal sizes.

    Raises
    ------
    InputError
        When the first tree is larger than the second.
    """
    if not 0 <= first <= second:
        raise InputError("consistency proof", f"from {first} to {second} leaves", "from an earlier size to a later one")
    if first == 0:
        return []
    path, start, size, whole = [], 0, second, True
    # `whole`: the verifier knows the root of what is left, because it is the first tree itself.
    while first != size:
        half = _split(size)
        if first <= half:
            path.append(_root_from(start + half, size - half, read))
            size = half
        else:
            path.append(_root_from(start, half, read))
            start, first, size, whole = start + half, first - half, size - half, False
    if not whole:
        path.append(_root_from(start, size, read))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof leads from a leaf to a root.

    Parameters
    ----------
    leaf : bytes
        `leaf_hash` of the content in question, computed by whoever verifies.
    index, size : int
        Number of the leaf, from 0, and leaves of the tree.
    proof : sequence of bytes
        As `inclusion_proof` makes it; may come from anybody.
    root : bytes
        Root that the verifier trusts.
    """
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    place, last, found = index, size - 1, leaf
    for other in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(other, found)
            place, last = _skip_lone(place, last)
        else:
            found = node_hash(found, other)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that a tree is the beginning of another one.

    Parameters
    ----------
    first, second : int
        Leaves of the earlier and of the later tree.
    first_root, second_root : bytes
        Roots of both that the verifier has.
    proof : sequence of bytes
        As `consistency_proof` makes it; may come from anybody.
    """
    if not 0 <= first <= second or not _are_hashes(first_root, second_root, *proof):
        return False
    if first == second:
        return not proof and first_root == second_root and (first > 0 or first_root == EMPTY)
    if first == 0:
        return not proof and first_root == EMPTY
    if not proof:
        return False
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    earlier = later = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            earlier, later = node_hash(other, earlier), node_hash(other, later)
            place, last = _skip_lone(place, last)
        else:
            later = node_hash(later, other)
        place, last = place >> 1, last >> 1
    return last == 0 and earlier == first_root and later == second_root


def reader(hashes: Sequence[bytes]) -> Read:
    """Read complete subtrees of leaves in memory; a level is computed whole when it is first asked for.

    Parameters
    ----------
    hashes : sequence of bytes
        Leaf hashes; must not change any more.
    """
    levels = [hashes]

    def read(level: int, index: int) -> bytes:
        while len(levels) <= level:
            levels.append(_paired(levels[-1]))
        return levels[level][index]

    return read


def completed_tiles(before: int, after: int, levels: int = TILE) -> Iterator[tuple[int, int]]:
    """Tiles `(level, number)` that become complete when a log grows, lower levels first.

    Parameters
    ----------
    before, after : int
        Leaves before and after.
    levels : int
        Levels that a tile spans.
    """
    level, span = 0, 1 << levels
    while span <= after:
        for number in range(before // span, after // span):
            yield level, number
        level, span = level + 1, span << levels


def tile_reader(
    leaf_hashes: Callable[[int, int], Sequence[bytes]],
    tile: Callable[[int, int], bytes | None],
    levels: int = TILE,
) -> Read:
    """Read complete subtrees from tiles, and from the leaf hashes where there is no tile: at the right edge.

    Tiles only save time: without them the answers are the same. What was read is kept as long as the reader lives; the log
    may grow meanwhile.

    Parameters
    ----------
    leaf_hashes : callable
        Leaf hashes from a leaf up to, not including, another one.
    tile : callable
        Content of tile `(level, number)`, or None where there is none.
    levels : int
        Levels that a tile spans.

    Raises
    ------
    CheckFailed
        By the reader, when a tile has not its length or leaves are missing.
    """

    @lru_cache(maxsize=_TILES_KEPT)
    def content(level: int, number: int) -> bytes | None:
        found = tile(level, number)
        if found is not None and len(found) != HASH << levels:
            raise CheckFailed(f"log tile {level}/{number}: found {len(found)} bytes; expected {HASH << levels}")
        return found

    @lru_cache(maxsize=_HASHES_KEPT)
    def read(level: int, index: int) -> bytes:
        row, above = divmod(level, levels)
        first, count = index << above, 1 << above
        if (found := content(row, first >> levels)) is not None:
            begin = HASH * (first % (1 << levels))
            return complete_root([found[at : at + HASH] for at in range(begin, begin + HASH * count, HASH)])
        if row > 0:
            return node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))
        leaves = leaf_hashes(first, first + count)
        if len(leaves) != count:
            raise CheckFailed(f"log leaves {first} to {first + count - 1}: found {len(leaves)}; expected {count}")
        return complete_root(leaves)

    return read


def _split(size: int) -> int:
    """Largest power of two below a size above 1: the leaves of the left child."""
    return 1 << ((size - 1).bit_length() - 1)


def _root_from(start: int, count: int, read: Read) -> bytes:
    """Root of `count` leaves from `start`, which a complete subtree of at least as many leaves could start at."""
    found = b""
    # From the right: the smallest complete subtree is the deepest one.
    for level in range(count.bit_length()):
        if count >> level & 1:
            left = read(level, (start + count) // (1 << level) - 1)
            found = node_hash(left, found) if found else left
            count -= 1 << level
    return found


def _skip_lone(place: int, last: int) -> tuple[int, int]:
    """Leave out the levels at which a node at the right edge has no neighbour and stays as it is."""
    while not place & 1 and place:
        place, last = place >> 1, last >> 1
    return place, last


def _paired(hashes: Sequence[bytes]) -> list[bytes]:
    """Level above; what has no partner waits for it."""
    return [node_hash(left, right) for left, right in zip(islice(hashes, 0, None, 2), islice(hashes, 1, None, 2), strict=False)]


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH for value in values)
