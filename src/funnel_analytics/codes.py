"""Whole numbers for texts: each is looked up once, so that what follows sorts and counts numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


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
