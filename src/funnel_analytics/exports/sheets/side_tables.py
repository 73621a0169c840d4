"""Tables that stand beside one another on a sheet: where the one with the records begins and ends."""

import numpy as np
import pandas as pd

from .two_row_headings import VALUE


def end_of_first(raw: list[str], below: np.ndarray) -> int | None:
    """Where a second table begins to the right of the first; None where there is none.

    It stands behind an empty column, has two headings or more, and its lines end before those of the first (an empty
    column inside one table, as Salesforce writes it, has records on both of its sides) or it has the same headings.

    Examples
    --------
    >>> end_of_first(["Id", "Owner", "", "Owner", "Quota"], np.array([[1, 1, 0, 1, 1], [1, 1, 0, 0, 0]], dtype=bool))
    2
    """
    empty = ~below.any(axis=0) & np.array([not heading for heading in raw], dtype=bool)
    lines = np.flatnonzero(below.any(axis=1))
    for column in np.flatnonzero(empty):
        left = np.asarray(below[lines, :column].any(axis=1))
        right = np.asarray(below[lines, column + 1 :].any(axis=1))
        height = int(right.sum())
        headed = sum(1 for heading in raw[column + 1 :] if heading)
        same = len({heading for heading in raw[:column] if heading} & set(raw[column + 1 :]))
        if headed >= 2 and 2 * same >= headed and same >= 2:
            return int(column)
        if left.all() and headed >= 2 and 0 < height < len(lines) and right[:height].all() and column >= 2:
            return int(column)
    return None


def short_left(raw: list[str], body: pd.DataFrame, below: np.ndarray) -> int | None:
    """Where a short table at the left ends, before an empty column; None where there is none.

    Its lines end before those of the wider table, and it holds numbers or has a heading of the other: the groups of a
    report, which end early as well, do neither.

    Examples
    --------
    >>> body = pd.DataFrame([["Lee", "5", None, "A1", "Acme", "9"]] * 2 + [[None, None, None, "A2", "Beta", "7"]])
    >>> short_left(["Owner", "Quota", "", "Id", "Account", "Amount"], body, body.notna().to_numpy())
    2
    """
    lines = np.flatnonzero(below.any(axis=1))
    for column in np.flatnonzero(~below.any(axis=0) & np.array([not heading for heading in raw], dtype=bool)):
        height = int(below[lines, :column].any(axis=1).sum())
        named, others = (list(filter(None, part)) for part in (raw[:column], raw[column + 1 :]))
        if not 2 <= len(named) < len(others) or not 2 <= height < len(lines):
            continue
        first = lines[:height]
        if not below[first, :column].any(axis=1).all() or not below[lines, column + 1 :].any(axis=1).all():
            continue
        numbers = any(
            below[first, place].all() and all(VALUE.fullmatch(str(text).strip()) for text in body.iloc[first, place])
            for place in range(column)
        )
        if numbers or set(named) & set(others):
            return int(column)
    return None
