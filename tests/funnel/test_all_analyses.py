"""What every funnel analysis keeps: its declared columns, the book as it was, splits equal to filters, empty books."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book, team_parts
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


def with_column(name: str) -> fa.Book:
    """A team of which every other opportunity is x in a column of the team's own, the others y."""
    parts = team_parts(20)
    return fa.assemble(
        replace(parts, snapshots=parts.snapshots.assign(**{name: (parts.snapshots.index % 2).map({0: "x", 1: "y"})}))
    )


@pytest.mark.parametrize(
    ("analysis", "name"),
    [
        (fa.outlook, "quota"),
        (fa.outlook, "component"),
        (fa.pipeline_coverage, "quota"),
        (fa.pipeline_coverage, "status"),
        (fa.pipeline_change_lines, "close_date_before"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_column_of_the_team_that_is_called_like_one_of_the_table_is_no_split(analysis: Analysis, name: str) -> None:
    # Two columns of one name would be one: the quota would be the word "x".
    with pytest.raises(ArgumentError, match="own columns"):
        analysis(with_column(name), by=name)


@pytest.mark.parametrize("name", ["due", "cents", "group"])
def test_pipeline_changes_split_by_a_column_of_any_other_name(name: str) -> None:
    # "due" and "cents" were taken for what the causes ask of each opportunity, and the groups were False and True.
    named, plain = (fa.pipeline_changes(with_column(column), by=column) for column in (name, "line"))
    assert set(named[name]) == {"x", "y"}
    pd.testing.assert_frame_equal(named.rename(columns={name: "line"}), plain, check_exact=True)


@pytest.mark.parametrize("by", ["amount", "outcome"])
def test_slippage_splits_by_what_it_counts_itself(by: str) -> None:
    # Of each amount, and of each outcome that there is, one row: all opportunities are in one of them.
    split, whole = fa.slippage(team_book(20), by=by), fa.slippage(team_book(20))
    assert (split["due"].sum(), split["amount_due"].sum()) == (whole["due"].sum(), whole["amount_due"].sum())
