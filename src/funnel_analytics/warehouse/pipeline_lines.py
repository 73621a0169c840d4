"""What the weighted pipeline adds up, where a warehouse's data lie: the largest amounts, and sums of all others by stage."""

import ibis
import numpy as np
import pandas as pd
from ibis import Table
from ibis.expr.types import Value

from ..forecast.pipeline_lines import PERIODS, PROBABILITIES, check_by, open_lines, won_lines
from ..hygiene import PLACEHOLDER
from ..periods import Period
from .book_like import Warehouse
from .columns import fetched
from .counts import fiscal_periods, flag
from .measured import measured
from .opening import day_of
from .stage_log import yes


def _lines(rows: Table, group: Value, largest: int, counted: Value) -> pd.DataFrame:
    """One line for each of the largest amounts of a group that count, and one for the rest of each stage and cell."""
    omitted = yes(rows.forecast_category == "omitted") & (rows.outcome == 0)
    summed = ~omitted & counted
    rows = rows.select(
        "opportunity_id",
        "state",
        "cell",
        "probability",
        group=group,
        amount=ibis.cases((summed, rows.amount)),
        summed=flag(summed),
        omitted=flag(omitted),
        placeholder=flag(~omitted & ~summed),
    )
    order = ibis.window(group_by=["group", "summed"], order_by=[rows.amount.desc(), rows.opportunity_id])
    rows = rows.mutate(nth=ibis.row_number().over(order))
    # The largest single amount is told, also where none is to be left out.
    alone = (rows.summed == 1) & (rows.nth < max(largest, 1))
    rows = rows.mutate(line=ibis.cases((alone, rows.opportunity_id)))
    found = rows.group_by("group", "state", "cell", "line").agg(
        opportunities=rows.summed.sum(),
        amount=rows.amount.sum(),
        weighted_crm=(rows.amount * rows.probability).sum(),
        without_crm=flag((rows.summed == 1) & rows.probability.isnull()).sum(),
        placeholders=rows.placeholder.sum(),
        omitted=rows.omitted.sum(),
    )
    lines = fetched(found).assign(alone=lambda table: table["line"].notna())
    order_of_lines = ["alone", "amount", "line", "state", "cell"]
    return lines.sort_values(order_of_lines, ascending=[False, False, True, True, True], ignore_index=True)


def _percentages(warehouse: Warehouse, states: pd.Series) -> np.ndarray:
    """The method's percentage of each state; missing where the stage is not known."""
    percentages = np.array([np.nan, *(stage.probability for stage in warehouse.methodology.stages)])
    return np.asarray(percentages[states])


@open_lines.register
def _(warehouse: Warehouse, by: str | None, span: Period | None, largest: int) -> tuple[pd.DataFrame, str]:
    opportunities = warehouse.listed
    check_by(by, ["stage", *warehouse.texts])
    learned = warehouse.once(measured)
    rows = (
        opportunities.filter(opportunities.outcome == 0)
        .left_join(learned.cells, "opportunity_id")
        .drop("opportunity_id_right")
    )
    if span is not None:
        rows = rows.filter(rows.close_date.between(day_of(span.start), day_of(span.end)))
    group: Value = ibis.null("string")
    if by in PERIODS:
        group = fiscal_periods(warehouse, rows.close_date, rows, by)
    elif by == "stage":
        group = rows.state.cast("string")
    elif by is not None:
        group = rows[by]
    lines = _lines(rows, group, largest, yes(rows.amount > PLACEHOLDER)).merge(
        learned.chances, on=["state", "cell"], how="left"
    )
    if by == "stage":
        keys = np.array([None, *warehouse.methodology.stage_keys], dtype=object)
        lines["group"] = pd.Series(keys[lines["state"]], dtype="str")
    weighted = {
        "weighted_nominal": lines["amount"] * _percentages(warehouse, lines["state"]),
        "weighted_measured": lines["amount"] * lines["measured"],
    }
    return lines.assign(**weighted), learned.method


@won_lines.register
def _(warehouse: Warehouse, span: Period, largest: int) -> pd.DataFrame:
    opportunities = warehouse.listed
    last = day_of(min(span.end, warehouse.as_of))
    won = opportunities.filter(
        (opportunities.outcome == 1) & opportunities.close_date.between(day_of(span.start), last)
    )
    lines = _lines(won.mutate(cell=0), ibis.null("string"), largest, won.amount.notnull())
    return lines.assign(without_crm=0, **{f"weighted_{name}": lines["amount"] for name in PROBABILITIES})
