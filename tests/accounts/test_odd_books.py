"""Odd books: no accounts, no amounts, no dates, several currencies; every account analysis gives a table, never a fault."""

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.errors import HistoryError

ODD = {
    "one bare row": {"opportunity_id": ["1"]},
    "no account": {"opportunity_id": ["1", "2"], "outcome": ["open", "won"], "amount": [1.0, 2.0]},
    "no amounts": {"opportunity_id": ["1", "2"], "account_name": ["A", "B"], "outcome": ["open", "lost"], "product": ["x", "y"]},
    "won without dates": {"opportunity_id": ["1", "2"], "account_name": ["A", "B"], "outcome": "won", "amount": [5.0, None]},
    "two currencies": {"opportunity_id": ["1", "2"], "account_name": ["A", "B"], "outcome": "open", "amount": [5.0, 6.0], "currency": ["EUR", "USD"]},
    "negative": {"opportunity_id": ["1", "2"], "account_name": ["A", "A"], "outcome": ["open", "won"], "amount": [-5.0, -6.0]},
}  # fmt: skip


@pytest.mark.parametrize("name", list(ODD))
def test_every_account_analysis_stands_on_an_odd_book(name: str) -> None:
    rows = pd.DataFrame(ODD[name]).assign(as_of=pd.Timestamp("2026-09-30"))
    book = fa.assemble(fa.Parts(snapshots=rows))
    for part in (book, fa.roll_up_accounts(book)):
        plan = fa.account_plan(part)
        assert len(plan) == len(part.accounts) == len(fa.plan_reasons(plan)) == len(fa.account_questions(plan))
        assert len(fa.segment_reasons(fa.account_segments(part))) == len(part.accounts)
        fa.segment_effort(part), fa.whitespace(part), fa.whitespace_by_segment(part)
        try:
            fa.segment_changes(part), fa.segment_change_lines(part)
        except HistoryError as problem:
            assert any(words in str(problem) for words in ("dated", "is not before", "on one date only"))
