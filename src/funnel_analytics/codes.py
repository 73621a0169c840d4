"""Texts as whole numbers: each text is looked up once, and what follows sorts and counts numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def codes_of(values: pd.Series, keys: Sequence[str] | pd.Index) -> np.ndarray:
    """The place of each value among different keys; −1 for a missing value and for one that is no key.

    Parameters
    ----------
    values
        (n,) texts.
    keys
        Different texts.

    Returns
    -------
    (n,) array of int64

    Examples
    --------
    >>> codes_of(pd.Series(["lost", None, "open", "?"]), ["open", "won", "lost"]).tolist()
    [2, -1, 0, -1]
    """
    # On long columns several times as fast as looking each value up among the keys.
    codes, found = pd.factorize(values)
    place = np.append(pd.Index(keys).get_indexer(pd.Index(found)), -1)
    return np.asarray(place[codes], dtype="int64")


_OFFSET = {pa.string(): np.int32, pa.large_string(): np.int64}
_LONGEST = 64
_ODD = np.uint64(0x9E3779B97F4A7C15)


def all_different(texts: pd.Series) -> bool:
    """Whether no two texts are alike; two that are missing are alike.

    Parameters
    ----------
    texts
        (n,) texts.

    Examples
    --------
    >>> all_different(pd.Series(["A1", "A2"])), all_different(pd.Series(["A1", "A2", "A1"]))
    (True, False)
    """
    if isinstance(texts.dtype, pd.CategoricalDtype):
        return bool(texts.is_unique)
    held = pa.array(texts.astype("str"), from_pandas=True)
    held = held.combine_chunks() if isinstance(held, pa.ChunkedArray) else held
    length = pc.min_max(pc.binary_length(held))
    if held.null_count or length["min"] != length["max"] or not 0 < (length["max"].as_py() or 0) <= _LONGEST:
        return bool(texts.is_unique)
    marks = fixed_marks(held, length["max"].as_py())
    # Texts of one length, as ids are: different fingerprints are sure to be of different texts.
    words = np.zeros((len(marks), -(-marks.shape[1] // 8) * 8), dtype=np.uint8)
    words[:, : marks.shape[1]] = marks
    prints = np.zeros(len(marks), dtype=np.uint64)
    for word in words.view(np.uint64).T:
        prints = (prints ^ word) * _ODD
        prints ^= prints >> np.uint64(32)
    prints.sort()
    return not (prints[1:] == prints[:-1]).any() or bool(texts.is_unique)


def fixed_marks(texts: pa.Array, length: int) -> np.ndarray:
    """The bytes of texts that all have one length, without missing ones: a line each.

    Examples
    --------
    >>> fixed_marks(pa.array(["ab", "cd"]), 2).tolist()
    [[97, 98], [99, 100]]
    """
    if not len(texts):
        return np.zeros((0, length), dtype=np.uint8)
    _, starts, marks = texts.buffers()
    first = int(np.frombuffer(starts, dtype=_OFFSET[texts.type], count=texts.offset + 1)[-1])
    return np.frombuffer(marks, dtype=np.uint8, count=len(texts) * length, offset=first).reshape(-1, length)


def order_of(*keys: np.ndarray) -> np.ndarray:
    """The stable order of rows by several columns of whole numbers, the first column first.

    Parameters
    ----------
    *keys
        (n,) arrays of whole numbers.

    Returns
    -------
    (n,) array of int64
        Positions of the rows, in order.

    Examples
    --------
    >>> order_of(np.array([2, 1, 1]), np.array([0, 9, 3])).tolist()
    [2, 1, 0]
    """
    one = packed(*keys)
    return np.lexsort(keys[::-1]) if one is None else np.argsort(one, kind="stable")


def packed(*keys: np.ndarray) -> np.ndarray | None:
    """Several columns of whole numbers as one that sorts alike; None where 63 bits do not hold them.

    Examples
    --------
    >>> packed(np.array([7, 7, 8]), np.array([-1, 2, 0])).tolist()
    [0, 3, 5]
    >>> packed(np.array([0, 2**40]), np.array([0, 2**40])) is None
    True
    """
    if not len(keys[0]):
        return np.zeros(0, dtype="int64")
    lows = [int(key.min()) for key in keys]
    sizes = [int(key.max()) - low + 1 for key, low in zip(keys, lows, strict=True)]
    if np.log2(np.array(sizes, dtype="float64")).sum() >= 63:
        return None
    one = np.zeros(len(keys[0]), dtype="int64")
    for key, low, size in zip(keys, lows, sizes, strict=True):
        one *= size
        one += key
        one -= low
    return one


_DENSE = 1 << 23
"""Up to so many cells, each has a place of its own; of more, those that occur are found by sorting."""


def counted(cells: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Which cells occur, in order, and how often.

    Parameters
    ----------
    cells
        (n,) array of whole numbers from 0 to ``size`` − 1.
    size
        How many there could be.

    Returns
    -------
    tuple of (m,) arrays of int64
        The cells that occur and their counts.

    Examples
    --------
    >>> [part.tolist() for part in counted(np.array([7, 2, 7]), 10)]
    [[2, 7], [1, 2]]
    """
    if size > _DENSE:
        found, counts = np.unique(cells, return_counts=True)
        return found, counts
    counts = np.bincount(cells, minlength=size)
    found = np.flatnonzero(counts)
    return found, counts[found]
