"""The Book: parts of it keep what stands for the whole, and drop what does not."""

from dataclasses import replace

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import ArgumentError
from funnel_analytics.stage_log import build_stage_log

BOOK = team_book(60)
ROWS = BOOK.opportunities


def with_quotas(*listed: tuple[str | None, float]) -> fa.Book:
    quotas = pd.DataFrame(listed, columns=["owner", "quota"]).assign(period="2026Q4", team=None)
    frames = {**BOOK.frames, "quotas": quotas}
    return fa.Book(BOOK.methodology, BOOK.as_of, BOOK.currency, frames=frames)


OWNERS = with_quotas(("Ana Ruiz", 1.0), ("Ben Ode", 2.0), ("Li Wei", 4.0), ("Mia Sun", 8.0))


@pytest.mark.parametrize(
    ("criteria", "total"),
    [
        ({}, 15.0),
        ({"owner": "Ana Ruiz"}, 1.0),
        ({"owner": ["Ana Ruiz", "Mia Sun"]}, 9.0),
        ({"region": "North"}, 5.0),  # the first and third of four sellers sell only in the North
        ({"region": "North", "owner": "Li Wei"}, 4.0),
        ({"outcome": "open"}, 0.0),  # everyone has closed ones too: no quota stands for the open part
    ],
)
def test_a_quota_stays_only_where_all_it_covers_stays(criteria: dict[str, object], total: float) -> None:
    assert OWNERS.where(**criteria).quotas["quota"].sum() == total


def test_a_quota_of_all_stands_for_no_part() -> None:
    team = with_quotas((None, 10.0), ("Ana Ruiz", 4.0))
    assert team.where(owner="Ana Ruiz").quotas["quota"].tolist() == [4.0]
    assert team.where(owner="Ben Ode").quotas.empty
    assert team.where(owner=list(ROWS["owner"].unique())).quotas["quota"].sum() == 14.0


def test_an_outlook_of_a_part_without_a_quota_gives_no_chance_of_it() -> None:
    total = (
        fa.outlook(with_quotas((None, 10.0)).where(owner="Ana Ruiz"), period="2026Q4")
        .set_index("component")
        .loc["total"]
    )
    assert pd.isna(total["quota"])
    assert pd.isna(total["p_quota"])


def test_an_account_has_the_same_class_in_every_part() -> None:
    book = fa.Book(BOOK.methodology, BOOK.as_of, BOOK.currency, 1, None, 700_000.0, BOOK.frames)
    whole = fa.account_segments(book).set_index("account_id")["segment"]
    for region in ("North", "South"):
        part = fa.account_segments(book.where(region=region)).set_index("account_id")
        assert part["segment"].equals(whole.loc[part.index])
        assert set(part["revenue_benchmark"]) == {700_000.0}


def test_the_default_period_of_a_quarters_last_day_is_the_next_quarter() -> None:
    assert [BOOK.period().label, BOOK.period("2026Q3").label] == ["2026Q4", "2026Q3"]
    middle = fa.Book(BOOK.methodology, pd.Timestamp("2026-09-29"), calendar=4)
    assert middle.period().label == "2027Q2"


def test_filters_that_fit_nothing_name_the_nearest() -> None:
    with pytest.raises(ArgumentError, match="owner"):
        BOOK.where(ownr="Ana Ruiz")
    with pytest.raises(ArgumentError, match="Ana Ruiz"):
        BOOK.where(owner="Ana Riuz")


def test_an_unknown_pipeline_is_no_pipeline_of_nothing() -> None:
    unknown = ROWS.assign(amount=ROWS["amount"].where(ROWS["outcome"] != "open"))
    whole = fa.Book(BOOK.methodology, BOOK.as_of, BOOK.currency, frames={**BOOK.frames, "opportunities": unknown})
    assert whole.open_amount is None
    assert whole.where(outcome="won").open_amount == 0.0
    assert BOOK.open_amount == ROWS.loc[ROWS["outcome"] == "open", "amount"].sum()
    shown = fa.dashboards.funnel_content(whole).tiles
    assert "–" in dict(shown).values()


@pytest.mark.parametrize("history", [True, False])
def test_a_part_is_what_its_own_rows_make_whenever_it_is_cut(history: bool) -> None:
    book = team_book(60, seed=4, history=history, exports=3)
    fresh = team_book(60, seed=4, history=history, exports=3).where(region="North").where(owner="Ana Ruiz")
    # Cut after the whole was read and before: one takes from what the whole has made, the other makes it.
    assert len(book.stage_log)
    fa.stage_conversion(book)
    part = book.where(region="North").where(owner="Ana Ruiz")
    rows = book.opportunities
    kept = rows[(rows["region"] == "North") & (rows["owner"] == "Ana Ruiz")].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.opportunities, kept)
    frames = {name: part.frames[name] for name in ("opportunities", "vanished", "snapshots", "history")}
    for one in (part, fresh):
        pd.testing.assert_frame_equal(one.stage_log, build_stage_log(**frames, methodology=book.methodology))
        assert set(one.snapshots["opportunity_id"]) == set(kept["opportunity_id"]) | set(one.vanished["opportunity_id"])
        assert set(one.ratings["account_id"]) <= set(one.accounts["account_id"])
        assert one.export_dates == book.export_dates
        alone = replace(one, frames=dict(one.frames))
        for analysis in (fa.stage_conversion, fa.time_in_stage, fa.stage_survival, fa.pipeline_ageing, fa.win_rates):
            pd.testing.assert_frame_equal(analysis(one), analysis(alone))
            pd.testing.assert_frame_equal(analysis(one, by="segment"), analysis(alone, by="segment"))


def test_a_filter_by_several_values_or_by_two_columns_keeps_what_fits_all() -> None:
    book = team_book(60)
    two = book.where(owner=["Ana Ruiz", "Li Wei"], region="North")
    assert set(two.opportunities["owner"]) <= {"Ana Ruiz", "Li Wei"}
    assert set(two.opportunities["region"]) == {"North"}
    assert two.size == len(two.opportunities) == len(two.column("owner"))
    # An account of the North stays also without an opportunity, where only its own column is asked for.
    assert {f"A{number}" for number in range(0, 12, 2)} <= set(book.where(region="North").accounts["account_id"])


def test_a_day_before_everything_is_refused_with_the_first_day_that_there_is() -> None:
    rows = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Proof"], "created_date": [pd.Timestamp("2024-01-03")]})
    dated = fa.Parts(snapshots=rows.assign(as_of=pd.Timestamp("2025-12-31")))
    with pytest.raises(ArgumentError, match="earliest export is of 2025-12-31"):
        fa.assemble(dated, as_of="2025-12-30")
    with pytest.raises(ArgumentError, match="created on 2024-01-03"):
        fa.assemble(fa.Parts(snapshots=rows), as_of="2020-01-01")
    assert len(fa.assemble(fa.Parts(snapshots=rows), as_of="2024-01-03").opportunities) == 1
