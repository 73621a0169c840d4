"""Everything a book tells about its opportunities, with the day on which it became known.

Whatever is asked about a past day is answered from what was stated by that day, so that a replay of the past
cannot see what followed. Two facts are taken from the newest export where no earlier source states them: the
amount, if the sources of that time did not tell amounts at all (`View.amounts_assumed` counts these), and who
owns an opportunity.
"""

from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from ...book import Book
from ...hygiene import PLACEHOLDER
from ...outcomes import CLOSED, LOST, OPEN, WON
from .steps import SPAN, Steps, steps
from .view import Closed, View
from .visits import CENSORED, observed_visits

GONE = 3
"""Missing in an export, beside the places in `outcomes.OUTCOMES`."""
CATEGORIES = ("commit", "best_case", "pipeline", "omitted", "closed")


def day_of(dates: pd.Series) -> np.ndarray:
    """Days since 1970-01-01 as floats; missing where the date is."""
    values = dates.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(values), np.nan, values.astype("int64").astype("float64"))


def day_number(date: pd.Timestamp) -> int:
    """Days since 1970-01-01."""
    return int((date - pd.Timestamp(0)).days)


def date_of(day: float) -> pd.Timestamp:
    """The date of a number of days since 1970-01-01."""
    return pd.Timestamp(int(day), unit="D").as_unit("us")


class Ledger:
    """A book's facts as arrays; one opportunity has one number, in order of the ids.

    Parameters
    ----------
    book
        The book.
    """

    def __init__(self, book: Book) -> None:
        self.methodology = book.methodology
        self.as_of = book.as_of
        self.today = day_number(book.as_of)
        opportunities = pd.concat([book.opportunities, book.vanished], ignore_index=True)
        self.opportunities = opportunities.sort_values("opportunity_id", kind="stable").reset_index(drop=True)
        self.index = pd.Index(self.opportunities["opportunity_id"])
        self.vanished = self.index.isin(book.vanished["opportunity_id"])
        self.stages = len(book.methodology.open_stages)
        self.snapshots, self.history = book.snapshots, book.history
        self.visits = observed_visits(book)
        self.exports = np.array(sorted({int(day) for day in day_of(pd.Series(book.export_dates))}), dtype="int64")
        self._date_visits()
        self._state()
        self._fields()

    def numbers(self, ids: pd.Series) -> np.ndarray:
        """The number of each opportunity; −1 for one that the ledger does not hold."""
        return np.asarray(self.index.get_indexer(ids))

    def _date_visits(self) -> None:
        """The day on which each visit's begin and end became known."""
        self.visit_opportunity = self.numbers(self.visits["opportunity_id"])
        self.visits = visits = self.visits.assign(number=self.visit_opportunity)
        entered, seen_from, end = (day_of(visits[name]) for name in ("entered", "seen_from", "end"))
        # What only exports tell became known with the first of them, whatever day it states; so did what an export
        # adds to a change log.
        logged = visits["logged"].to_numpy(dtype=bool)
        shown, gone = day_of(visits["entered_seen_by"]), day_of(visits["left_seen_by"])
        began = np.where(np.isnan(entered), seen_from, np.fmax(entered, seen_from))
        known = np.where(logged, began, self._next_look(began - 1))
        self.visit_known = np.where(np.isnan(shown), known, np.fmax(shown, began))
        ended = visits["destination"].to_numpy() != CENSORED
        over = np.where(logged, end, self._next_look(end - 1))
        self.visit_ended = np.where(ended, np.where(np.isnan(gone), over, np.fmax(gone, end)), np.inf)
        self.visit_entered, self.visit_from = entered, seen_from
        self.visit_stage = visits["stage"].to_numpy(dtype="float64")
        self.stage_at = steps(self.visit_opportunity, self.visit_known, np.arange(len(visits), dtype="float64"))

    def _state(self) -> None:
        """Created, closed, re-opened, gone: the outcome as a step function, and when it was booked."""
        opportunities = self.opportunities
        looks = self.snapshots.groupby("opportunity_id")["as_of"]
        first_visit = np.full(len(opportunities), np.inf)
        np.fmin.at(first_visit, self.visit_opportunity, self.visit_known)
        told = np.fmin(day_of(looks.min().reindex(self.index)), first_visit)
        created = day_of(opportunities["created_date"])
        self.created_stated = created
        self.created = np.where(np.isnan(created), told, created)
        outcome = opportunities["outcome"].map({"won": WON, "lost": LOST}).fillna(OPEN).to_numpy(dtype="float64")
        closed_on = day_of(opportunities["close_date"])
        closed = outcome != OPEN
        dated = closed & (closed_on <= self.today)
        # Shown otherwise by an export of its closing's day or later: it was booked late.
        snapshots = self.snapshots[self.snapshots["opportunity_id"].isin(self.index)]
        looked, looked_on = self.numbers(snapshots["opportunity_id"]), day_of(snapshots["as_of"])
        shown = snapshots["outcome"].map({"open": OPEN, "won": WON, "lost": LOST}).to_numpy(dtype="float64")
        otherwise = np.full(len(opportunities), np.nan)
        np.fmax.at(otherwise, looked, np.where(shown != outcome[looked], looked_on, np.nan))
        self.late = dated & (otherwise >= closed_on)
        following = self._next_look(otherwise)
        booked = np.where(dated & ~self.late, closed_on, np.where(np.isnan(otherwise), told, following))
        self.outcome = np.where(dated, outcome, OPEN)
        self.closed_on = np.where(dated, closed_on, np.nan)
        self.booked = np.where(dated, booked, np.inf)
        gone = self._next_look(day_of(opportunities["last_seen"]))
        # A closing that a later export corrects or takes back stands until then.
        early = looked_on < np.where(closed, booked, np.inf)[looked]
        looks_closed = np.bincount(looked[early & (shown != OPEN)], minlength=len(opportunities)) > 0
        before = np.flatnonzero(early & looks_closed[looked])
        closing = np.where(shown == OPEN, np.nan, np.fmin(day_of(snapshots["close_date"]), looked_on))
        corrected = _said(looked[before], looked_on[before], shown[before], closing[before])
        number, day, turn, closing = self._turns(corrected, np.where(closed, booked, np.nan), outcome, gone)
        self.status, self.closing = steps(number, day, turn), steps(number, day, closing)
        # No day was asked for yet.
        self._closed_by = -SPAN, closed_on, closed_on

    def _next_look(self, day: np.ndarray) -> np.ndarray:
        """The first export after a day; the book's date where there is none."""
        after = np.searchsorted(self.exports, np.nan_to_num(day, nan=-1.0), side="right")
        return np.asarray(np.append(self.exports, self.today)[after], dtype="float64")

    def _turns(
        self, corrected: tuple[np.ndarray, ...], booked: np.ndarray, outcome: np.ndarray, gone: np.ndarray
    ) -> tuple[np.ndarray, ...]:
        """Every change of outcome: (opportunity, day, outcome, day of the closing)."""
        visits, number, visitor = self.visits, np.arange(len(self.opportunities)), self.visit_opportunity
        destination, closed = visits["destination"].to_numpy(), ~np.isnan(booked)
        follows = np.append(visitor[1:] == visitor[:-1], False)[: len(visits)]
        # The last closing is dated by the export; one that was taken back or is followed by another only by the log.
        closes = destination >= len(self.methodology.open_stages)
        reopened = np.flatnonzero(closes & follows)
        ended = np.flatnonzero(closes & (follows | (self.visit_ended < booked[visitor])))
        # Closed by the book, and re-opened by the log after that day: it was closed again.
        np.fmax.at(booked, visitor[reopened], self.visit_known[reopened + 1])
        # Entered into the CRM after it was closed, or after the book's date: it was there before, and its outcome stands.
        last = np.where(closed, booked, np.where(self.vanished, gone, self.today))
        came = self.visit_known[reopened + 1]
        parts = [
            _said(number, np.fmin(self.created, last), OPEN),
            _said(
                visitor[ended],
                self.visit_ended[ended],
                destination[ended] - self.stages + 1,
                day_of(visits["end"])[ended],
            ),
            _said(visitor[reopened], came, OPEN),
            # What an export of the same day says stands after the changes of that day.
            corrected,
            _said(number[self.vanished], gone[self.vanished], GONE),
            _said(number[closed], booked[closed], outcome[closed], self.closed_on[closed]),
        ]
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    def _fields(self) -> None:
        """Amount, close date, the CRM's probability and category as step functions."""
        history = self.history
        still_open = ~history["outcome"].isin(CLOSED).to_numpy()
        looked_open = (self.snapshots["outcome"] == "open").to_numpy()
        logged, looked = self.numbers(history["opportunity_id"]), self.numbers(self.snapshots["opportunity_id"])
        logged_on, looked_on = day_of(history["changed_at"]), day_of(self.snapshots["as_of"])

        def stated(log: np.ndarray, look: np.ndarray) -> Steps:
            # What an export of the same day says stands after the changes of that day.
            return steps(
                np.concatenate([logged, looked]), np.concatenate([logged_on, looked_on]), np.concatenate([log, look])
            )

        codes = {name: float(code) for code, name in enumerate(CATEGORIES)}
        self.amount = stated(history["amount"].to_numpy(), self.snapshots["amount"].to_numpy())
        self.close = stated(
            np.where(still_open, day_of(history["close_date"]), np.nan),
            np.where(looked_open, day_of(self.snapshots["close_date"]), np.nan),
        )
        # The log fills an amount that is blank at the entry with the latest, which was not known then.
        at_entry = self.amount.at(self.visit_opportunity, np.nan_to_num(self.visit_known).astype("int64"))
        told = self.visits["amount_known"].to_numpy() & ~np.isnan(at_entry)
        self.visits = self.visits.assign(amount=at_entry, amount_known=told)
        self.crm = stated(history["probability"].to_numpy(), self.snapshots["probability"].to_numpy())
        self.category = stated(
            *(frame["forecast_category"].map(codes).to_numpy(dtype="float64") for frame in (history, self.snapshots))
        )
        same = np.append(False, self.close.place[1:] // SPAN == self.close.place[:-1] // SPAN)[: len(self.close.place)]
        later = same & (np.diff(self.close.value, prepend=np.nan) > 0)
        self.pushes = Steps(self.close.place, _running(later, ~same))
        # The sources of a time did not tell amounts where no log does and no export was seen by then.
        amounts_logged = bool(history["amount"].notna().any())
        source = np.concatenate([logged if amounts_logged else logged[:0], looked])
        source_on = np.concatenate([logged_on if amounts_logged else logged_on[:0], looked_on])
        self.first_told = np.full(len(self.opportunities), np.inf)
        np.fmin.at(self.first_told, source[source >= 0], source_on[source >= 0])
        amounts = self.amount
        first = np.append(True, amounts.place[1:] // SPAN != amounts.place[:-1] // SPAN)[: len(amounts.place)]
        self.first_amount = np.full(len(self.opportunities), np.nan)
        self.first_amount[amounts.place[first] // SPAN] = amounts.value[first]
        self.final_amount = self.opportunities["amount"].to_numpy(dtype="float64")

    def amount_at(self, opportunity: np.ndarray, day: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
        """The amount as last stated by a day, and whether a later source had to be taken."""
        stated = self.amount.at(opportunity, day)
        untold = np.isnan(stated) & (self.first_told[opportunity] > day)
        return np.where(untold, self.first_amount[opportunity], stated), untold

    def opportunities_open(self, day: int) -> np.ndarray:
        """Numbers of the opportunities that were open at the end of a day."""
        return self.status.stated(OPEN, day)

    def won_between(self, after: np.ndarray | int, until: np.ndarray | int, known: float | None = None) -> np.ndarray:
        """Which opportunities were won after a day and by another, as far as booked by a day."""
        outcome, closed_on = self.closings(self.today if known is None else int(known))
        return np.asarray((outcome == WON) & (closed_on > after) & (closed_on <= until))

    def closings(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        """Outcome and day of the closing of every opportunity as booked by a day; both missing where there is none."""
        if day >= self.today:
            return np.where(np.isnan(self.closed_on), np.nan, self.outcome), self.closed_on
        asked = self._closed_by
        if day != asked[0]:
            number = np.arange(len(self.opportunities))
            outcome, closed_on = self.status.at(number, day), self.closing.at(number, day)
            closed = np.isin(outcome, (WON, LOST)) & ~np.isnan(closed_on)
            # Asked for window after window of one day: the last one is kept.
            asked = self._closed_by = day, np.where(closed, outcome, np.nan), np.where(closed, closed_on, np.nan)
        return asked[1:]

    def visits_known(self, day: int) -> pd.DataFrame:
        """The visits as they were known at the end of a day."""
        known = self.visit_known <= day
        visits = self.visits[known]
        if day >= self.today:
            return visits
        going = self.visit_ended[known] > day
        # Only an export shows an opportunity without a log: what followed the last one was not watched.
        logged = visits["logged"].to_numpy()
        looks = self.exports[: np.searchsorted(self.exports, day, side="right")]
        look = int(looks[-1]) if len(looks) else day
        until = np.where(logged, date_of(day).to_datetime64(), date_of(look).to_datetime64())
        end = visits["end"].to_numpy()
        return visits.assign(
            destination=np.where(going, CENSORED, visits["destination"].to_numpy()),
            end=np.where(going, np.minimum(end, until), end).astype("datetime64[us]"),
        )

    def view(self, day: int | None = None) -> View:
        """What was known at the end of a day; None means the book's date."""
        return self._now if day is None or day >= self.today else self._view(day)

    @cached_property
    def _now(self) -> View:
        return self._view(self.today)

    def _view(self, day: int) -> View:
        at = self.opportunities_open(day)
        visit = self.stage_at.at(at, day)
        held = ~np.isnan(visit)
        place = np.where(held, visit, 0).astype("int64")
        stage = np.full(len(at), np.nan)
        days, chain = stage.copy(), stage.copy()
        if held.any():
            stage = np.where(held, self.visit_stage[place], np.nan)
        if day >= self.today and len(at):
            # An opportunity said to be open in a stage that means won stands, for the chain, right before it.
            now = (self.methodology.orders(self.opportunities["stage"]) - 1).clip(upper=self.stages - 1)
            stage = now.to_numpy(dtype="float64", na_value=np.nan)[at]
        if held.any():
            same = held & (self.visit_stage[place] == stage) & (self.visit_ended[place] > day)
            days = np.where(same, np.maximum(day - self.visit_entered[place], 0), np.nan)
            seen = np.where(same & (day > self.visit_from[place]), day - self.visit_from[place], np.nan)
            chain = np.where(np.isnan(days), seen, days)
        amount, assumed = self.amount_at(at, day)
        rows = pd.DataFrame(
            {
                "opportunity_id": self.index[at],
                "stage": stage,
                "days_in_stage": days,
                "chain_days": chain,
                "age": np.maximum(day - self.created_stated[at], 0),
                "amount": amount,
                "due_days": self.close.at(at, day) - day,
                "pushes": np.nan_to_num(self.pushes.at(at, day)),
                "crm": self.crm.at(at, day),
                "category": self.category.at(at, day),
            },
            index=at,
        )
        return View(
            self.methodology, day, rows, self._closed(day), self.visits_known(day),
            int((assumed & (amount > PLACEHOLDER)).sum()),
        )  # fmt: skip

    def _closed(self, day: int) -> Closed:
        outcome, closed_on = self.closings(day)
        at = np.flatnonzero(~np.isnan(outcome))
        amount = self.final_amount[at] if day >= self.today else self.amount_at(at, day)[0]
        return Closed(at, outcome[at] == WON, self.created_stated[at], closed_on[at], amount)


def _said(
    opportunity: np.ndarray, day: np.ndarray, outcome: np.ndarray | float, closing: np.ndarray | float = np.nan
) -> tuple[np.ndarray, ...]:
    """Statements about opportunities, one row each: what holds for all of them stands in every row."""
    return opportunity, day, np.broadcast_to(outcome, day.shape), np.broadcast_to(closing, day.shape)


def _running(flag: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """How many flags since the last start, this one included."""
    total = np.cumsum(flag)
    base = np.maximum.accumulate(np.where(starts, total - flag, 0)) if len(flag) else total
    return np.asarray(total - base, dtype="float64")


def ledger_of(book: Book) -> Ledger:
    """The book's ledger; made once, for a book never changes."""
    return book.once(Ledger)


_SAME_PAST: WeakKeyDictionary[Book, Book] = WeakKeyDictionary()


def with_past_of(other: Book, book: Book) -> Book:
    """Another book that differs from one in its open opportunities alone: what is replayed of one is of both."""
    _SAME_PAST[other] = past_of(book)
    return other


def past_of(book: Book) -> Book:
    """The book whose replays are this one's."""
    return _SAME_PAST.get(book, book)
