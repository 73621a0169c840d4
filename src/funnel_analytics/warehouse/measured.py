"""What the measured probability is learned from, where a warehouse's data lie: past stock and cycles, as counts."""

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import Table
from ibis.expr.types import Value

from ..forecast.model.landmarks import AGE_GROUPS, HALF_LIFE_DAYS, month_ends, third_edges
from ..forecast.model.probability import age_chances, ladder, stock_chances
from ..funnel.counts import open_orders
from ..outcomes import LOST, OPEN, WON
from ..stage_log import EXITS
from .book_like import Warehouse
from .columns import dates_of, fetched
from .opening import day_of
from .stage_log import yes

_NO_AGE = -1
"""The cell of an opportunity whose date of creation is not known."""


@dataclass(frozen=True)
class Measured:
    """The chance of ever being won of the open opportunities, by what it depends on.

    Attributes
    ----------
    method : str
        How it was learned: a key of the ladder.
    cells : Table
        opportunity_id, cell (the third of its stage's ages, or its own age) of each open opportunity.
    chances : DataFrame
        state, cell and measured: what an opportunity there has; missing where nothing could be learned.
    """

    method: str
    cells: Table
    chances: pd.DataFrame


def watched_visits(warehouse: Warehouse) -> Table:
    """Every visit to an open stage; as `forecast.model.visits.observed_visits` and `outcomes` have them.

    opportunity_id, state, entered, first_seen, seen_from, end, ended, won (of the visit), event and at (of the
    opportunity, seen from the visit), last (no other came after it), usable. Made once, as the stage log is.
    """
    looks = warehouse.looks.group_by("opportunity_id").agg(
        first_seen=lambda table: table.as_of.min(), times=lambda table: table.count()
    )
    known = warehouse.known.select("opportunity_id", "last_seen").inner_join(looks, "opportunity_id")
    rows = warehouse.visits
    rows = rows.filter(rows.state.isin(open_orders(warehouse))).inner_join(known, "opportunity_id")
    entered = rows.entered.coalesce(rows.first_seen)
    later = ibis.cases((entered < rows.first_seen, rows.first_seen), else_=entered)
    end, today = rows.left.coalesce(rows.last_seen), day_of(warehouse.as_of)
    ended = rows.left.notnull()
    won = ended & ((rows.kind == EXITS.index("won")) | warehouse.states.is_won(rows.next))
    rows = rows.mutate(
        seen_from=ibis.cases((rows.complete, entered), else_=later),
        end=ibis.cases((end > today, today), else_=end),
        ended=ended,
        won=won,
        closing=ibis.cases((won, WON), (ended & (rows.kind == EXITS.index("lost")), LOST), else_=OPEN),
    )
    everyone = ibis.window(group_by="opportunity_id")
    onwards = ibis.window(group_by="opportunity_id", order_by="turn", rows=(0, None))
    closes = rows.closing != OPEN
    # The next closing in order of the visits; its kind goes along in the last digit.
    coded = ibis.cases((closes, rows.turn * 4 + rows.closing)).min().over(onwards)
    at = ibis.cases((closes, rows.end)).min().over(onwards)
    rows = rows.mutate(
        event=(coded % 4).coalesce(OPEN),
        at=at.coalesce(rows.end.max().over(everyone)),
        last=rows.turn == rows.turn.max().over(everyone),
        usable=rows.entered.notnull() & (rows.complete | (rows.times > 1)) & (rows.end >= rows.seen_from),
    )
    names = ["opportunity_id", "state", "entered", "first_seen", "seen_from", "end", "ended", "won", "event", "at",
             "last", "usable"]  # fmt: skip
    return rows.select(*names).cache()


def _third(days: Value, state: Value, edges: np.ndarray) -> Value:
    """In which third of its stage's ages so many days are; in none where they are not known."""
    third: Value = ibis.literal(0, "int64")
    for edge in range(AGE_GROUPS - 1):
        beyond = [((state == order + 1) & (days > one), 1) for order, one in enumerate(edges[:, edge]) if one < np.inf]
        third = third + (ibis.cases(*beyond, else_=0) if beyond else 0)
    return ibis.cases((days.isnull(), AGE_GROUPS), else_=third)


def _stock(warehouse: Warehouse, first: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Past standing stock, added up as `landmarks.eventual_probabilities` takes it, and the edges of the thirds."""
    day = pd.Timestamp(dates_of(pd.Series([first])).iloc[0])
    months = [day_of(end) for end in month_ends(day, warehouse.as_of)]
    stages = len(open_orders(warehouse))
    if not months:
        columns = ["stage", "third", "after", "event", "weight", "squares"]
        return pd.DataFrame(columns=columns, dtype="float64"), np.full((stages, AGE_GROUPS - 1), np.inf)
    visits = warehouse.once(watched_visits)
    visits = visits.filter(visits.usable)
    looks = ibis.array(months).unnest().name("on").as_table()
    rows = visits.inner_join(looks, [visits.seen_from <= looks.on, visits.end > looks.on])
    rows = rows.mutate(age=rows.on - rows.entered, after=rows["at"] - rows.on)
    ages = fetched(rows.group_by("state", "age").agg(rows=rows.count(), newest=rows.on.max()))
    edges = third_edges(ages.assign(stage=ages["state"] - 1), stages)
    ago = ibis.literal(0 if ages.empty else int(ages["newest"].max())) - rows.on
    # Spark would divide whole numbers by a decimal one with few digits.
    weight = ibis.literal(0.5) ** (ago.cast("float64") / HALF_LIFE_DAYS)
    rows = rows.mutate(third=_third(rows.age, rows.state, edges), weight=weight, square=weight * weight)
    found = rows.group_by("state", "third", "event", "after").agg(weight=rows.weight.sum(), squares=rows.square.sum())
    # In one order, whatever the engine's: sums are then the same each time.
    stock = fetched(found).sort_values(["state", "third", "after", "event"], ignore_index=True)
    return stock.assign(stage=stock["state"] - 1, after=stock["after"].astype("float64")), edges


def _by_stock(
    warehouse: Warehouse, opportunities: Table, first: int, percentages: np.ndarray
) -> tuple[Table, pd.DataFrame]:
    """Cells by third, and their chances from past standing stock."""
    stock, edges = _stock(warehouse, first)
    last, stages, today = warehouse.once(watched_visits), len(percentages), day_of(warehouse.as_of)
    last = last.filter(last["last"] & ~last.ended).select("opportunity_id", "entered", "first_seen", held="state")
    rows = opportunities.left_join(last, "opportunity_id").drop("opportunity_id_right")
    # An opportunity said to be open in a stage that means won stands right before it.
    state = ibis.cases((rows.state > stages, stages), else_=rows.state)
    since = ibis.cases((rows.entered > today, today), else_=rows.entered)
    since = since.coalesce(ibis.cases((rows.first_seen < today, rows.first_seen)))
    days = ibis.cases((yes(rows.held == state), today - since))
    rows = rows.mutate(cell=_third(days, state, edges))
    held, place, stage = _held(rows, stages)
    ever = stock_chances(stock, percentages, stage[place], held["cell"].to_numpy()[place])
    return rows, held.assign(measured=ever[np.searchsorted(place, np.arange(len(held)))])


def _by_age(
    warehouse: Warehouse, opportunities: Table, closed: Table, first: int, percentages: np.ndarray
) -> tuple[Table, pd.DataFrame]:
    """Cells by days since creation, and their chances from closed opportunities."""
    today = day_of(warehouse.as_of)
    age = today - opportunities.created_date
    rows = opportunities.mutate(cell=ibis.cases((age < 0, 0), else_=age).coalesce(_NO_AGE))
    held, place, stage = _held(rows, len(percentages))
    # What closed before the first closing may have been left out: watching starts there.
    begin = first - 1 - closed.created_date
    cycle = closed.close_date - closed.created_date
    keyed = closed.select(
        "outcome",
        cycle=ibis.cases((cycle < 0, 0), else_=cycle),
        entry=ibis.cases((begin < 0, 0), else_=begin),
    )
    keys = ["cycle", "entry", "outcome"]
    past = fetched(keyed.group_by(*keys).agg(rows=keyed.count())).sort_values(keys)
    past = past.loc[past.index.repeat(past["rows"])]
    ages = held["cell"].where(held["cell"] != _NO_AGE).to_numpy(dtype="float64")[place]
    still = ages[~np.isnan(ages)]
    _, ever = age_chances(
        np.append(np.maximum(past["cycle"].to_numpy(dtype="float64"), 0.5), still),
        np.maximum(np.append(past["entry"].to_numpy(dtype="float64"), first - 1 - (today - still)), 0.0),
        np.append(np.where(past["outcome"] == 1, WON, LOST), np.full(len(still), OPEN)),
        ages,
        np.where(np.isnan(stage[place]), np.nan, percentages[np.nan_to_num(stage[place]).astype("int64")]),
        0,
        0,
    )
    return rows, held.assign(measured=ever[np.searchsorted(place, np.arange(len(held)))])


def _held(rows: Table, stages: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """How many open opportunities each cell holds; the cell of each, laid out; and the cells' stages as numbers."""
    found = fetched(rows.group_by("state", "cell").agg(rows=rows.count()))
    found = found.astype("int64").sort_values(["state", "cell"], ignore_index=True)
    stage = (found["state"].clip(upper=stages) - 1.0).mask(found["state"] == 0)
    return found, np.repeat(np.arange(len(found)), found["rows"]), stage.to_numpy()


def measured(warehouse: Warehouse) -> Measured:
    """The chance of ever being won of each open opportunity: from the counts, by the code that a book takes."""
    opportunities = warehouse.listed
    closed = opportunities.filter((opportunities.outcome > 0) & (opportunities.close_date <= day_of(warehouse.as_of)))
    closed = closed.filter(closed.created_date.notnull())
    visits = warehouse.once(watched_visits)
    seen = visits.filter(visits.usable)
    stock = fetched(
        seen.agg(
            completed=seen.ended.sum(), won=seen.opportunity_id.nunique(where=seen.won), first=seen.seen_from.min()
        )
    ).fillna(0)
    past = fetched(closed.agg(rows=closed.count(), won=(closed.outcome == 1).sum(), first=closed.close_date.min()))
    completed, won_visits, since = (int(one) for one in stock.iloc[0])
    rows, won, first = (int(one) for one in past.fillna(0).iloc[0])
    opportunities = opportunities.filter(opportunities.outcome == 0).select("opportunity_id", "state", "created_date")
    stages = [warehouse.methodology.stage(key).probability for key in warehouse.methodology.open_stages]
    percentages = np.array(stages, dtype="float64")
    known = bool(opportunities.filter(opportunities.state > 0).count().to_pyarrow().as_py())
    method = ladder(completed, won_visits, rows, won, known=known)
    if method == "semi_markov":
        cells, chances = _by_stock(warehouse, opportunities, since, percentages)
    elif method == "age_only":
        cells, chances = _by_age(warehouse, opportunities, closed, first, percentages)
    else:
        cells = opportunities.mutate(cell=ibis.literal(0, "int64"))
        chances = pd.DataFrame({"state": [0], "cell": [0], "measured": [np.nan]})
    return Measured(method, cells.select("opportunity_id", "cell"), chances[["state", "cell", "measured"]])
