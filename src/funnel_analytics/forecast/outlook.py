"""The outlook of a period: the distribution of what will be won, and where it comes from.

Won so far + open opportunities + opportunities not created yet, drawn together, blended with what past periods
brought and as wide as the errors of past forecasts ask. At a period's start expect an error of about
1.1 / √(wins per period).
"""

from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_quota, check_seed
from ..book import Book
from ..errors import ArgumentError
from ..funnel.groups import opportunity_groups
from ..hygiene import days_overdue, is_placeholder
from ..outcomes import won_in
from .model.draws import quantiles
from .model.engine import Estimate
from .model.ledger import ledger_of
from .period_draws import Outlook, drawn, outlook_of, window
from .quotas import period_quota, quotas_by

SHARES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
COMPONENTS = ("won", "open", "new_business", "total")


def outlook(
    book: Book,
    *,
    period: str | None = None,
    by: str | None = None,
    quota: float | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """What will be won in a period: expected amount, interval and chance of the quota.

    Parameters
    ----------
    book
        The book; "now" is its ``as_of``.
    period
        A fiscal period such as ``"2026Q4"``, running, future or past. None means the quarter of the day after
        ``as_of``: an export of a quarter's last day looks at the next quarter.
    by
        A column of the opportunities (``"owner"``, ``"team"``, ``"region"``, ``"segment"`` …): four rows for each
        of its values, a missing one last; None for the whole. Learned from the whole book and drawn together: in
        each draw the groups add up to the whole, their quantiles do not.
    quota
        Amount to win in the period; None takes it from ``book.quotas`` (see `quotas`); each group takes its own
        from there.
    draws
        How many joint draws.
    seed
        Seed of the draws: the same book and seed give the same numbers.

    Returns
    -------
    DataFrame
        `tables.OUTLOOK`: rows won, open, new_business and total. Means are exact, quantiles come from the
        draws; those of the total are of the summed draws, so they are not the sum of the rows above. With
        ``insufficient_history`` the rows open, new_business and total have no amounts. A period that is over
        counts what was won (warning ``period_over``). What each warning means: `words`, ``outlook.warnings``.

    Raises
    ------
    ArgumentError
        If the period has no such name, there is no such column, or fewer than one draw is asked for.
    CurrencyError, AmountError
        If amounts cannot be added up.

    See Also
    --------
    forecast_backtest : what it would have said of past periods.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> result = fa.outlook(fa.load_sample(), draws=500)
    >>> result["component"].tolist()
    ['won', 'open', 'new_business', 'total']
    """
    found, rows = period_rows(book, period=period, by=by, quota=quota, draws=draws, seed=seed)
    frame = pd.DataFrame(rows).assign(**_told(book, found, rows))
    return tables.declare(frame, tables.OUTLOOK, book.context, by=by)


def period_rows(
    book: Book, *, period: str | None, by: str | None, quota: float | None, draws: int, seed: int
) -> tuple[Outlook, list[dict[str, Any]]]:
    """The outlook and its rows, four for each group in the order of `COMPONENTS`; ``sums`` holds a row's draws.

    Parameters are those of `outlook`.
    """
    book.require_money()
    check_quota(quota)
    check_seed(seed)
    if draws < 1:
        raise ArgumentError(f"draws is {draws}. Accepted: 1 or more; 10000 is usual.")
    codes, values = opportunity_groups(book, by, tables.OUTLOOK)
    groups = [None if pd.isna(value) else value for value in values] or [None]
    span = window(book, period)
    found = outlook_of(book, span)
    rows = _rows(book, found, by, codes, groups, draws, seed)
    targets = {None: period_quota(book, span.period)} if by is None else quotas_by(book, span.period, by, groups)
    for place, value in enumerate(groups):
        target = quota if quota is not None else targets.get(value)
        rows[4 * place + 3] |= {"quota": target, "p_quota": _reached(rows[4 * place], rows[4 * place + 3], target)}
    return found, rows


def _told(book: Book, found: Outlook, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What all rows say: the period, what was learned from, and what a reader must know."""
    chances, record = found.estimated.chances, found.calibration
    new = sum(row["opportunities"] for row in rows[2::4])
    warnings = _warnings(book, found, new)
    if any(row["quota"] is not None and row["quota"] <= 0 for row in rows[3::4]):
        warnings.append("zero_quota")
    if any(_mean_outside(row) for row in rows[3::4]):
        warnings.append("mean_outside_range")
    return {
        "period": found.window.period.label, "method": chances.method,
        "basis_opportunities": chances.basis_opportunities, "basis_wins": chances.basis_wins,
        "look_backs": record.forecasts, "warnings": " ".join(warnings),
        "model_share": record.share if found.naive is not None else 1.0,
    }  # fmt: skip


def _mean_outside(row: dict[str, Any]) -> bool:
    """Whether a row's draws lie around their mean so unevenly that it is outside their 80% range; a cent does not count."""
    if row["sums"] is None:
        return False
    mean = row["sums"].mean()
    return bool(mean < row["p10"] - 0.01 or mean > row["p90"] + 0.01)


def outlook_opportunities(book: Book, *, period: str | None = None) -> pd.DataFrame:
    """Each open opportunity's chance of being won within a period, largest expected amount first.

    Parameters
    ----------
    book
        The book.
    period
        As in `outlook`.

    Returns
    -------
    DataFrame
        `tables.OUTLOOK_OPPORTUNITIES`. The base columns count past opportunities that stood in the same stage
        in the same third of days there, on past month-ends, and how many of them were won within a like
        time; 0 where the book has no stage history. ``movers`` names up to three facts that moved the chance,
        the strongest first, with ``+`` where they raised it.

    Raises
    ------
    CurrencyError, AmountError
        If amounts cannot be added up.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> rows = fa.outlook_opportunities(fa.load_sample())
    >>> bool((rows["probability"] <= rows["eventual_probability"]).all())
    True
    """
    book.require_money()
    found = outlook_of(book, window(book, period), ever=True)
    estimated = found.estimated
    chances = estimated.chances.rows.assign(expected=estimated.expected * found.scale, movers=movers(estimated))
    chances = chances.set_index(pd.Index(estimated.view.open["opportunity_id"], name=None))
    opportunities = book.open_opportunities
    rows = chances.reindex(opportunities["opportunity_id"]).set_axis(opportunities.index)
    frame = opportunities.assign(
        nominal=book.methodology.nominal(opportunities["stage"]),
        crm=opportunities["probability"],
        eventual_probability=rows["eventual"],
        **{name: rows[name] for name in ("probability", "days_in_stage", "base_opportunities", "base_wins", "expected",
                                         "movers")},
    ).sort_values(["expected", "opportunity_id"], ascending=[False, True])  # fmt: skip
    return tables.declare(frame, tables.OUTLOOK_OPPORTUNITIES, book.context)


def _rows(
    book: Book, found: Outlook, by: str | None, codes: np.ndarray, groups: list[Any], draws: int, seed: int
) -> list[dict[str, Any]]:
    """Four rows for each group, in the order of `COMPONENTS`."""
    estimated, count = found.estimated, len(groups)
    won = won_in(book.opportunities, found.window.period, book.as_of)

    def group(ids: Any) -> np.ndarray:
        if by is None:
            return np.zeros(len(ids), dtype="int64")
        places = pd.Series(codes, index=book.opportunities["opportunity_id"]).reindex(ids)
        # One that no export lists any more has no value: it joins the last group.
        return np.asarray(places.fillna(count - 1), dtype="int64")

    won_group, open_group = group(won["opportunity_id"]), group(estimated.view.open["opportunity_id"])
    new_group = group(ledger_of(book).index[estimated.business.sources])
    secured = np.bincount(won_group, won["amount"].fillna(0.0), minlength=count)
    numbers = {
        "won": np.bincount(won_group, minlength=count),
        "open": np.bincount(open_group, minlength=count),
        "new_business": np.bincount(new_group, minlength=count) * estimated.business.expected_wins
        / max(len(new_group), 1),
    }  # fmt: skip
    none = np.zeros((draws, count))
    sums: dict[str, np.ndarray | None] = {"open": none, "new_business": none}
    means = {"won": secured, "open": none[0], "new_business": none[0]}
    if found.window.over:
        numbers["open"] = numbers["new_business"] = none[0]
    elif not estimated.known:
        sums = {"open": None, "new_business": None}
        means |= dict.fromkeys(("open", "new_business"), np.full(count, np.nan))
    else:
        made = drawn(found, draws, seed, open_group=open_group, new_group=new_group, groups=count)
        sums = {"open": made.open, "new_business": made.new}
        means |= {"open": made.open_mean, "new_business": made.new_mean}
    rows = []
    for place, value in enumerate(groups):
        parts: dict[str, np.ndarray | None] = {"won": np.array([secured[place]])}
        parts |= {name: None if drawn_ is None else drawn_[:, place] for name, drawn_ in sums.items()}
        known = [part for part in parts.values() if part is not None]
        parts["total"] = np.asarray(sum(known)) if len(known) == len(parts) else None
        mean = {name: float(values[place]) for name, values in means.items()}
        number = {name: float(values[place]) for name, values in numbers.items()}
        for name in COMPONENTS:
            row = {"component": name, "opportunities": number.get(name, sum(number.values())),
                   "mean": mean.get(name, sum(mean.values())), "sums": parts[name]}  # fmt: skip
            rows.append(_quantiled(row) | ({} if by is None else {by: value}))
    return rows


def _quantiled(row: dict[str, Any]) -> dict[str, Any]:
    missing = [float("nan")] * len(SHARES)
    values = missing if row["sums"] is None else quantiles(row["sums"], tuple(SHARES.values()))
    return row | dict(zip(SHARES, values, strict=True))


def _reached(won: dict[str, Any], total: dict[str, Any], target: float | None) -> float:
    """Chance that the total reaches the quota; certain when it has been won already, none where there is no quota."""
    if target is None or np.isnan(target) or target <= 0:
        return float("nan")
    if total["sums"] is None:
        return 1.0 if won["mean"] >= target else float("nan")
    return float((total["sums"] >= target).mean())


MOVERS = ("stage", "days_in_stage", "age", "close_date", "pushes", "amount")
_LEAST_MOVE = 0.1


def movers(estimated: Estimate) -> list[str]:
    """Up to three facts that moved each open opportunity's chance, the strongest first, as ``+fact`` or ``-fact``."""
    fitted = estimated.correction
    if fitted is None or not fitted.wins or estimated.x is None:
        return [""] * len(estimated.view.open)
    moves, stages = fitted.moves(estimated.x), estimated.view.stages
    due = range(stages + 2, stages + 8)
    parts = [range(stages), [stages], [stages + 1], due, [stages + 8], range(stages + 9, stages + 12)]
    pushed = np.column_stack([moves[:, list(part)].sum(axis=1) for part in parts])
    said = []
    for row in pushed:
        order = np.argsort(-np.abs(row), kind="stable")[:3]
        said.append(
            " ".join(f"{'+' if row[at] > 0 else '-'}{MOVERS[at]}" for at in order if abs(row[at]) >= _LEAST_MOVE)
        )
    return said


def _warnings(book: Book, found: Outlook, new: float) -> list[str]:
    """Keys of what a reader must know; words for each in ``[outlook.warnings]``."""
    won = won_in(book.opportunities, found.window.period, book.as_of)
    if found.window.over:
        return ["period_over"] + (["won_without_amount"] if won["amount"].isna().any() else [])
    opportunities, dates = book.open_opportunities, book.open_opportunities["close_date"]
    valued = ~is_placeholder(opportunities["amount"])
    late = (book.opportunities["outcome"] == "won") & (book.opportunities["close_date"] > book.as_of)
    said = {
        "new_business_not_included": new == 0,
        "no_close_dates": len(opportunities) > 0 and dates.isna().all(),
        "overdue_close_dates": bool((days_overdue(dates, book.as_of) > 0).any()),
        "placeholder_amounts": bool(valued.any() and not valued.all()),
        "no_open_amounts": len(opportunities) > 0 and not valued.any(),
        "won_without_amount": bool(won["amount"].isna().any()),
        "won_in_the_future": bool(late.any()),
        "too_high_lately": found.calibration.one_sided > 0,
        "too_low_lately": found.calibration.one_sided < 0,
    }
    return [*found.estimated.chances.warnings, *(key for key, holds in said.items() if holds)]
