"""Garbage is collected between two views, not while a person waits for one."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_kept() -> Iterator[None]:
    """While inside, nothing is collected, which would look through the whole book's objects for a tenth of a second.

    What was drawn meanwhile is then young, and is found without looking at all the rest.

    Examples
    --------
    >>> with garbage_kept():
    ...     gc.isenabled()
    False
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
