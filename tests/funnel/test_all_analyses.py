"""What every funnel analysis keeps: its declared columns, the book as it was, splits equal to filters, empty books."""

from collections.abc import Callable

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import AmountError, ArgumentError

ANALYSES = [
    fa.stage_conversion, fa.conversion_trend, fa.time_in_stage, fa.win_rates, fa.sales_velocity, fa.pipeline_changes, fa.pipeline_change_lines,
    fa.pipeline_flow, fa.slippage, fa.stage_transitions, fa.stage_incidence, fa.stage_survival, fa.pipeline_ageing, fa.conversion_cohorts,
    fa.evidenced_pipeline,
]  # fmt: skip
every = pytest.mark.parametrize("analysis", ANALYSES, ids=lambda analysis: analysis.__name__)
Analysis = Callable[..., pd.DataFrame]


@every
@pytest.mark.parametrize("by", [None, "region", "product"])
def test_the_table_is_as_declared(analysis: Analysis, by: str | None) -> None:
    book = team_book(60)
    table = analysis(book, by=by)
    declared = tables.TABLES[analysis.__name__]
    assert table.columns.tolist() == [*([by] if by else []), *declared.names]
    assert table.attrs["table"] == declared.name
    assert table.attrs["as_of"] == book.as_of
    for column in declared.columns:
        assert str(table[column.name].dtype).startswith(tables.DTYPES[column.kind].split("[")[0])


@every
@pytest.mark.parametrize("by", [None, "region"])
def test_a_book_without_opportunities_gives_zeros_or_no_rows(analysis: Analysis, by: str | None) -> None:
    # Each value exists, the two together do not.
    book = team_book(40).where(owner="Ana Ruiz", region="South")
    assert book.opportunities.empty
    table = analysis(book, by=by)
    assert table.empty or by is None
    counts = table.select_dtypes("int64")
    assert (counts == 0).all().all()


@every
def test_without_amounts_no_sum_is_made_up(analysis: Analysis) -> None:
    declared = tables.TABLES[analysis.__name__]
    money = [column.name for column in declared.columns if column.kind == "money"]
    try:
        table = analysis(team_book(30, money=False))
    except AmountError:
        assert money
    else:
        assert len(table)
        assert table[money].isna().all(axis=None)


@every
def test_the_book_stays_as_it_was(analysis: Analysis) -> None:
    book = team_book(40)
    before = {name: frame.copy(deep=True) for name, frame in book.frames.items()}
    table = analysis(book, by="region")
    table.iloc[:, :] = table.iloc[:, :].to_numpy()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(book.frames[name], frame)


@every
def test_a_split_gives_what_filters_give(analysis: Analysis) -> None:
    book = team_book(120)
    options = {"within_days": 200} if analysis is fa.win_rates else {}
    split = analysis(book, by="region", **options)
    for region, part in split.groupby("region"):
        alone = analysis(book.where(region=region), **options)
        pd.testing.assert_frame_equal(part.drop(columns="region").reset_index(drop=True), alone, check_like=True)


@every
def test_splits_by_unknown_or_own_columns_are_explained(analysis: Analysis) -> None:
    book = team_book(20)
    with pytest.raises(ArgumentError, match="Did you mean 'region'"):
        analysis(book, by="regoin")
    own = {"sales_velocity": "velocity", "pipeline_changes": "amount", "pipeline_change_lines": "amount"}
    own |= {"pipeline_flow": "amount"}
    if analysis not in (fa.sales_velocity, fa.slippage):
        with pytest.raises(ArgumentError, match="own columns"):
            analysis(book, by=own.get(analysis.__name__, "stage"))
