"""How right the forecasts have been: by method and horizon, and by chance of opportunities."""

from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_seed
from ..book import Book
from ..funnel.intervals import wilson
from .backtest import METHODS, forecast_backtest
from .model.ledger import ledger_of
from .record.scores import pinball
from .record.track_record import HORIZONS, horizons_of, late_booked, track_record

MIN_PERIODS = 4
"""Periods that compare all methods before one is named the best."""
RESAMPLES, LEVEL = 1000, 0.8
_ORDER = {name: None for horizons in HORIZONS.values() for name in horizons}
BASE = "mean_of_periods"
BINS = np.array([0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0])


def forecast_accuracy(source: Book | pd.DataFrame, *, period: str = "quarter", seed: int = 0) -> pd.DataFrame:
    """How far off each method has been, on which side, and whether its interval held.

    Parameters
    ----------
    source
        A book, or what `forecast_backtest` returned.
    period
        Length of the periods, if a book is given.
    seed
        Of the draws and of the bootstrap.

    Returns
    -------
    DataFrame
        `tables.FORECAST_ACCURACY`: one row per horizon and method. Errors are shares of what was won. Intervals
        are 80%: bootstrap over periods, Wilson for shares. ``best`` marks the method with the lowest CRPS among
        those that forecast the same periods, if these are four or more.

    Raises
    ------
    ArgumentError
        If periods of that length are not replayed.
    CurrencyError, AmountError
        If amounts cannot be added up.
    TableError
        If the table is not a forecast_backtest table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> accuracy = fa.forecast_accuracy(fa.load_sample())
    >>> bool(accuracy.groupby("horizon")["best"].sum().le(1).all())
    True
    """
    check_seed(seed)
    if isinstance(source, Book):
        late = late_booked(ledger_of(source))
        backtest = forecast_backtest(source, period=period, seed=seed)
    else:
        late, backtest = float("nan"), tables.check(source, tables.FORECAST_BACKTEST)
    scored = backtest[backtest["scored"]]
    rows = []
    for horizon in sorted(set(scored["horizon"]), key=list(_ORDER).index):
        at = scored[scored["horizon"] == horizon]
        best = _best(at)
        for method in (one for one in METHODS if (at["method"] == one).any()):
            row = _row(at[at["method"] == method], at[at["method"] == BASE], seed)
            rows.append({**row, "best": method == best, "late_booked": late})
    context = {name: value for name, value in backtest.attrs.items() if name not in ("table", "by")}
    frame = pd.DataFrame(rows, columns=tables.FORECAST_ACCURACY.names)
    return tables.declare(frame, tables.FORECAST_ACCURACY, context)


def _best(at: pd.DataFrame) -> str | None:
    """The method with the lowest CRPS over the periods that the methods with a full record share."""
    scores = at.pivot_table(index="period", columns="method", values="crps", aggfunc="first")
    scores = scores.loc[:, scores.notna().sum() >= MIN_PERIODS]
    common = scores.dropna()
    if len(common) < MIN_PERIODS or common.shape[1] < 2:
        return None
    sums = common.sum().reindex([method for method in METHODS if method in common])
    return str(sums.idxmin())


def _row(rows: pd.DataFrame, base: pd.DataFrame, seed: int) -> dict[str, Any]:
    rows = rows.sort_values("origin")
    actual, error = rows["actual"].to_numpy(), rows["point_error"].to_numpy()
    pick = np.random.default_rng(seed).integers(len(rows), size=(RESAMPLES, len(rows)))
    whole = np.arange(len(rows))[None, :]
    against = rows["period"].map(base.set_index("period")["crps"]).to_numpy(dtype="float64")
    both = ~np.isnan(against)
    crps = rows["crps"].to_numpy()
    row: dict[str, Any] = {
        "method": rows["method"].iloc[0], "horizon": rows["horizon"].iloc[0], "periods": len(rows),
        "mean_actual": actual.mean(), "crps": _share(crps, actual, whole)[0],
        "one_sided": rows["one_sided"].iloc[-1],
    }  # fmt: skip
    measures = {
        "wape": (np.abs(error), actual),
        "bias": (error, actual),
        "crps_ratio": (np.where(both, crps, 0.0), np.where(both, against, 0.0)),
    }
    for name, (upper, lower) in measures.items():
        row[name] = _share(upper, lower, whole)[0]
        row[f"{name}_low"], row[f"{name}_high"] = _ends(_share(upper, lower, pick))
    return row | _interval(rows) | _chances(rows)


def _share(upper: np.ndarray, lower: np.ndarray, pick: np.ndarray) -> np.ndarray:
    total = lower[pick].sum(axis=1)
    return np.where(total > 0, upper[pick].sum(axis=1) / np.where(total > 0, total, 1.0), np.nan)


def _ends(values: np.ndarray) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _share_interval(count: int, of: int) -> tuple[float, float]:
    low, high = wilson(np.array([count]), np.array([of]), LEVEL)
    return float(low[0]), float(high[0])


def _interval(rows: pd.DataFrame) -> dict[str, Any]:
    """Pinball losses, and how often the interval held."""
    told = rows.dropna(subset=["p10"])
    row: dict[str, Any] = {"intervals": len(told)}
    if told.empty or told["actual"].sum() <= 0:
        return row
    actual = told["actual"].to_numpy()
    for share in (10, 50, 90):
        row[f"pinball{share}"] = pinball(told[f"p{share}"].to_numpy(), actual, share / 100).mean() / actual.mean()
    held = int(((told["p10"] <= told["actual"]) & (told["actual"] <= told["p90"])).sum())
    row["held"] = held / len(told)
    row["held_low"], row["held_high"] = _share_interval(held, len(told))
    return row


def _chances(rows: pd.DataFrame) -> dict[str, Any]:
    told = rows.dropna(subset=["brier"])
    if told.empty:
        return {"wins": int(rows["wins"].sum())}
    weight = told["opportunities"]
    score, plain = (told["brier"] * weight).sum(), (told["brier_base"] * weight).sum()
    expected, wins = told["expected_wins"].sum(), int(told["wins"].sum())
    return {
        "expected_wins": expected, "wins": wins, "brier": score / weight.sum(),
        "expected_to_observed": expected / wins if wins else np.nan,
        "brier_skill": 1 - score / plain if plain > 0 else np.nan,
    }  # fmt: skip


def forecast_reliability(book: Book, *, period: str = "quarter", seed: int = 0) -> pd.DataFrame:
    """Whether what was given a chance of 30% was won in three of ten cases.

    Parameters
    ----------
    book
        The book.
    period
        Length of the periods.
    seed
        Of the draws of the replays.

    Returns
    -------
    DataFrame
        `tables.FORECAST_RELIABILITY`: by horizon and range of the chance of being won in what was left of a past
        period; empty where no period is over.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.forecast_reliability(fa.load_sample())
    >>> bool((table["wins"] <= table["opportunities"]).all())
    True
    """
    found = {}
    for horizon, offset in horizons_of(period).items():
        record = track_record(book, period, offset, seed)
        pairs = [
            (one.probability, one.outcome(record.ledger))
            for one in record.replays
            if not np.isnan(one.probability).any() and record.settled(one.span)
        ]
        found[horizon] = [np.concatenate([*part, np.zeros(0)]) for part in zip(*pairs, strict=True)] or [
            np.zeros(0)
        ] * 2
    found["all"] = [np.concatenate([pair[side] for pair in found.values()]) for side in (0, 1)]
    rows = [row for horizon, (chance, won) in found.items() for row in _bins(horizon, chance, won)]
    frame = pd.DataFrame(rows, columns=tables.FORECAST_RELIABILITY.names)
    return tables.declare(frame, tables.FORECAST_RELIABILITY, book.context)


def _bins(horizon: str, chance: np.ndarray, won: np.ndarray) -> list[dict[str, Any]]:
    place = np.minimum(np.searchsorted(BINS, chance, side="right") - 1, len(BINS) - 2)
    rows = []
    for index in np.unique(place):
        here = place == index
        count, wins = int(here.sum()), int(won[here].sum())
        low, high = _share_interval(wins, count)
        rows.append(
            {"horizon": horizon, "bin_low": BINS[index], "bin_high": BINS[index + 1], "opportunities": count,
             "mean_probability": float(chance[here].mean()), "wins": wins, "won_share": wins / count,
             "won_low": low, "won_high": high}
        )  # fmt: skip
    return rows
