"""The outlook: components, quota, warnings, odd books, and its laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import AmountError, ArgumentError
from funnel_analytics.forecast.model.ledger import ledger_of
from funnel_analytics.forecast.outlook import MOVERS
from funnel_analytics.forecast.period_draws import drawn, outlook_of, window
from funnel_analytics.forecast.quotas import period_quota
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.words import word_keys

TEAM = team_book(150, seed=2)
MONEY = ["mean", *(f"p{share}" for share in (10, 25, 50, 75, 90))]


def rows(book: fa.Book, **options: object) -> pd.DataFrame:
    return fa.outlook(book, **{"period": "2026Q4", "draws": 1000, **options}).set_index("component")


def rebuilt(snapshots: pd.DataFrame, book: fa.Book = TEAM, **parts: pd.DataFrame) -> fa.Book:
    return fa.assemble(fa.Parts(snapshots=snapshots, **parts), as_of=book.as_of)


def latest(book: fa.Book = TEAM) -> pd.DataFrame:
    return book.snapshots[book.snapshots["as_of"] == book.as_of]


def test_the_table_holds_its_declared_columns_and_the_mean_of_the_total_is_the_sum_of_the_parts() -> None:
    table = fa.outlook(TEAM, period="2026Q4")
    assert list(table.columns) == tables.OUTLOOK.names
    assert table["component"].tolist() == ["won", "open", "new_business", "total"]
    assert table["mean"].iloc[:3].sum() == pytest.approx(table["mean"].iloc[3])
    assert table[MONEY].notna().all(axis=None)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_opportunity_has_its_reasons_in_words(lang: str) -> None:
    opportunities = fa.outlook_opportunities(TEAM, period="2026Q4")
    facts = {fact[1:] for said in opportunities["movers"].dropna() for fact in said.split()}
    assert facts
    assert facts <= set(MOVERS) == {key.split(".")[-1] for key in word_keys(lang) if key.startswith("outlook.facts.")}
    said = fa.outlook_reasons(opportunities, lang)
    assert said.str.len().min() > 5
    assert fa.outlook_reasons(opportunities.head(0), lang).empty


def test_quantiles_rise() -> None:
    table = fa.outlook(TEAM, period="2026Q4")[["p10", "p25", "p50", "p75", "p90"]]
    assert (table.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)


def test_the_exact_mean_is_the_mean_of_many_draws() -> None:
    table = rows(TEAM, draws=20_000)
    middle = table.loc["total", ["p10", "p25", "p50", "p75", "p90"]].mean()
    assert table.loc["total", "mean"] == pytest.approx(middle, rel=0.05)


def test_opportunities_add_up_to_the_open_component() -> None:
    opportunities = fa.outlook_opportunities(TEAM, period="2026Q4")
    assert list(opportunities.columns) == tables.OUTLOOK_OPPORTUNITIES.names
    assert opportunities["expected"].sum() == pytest.approx(rows(TEAM).loc["open", "mean"])
    assert len(opportunities) == len(TEAM.open_opportunities)
    assert opportunities["expected"].is_monotonic_decreasing
    assert (opportunities["base_wins"] <= opportunities["base_opportunities"]).all()


def test_the_same_book_and_seed_give_the_same_numbers_and_another_seed_others() -> None:
    pd.testing.assert_frame_equal(rows(TEAM), rows(TEAM))
    assert rows(TEAM, seed=1).loc["total", "p90"] != rows(TEAM).loc["total", "p90"]


@settings(max_examples=4)
@given(seed=st.integers(0, 1000))
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    shuffled = rebuilt(
        TEAM.snapshots.sample(frac=1, random_state=seed), history=TEAM.history.sample(frac=1, random_state=seed)
    )
    pd.testing.assert_frame_equal(rows(shuffled)[MONEY], rows(TEAM)[MONEY])


def test_what_happens_after_the_books_date_changes_nothing() -> None:
    past = pd.Timestamp("2026-06-30")
    snapshots, history = TEAM.snapshots, TEAM.history
    after = history["changed_at"] > past
    assert after.any()
    other = history.assign(
        amount=history["amount"].mask(after, 9e9),
        outcome=history["outcome"].mask(after & history["outcome"].notna(), "won"),
    )
    newest = snapshots["as_of"] > past
    bigger = snapshots.assign(amount=snapshots["amount"].mask(newest, 9e9))
    one, two = (
        fa.assemble(fa.Parts(snapshots=frame, history=log), as_of=past)
        for frame, log in ((snapshots, history), (bigger, other))
    )
    pd.testing.assert_frame_equal(rows(one, period="2026Q3"), rows(two, period="2026Q3"))


def test_won_counts_wins_of_the_period_up_to_the_books_date() -> None:
    opportunities = TEAM.opportunities
    won = opportunities[
        (opportunities["outcome"] == "won") & opportunities["close_date"].between("2026-07-01", "2026-09-30")
    ]
    assert rows(TEAM, period="2026Q3").loc["won", "mean"] == pytest.approx(won["amount"].sum())


def test_of_new_business_so_many_are_counted_as_are_expected_to_be_won() -> None:
    expected = outlook_of(TEAM, window(TEAM, "2026Q4")).estimated.business.expected_wins
    assert 0 < rows(TEAM).loc["new_business", "opportunities"] == pytest.approx(expected)


def test_a_period_that_is_over_is_what_was_won() -> None:
    table = rows(TEAM, period="2026Q2")
    assert table.loc["open", "mean"] == table.loc["new_business", "mean"] == 0
    assert table.loc["total", "p10"] == table.loc["total", "p90"] == table.loc["won", "mean"] > 0
    assert table.loc["total", "warnings"] == "period_over"


def test_without_a_period_it_is_the_quarter_of_the_next_day() -> None:
    assert fa.outlook(TEAM, draws=10)["period"].unique().tolist() == ["2026Q4"]


def test_a_later_period_counts_its_own_days_only() -> None:
    quarters = [rows(TEAM, period=period).loc["open", "mean"] for period in ("2026Q4", "2027Q1")]
    assert sum(quarters) == pytest.approx(rows(TEAM, period="2026Q4").loc["open", "mean"] + quarters[1])
    both = fa.outlook_opportunities(TEAM, period="2026Q4").set_index("opportunity_id")["probability"]
    later = fa.outlook_opportunities(TEAM, period="2027Q1").set_index("opportunity_id")["probability"]
    assert (both + later <= 1).all()


def test_a_longer_period_promises_more() -> None:
    assert rows(TEAM, period="2026-10").loc["total", "mean"] < rows(TEAM).loc["total", "mean"]


def test_the_quota_of_the_caller_goes_before_that_of_the_book() -> None:
    table = rows(TEAM, quota=1.0)
    assert table.loc["total", ["quota", "p_quota"]].tolist() == [1.0, 1.0]
    assert table.loc["won", "quota"] != table.loc["won", "quota"]
    assert rows(TEAM).loc["total", "quota"] == 3.5e6


def test_a_quota_that_is_met_to_the_cent_is_met() -> None:
    won = rows(TEAM, period="2026Q3").loc["won", "mean"]
    assert rows(TEAM, period="2026Q3", quota=won).loc["total", "p_quota"] == 1.0
    assert rows(TEAM, period="2026Q3", quota=won + 0.01).loc["total", "p_quota"] == 0.0


def quotas(*listed: tuple[str | None, str | None, str, float]) -> fa.Book:
    frame = pd.DataFrame(listed, columns=["owner", "team", "period", "quota"])
    return rebuilt(latest(), quotas=frame)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([("Ana", None, "2026Q4", 10), ("Ben", None, "2026Q4", 20), ("Ben", None, "2026Q3", 99)], 30),
        ([("Ana", "North", "2026Q4", 10), (None, "North", "2026Q4", 25), (None, "South", "2026Q4", 5)], 30),
        ([("Ana", None, "2026Q4", 10), (None, "North", "2026Q4", 25), (None, None, "2026 q4", 40)], 40),
        ([("Ana", None, "2026Q3", 10)], None),
    ],
)
def test_a_quota_is_never_counted_twice(
    listed: list[tuple[str | None, str | None, str, float]], expected: float | None
) -> None:
    book = quotas(*listed)
    assert period_quota(book, book.period("2026Q4")) == expected


@pytest.mark.parametrize("by", ["owner", "region", "segment", "team", "opportunity_id"])
def test_groups_add_up_to_the_whole(by: str) -> None:
    whole = rows(TEAM)
    parts = fa.outlook(TEAM, period="2026Q4", draws=1000, by=by)
    sums = parts.groupby("component")[["mean", "opportunities"]].sum()
    for component in whole.index:
        assert sums.loc[component, "mean"] == pytest.approx(whole.loc[component, "mean"])
        assert sums.loc[component, "opportunities"] == pytest.approx(whole.loc[component, "opportunities"])
    assert len(parts) == 4 * parts[by].nunique(dropna=False)


def test_draws_of_groups_add_up_to_those_of_the_whole_one_by_one() -> None:
    found = outlook_of(TEAM, window(TEAM, "2026Q4"))
    owner = TEAM.opportunities.set_index("opportunity_id")["owner"].astype("category").cat.codes
    groups = {
        "open_group": owner.reindex(found.estimated.view.open["opportunity_id"]).to_numpy(dtype="int64"),
        "new_group": owner.reindex(ledger_of(TEAM).index[found.estimated.business.sources]).to_numpy(dtype="int64"),
        "groups": int(owner.max()) + 1,
    }
    one = {name: np.zeros_like(value) for name, value in groups.items() if name != "groups"} | {"groups": 1}
    parts, whole = (drawn(found, 500, 0, **options) for options in (groups, one))
    assert parts.open.sum(axis=1) == pytest.approx(whole.open[:, 0])
    assert parts.new.sum(axis=1) == pytest.approx(whole.new[:, 0])


def test_a_quota_of_an_owner_stands_beside_the_owner_and_no_other_split_has_one() -> None:
    listed = pd.DataFrame({"owner": ["Li Wei", "Mia Sun"], "period": "2026Q4", "quota": [5.0, 0.0]})
    book = rebuilt(TEAM.snapshots, quotas=listed, history=TEAM.history)
    total = fa.outlook(book, period="2026Q4", by="owner", draws=100)
    total = total[total["component"] == "total"].set_index("owner")["quota"]
    assert total["Li Wei"] == 5.0
    assert total["Mia Sun"] == 0.0
    assert pd.isna(total["Ana Ruiz"])
    assert fa.outlook(book, period="2026Q4", by="region", draws=100)["quota"].isna().all()


def test_a_column_that_is_not_there_is_refused_plainly() -> None:
    with pytest.raises(ArgumentError, match="'ownr'"):
        fa.outlook(TEAM, by="ownr")


def test_one_export_of_open_opportunities_gives_a_wide_uncalibrated_outlook_without_new_business() -> None:
    table = rows(rebuilt(latest()[latest()["outcome"] == "open"]))
    assert table.loc["total", "method"] == "prior_only"
    assert {"uncalibrated", "new_business_not_included"} <= set(table.loc["total", "warnings"].split())
    assert table.loc["new_business", "mean"] == 0
    spread = (table["p90"] - table["p10"]) / table["mean"]
    calibrated = rows(rebuilt(latest()))
    assert calibrated.loc["open", "method"] == "age_only"
    assert spread["open"] > (calibrated["p90"] - calibrated["p10"])["open"] / calibrated["mean"]["open"]


def test_too_little_history_gives_no_amounts_and_says_so() -> None:
    bare = latest()[latest()["outcome"] == "open"].assign(stage=None, stage_label=None)
    table = rows(rebuilt(bare), quota=5.0)
    assert set(table["method"]) == {"insufficient_history"}
    assert table.loc[["open", "new_business", "total"], MONEY].isna().all(axis=None)
    assert table.loc["won", "mean"] == 0
    assert pd.isna(table.loc["total", "p_quota"])


ODD = {
    "all_open": lambda frame: frame[frame["outcome"] == "open"],
    "all_won": lambda frame: frame[frame["outcome"] == "won"],
    "all_lost": lambda frame: frame[frame["outcome"] == "lost"],
    "one": lambda frame: frame[frame["outcome"] == "open"].head(1),
    "eight": lambda frame: frame.head(8),
    "no_close_dates": lambda frame: frame.assign(close_date=pd.NaT),
    "no_created_dates": lambda frame: frame.assign(created_date=pd.NaT),
    "placeholders": lambda frame: frame.assign(amount=1.0),
    "one_owner": lambda frame: frame.assign(owner="Ana"),
    "closed_in_the_future": lambda frame: frame.assign(
        close_date=frame["close_date"].mask(frame["outcome"] == "won", pd.Timestamp("2027-05-01"))
    ),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("period", ["2026Q3", "2026Q4", "2027"])
def test_odd_exports_give_numbers(name: str, period: str) -> None:
    book = rebuilt(ODD[name](latest()))
    table = rows(book, period=period, draws=50)
    assert table[MONEY].notna().all(axis=None)
    assert len(fa.outlook_opportunities(book, period=period)) == len(book.open_opportunities)


def test_warnings_tell_what_a_reader_must_know() -> None:
    said = {name: set(rows(rebuilt(ODD[name](latest())), draws=20).loc["total", "warnings"].split()) for name in ODD}
    assert "no_close_dates" in said["no_close_dates"]
    assert "no_open_amounts" in said["placeholders"]
    some = latest().assign(amount=latest()["amount"].where(latest()["amount"] > 90_000, 1.0))
    assert "placeholder_amounts" in rows(rebuilt(some), draws=20).loc["total", "warnings"].split()
    assert "won_in_the_future" in said["closed_in_the_future"]
    assert "few_wins" in said["eight"] or "uncalibrated" in said["eight"]
    assert {"no_losses"} <= said["all_won"]
    assert "new_business_not_included" in said["no_created_dates"]
    # Amounts, dates and losses are all there: only the record says something, with a single draw too.
    assert rows(TEAM, draws=1).loc["total", "warnings"] == "too_low_lately"


def test_a_win_dated_after_the_export_is_not_won_yet() -> None:
    assert rows(rebuilt(ODD["closed_in_the_future"](latest())), period="2027", draws=20).loc["won", "mean"] == 0


def test_what_was_entered_after_it_closed_or_dated_after_the_export_is_open_only_where_the_book_says_so() -> None:
    now = latest()
    closed, late = now["outcome"] != "open", pd.Timedelta(days=3)
    # Closed opportunities that someone entered three days later, and open ones dated the day after the export.
    odd = now.assign(created_date=(now["close_date"] + late).where(closed, now["as_of"] + late))
    book = rebuilt(odd)
    assert rows(book, draws=20).loc["open", "opportunities"] == len(book.open_opportunities) == (~closed).sum()
    mixed = odd.assign(created_date=odd["created_date"].where(odd.index % 2 == 0, now["created_date"]))
    lines = fa.outlook_opportunities(rebuilt(mixed), period="2026Q4")
    assert set(lines["opportunity_id"]) == set(now.loc[~closed, "opportunity_id"])


def test_a_closing_that_the_log_took_back_and_the_newest_export_states_stands() -> None:
    day = pd.Timestamp("2026-04-30")
    looks = pd.DataFrame(
        [("a", "won", "2026-03-28"), ("b", "open", "2026-06-30")], columns=["opportunity_id", "outcome", "close_date"]
    ).assign(as_of=day, stage="Proof", amount=100.0, created_date=pd.Timestamp("2026-01-01"))
    log = pd.DataFrame(
        [("2026-01-16", "Proof", "open"), ("2026-03-28", "Proof", "won"), ("2026-04-13", "Discover", "open")],
        columns=["changed_at", "stage", "outcome"],
    ).assign(opportunity_id="a")
    looks["close_date"], log["changed_at"] = pd.to_datetime(looks["close_date"]), pd.to_datetime(log["changed_at"])
    book = fa.assemble(fa.Parts(snapshots=looks, history=log))
    view = ledger_of(book).view()
    assert view.open["opportunity_id"].tolist() == ["b"]
    assert ledger_of(book).opportunities_open(int((pd.Timestamp("2026-04-20") - pd.Timestamp(0)).days)).tolist() == [1]


def test_every_warning_has_words_in_every_language() -> None:
    given_out = {
        "few_wins", "no_losses", "assumed_stage_split", "rebuilt_from_exports", "uncalibrated", "insufficient_history",
        "unknown_stage", "new_business_not_included", "period_over", "no_close_dates", "overdue_close_dates",
        "no_open_amounts", "placeholder_amounts", "won_without_amount", "won_in_the_future",
        "too_high_lately", "too_low_lately", "zero_quota", "mean_outside_range",
    }  # fmt: skip
    for lang in LANGUAGES:
        listed = {
            key.removeprefix("outlook.warnings.") for key in word_keys(lang) if key.startswith("outlook.warnings.")
        }
        assert listed == given_out


def test_where_one_that_is_seldom_won_is_all_there_is_the_mean_outside_the_range_is_explained() -> None:
    """One opportunity two stages before the last is won in less than one draw of ten: nine bring nothing, P90 is 0."""

    def alone(stage: str) -> pd.Series:
        opportunity = {"opportunity_id": ["a"], "stage": [stage], "outcome": ["open"], "amount": [1000.0]}
        dates = {"created_date": ["2026-01-01"], "close_date": ["2026-12-01"], "as_of": ["2026-11-01"]}
        book = fa.assemble(
            fa.Parts(snapshots=pd.DataFrame(opportunity | {k: pd.to_datetime(v) for k, v in dates.items()}))
        )
        return rows(book).loc["total"]

    early, late = alone("Solution"), alone("Close")
    assert (early["p90"], early["mean"] > 0, "mean_outside_range" in early["warnings"]) == (0, True, True)
    assert (late["p10"], late["p90"] > late["mean"], "mean_outside_range" in late["warnings"]) == (0, True, False)


def test_an_empty_book_gives_zeros() -> None:
    empty = fa.Book(TEAM.methodology, TEAM.as_of, frames={key: frame.iloc[:0] for key, frame in TEAM.frames.items()})
    table = rows(empty)
    assert table[MONEY].to_numpy().tolist() == [[0.0] * len(MONEY)] * 4
    assert fa.outlook_opportunities(empty).empty


def test_without_amounts_and_with_bad_arguments_it_refuses_plainly() -> None:
    with pytest.raises(AmountError):
        fa.outlook(team_book(30, money=False))
    with pytest.raises(ArgumentError, match="not a period"):
        fa.outlook(TEAM, period="next quarter")
    with pytest.raises(ArgumentError, match="draws is 0"):
        fa.outlook(TEAM, draws=0)
