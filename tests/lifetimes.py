"""Durations one by one, counted as the analyses count them: what published curves and other libraries are held against."""

import numpy as np

from funnel_analytics.funnel.survival import Survival, survival_of_counts


def kaplan_meier(durations: np.ndarray, ended: np.ndarray) -> Survival:
    """The curve of durations, some of which have not ended."""
    days, place = np.unique(durations, return_inverse=True)
    over = np.asarray(ended, dtype=bool)
    counted = (np.bincount(place[which], minlength=len(days)) for which in (over, ~over))
    return survival_of_counts(days, *counted)
