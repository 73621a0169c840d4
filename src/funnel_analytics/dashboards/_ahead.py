"""Drawing ahead: what is likely to be chosen next is drawn while a person looks, a step at a time.

The steps are taken by the loop that also hears the person, so that a choice waits for one step at most. Without such a
loop, in a script, nothing is drawn ahead.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TypeVar

_REST, _PAUSE = 0.7, 0.02
"""Seconds without a choice after which drawing ahead begins, and between two steps."""
_MOST = 6
"""So many choices are drawn ahead."""
_LONGEST = 1.0
"""Seconds of a step after which no more are taken: a person's next choice would have to wait for one."""
_T = TypeVar("_T")


def likely_next(choices: Sequence[_T], chosen: _T) -> list[_T]:
    """The choices nearest to the chosen one in a list, those after it first.

    Examples
    --------
    >>> likely_next(["all", "Ana", "Ben", "Li"], "Ana")
    ['Ben', 'all', 'Li']
    """
    place = choices.index(chosen)
    apart = sorted(range(len(choices)), key=lambda other: (abs(other - place), other < place))
    return [choices[other] for other in apart[1 : _MOST + 1]]


class Ahead:
    """Takes steps while nothing else is asked."""

    def __init__(self) -> None:
        self._next: asyncio.TimerHandle | None = None

    def begin(self, steps: Iterator[object]) -> None:
        """Take these steps from now on; those of an earlier choice are dropped."""
        self.stop()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._next = loop.call_later(_REST, self._step, loop, steps)

    def stop(self) -> None:
        """Take no further steps."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _step(self, loop: asyncio.AbstractEventLoop, steps: Iterator[object]) -> None:
        self._next, begun = None, loop.time()
        for _ in steps:
            if loop.time() - begun < _LONGEST:
                self._next = loop.call_later(_PAUSE, self._step, loop, steps)
            return
