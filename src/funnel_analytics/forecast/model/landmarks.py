"""Past standing stock: what became of the opportunities that were open on past month-ends.

The chance of ever being won is estimated here and nowhere else. A stage's win rate among all that ever entered
it is a flow: today's stock is full of slow and dead opportunities, and the flow rate overstates it 1.8 to 3
times. The open opportunities of past month-ends are stock of the same kind.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...outcomes import WON
from .incidence import incidence_curve
from .visits import outcomes

EVENTUAL_DAYS = 730
"""Ever won means won within 24 months."""
CELL_WEIGHT, STAGE_WEIGHT, ROW_WEIGHT = 8.0, 6.0, 1 / 6
"""Pseudo-opportunities that draw a cell to its stage and a stage to its prior; the weight of one of the monthly rows,
because one opportunity stands on several month-ends."""
HALF_LIFE_DAYS = 365.0
"""Of a month-end's weight: what a team's stock came to years ago says less about today's."""
NOMINAL_SHARE = 0.6
"""Share of the methodology's percentage that standing stock has been seen to win: the prior."""
AGE_GROUPS = 3


@dataclass(frozen=True)
class StandingStock:
    """Opportunities open on past month-ends and what followed.

    Attributes
    ----------
    rows : DataFrame
        ``opportunity_id``, ``stage`` (number), ``on`` (month-end), ``age`` (days in stage), ``third``,
        ``event`` (1 won, 2 lost, 0 open when last seen), ``after`` (days from the month-end to it).
    edges : ndarray of shape (stages, 2)
        Days in stage that part the thirds.
    """

    rows: pd.DataFrame
    edges: np.ndarray


def standing_stock(visits: pd.DataFrame, stages: int, as_of: pd.Timestamp) -> StandingStock:
    """The stock of every month-end before ``as_of`` that the visits cover.

    Parameters
    ----------
    visits
        From `visits.observed_visits`; only rows with known days in stage stand.
    stages
        Number of open stages.
    as_of
        The book's date.
    """
    known = visits.assign(**outcomes(visits, stages))[visits["usable"]]
    if known.empty:
        columns = {"opportunity_id": "str", "stage": "int64", "on": "datetime64[us]", "age": float, "third": "int64",
                   "event": "int64", "after": float}  # fmt: skip
        return StandingStock(pd.DataFrame(columns=list(columns)).astype(columns), np.full((stages, 2), np.inf))
    months = month_ends(known["seen_from"].min(), as_of).to_numpy()
    first = np.searchsorted(months, known["seen_from"].to_numpy(dtype="datetime64[us]"), side="left")
    beyond = np.searchsorted(months, known["end"].to_numpy(dtype="datetime64[us]"), side="left")
    times = np.maximum(beyond - first, 0)
    rows = known.loc[known.index.repeat(times)]
    starts = np.cumsum(times) - times
    on = months[np.repeat(first, times) + np.arange(times.sum()) - np.repeat(starts, times)]
    frame = pd.DataFrame(
        {
            "opportunity_id": rows["opportunity_id"].to_numpy(),
            "stage": rows["stage"].to_numpy(),
            "on": on,
            "age": (on - rows["entered"].to_numpy(dtype="datetime64[us]")) / np.timedelta64(1, "D"),
            "event": rows["event"].to_numpy(),
            "after": (rows["at"].to_numpy(dtype="datetime64[us]") - on) / np.timedelta64(1, "D"),
        }
    )
    ages = frame.groupby(["stage", "age"]).size().reset_index(name="rows")
    edges = third_edges(ages, stages)
    frame["third"] = age_third(frame["stage"].to_numpy(), frame["age"].to_numpy(), edges)
    return StandingStock(frame, edges)


def month_ends(first: pd.Timestamp, as_of: pd.Timestamp) -> pd.DatetimeIndex:
    """The ends of months from a day on, before the book's date: when past stock is looked at."""
    return pd.date_range(first, as_of - pd.Timedelta(days=1), freq="ME", unit="us")


def third_edges(ages: pd.DataFrame, stages: int) -> np.ndarray:
    """Days in stage that part the thirds of each stage's past stock; infinite where there is none.

    Parameters
    ----------
    ages
        stage, age and rows: how many of the stock were so many days in the stage.
    stages
        Number of open stages.

    Examples
    --------
    >>> ages = pd.DataFrame({"stage": 0, "age": [3.0, 10.0, 40.0], "rows": [2, 1, 1]})
    >>> third_edges(ages, 2).tolist()
    [[3.0, 10.0], [inf, inf]]
    """
    edges = np.full((stages, AGE_GROUPS - 1), np.inf)
    for stage, held in ages.sort_values("age").groupby("stage"):
        age, upto = held["age"].to_numpy(dtype="float64"), held["rows"].to_numpy().cumsum()
        # As quantile() does with every row laid out: between the two neighbours in order.
        place = np.array([1 / 3, 2 / 3]) * (upto[-1] - 1)
        lower = np.floor(place)
        low, high = (
            age[np.searchsorted(upto, at, side="right")] for at in (lower, np.minimum(lower + 1, upto[-1] - 1))
        )
        share = place - lower
        edges[stage] = np.where(share < 0.5, low + (high - low) * share, high - (high - low) * (1 - share))
    return edges


def age_third(stage: np.ndarray, age: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """0, 1 or 2: the youngest, middle or oldest third of its stage's past stock."""
    return np.asarray((age[:, None] > edges[stage]).sum(axis=1), dtype="int64")


def weighted_stock(stock: StandingStock) -> pd.DataFrame:
    """The stock with the weight of each row's month-end, as `eventual_probabilities` takes it."""
    rows = stock.rows
    weight = 0.5 ** ((rows["on"].max() - rows["on"]).dt.days.to_numpy() / HALF_LIFE_DAYS)
    return rows.assign(weight=weight, squares=weight**2)


def eventual_probabilities(rows: pd.DataFrame, nominal: np.ndarray) -> np.ndarray:
    """Chance of being won within 24 months, per stage and third of days in stage.

    Aalen–Johansen on the stock, drawn from cell to stage (8 pseudo-opportunities) and from stage to 0.6 × the
    methodology's percentage (6). Where the stock has been followed for less than 24 months, the share still
    open when it ends gets the parent's chance for the part of the 24 months that is missing.

    Parameters
    ----------
    rows
        stage, third, after and event, as `StandingStock` has them; weight and squares: of a row its weight and that
        squared, of rows that are added up already the sums.
    nominal
        The methodology's percentage of each open stage (0–1).

    Returns
    -------
    ndarray of shape (stages, 3)
    """
    result = np.zeros((len(nominal), AGE_GROUPS))
    stage, third = rows["stage"].to_numpy(), rows["third"].to_numpy()
    columns = [rows[name].to_numpy() for name in ("after", "event", "weight", "squares")]
    for index, percentage in enumerate(nominal):
        here = stage == index
        parent = NOMINAL_SHARE * float(np.clip(percentage, 0.02, 0.98))
        parent = _drawn(*(column[here] for column in columns), parent=parent, pseudo=STAGE_WEIGHT)
        for group in range(AGE_GROUPS):
            cell = here & (third == group)
            result[index, group] = _drawn(*(column[cell] for column in columns), parent=parent, pseudo=CELL_WEIGHT)
    return result


def _drawn(
    after: np.ndarray, event: np.ndarray, weights: np.ndarray, squares: np.ndarray, *, parent: float, pseudo: float
) -> float:
    """One cell's share won within 24 months, drawn to its parent by pseudo-opportunities."""
    if not len(after):
        return parent
    weight = float(weights.sum() ** 2 / squares.sum()) * ROW_WEIGHT  # Kish's effective number of rows
    curve = incidence_curve(after, event, weights=weights)
    won, still = curve.at(float(EVENTUAL_DAYS))
    missing = max(0.0, 1 - curve.end / EVENTUAL_DAYS)
    share = float(won) + float(still) * missing * parent
    return (share * weight + parent * pseudo) / (weight + pseudo)


def base_rates(stock: StandingStock, as_of: pd.Timestamp, start_days: int, end_days: int) -> pd.DataFrame:
    """Of the opportunities that once stood in a stage at a like age, how many were won within a like time.

    An opportunity counts once per stage and third, from the first month-end on which it stood there, and only
    where the whole horizon has passed since.

    Returns
    -------
    DataFrame
        Indexed by (stage, third): ``base_opportunities``, ``base_wins``.
    """
    rows = stock.rows
    complete = rows[rows["on"] + pd.Timedelta(days=end_days) <= as_of]
    first = complete.drop_duplicates(["opportunity_id", "stage", "third"])
    won = (first["event"] == WON) & (first["after"] > start_days) & (first["after"] <= end_days)
    grouped = won.groupby([first["stage"], first["third"]])
    return pd.DataFrame({"base_opportunities": grouped.size(), "base_wins": grouped.sum()}).astype("int64")
