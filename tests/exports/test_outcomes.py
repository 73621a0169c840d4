"""How an opportunity ended, where only dates tell or nothing does."""

from pathlib import Path

import pytest

import funnel_analytics as fa

ENDS = """key = "leads"
name = "leads"
[opportunities]
recognise = ["lead", "won on"]
[opportunities.columns]
opportunity_id = ["lead"]
created_date = ["first contact"]
won_date = ["won on"]
lost_date = ["lost on"]
amount = ["amount"]
stage = ["phase"]
"""


@pytest.mark.parametrize(
    ("phase", "outcomes"),
    [
        ("", ["won", "lost", "open", "lost", "won"]),
        ("Discover", ["won", "lost", "open", "lost", "won"]),
        # Where stages say how it ended, an open stage means open: the date is that of an earlier life.
        ("Discover,Closed Lost", ["open", "open", "open", "open", "lost"]),
    ],
)
def test_the_day_of_a_win_or_a_loss_tells_the_outcome_where_nothing_else_does(
    tmp_path: Path, phase: str, outcomes: list[str]
) -> None:
    profile = tmp_path / "leads.toml"
    profile.write_text(ENDS, encoding="utf-8")
    first, *last = phase.split(",")
    days = ["2026-02-01,", ",2026-02-02", ",", "2026-02-03,2026-03-01", "2026-02-04,"]
    rows = [f"l{place},2026-01-05,{day},5,{first}" for place, day in enumerate(days)]
    if last:
        rows[-1] = rows[-1].removesuffix(first) + last[0]
    file = tmp_path / "leads.csv"
    file.write_text("\n".join(["lead,first contact,won on,lost on,amount,phase", *rows]), encoding="utf-8")
    book = fa.read_exports(file, profile=str(profile), as_of="2026-06-30")
    assert book.opportunities["outcome"].tolist() == outcomes
    said = book.issues.query("reason == 'outcome_by_date'").set_index("column")["message"].str.split().str[0].to_dict()
    assert said == ({} if last else {"won on": "2", "lost on": "2"})
    closes = book.opportunities["close_date"].dt.strftime("%Y-%m-%d").fillna("").tolist()
    assert closes == ([""] * 5 if last else ["2026-02-01", "2026-02-02", "", "2026-03-01", "2026-02-04"])


def test_it_is_told_where_no_column_says_how_opportunities_ended(tmp_path: Path) -> None:
    profile = tmp_path / "leads.toml"
    profile.write_text(ENDS.replace('won_date = ["won on"]\nlost_date = ["lost on"]\n', ""), encoding="utf-8")
    file = tmp_path / "leads.csv"
    file.write_text("lead,first contact,won on,amount\nl1,2026-01-05,2026-02-01,5\n", encoding="utf-8")
    issues = fa.read_exports(file, profile=str(profile), as_of="2026-06-30").issues
    assert "no_outcomes" in issues["reason"].tolist()


def test_usual_words_for_ends_and_waits_are_known(tmp_path: Path) -> None:
    words = {"Withdrawn": "lost", "No Decision": "lost", "Closed - No Decision": "lost", "已放弃": "lost", "Rejected": "lost",
             "On Hold": "open", "Suspended": "open", "暂停": "open", "Won": "won",
             "Abgeschlossen (gewonnen)": "won", "Conclu (perdu)": "lost", "クローズ（失注）": "lost", "已关闭-输单": "lost", "失單": "lost"}  # fmt: skip
    file = tmp_path / "deals.csv"
    rows = [f"d{place},Deal {place},5,2026-05-01,{word}" for place, word in enumerate(words)]
    file.write_text("\n".join(["Deal ID,Deal Name,Amount,Close Date,Status", *rows]), encoding="utf-8")
    assert fa.read_exports(file, as_of="2026-06-30").opportunities["outcome"].tolist() == list(words.values())
