"""The methods a forecast has to beat: weighted pipelines, the commit category, past periods."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...hygiene import PLACEHOLDER
from ..model.ledger import CATEGORIES
from ..model.naive import SHARES, past_mean
from ..model.view import View

RIVALS = ("nominal", "crm", "stage_win_rate", "commit", "last_period", "mean_of_periods")
MIN_ERRORS = 4
"""Past errors from which a point gets an interval."""
_COMMIT = float(CATEGORIES.index("commit"))


def stage_win_rates(view: View) -> np.ndarray:
    """Won ÷ closed among the opportunities that were ever in each stage; missing where none closed."""
    won = pd.Series(view.closed.won, index=view.closed.number, dtype="float64")
    visited = np.unique(view.visits["number"].to_numpy() * view.stages + view.visits["stage"].to_numpy())
    outcome = won.reindex(visited // view.stages).to_numpy()
    closed, stage = ~np.isnan(outcome), visited % view.stages
    count, wins = (np.bincount(stage[closed], weight, view.stages) for weight in (None, outcome[closed]))
    return np.where(count > 0, wins / np.maximum(count, 1), np.nan)


def rival_chances(view: View, end: int) -> dict[str, np.ndarray]:
    """Chance × due in a window, of each open opportunity by the weighted pipelines; missing where a method says nothing.

    The window begins on the view's day and has ``end`` days.
    """
    rows = view.open
    due = rows["due_days"].to_numpy() <= end
    category = rows["category"].to_numpy()
    stage = rows["stage"].to_numpy()
    won = stage_win_rates(view)[np.nan_to_num(stage).astype("int64")]
    return {
        "nominal": view.nominal * due,
        "crm": rows["crm"].to_numpy() * due,
        "stage_win_rate": np.where(np.isnan(stage), np.nan, won) * due,
        "commit": np.where(np.isnan(category), np.nan, (category == _COMMIT) & due),
    }


def rival_points(view: View, chances: Mapping[str, np.ndarray], past: np.ndarray) -> dict[str, float]:
    """What each method expects still to be won in the window; missing where it can say nothing.

    Parameters
    ----------
    view
        What was known.
    chances
        From `rival_chances`.
    past
        What the same window brought in past periods, oldest first.
    """
    amount = view.open["amount"].to_numpy()
    amount = np.where(amount > PLACEHOLDER, amount, 0.0)
    points = {}
    for method, chance in chances.items():
        told = ~np.isnan(chance)
        points[method] = float((chance * amount)[told].sum()) if told.any() else float("nan")
    points["last_period"] = float(past[-1]) if len(past) else float("nan")
    points["mean_of_periods"] = past_mean(past)
    return points


def dressed(point: float, errors: np.ndarray) -> np.ndarray | None:
    """Quantiles of a point with the bias and spread of its own past errors; None with few of them.

    Parameters
    ----------
    point
        What the method expects.
    errors
        What happened less what it had expected, in past periods.

    Examples
    --------
    >>> sample = dressed(10.0, np.array([-2.0, 0.0, 2.0, 4.0]))
    >>> round(float(sample.mean())), round(float(sample.min()))
    (11, 8)
    """
    if np.isnan(point) or len(errors) < MIN_ERRORS:
        return None
    values = np.quantile(errors, SHARES)
    return np.asarray(np.maximum(point + values, 0.0))
