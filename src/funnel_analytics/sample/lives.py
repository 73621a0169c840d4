"""One opportunity's life: created, moved, slipped, won or lost. Days are counted from 1970-01-01.

A life is told in order of time; later turns never change what was already told.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .scenario import STAGES, Scenario

_MONTHS = np.arange("2010-01", "2062-01", dtype="datetime64[M]")
_MONTH_ENDS = (_MONTHS + np.timedelta64(1, "M")).astype("datetime64[D]").astype("int64") - 1
_QUARTER_ENDS = _MONTH_ENDS[2::3]
_LAST = 5
"""A signature is pulled to the last days of a quarter if it was near anyway."""
_NEAR_DAYS = 35


class Change(NamedTuple):
    """What changed on a day; None means unchanged."""

    day: int
    stage: str | None
    outcome: str | None
    amount: float | None
    close: int | None


@dataclass(frozen=True)
class Opportunity:
    """What fate holds for an opportunity, besides chance."""

    created: int
    amount: float
    lift: float
    """Added to every chance of moving forward: the seller's skill, the account's potential, luck."""
    haste: float
    """The share of the time really needed that the seller expects to need."""
    update_days: float
    pace: float
    """Scales the days in every stage."""


def workday(day: float | np.integer) -> int:
    """The day itself, or the Monday after it on a weekend."""
    whole = int(day)
    weekday = (whole + 3) % 7
    return whole if weekday < 5 else whole + 7 - weekday


def _on_or_after(ends: np.ndarray, day: int) -> int:
    return int(ends[np.searchsorted(ends, day)])


class _Life:
    def __init__(self, opportunity: Opportunity, scenario: Scenario, shock: float, rng: np.random.Generator) -> None:
        self.opportunity, self.scenario, self.shock, self.rng = opportunity, scenario, shock, rng
        self.step = int(rng.random() < 0.12)
        self.day, self.amount = opportunity.created, opportunity.amount
        self.close = self.guess(opportunity.created, self.needed())
        self.amount_known = rng.random() > 0.20
        # A field that must be filled gets 1 or 0; one that need not stays blank.
        shown = opportunity.amount if self.amount_known else (None, 1.0, 0.0)[int(rng.integers(0, 3))]
        self.changes = [Change(self.day, STAGES[self.step], None, shown, self.close)]

    def needed(self) -> float:
        """Mean days from the beginning of the present stage to a signature."""
        return self.opportunity.pace * sum(self.scenario.stage_days[self.step :])

    def guess(self, day: int, days: float) -> int:
        """The seller's close date: often the end of a quarter, often the end of a month."""
        spread = self.rng.lognormal(0.0, self.scenario.date_noise)
        close = day + max(7, int(days * self.opportunity.haste * spread))
        kind = self.rng.random()
        if kind < 0.40:
            return _on_or_after(_QUARTER_ENDS, close)
        return _on_or_after(_MONTH_ENDS, close) if kind < 0.70 else workday(close)

    def turn(self) -> str:
        """What ends the stay in the present stage: forward, back or lost."""
        if self.step > 0 and self.rng.random() < self.scenario.regress:
            return "back"
        chance = self.scenario.advance[self.step] + self.opportunity.lift
        if self.day >= self.shock:
            chance *= self.scenario.shock_factor
        return "forward" if self.rng.random() < min(max(chance, 0.05), 0.98) else "lost"

    def leave(self, turn: str) -> int:
        """The day that ends the stay: the lost linger, the large take longer, signatures gather at quarter ends."""
        mean = self.opportunity.pace * self.scenario.stage_days[self.step] * (1.2 if self.amount > 600_000 else 1.0)
        if turn == "lost":
            mean *= 3.5 if self.rng.random() < self.scenario.stalled else 1.3
        day = workday(self.day + 1 + self.rng.gamma(1.6, mean / 1.6))
        if turn == "forward" and self.step == len(STAGES) - 1 and self.rng.random() < self.scenario.quarter_end:
            end = _on_or_after(_QUARTER_ENDS, day)
            if end - day <= _NEAR_DAYS:
                pulled = workday(end - self.rng.integers(0, _LAST) - 2)
                day = max(day, min(pulled, end))
        return day

    def slip(self, until: int) -> None:
        """Close dates that pass during the stay are moved some days later, or stay overdue."""
        while self.close < until:
            delay = 1 + self.rng.exponential(self.opportunity.update_days * self.scenario.update_delay)
            moved = workday(self.close + delay)
            if moved >= until or self.rng.random() < self.scenario.neglect:
                return
            self.close = self.guess(moved, self.rng.uniform(25, 90))
            self.changes.append(Change(moved, None, None, None, self.close))

    def tell(self) -> list[Change]:
        """The whole life, up to a closing."""
        while True:
            turn = self.turn()
            until = self.leave(turn)
            self.slip(until)
            self.day = until
            if turn == "lost":
                self.changes.append(Change(until, None, "lost", None, until))
                if self.rng.random() >= self.scenario.reopen:
                    return self.changes
                self.day = workday(until + self.rng.integers(20, 60))
            elif turn == "back":
                self.step -= 1
            else:
                self.step += 2 if self.step < 4 and self.rng.random() < self.scenario.skip else 1
            if self.step >= len(STAGES):
                return [*self.changes, *self.signed()]
            self.enter(reopened=turn == "lost")

    def enter(self, *, reopened: bool) -> None:
        """A stage begins: amounts become known or change, the close date is thought over."""
        amount = None
        if not self.amount_known and self.step >= 2:
            self.amount_known, amount = True, self.amount
        elif self.amount_known and self.rng.random() < 0.25:
            self.amount = amount = max(10_000.0, float(np.round(self.amount * self.rng.lognormal(-0.02, 0.2), -3)))
        close = None
        if reopened or self.close < self.day or self.rng.random() < 0.3:
            close = self.close = self.guess(self.day, self.needed())
        self.changes.append(Change(self.day, STAGES[self.step], None, amount, close))

    def signed(self) -> list[Change]:
        """The signature, often with a discount; weeks later delivery begins."""
        amount = max(10_000.0, float(np.round(self.amount * min(1.0, self.rng.lognormal(-0.03, 0.05)), -3)))
        begins = workday(self.day + self.rng.integers(10, 50))
        return [Change(self.day, None, "won", amount, self.day), Change(begins, "Deploy", "won", None, None)]


def live(opportunity: Opportunity, scenario: Scenario, shock: float, rng: np.random.Generator) -> list[Change]:
    """Every change of one opportunity, in order of time, no two on one day.

    Parameters
    ----------
    opportunity
        What is given.
    scenario
        How the team behaves.
    shock
        Day of the scenario's shock; infinity without one.
    rng
        Where chance comes from.
    """
    return _Life(opportunity, scenario, shock, rng).tell()
