"""The bytes of a column of texts, looked at all at once: they tell which few texts an expression need look at."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_SHIFT = {pa.string(): np.int32, pa.large_string(): np.int64}
_SPACE, _DELETE = 0x20, 0x7F
_BLOCK = 1 << 18


@dataclass(frozen=True)
class Letters:
    """The texts of an arrow array that hold anything, and their bytes in UTF-8.

    Attributes
    ----------
    texts
        Without missing and empty ones.
    data
        Their bytes, one text behind the other.
    starts, ends
        (n,) where each text begins, and where the next one does.
    """

    texts: pa.Array
    data: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, texts: pa.Array) -> "Letters":
        """The letters of an array of strings; without a copy where all of them hold something.

        Examples
        --------
        >>> letters = Letters.of(pa.array(["ab", None, "c", ""]))
        >>> letters.texts.to_pylist(), letters.starts.tolist(), letters.ends.tolist()
        (['ab', 'c'], [0, 2], [2, 3])
        """
        full = pc.fill_null(pc.greater(pc.binary_length(texts), 0), False)
        held = texts if pc.all(full, min_count=0).as_py() else texts.filter(full)
        _, shifts, marks = held.buffers()
        if not len(held):
            nothing = np.zeros(0, dtype=np.int64)
            return cls(held, np.zeros(0, dtype=np.uint8), nothing, nothing)
        edges = np.frombuffer(shifts, dtype=_SHIFT[held.type])[held.offset : held.offset + len(held) + 1]
        return cls(
            held,
            np.frombuffer(marks, dtype=np.uint8)[edges[0] : edges[-1]],
            edges[:-1] - edges[0],
            edges[1:] - edges[0],
        )

    @property
    def first(self) -> np.ndarray:
        """The first byte of each text."""
        return np.asarray(self.data[self.starts])

    @property
    def last(self) -> np.ndarray:
        """The last byte of each text."""
        return np.asarray(self.data[self.ends - 1])

    def _blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """The bytes in pieces that stay near the processor, each with its beginning."""
        for start in range(0, len(self.data), _BLOCK):
            yield start, self.data[start : start + _BLOCK]

    def _holding(self, signs: bytes) -> np.ndarray:
        """Which texts hold one of some bytes, one that is not printed, or one beyond ASCII."""
        held = np.zeros(len(self.starts), dtype=bool)
        for start, block in self._blocks():
            found = ~_within(block, _SPACE, _DELETE - _SPACE)
            for sign in signs:
                found |= block == sign
            held[np.searchsorted(self.starts, np.flatnonzero(found) + start, side="right") - 1] = True
        return held

    def is_tidy(self) -> bool:
        """Whether all is ASCII and nothing like a blank stands at an end.

        Examples
        --------
        >>> Letters.of(pa.array(["a b"])).is_tidy(), Letters.of(pa.array(["a "])).is_tidy()
        (True, False)
        """
        ends = min(self.first.min(initial=_DELETE), self.last.min(initial=_DELETE))
        return bool(ends > _SPACE and self.data.max(initial=0) < _DELETE)

    def worth_a_look(self, firsts: str, odd: str) -> pa.Array:
        """Texts that begin with one of some signs, or hold one that is odd, is not printed or is no ASCII.

        Examples
        --------
        >>> Letters.of(pa.array(["#REF!", "Acme", "A & B"])).worth_a_look("#", "&").to_pylist()
        ['#REF!', 'A & B']
        """
        begins = np.isin(np.arange(256), list(firsts.encode()))
        return self.texts.filter(pa.array(begins[self.first] | self._holding(odd.encode())))

    def are_plain_numbers(self) -> bool:
        """Whether all are digits with at most a minus before and points between, which need not be one.

        Examples
        --------
        >>> Letters.of(pa.array(["-1.5", "20"])).are_plain_numbers(), Letters.of(pa.array(["1e5"])).are_plain_numbers()
        (True, False)
        """
        # The minus and the point follow one another.
        if not all((_digits(block) | _within(block, ord("-"), 2)).all() for _, block in self._blocks()):
            return False
        if not _digits(self.last).all():
            return False
        return bool(_digits(self.data[self.starts + (self.first == ord("-"))]).all())

    def ending_in_digits(self, short: int) -> pa.Array:
        """Texts that end in a digit, or have no more bytes than some.

        Examples
        --------
        >>> Letters.of(pa.array(["A1", "B2C", "jan"])).ending_in_digits(2).to_pylist()
        ['A1']
        """
        return self.texts.filter(pa.array(_digits(self.last) | (self.ends - self.starts <= short)))


def _within(marks: np.ndarray, first: int, count: int) -> np.ndarray:
    """Which bytes are among some that follow one another; smaller ones wrap round to larger than all."""
    return np.asarray((marks - np.uint8(first)) < count)


def _digits(marks: np.ndarray) -> np.ndarray:
    return _within(marks, ord("0"), 10)
