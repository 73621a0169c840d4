"""The backtest: what each method would have said of past periods, beside what happened."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .model.ledger import Ledger, date_of
from .model.view import View
from .record.calibration import Calibration
from .record.replay import Replay, won_amount
from .record.rivals import RIVALS, dressed, rival_chances, rival_points
from .record.scores import brier, crps_parts
from .record.track_record import TrackRecord, horizons_of, track_record

METHODS = ("outlook", *RIVALS)


def forecast_backtest(
    book: Book, *, period: str = "quarter", horizons: Sequence[str] | None = None, seed: int = 0
) -> pd.DataFrame:
    """Replay every past period that the book knows, with what was known on days of it.

    Parameters
    ----------
    book
        The book; with a change history or several exports the replays know stages and amounts of the time.
    period
        ``"quarter"``: forecasts of the first day, of week 5 and of week 9; ``"month"``: of the first day and of
        week 3; ``"half"``: of the first day and of week 14; ``"year"``: of week 27 too.
    horizons
        Only these of them, as ``["first_day"]``; None replays all.
    seed
        Of the random draws: the same book and seed give the same numbers.

    Returns
    -------
    DataFrame
        `tables.FORECAST_BACKTEST`: one row per method, period and horizon, in order of time. A method that can
        say nothing on a day (no probabilities in the CRM, no past period) has no row. Amounts are of the whole
        period. ``mean_of_periods`` (recent ones weighing more, with a gamma spread) is the honest naive; the
        interval of the other rivals is their own past errors.

    Raises
    ------
    ArgumentError
        If periods of that length, or forecasts of that horizon, are not replayed.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Notes
    -----
    On each day only what was stated by then is used: closings by the day they were booked, stages, amounts and
    close dates by the change history or the exports of the time. Where no source of the time tells amounts, those
    of later exports are taken, and the row is marked ``reconstructed``; so is it where stages are not known.
    Close dates are never taken from later exports.

    See Also
    --------
    forecast_accuracy : the same summed up by method, and the best named.
    funnel_analytics.charts.forecast_backtest : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> backtest = fa.forecast_backtest(fa.load_sample())
    >>> sorted(set(backtest["horizon"]))
    ['first_day', 'week_5', 'week_9']
    """
    book.require_money()
    rows: list[dict[str, Any]] = []
    for horizon, offset in horizons_of(period, horizons).items():
        rows += _horizon_rows(track_record(book, period, offset, seed), horizon)
    frame = pd.DataFrame(rows, columns=tables.FORECAST_BACKTEST.names)
    frame["place"] = frame["method"].map({method: place for place, method in enumerate(METHODS)})
    frame = frame.sort_values(["origin", "place"], kind="stable", ignore_index=True).drop(columns="place")
    return tables.declare(frame, tables.FORECAST_BACKTEST, book.context)


def _horizon_rows(record: TrackRecord, horizon: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    ledger = record.ledger
    points: list[dict[str, float]] = []
    for index, (replay, calibration) in enumerate(zip(record.replays, record.calibrations, strict=True)):
        view = ledger.view(replay.day)
        rivals = rival_chances(view, replay.end)
        points.append(rival_points(view, rivals, replay.past))
        if replay.span.end > ledger.today:
            continue
        shared = _shared(record, replay, view, horizon)
        samples: dict[str, tuple[float, np.ndarray | None]] = {}
        if replay.model is not None:
            values = calibration.applied(replay.model, replay.naive)
            samples["outlook"] = (float(values.mean()), values)
        for method in RIVALS:
            point = points[-1][method]
            if not np.isnan(point):
                errors = _past_errors(ledger, record.replays[:index], points, method, replay.day)
                past = replay.naive if method == "mean_of_periods" else dressed(point, errors)
                samples[method] = (point, past)
        chances = _chance_scores(replay.outcome(ledger), {"outlook": replay.probability, **rivals})
        rows += [
            {"method": method} | shared | _amounts(shared, *sample) | chances.get(method, {})
            | (_calibrated(replay, calibration) if method == "outlook" else {})
            for method, sample in samples.items()
        ]  # fmt: skip
    return rows


def _shared(record: TrackRecord, replay: Replay, view: View, horizon: str) -> dict[str, Any]:
    """What all methods' rows of one replay have in common."""
    ledger, span = record.ledger, replay.span
    unlogged = len(view.visits) == 0 or not view.visits["logged"].any()
    return {
        "period": span.label,
        "horizon": horizon,
        "origin": date_of(replay.day),
        "won_before": won_amount(ledger, span.start - 1, replay.day, replay.day),
        "actual": won_amount(ledger, span.start - 1, span.end),
        "scored": record.settled(span),
        "opportunities": len(view.open),
        "wins": int(replay.outcome(ledger).sum()),
        "rung": replay.method,
        "reconstructed": view.amounts_assumed > 0 or unlogged,
    }


def _amounts(shared: dict[str, Any], point: float, sample: np.ndarray | None) -> dict[str, float]:
    """Forecast, interval and scores of the whole period; a bare point's distance is its error."""
    before, actual = shared["won_before"], shared["actual"]
    low, middle, high = (np.nan,) * 3 if sample is None else np.quantile(sample, [0.1, 0.5, 0.9]) + before
    distance, spread = crps_parts(np.array([point]) if sample is None else sample, actual - before)
    return {
        "forecast": before + point,
        "p10": low, "p50": middle, "p90": high,
        "crps_distance": distance, "crps_spread": spread, "crps": distance - spread,
        "point_error": before + point - actual,
    }  # fmt: skip


def _past_errors(
    ledger: Ledger, made: list[Replay], points: list[dict[str, float]], method: str, day: int
) -> np.ndarray:
    """What a method had got wrong in the periods that were over on a day, as known then."""
    errors = [
        won_amount(ledger, one.day + one.start, one.span.end, day) - point[method]
        for one, point in zip(made, points, strict=False)
        if one.span.end <= day and not np.isnan(point[method])
    ]
    return np.array(errors)


def _chance_scores(outcome: np.ndarray, chances: Mapping[str, np.ndarray]) -> dict[str, dict[str, float]]:
    """Brier score and expected wins of the methods that give each opportunity a chance."""
    won = outcome.astype("float64")
    scores = {}
    for method in ("outlook", "nominal", "crm", "stage_win_rate"):
        chance = np.nan_to_num(chances[method])
        if len(won) and not np.isnan(chances[method]).all():
            scores[method] = {
                "expected_wins": float(chance.sum()),
                "brier": brier(chance, won),
                "brier_base": brier(np.full(len(won), won.mean()), won),
            }
    return scores


def _calibrated(replay: Replay, calibration: Calibration) -> dict[str, float]:
    share = calibration.share if replay.naive is not None else 1.0
    return {"model_share": share, "width": calibration.width, "one_sided": calibration.one_sided}
