"""The tree against the vectors of RFC 6962's test suite, hand-checked documents, and a naive implementation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.errors import CheckFailed, InputError
from pcf.store.merkle import (
    EMPTY,
    Read,
    complete_root,
    completed_tiles,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    reader,
    root,
    tile_reader,
    verify_consistency,
    verify_inclusion,
)

# Five documents; roots computed with pymerkle 7.0.0, proofs by hand from the definitions of RFC 6962.
DOCUMENTS = [
    f'{{"doc":"COC-{number}","t":"{tonnes}"}}'.encode()
    for number, tonnes in enumerate(("100.000", "50.000", "25.500", "10.000", "5.000"), 1)
]
LEAF_0 = "57590d6dc73813a6a1d2b5a71a26ea21308a95d06a86e83aa42dfa072e31c56d"
LEAF_2 = "012ba446db4178df5c1c1a076e7195d5c1e71240a78d7eaeda97e7e28b62d273"
LEAF_3 = "276e55ccca22f3c19d2ec4bce37056d4a21936635f26b314ebe353ec9b1cb593"
NODE_0_1 = "99bfd546bcd1b465c363cc52f792610aca70fa6d3ee16b5ba6b5d54093a77cb2"
LEAF_4 = "e399a0b27e2ef97e48f315ec653854165c82946c3cb1379f92c7839b1ed12394"
ROOT_3 = "39097e284a03db61b1d26785b5e27d18039c4590ff9d33567a777fa6dae7719e"
ROOT_5 = "90d84c46eee159310ee2a29b896a503c87f5beb6cdf85752c673edd5ece7dfb1"

# Inputs, roots and proofs of the tests of certificate-transparency, the reference implementation of RFC 6962.
CT_INPUTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

LEAVES = [leaf_hash(str(number).encode()) for number in range(700)]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, word for word."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_proof(first: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of RFC 6962, word for word."""
    if first == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = split(len(leaves))
    if first <= k:
        return [*naive_proof(first, leaves[:k], whole=whole), naive_root(leaves[k:])]
    return [*naive_proof(first - k, leaves[k:], whole=False), naive_root(leaves[:k])]


def split(size: int) -> int:
    k = 1
    while 2 * k < size:
        k *= 2
    return k


def unhex(*texts: str) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def kept_tiles(leaves: Sequence[bytes], levels: int) -> dict[tuple[int, int], bytes]:
    """Tiles of a log that grew leaf by leaf."""
    width = 1 << levels
    found: dict[tuple[int, int], bytes] = {}
    for size in range(len(leaves)):
        for level, number in completed_tiles(size, size + 1, levels):
            span = width**level
            first = number * width * span
            found[level, number] = b"".join(
                naive_root(leaves[first + place * span : first + (place + 1) * span]) for place in range(width)
            )
    return found


class Counted:
    """Reader that counts what it is asked for."""

    def __init__(self, read: Read) -> None:
        self.read, self.asked = read, 0

    def __call__(self, level: int, index: int) -> bytes:
        self.asked += 1
        return self.read(level, index)


def test_published_hashes() -> None:
    assert EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(DOCUMENTS[0]).hex() == LEAF_0


def test_roots_and_proofs_of_five_documents() -> None:
    read = reader([leaf_hash(document) for document in DOCUMENTS])
    assert root(0, read) == EMPTY
    assert root(3, read).hex() == ROOT_3
    assert root(5, read).hex() == ROOT_5
    assert inclusion_proof(2, 5, read) == unhex(LEAF_3, NODE_0_1, LEAF_4)
    assert consistency_proof(3, 5, read) == unhex(LEAF_2, LEAF_3, NODE_0_1, LEAF_4)


def test_proofs_of_five_documents_are_accepted() -> None:
    assert verify_inclusion(leaf_hash(DOCUMENTS[2]), 2, 5, unhex(LEAF_3, NODE_0_1, LEAF_4), bytes.fromhex(ROOT_5))
    assert verify_consistency(3, 5, *unhex(ROOT_3, ROOT_5), unhex(LEAF_2, LEAF_3, NODE_0_1, LEAF_4))


def test_roots_of_the_reference_implementation() -> None:
    read = reader([leaf_hash(content) for content in CT_INPUTS])
    assert [root(size, read).hex() for size in range(1, 9)] == CT_ROOTS


def test_proofs_of_the_reference_implementation() -> None:
    read = reader([leaf_hash(content) for content in CT_INPUTS])
    last = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
    assert inclusion_proof(5, 8, read) == unhex(
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b", last, CT_ROOTS[3]
    )
    assert consistency_proof(6, 8, read) == unhex(
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", last, CT_ROOTS[3]
    )
    assert consistency_proof(2, 5, read) == unhex(
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    )


@pytest.mark.parametrize("size", range(1, 41))
def test_every_small_tree_is_as_the_definition_says(size: int) -> None:
    leaves, read = LEAVES[:size], reader(LEAVES)
    whole = naive_root(leaves)
    assert root(size, read) == whole
    for index in range(size):
        proof = inclusion_proof(index, size, read)
        assert proof == naive_path(index, leaves)
        assert verify_inclusion(leaves[index], index, size, proof, whole)
    for first in range(1, size + 1):
        proof = consistency_proof(first, size, read)
        assert proof == naive_proof(first, leaves)
        assert verify_consistency(first, size, naive_root(leaves[:first]), whole, proof)


@pytest.mark.parametrize("size", range(1, 18))
def test_a_proof_holds_for_no_other_place(size: int) -> None:
    read = reader(LEAVES)
    whole = root(size, read)
    for index in range(size):
        proof = inclusion_proof(index, size, read)
        assert [other for other in range(size) if verify_inclusion(LEAVES[index], other, size, proof, whole)] == [index]
        assert not verify_inclusion(LEAVES[index + 1], index, size, proof, whole)
    for first in range(1, size):
        proof = consistency_proof(first, size, read)
        accepted = [other for other in range(size + 1) if verify_consistency(other, size, root(first, read), whole, proof)]
        assert accepted == [first]


@given(st.data())
def test_a_changed_proof_is_refused(data: st.DataObject) -> None:
    read = reader(LEAVES)
    size = data.draw(st.integers(2, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size - 1))
    included, consistent = inclusion_proof(index, size, read), consistency_proof(first, size, read)
    change = data.draw(st.sampled_from(("flip", "drop", "add", "swap", "shorten", "add at the front")))
    for proof in (included, consistent):
        original = list(proof)
        place = data.draw(st.integers(0, len(proof) - 1))
        if change == "flip":
            bit = data.draw(st.integers(0, 255))
            proof[place] = (int.from_bytes(proof[place]) ^ (1 << bit)).to_bytes(32)
        elif change == "drop":
            del proof[place]
        elif change == "add":
            proof.append(EMPTY)
        elif change == "swap":
            proof[0], proof[place] = proof[place], proof[0]
        elif change == "shorten":
            proof[place] = proof[place][:-1]
        else:
            proof.insert(0, LEAVES[0])
        assert proof != original or (change == "swap" and place == 0)
    holds = change == "swap" and included == inclusion_proof(index, size, read)
    assert verify_inclusion(LEAVES[index], index, size, included, root(size, read)) == holds
    holds = change == "swap" and consistent == consistency_proof(first, size, read)
    assert verify_consistency(first, size, root(first, read), root(size, read), consistent) == holds


@given(st.integers(2, 300), st.data())
def test_a_rewritten_log_is_not_consistent(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, first - 1))
    forged = [*LEAVES[:changed], leaf_hash(b"forged"), *LEAVES[changed + 1 : size]]
    held, read = naive_root(LEAVES[:first]), reader(forged)
    assert not verify_consistency(first, size, held, root(size, read), consistency_proof(first, size, read))


def test_a_proof_longer_than_the_tree_is_high_is_refused() -> None:
    # The second of two leaves does not pass for the only leaf of a tree that has the root of both.
    assert not verify_inclusion(LEAVES[1], 0, 1, [LEAVES[0]], naive_root(LEAVES[:2]))


def test_bytes_moved_from_one_hash_to_the_next_are_refused() -> None:
    both = naive_root(LEAVES[:2])
    longer, shorter = LEAVES[0] + LEAVES[1][:8], LEAVES[1][8:]
    assert node_hash(longer, shorter) == both
    assert not verify_inclusion(longer, 0, 2, [shorter], both)
    assert not verify_consistency(1, 2, longer, both, [shorter])


def test_a_node_does_not_pass_for_a_leaf() -> None:
    read = reader(LEAVES)
    # The tree of 4 as a tree of 2 whose leaves are its inner nodes: only the prefix of a leaf tells them apart.
    content = LEAVES[0] + LEAVES[1]
    assert node_hash(read(1, 0), read(1, 1)) == root(4, read)
    assert not verify_inclusion(leaf_hash(content), 0, 2, [read(1, 1)], root(4, read))


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0), (0, -1)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(InputError, match=f"leaf {index} of {size}"):
        inclusion_proof(index, size, reader(LEAVES))
    assert not verify_inclusion(LEAVES[0], index, size, [], LEAVES[0])


def test_sizes_that_cannot_be_are_refused() -> None:
    read = reader(LEAVES)
    for first, second in ((6, 5), (-1, 5), (-2, -1)):
        with pytest.raises(InputError, match=f"from {first} to {second}"):
            consistency_proof(first, second, read)
        assert not verify_consistency(first, second, EMPTY, EMPTY, [])
    with pytest.raises(InputError, match="-1 leaves"):
        root(-1, read)


def test_consistency_without_anything_to_show() -> None:
    read = reader(LEAVES)
    five, six = root(5, read), root(6, read)
    assert consistency_proof(0, 5, read) == consistency_proof(5, 5, read) == consistency_proof(0, 0, read) == []
    assert verify_consistency(0, 5, EMPTY, five, [])
    assert verify_consistency(5, 5, five, five, [])
    assert verify_consistency(0, 0, EMPTY, EMPTY, [])
    assert not verify_consistency(0, 5, five, five, [])
    assert not verify_consistency(0, 0, five, five, [])
    assert not verify_consistency(5, 5, five, six, [])
    assert not verify_consistency(5, 5, five, five, [five])
    assert not verify_consistency(0, 5, EMPTY, five, [five])
    assert not verify_consistency(4, 5, root(4, read), five, [])
    assert not verify_consistency(3, 5, root(3, read), five, [])


def test_a_proof_in_a_huge_tree_asks_for_few_subtrees() -> None:
    # 2**40 - 1 leaves: 40 complete subtrees at the right edge, and a path of at most 40.
    size = 2**40 - 1
    for make in (
        lambda read: root(size, read),
        lambda read: inclusion_proof(size - 1, size, read),
        lambda read: inclusion_proof(12_345_678_901, size, read),
        lambda read: consistency_proof(987_654_321_012, size, read),
    ):
        counted = Counted(lambda level, index: hashlib.sha256(f"{level}/{index}".encode()).digest())
        make(counted)
        assert 0 < counted.asked <= 80


def test_complete_root_is_the_root() -> None:
    for count in (1, 2, 8, 256):
        assert complete_root(LEAVES[:count]) == naive_root(LEAVES[:count])


def test_completed_tiles() -> None:
    assert list(completed_tiles(0, 255)) == []
    assert list(completed_tiles(255, 256)) == [(0, 0)]
    assert list(completed_tiles(256, 511)) == []
    assert list(completed_tiles(200, 800)) == [(0, 0), (0, 1), (0, 2)]
    # 256 tiles of level 0 make the first one of level 1: it needs the last of them, so it comes after it.
    assert list(completed_tiles(65_535, 65_536)) == [(0, 255), (1, 0)]
    assert list(completed_tiles(7, 7)) == []


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000), st.integers(1, 4))
def test_tiles_complete_once_however_the_log_grows(one: int, two: int, three: int, levels: int) -> None:
    start, middle, stop = sorted((one, two, three))
    at_once = list(completed_tiles(start, stop, levels))
    in_steps = [*completed_tiles(start, middle, levels), *completed_tiles(middle, stop, levels)]
    assert len(set(at_once)) == len(at_once)
    assert sorted(at_once) == sorted(in_steps)


@pytest.mark.parametrize("levels", [1, 2, 3, 8])
def test_tiles_answer_as_the_leaves_do(levels: int) -> None:
    plain, tiles = reader(LEAVES), kept_tiles(LEAVES, levels)
    assert tiles
    lowest = min(size for size in range(1, 700) if next(completed_tiles(0, size, levels), None))
    for size in {*range(1, 700, 23), lowest - 1, lowest, lowest + 1, 511, 512, 513, 699, 700} - {0}:
        stored = {key: content for key, content in tiles.items() if key in set(completed_tiles(0, size, levels))}

        def leaves(start: int, stop: int, size: int = size) -> list[bytes]:
            assert stop <= size
            return LEAVES[start:stop]

        def tile(level: int, number: int, stored: dict[tuple[int, int], bytes] = stored) -> bytes | None:
            return stored.get((level, number))

        read = tile_reader(leaves, tile, levels)
        assert root(size, read) == root(size, plain)
        for index in {0, size // 3, size - 1}:
            assert inclusion_proof(index, size, read) == inclusion_proof(index, size, plain)
        for first in {1, size // 2, size - 1, size} - {0}:
            assert consistency_proof(first, size, read) == consistency_proof(first, size, plain)


@given(st.sets(st.integers(0, 400)), st.integers(1, 700), st.data())
def test_lost_tiles_cost_time_only(lost: set[int], size: int, data: st.DataObject) -> None:
    tiles = kept_tiles(LEAVES[:size], 2)
    kept = {key: tiles[key] for number, key in enumerate(sorted(tiles)) if number not in lost}
    read = tile_reader(lambda start, stop: LEAVES[start:stop], lambda level, number: kept.get((level, number)), 2)
    index = data.draw(st.integers(0, size - 1))
    assert inclusion_proof(index, size, read) == inclusion_proof(index, size, reader(LEAVES))
    assert root(size, read) == root(size, reader(LEAVES))


def test_a_tree_of_a_million_leaves_needs_few_rows() -> None:
    # A log whose documents are all the same: every subtree of a height has the same hash, so that tiles need no tree.
    heights = [leaf_hash(b"same")]
    for _ in range(24):
        heights.append(node_hash(heights[-1], heights[-1]))
    size = 5 * 65_536 + 3 * 256 + 7
    asked: list[str] = []

    def leaves(start: int, stop: int) -> list[bytes]:
        asked.append("leaves")
        return [heights[0]] * (stop - start)

    def tile(level: int, number: int) -> bytes | None:
        asked.append("tile")
        return heights[8 * level] * 256 if (number + 1) * 256 ** (level + 1) <= size else None

    read = tile_reader(leaves, tile)
    found = root(size, read)
    # By hand: 327680 = 4 + 1 times 2**16, 768 = 2 + 1 times 256, 7 = 4 + 2 + 1 leaves.
    expected = heights[0]
    for height in (1, 2, 8, 9, 16, 18):
        expected = node_hash(heights[height], expected)
    assert found == expected
    assert len(asked) < 30
    before = len(asked)
    assert root(size, read) == found
    assert len(asked) == before


def test_damaged_tiles_and_missing_leaves_are_found() -> None:
    cut = tile_reader(lambda start, stop: LEAVES[start:stop], lambda level, number: b"".join(LEAVES[:256])[:-1])
    with pytest.raises(CheckFailed, match="tile 0/0: found 8191 bytes; expected 8192"):
        root(255, cut)
    short = tile_reader(lambda start, stop: LEAVES[start : min(stop, 6)], lambda level, number: None)
    with pytest.raises(CheckFailed, match="leaves 4 to 7: found 2; expected 4"):
        short(2, 1)
