"""The outlook of a period: the distribution of what will be won, and where it comes from.

Won so far + open opportunities + opportunities not created yet, drawn together. The interval is that of the
model: it has not yet been widened or narrowed by the errors of a backtest, nor mixed with the naive
distribution of past periods. At a period's start expect an error of about 1.1 / √(wins per period).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import ArgumentError
from ..hygiene import days_overdue
from ..periods import Period
from .draws import amount_ratios, open_draws, quantiles, value_of
from .new_business import NewBusiness, new_business, new_business_draws
from .probability import Probabilities, opportunity_probabilities
from .quotas import period_quota

SHARES = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
_NO_NEW_BUSINESS = NewBusiness(0.0, 1.0, np.array([]), 0)


def outlook(
    book: Book,
    *,
    period: str | None = None,
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
    quota
        Amount to win in the period; None takes it from ``book.quotas`` (see `quotas.period_quota`).
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
        If the period has no such name, or fewer than one draw is asked for.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> result = fa.outlook(fa.load_sample(), draws=500)
    >>> result["component"].tolist()
    ['won', 'open', 'new_business', 'total']
    """
    book.require_money()
    if draws < 1:
        raise ArgumentError(f"draws is {draws}. Accepted: 1 or more; 10000 is usual.")
    window = _window(book, period)
    chances = _chances(book, window)
    rng = np.random.default_rng(seed)
    won = _won_rows(book, window)
    parts = [_won(won), _open(book, window, chances, draws, rng), _new(book, window, chances, draws, rng)]
    parts.append(_total(parts))
    rows = [_row(part) for part in parts]
    target = quota if quota is not None else period_quota(book, window.period)
    rows[-1] |= {"quota": target, "p_quota": _reached(parts, target)}
    warnings = _warnings(book, window, chances, won, parts[2])
    frame = pd.DataFrame(rows).assign(
        period=window.period.label, method=chances.method, basis_opportunities=chances.basis_opportunities,
        basis_wins=chances.basis_wins, warnings=" ".join(warnings),
    )  # fmt: skip
    return tables.declare(frame, tables.OUTLOOK, book.context)


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
        time; 0 where the book has no stage history.

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
    window = _window(book, period)
    chances = _chances(book, window)
    deals = book.open_opportunities.join(chances.rows[["days_in_stage", "base_opportunities", "base_wins"]])
    frame = deals.assign(
        nominal=book.methodology.nominal(deals["stage"]),
        crm=deals["probability"],
        probability=chances.rows["probability"],
        eventual_probability=chances.rows["eventual"],
        expected=value_of(deals) * amount_ratios(book).mean * chances.rows["probability"],
    ).sort_values(["expected", "opportunity_id"], ascending=[False, True])
    return tables.declare(frame, tables.OUTLOOK_OPPORTUNITIES, book.context)


@dataclass(frozen=True)
class _Window:
    """A period as days from now: start excluded, end included; both 0 when it is over."""

    period: Period
    start_days: int
    end_days: int

    @property
    def over(self) -> bool:
        return self.end_days == 0


def _window(book: Book, name: str | None) -> _Window:
    period = book.period(name)
    end = max((period.end - book.as_of).days, 0)
    return _Window(period, max((period.start - book.as_of).days - 1, 0) if end else 0, end)


def _chances(book: Book, window: _Window) -> Probabilities:
    return opportunity_probabilities(book, window.start_days, window.end_days)


@dataclass(frozen=True)
class _Part:
    """One component: how many, the exact mean and the draws; both missing where no number can be given."""

    component: str
    opportunities: float
    mean: float
    sums: np.ndarray | None


def _won_rows(book: Book, window: _Window) -> pd.DataFrame:
    deals = book.opportunities
    last = min(window.period.end, book.as_of)
    won = deals[(deals["outcome"] == "won") & deals["close_date"].between(window.period.start, last)]
    return won.sort_values("opportunity_id", kind="stable")


def _won(won: pd.DataFrame) -> _Part:
    amount = float(won["amount"].sum())
    return _Part("won", len(won), amount, np.array([amount]))


def _open(book: Book, window: _Window, chances: Probabilities, draws: int, rng: np.random.Generator) -> _Part:
    # In order of their ids: the same opportunities meet the same random numbers, whatever the file's order.
    deals = book.open_opportunities.sort_values("opportunity_id", kind="stable")
    if window.over or deals.empty:
        return _Part("open", 0 if window.over else len(deals), 0.0, np.zeros(draws))
    probability = chances.rows["probability"].reindex(deals.index).to_numpy()
    if np.isnan(probability).any():
        return _Part("open", len(deals), float("nan"), None)
    amount, ratios = value_of(deals), amount_ratios(book)
    counted = amount > 0
    sums = open_draws(
        probability[counted], amount[counted],
        draws=draws, shock=chances.shock, rng=rng, ratios=ratios.values if ratios.wins else None,
    )  # fmt: skip
    return _Part("open", len(deals), float((probability * amount).sum()) * ratios.mean, sums)


def _new(book: Book, window: _Window, chances: Probabilities, draws: int, rng: np.random.Generator) -> _Part:
    if chances.method == "insufficient_history" and len(book.open_opportunities) and not window.over:
        return _Part("new_business", 0.0, float("nan"), None)
    learned = chances.method in ("semi_markov", "age_only") and not window.over
    business = new_business(book, window.start_days, window.end_days) if learned else _NO_NEW_BUSINESS
    return _Part("new_business", business.expected_wins, business.mean, new_business_draws(business, draws, rng))


def _total(parts: list[_Part]) -> _Part:
    drawn = [part.sums for part in parts if part.sums is not None]
    sums = None if len(drawn) < len(parts) else np.asarray(sum(drawn))
    return _Part("total", sum(part.opportunities for part in parts), sum(part.mean for part in parts), sums)


def _row(part: _Part) -> dict[str, object]:
    missing = [float("nan")] * len(SHARES)
    values = missing if part.sums is None else quantiles(part.sums, tuple(SHARES.values()))
    row: dict[str, object] = {"component": part.component, "opportunities": part.opportunities, "mean": part.mean}
    return row | dict(zip(SHARES, values, strict=True))


def _reached(parts: list[_Part], target: float | None) -> float:
    """Chance that the total reaches the quota; certain when it has been won already."""
    won, total = parts[0], parts[-1]
    if target is None or np.isnan(target):
        return float("nan")
    if total.sums is None:
        return 1.0 if won.mean >= target else float("nan")
    return float((total.sums >= target).mean())


def _warnings(book: Book, window: _Window, chances: Probabilities, won: pd.DataFrame, new: _Part) -> list[str]:
    """Keys of what a reader must know; words for each in ``[outlook.warnings]``."""
    if window.over:
        return ["period_over"] + (["won_without_amount"] if won["amount"].isna().any() else [])
    deals, dates = book.open_opportunities, book.open_opportunities["close_date"]
    valued = value_of(deals) > 0
    late = (book.opportunities["outcome"] == "won") & (book.opportunities["close_date"] > book.as_of)
    said = {
        "new_business_not_included": new.opportunities == 0,
        "no_close_dates": len(deals) > 0 and dates.isna().all(),
        "overdue_close_dates": bool((days_overdue(dates, book.as_of) > 0).any()),
        "placeholder_amounts": bool(valued.any() and not valued.all()),
        "no_open_amounts": len(deals) > 0 and not valued.any(),
        "won_without_amount": bool(won["amount"].isna().any()),
        "won_in_the_future": bool(late.any()),
    }
    return [*chances.warnings, *(key for key, holds in said.items() if holds)]
