"""A picture as a PNG in the least time, for a browser on the same machine."""

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

_UP, _RGBA = 2, 6
"""In a PNG: a row told by the row above, and pixels of four values."""


def quick_png(pixels: NDArray[Any]) -> bytes:
    r"""Pixels as a PNG, each row told by what differs from the row above.

    A library tries five ways of telling each row, which takes longer than all the rest; a chart is mostly even areas.

    Parameters
    ----------
    pixels
        Rows of pixels of red, green, blue and alpha, whole numbers of one byte.

    Examples
    --------
    >>> quick_png(np.zeros((2, 3, 4), np.uint8))[:4]
    b'\x89PNG'
    """
    high, wide, _ = pixels.shape
    values = pixels.reshape(high, wide * 4)
    rows = np.empty((high, wide * 4 + 1), np.uint8)
    rows[:, 0], rows[0, 1:] = _UP, values[0]
    np.subtract(values[1:], values[:-1], out=rows[1:, 1:])
    packed = zlib.compressobj(1)
    size = struct.pack(">IIBBBBB", wide, high, 8, _RGBA, 0, 0, 0)
    parts = {b"IHDR": size, b"IDAT": packed.compress(rows.data) + packed.flush(), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
        for name, part in parts.items()
    )
