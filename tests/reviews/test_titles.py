"""The titles of a review's pages say what their tables say."""

from pathlib import Path

import pandas as pd

import funnel_analytics as fa
from books import team_book
from funnel_analytics.reviews.contents import review_contents
from funnel_analytics.reviews.titles import title_and_notes

BOOK = team_book(150)
PERIOD = "2026Q4"


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
