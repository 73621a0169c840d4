"""What a review says: titles that are so, and a reason for each page that is left out."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
from lxml import html
from matplotlib.text import Text
from pptx import Presentation

import funnel_analytics as fa
from books import team_book
from funnel_analytics.reviews.contents import Contents, review_contents
from funnel_analytics.reviews.shown import wording
from funnel_analytics.reviews.titles import title_and_notes
from funnel_analytics.words import money, word

BOOK = team_book(150)
PERIOD = "2026Q4"


def part(**changes: pd.DataFrame) -> fa.Book:
    return fa.Book(BOOK.methodology, BOOK.as_of, BOOK.currency, frames={**BOOK.frames, **changes})


def test_open_opportunities_without_amounts_are_not_a_pipeline_of_nothing(tmp_path: Path) -> None:
    rows = BOOK.opportunities
    amounts = rows["amount"].where(rows["outcome"] != "open")
    book = part(opportunities=rows.assign(amount=amounts, amount_original=amounts))
    contents = review_contents(book, period=PERIOD)
    reasons = {page.key: page.reason for page in contents.left_out}
    assert reasons["weighted_forecast"] == reasons["top_opportunities"] == "no_open_amounts"
    text = html.fromstring(fa.write_review(book, tmp_path / "r.html", period=PERIOD).read_text("utf-8")).text_content()
    assert "EUR 0 open pipeline" not in text
    assert "EUR 0 at risk" not in text
    assert "none with an amount above 1" in text
    assert word("outlook.warnings.no_open_amounts") in text


def test_a_log_without_amounts_says_from_when_they_are_known() -> None:
    newest = BOOK.snapshots[BOOK.snapshots["as_of"] == BOOK.as_of]
    for history, said in ((BOOK.history, False), (BOOK.history.assign(amount=float("nan")), True)):
        book = fa.assemble(fa.Parts(snapshots=newest, history=history), methodology=BOOK.methodology)
        contents = review_contents(book, period=PERIOD)
        page = next(page for page in contents.pages if page.key == "pipeline_changes")
        assert ("No source tells an amount before" in title_and_notes(contents, page, "en")[1]) is said


def test_one_export_does_not_tell_where_opportunities_were_lost() -> None:
    # The CRM lists them as "Closed Lost": every win has passed all stages, and no loss any.
    rows = BOOK.snapshots[BOOK.snapshots["as_of"] == BOOK.as_of]
    rows = rows.assign(stage=rows["stage"].mask(rows["outcome"] != "open"))
    book = fa.assemble(fa.Parts(snapshots=rows), methodology=BOOK.methodology)
    assert set(fa.stage_conversion(book)["advance_rate"].dropna()) == {1.0}
    said = {page.key: page for page in wording(review_contents(book, period=PERIOD), "en").pages}
    page = said["stage_conversion"]
    assert page.title == "The exports do not tell where opportunities were lost: no stage has a rate"
    assert page.table["advance_rate"].isna().all()
    assert page.listed["wilson_high"].isna().all()
    assert f"{page.table['lost_stage_unknown'].iloc[0]:,}" in page.notes
    rates = said["win_rates"].table.set_index("rate")["win_rate"]
    assert rates.isna().to_dict() == {rate: rate == "from_stage" for rate in rates.index}
    assert "From a stage: left out" in said["win_rates"].notes


def test_exports_without_losses_give_no_win_rate() -> None:
    rows = BOOK.opportunities
    kept = set(rows.loc[rows["outcome"] != "lost", "opportunity_id"])
    frames = (frame[frame["opportunity_id"].isin(kept)] for frame in (BOOK.snapshots, BOOK.history))
    parts = fa.Parts(**dict(zip(("snapshots", "history"), frames, strict=True)))
    book = fa.assemble(parts, methodology=BOOK.methodology)
    said = {page.key: page for page in wording(review_contents(book, period=PERIOD), "en").pages}
    won = int((rows["outcome"] == "won").sum())
    assert said["win_rates"].title == f"{won} opportunities were won and none is recorded as lost: no win rate"
    assert said["stage_conversion"].title.startswith("No lost opportunity is recorded")
    for key in ("win_rates", "stage_conversion"):
        assert "rates are too high. Ask for lost opportunities" in said[key].notes
        drawn = getattr(fa.charts, key)(getattr(fa, key)(book)).findobj(Text)
        assert any("rates are too high" in text.get_text() for text in drawn)


def test_wins_older_than_the_periods_drawn_are_no_page_of_zeros() -> None:
    # Won in 2024Q1 alone: two years later neither the quarter nor the four before it, nor the usual, show anything.
    days = pd.to_datetime(["2024-02-01", "2026-06-01"])
    rows = pd.DataFrame({"opportunity_id": ["w", "o"], "outcome": ["won", "open"], "close_date": days})
    rows = rows.assign(as_of=pd.Timestamp("2026-03-07"), amount=[100.0, 50.0], stage="Proof", currency="EUR")
    book = fa.assemble(fa.Parts(snapshots=rows))
    assert fa.quota_pacing(book, period="2026Q1")["won_amount"].any()
    left_out = {page.key: page.reason for page in review_contents(book, period="2026Q1").left_out}
    assert left_out["quota_pacing"] == "nothing_won"
    # Nor does a quota of 0.
    quotas = pd.DataFrame({"period": ["2026Q1"], "quota": [0.0]})
    left_out = {
        page.key: page.reason
        for page in review_contents(fa.assemble(fa.Parts(snapshots=rows, quotas=quotas)), period="2026Q1").left_out
    }
    assert left_out["quota_pacing"] == "nothing_won"
    recent = fa.assemble(fa.Parts(snapshots=rows.assign(close_date=days + pd.DateOffset(years=1))))
    assert "quota_pacing" in {page.key for page in review_contents(recent, period="2026Q1").pages}


def test_accounts_that_cannot_be_placed_are_no_empty_chart() -> None:
    contents = review_contents(part(ratings=BOOK.ratings.iloc[:0]), period=PERIOD)
    assert {page.key: page.reason for page in contents.left_out}["account_segments"] == "no_placed_accounts"


def test_the_id_stands_in_for_names_that_the_export_lacks(tmp_path: Path) -> None:
    nameless = part(opportunities=BOOK.opportunities.assign(opportunity_name=pd.Series(None, dtype="str")))
    path = fa.write_review(nameless, tmp_path / "r.pptx", period=PERIOD)
    tables = [shape.table for slide in Presentation(str(path)).slides for shape in slide.shapes if shape.has_table]
    headings = [[cell.text for cell in table.rows[0].cells] for table in tables]
    listed = next(row for row in headings if word("tables.expected") in row)
    assert word("tables.opportunity_id") in listed
    assert word("tables.opportunity_name") not in listed


def test_one_young_opportunity_gives_no_empty_outlook_and_no_rate_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "deals 2026-09-30.csv").write_text(
        "Opportunity ID,Account Name,Stage,Amount,Currency,Created Date,Close Date\n"
        "1,Alder,Discover,1000,EUR,2026-01-15,2026-10-30\n"
    )
    reasons = {page.key: page.reason for page in review_contents(fa.read_exports(tmp_path)).left_out}
    assert reasons["outlook"] == reasons["top_opportunities"] == "nothing_expected"
    assert reasons["win_rates"] == "nothing_closed"


def test_the_weighted_page_speaks_of_the_same_pipeline_as_the_tiles_and_of_the_period_that_is_reviewed() -> None:
    book = fa.load_sample()
    assert book.open_amount is not None
    for period, quarters in (("2026Q4", ["2026Q4"]), ("2026H2", ["2026Q3", "2026Q4"])):
        contents = review_contents(book, period=period)
        table = contents.table("weighted_forecast")
        assert table is not None
        page = next(page for page in wording(contents, "en").pages if page.key == "weighted_forecast")
        due = table.loc[table["period"].isin(quarters), "amount"].sum()
        counted = table["amount"].sum()
        # Omitted opportunities are open and not weighted: both sums are said.
        assert page.title == (
            f"{money(counted, 'EUR', 'en')} of {money(book.open_amount, 'EUR', 'en')} open pipeline can be weighted, "
            f"of which {money(due, 'EUR', 'en')} is due in {period}"
        )
    month = wording(review_contents(book, period="2026-12"), "en")
    # How much of a quarter is due in one of its months the page does not know.
    assert "due in" not in next(page.title for page in month.pages if page.key == "weighted_forecast")


def titles(contents: Contents, lang: str = "en") -> dict[str, str]:
    return {page.key: page.title for page in wording(contents, lang).pages}


def test_titles_say_what_is_so_when_there_is_next_to_nothing() -> None:
    # One open opportunity of 68,300 that is overdue and will hardly be won, one won and six lost ones.
    contents = review_contents(team_book(8), period=PERIOD)
    said, expected = titles(contents), contents.table("outlook")
    assert expected is not None
    mean = money(expected.set_index("component").loc["total", "mean"], "EUR", "en")
    assert said["outlook"] == (
        f"2026Q4 outlook {mean}; four cases of five end at EUR 0; 1 opportunity carries half of the open part"
    )
    assert said["weighted_forecast"] == "EUR 68.3k open pipeline, none of it due in 2026Q4"
    assert said["win_rates"] == "1 of 7 closed opportunities was won: too few for a rate"


def test_amounts_below_0_keep_their_sign_in_titles() -> None:
    changes = fa.pipeline_changes(BOOK)
    contents = review_contents(part(), period=PERIOD)
    pages = [replace(page, table=changes.assign(amount=-changes["amount"])) if page.key == "pipeline_changes" else page
             for page in contents.pages]  # fmt: skip
    said, turned = titles(contents), titles(replace(contents, pages=tuple(pages)))
    amounts = [money(changes.set_index("cause").at[cause, "amount"], "EUR") for cause in ("opening", "closing")]
    assert said["pipeline_changes"].startswith(f"Pipeline {amounts[0]} → {amounts[1]} since")
    assert turned["pipeline_changes"].startswith(f"Pipeline −{amounts[0]} → −{amounts[1]} since")


def test_what_is_left_out_has_its_own_reason() -> None:
    rows = BOOK.opportunities
    nothing_open = review_contents(part(opportunities=rows[rows["outcome"] != "open"]), period=PERIOD)
    reasons = {page.key: page.reason for page in nothing_open.left_out}
    assert reasons["weighted_forecast"] == reasons["opportunity_inspection"] == "no_open_opportunities"
    zeros = part(opportunities=rows.assign(amount=0.0, amount_original=0.0))
    reasons = {page.key: page.reason for page in review_contents(zeros, period=PERIOD).left_out}
    assert reasons["weighted_forecast"] == reasons["evidenced_pipeline"] == "no_open_amounts"
    unlost = part(opportunities=rows[rows["outcome"] != "lost"], stage_log=BOOK.stage_log.iloc[:0])
    assert "No lost opportunity is recorded" in titles(review_contents(unlost, period=PERIOD)).get(
        "stage_conversion", ""
    )


def test_without_a_stage_no_page_speaks_of_stages_and_without_a_currency_none_is_named(tmp_path: Path) -> None:
    # Whoever won has passed all stages: five won and nothing lost, that is no 100% at any of them.
    file = tmp_path / "deals.csv"
    rows = [
        f"d{day},Deal {day},10,2026-01-{day:02},2026-02-{day:02},{'Won' if day < 6 else 'Open'}" for day in range(1, 9)
    ]
    file.write_text("\n".join(["Deal ID,Deal Name,Amount,Created Date,Close Date,Status", *rows]), encoding="utf-8")
    contents = review_contents(fa.read_exports(file, as_of="2026-06-30"), period="2026Q3")
    assert {page.key: page.reason for page in contents.left_out}["stage_conversion"] == "no_stages"
    assert wording(contents, "en").subtitle.endswith("amounts in a currency that is not stated")


def said_of(book: fa.Book, key: str) -> str:
    contents = review_contents(book, period=PERIOD)
    return title_and_notes(contents, next(page for page in contents.pages if page.key == key), "en")[0]


def test_the_title_of_the_classes_is_about_those_that_a_methodology_gives_the_most_resources(tmp_path: Path) -> None:
    # The same grid under other names: what the built-in one calls A+ and A is one class here.
    grid = {"Grow": [["high", "high"], ["low", "high"]], "Hold": [["high", "low"], ["low", "low"]]}
    blocks = [
        f'[[segment]]\nkey = "{key}"\ncells = {cells}\nresources = "{given}"\ninvolvement = "deep_involvement"\n'
        f'strategy = "develop_business"\n'.replace("'", '"')
        for (key, cells), given in zip(grid.items(), ("high", "low"), strict=True)
    ]
    stages = [f'[[stage]]\nkey = "{stage.key}"\nprobability = {stage.probability}' for stage in BOOK.methodology.stages]
    (tmp_path / "ours.toml").write_text("\n".join([*stages, *blocks]), encoding="utf-8")
    frames = BOOK.frames
    parts = fa.Parts(
        snapshots=frames["snapshots"], accounts=frames["accounts"].drop(columns=["segment", "segment_source"]), ratings=frames["ratings"]
    )  # fmt: skip
    book = fa.assemble(parts, methodology=fa.load_methodology(tmp_path / "ours.toml"), revenue_benchmark=800_000)
    table = fa.account_segments(book)
    count = int((table["segment"] == "Grow").sum())
    assert count > 0
    assert f"{count} of {len(table)}" in said_of(book, "account_segments")


def test_a_title_keeps_the_sign_of_a_pipeline_below_0() -> None:
    looks = [("a", "2026-06-30", "open", 100.0), ("a", "2026-09-30", "won", 100.0), ("b", "2026-09-30", "open", -30.0)]
    rows = pd.DataFrame(looks, columns=["opportunity_id", "as_of", "outcome", "amount"]).assign(stage="Proof")
    rows["as_of"] = pd.to_datetime(rows["as_of"])
    rows["close_date"] = pd.Timestamp("2026-09-15")
    said = said_of(fa.assemble(fa.Parts(snapshots=rows), currency="EUR"), "pipeline_changes")
    assert "EUR 100 → −EUR 30" in said
    assert "EUR 100 won, EUR 0 lost, −EUR 30 new" in said


OPPORTUNITY = {
    "stage": "Proof",
    "outcome": "open",
    "close_date": pd.Timestamp("2026-11-30"),
    "as_of": pd.Timestamp("2026-09-30"),
}


def opportunities(*amounts: float | None, **columns: object) -> pd.DataFrame:
    rows = pd.DataFrame({"opportunity_id": [f"d{place}" for place in range(len(amounts))], "amount": amounts})
    return rows.assign(**(OPPORTUNITY | columns))


def test_a_part_is_not_said_to_be_more_than_its_whole() -> None:
    # 100 and 50 are weighted; with the 30 below 0 the tile says 120.
    book = fa.assemble(fa.Parts(snapshots=opportunities(100.0, 50.0, -30.0)), currency="EUR")
    assert said_of(book, "weighted_forecast") == (
        "EUR 150 of open amounts can be weighted (those below 0 lower the open pipeline to EUR 120),"
        " all of it due in 2026Q4"
    )
    omitted = opportunities(100.0, 50.0, forecast_category=["omitted", None])
    part = said_of(fa.assemble(fa.Parts(snapshots=omitted), currency="EUR"), "weighted_forecast")
    assert part.startswith("EUR 50 of EUR 150 open pipeline can be weighted")


def test_the_share_of_the_best_accounts_is_one_of_the_whole_open_pipeline() -> None:
    criteria = [one.key for one in BOOK.methodology.criteria]
    accounts = pd.DataFrame({"account_id": ["a", "b"], "current_revenue": [900.0, 100.0]})
    ratings = pd.DataFrame([(one, key, rating) for one, rating in (("a", 5.0), ("b", 1.0)) for key in criteria],
                           columns=["account_id", "criterion", "rating"])  # fmt: skip

    def said(*amounts: float | None) -> str:
        rows = opportunities(*amounts, account_id=["a", "b", None, None][: len(amounts)])
        parts = fa.Parts(snapshots=rows, accounts=accounts, ratings=ratings)
        return said_of(fa.assemble(parts, currency="EUR", revenue_benchmark=500.0), "account_segments")

    # 30 of 30 + 20 + 50: half of what is open has no account.
    assert said(30.0, 20.0, 50.0).endswith("1 of 2, with 30% of the open pipeline")
    assert said(30.0, -10.0).endswith("1 of 2, with 100% of the open pipeline")
    assert said(0.0, 0.0, 1.0, None).endswith("1 of 2, with 0% of the open pipeline")
    assert said(0.0, 0.0).endswith("resources: 1 of 2")


def test_calls_are_told_of_those_that_can_be_held_against_what_was_won() -> None:
    won = opportunities(100.0, -40.0, owner=["Ana", "Ben"], outcome="won", close_date=pd.Timestamp("2026-08-15"))
    made = [("Ana", "2026Q3", 150.0), ("Ben", "2026Q3", 50.0), ("Cid", "2026Q4", 70.0)]
    calls = pd.DataFrame(made, columns=["owner", "period", "call"])
    calls = calls.assign(role="seller", called_on=pd.Timestamp("2026-06-30"))

    def contents(calls: pd.DataFrame, won: pd.DataFrame = won) -> Contents:
        book = fa.assemble(fa.Parts(snapshots=won, calls=calls), currency="EUR")
        return review_contents(book, period=PERIOD, outline="forecast_call")

    # 200 called, 60 won with the credit; Cid's quarter still runs.
    assert titles(contents(calls))["call_accuracy"] == (
        "Seller · Before the period: calls came to 333% of what was won (2 calls, 2 people)"
    )
    credited = contents(calls, won.assign(amount=-40.0))
    reasons = [
        {page.key: page.reason for page in one.left_out}["call_accuracy"] for one in (credited, contents(calls[2:]))
    ]
    assert reasons == ["nothing_won", "pending"]


def test_of_a_period_that_is_over_the_tiles_expect_nothing() -> None:
    quotas = pd.DataFrame({"period": ["2026Q3", "2026Q4"], "quota": [400.0, 400.0]})
    rows = opportunities(100.0, None, outcome=["won", "open"], close_date=pd.Timestamp("2026-08-15"))
    book = fa.assemble(fa.Parts(snapshots=rows, quotas=quotas), currency="EUR")
    tiles = {period: dict(wording(review_contents(book, period=period), "en").tiles) for period in ("2026Q3", PERIOD)}
    past = tiles["2026Q3"]
    assert list(past.items())[2:] == [("Won so far in the period", "EUR 100"), ("Quota", "400")]
    # Nothing more is to come in the next quarter: 0 to 0 is no range.
    assert "80% between" not in tiles[PERIOD]


def test_a_stage_loses_most_only_where_none_beside_it_loses_more() -> None:
    # In each stage 22 of 23 decided advance, 96%; then in Proof 16 of 18, 89%: too few to be the title.
    table = fa.stage_conversion(BOOK).assign(
        entered=25, advanced=22, lost=1, advance_rate=22 / 23, lost_stage_unknown=0
    )
    contents = review_contents(part(), period=PERIOD)

    def said(table: pd.DataFrame) -> str:
        pages = [replace(page, table=table) if page.key == "stage_conversion" else page for page in contents.pages]
        return titles(replace(contents, pages=tuple(pages)))["stage_conversion"]

    assert said(table) == "Discover loses most: 96% of decided opportunities advance"
    few = table["stage"] == "Proof"
    fewer = {"advanced": 16, "lost": 2, "advance_rate": 16 / 18}
    lower = table.assign(**{name: table[name].mask(few, value) for name, value in fewer.items()})
    assert said(lower) == "Where 20 or more are decided, Discover loses most: 96% of decided opportunities advance"


def test_one_stage_of_known_length_is_not_the_longest_of_several() -> None:
    table = fa.time_in_stage(BOOK)
    contents = review_contents(part(), period=PERIOD)
    one = table.assign(median_days=table["median_days"].where(table["stage"] == "Proof"), stalled_opportunities=0)
    pages = [replace(page, table=one) if page.key == "time_in_stage" else page for page in contents.pages]
    said = titles(replace(contents, pages=tuple(pages)))["time_in_stage"]
    days = one["median_days"].max()
    assert (
        said
        == f"Median in Proof: {days:.0f} days; other stages are not known; open opportunities beyond the stall line: 0"
    )
