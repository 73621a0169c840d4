"""Dates on the edges of periods and looks: the hand count holds for a book and for a warehouse."""

from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from warehouses import opened


def edges() -> fa.Book:
    """Six opportunities whose dates lie on the edges of periods and looks; the team's year is the calendar's."""
    looks = pd.DataFrame(
        [
            ("a", "2026-03-31", "Discover", "open", 100.0, "2026-06-30"), ("a", "2026-05-15", "Proof", "won", 100.0, "2026-04-20"),
            ("b", "2026-03-31", "Discover", "open", 50.0, "2026-06-30"), ("b", "2026-05-15", "Discover", "open", 50.0, "2026-06-30"),
            ("c", "2026-03-31", "Discover", "open", 70.0, "2026-06-01"), ("c", "2026-05-15", "Discover", "won", 70.0, "2026-06-01"),
            ("d", "2026-05-15", "Discover", "won", 30.0, "2026-02-14"), ("e", "2026-05-15", "Discover", "lost", 200.0, "2026-03-25"),
            ("f", "2026-05-15", "Discover", "won", 40.0, "2026-03-01"),
        ],
        columns=["opportunity_id", "as_of", "stage", "outcome", "amount", "close_date"],
    ).assign(created_date="2026-01-02", currency="EUR", region="North")  # fmt: skip
    changes = pd.DataFrame(
        [
            ("a", "2026-01-02", "Discover", None, "2026-06-30"), ("a", "2026-04-20 09:00", "Proof", None, "2026-09-30"),
            ("a", "2026-04-20 10:00", None, "won", None),
            ("b", "2026-01-02", "Discover", None, "2026-06-30"), ("b", "2026-03-31", None, None, "2026-07-15"),
            ("d", "2026-01-02", "Discover", None, "2026-02-14"), ("d", "2026-02-14", None, "won", None),
            ("e", "2026-01-02", "Discover", None, "2026-03-20"), ("e", "2026-03-25", None, "lost", None),
            ("f", "2026-01-02", "Discover", None, "2026-03-01"), ("f", "2026-03-01", None, "won", None),
        ],
        columns=["opportunity_id", "changed_at", "stage", "outcome", "close_date"],
    )  # fmt: skip
    days = {name: pd.to_datetime(looks[name]) for name in ("as_of", "close_date", "created_date")}
    times = {name: pd.to_datetime(changes[name], format="mixed") for name in ("changed_at", "close_date")}
    return fa.assemble(fa.Parts(snapshots=looks.assign(**days), history=changes.assign(**times)))


@pytest.mark.parametrize("where", ["book", "warehouse"])
def test_dates_on_the_edges_of_periods_are_counted_as_by_hand(where: str, tmp_path: Path) -> None:
    source = edges() if where == "book" else opened(edges(), tmp_path)
    row = fa.slippage(source, period="2026Q2").iloc[0]
    # a, b and c were due; b still is, on the quarter's last day. What the log says of a on the day of its closing is no
    # push, and what it says of b on the day of an export is overruled by that.
    assert row[["due", "won", "unmoved", "slipped", "pushes", "pulls"]].tolist() == [3, 2, 1, 0, 0, 0]
    row = fa.pipeline_coverage(source, period="2026Q2", quota=500.0).iloc[0]
    # c is won on a day that is still to come.
    assert row[["won_opportunities", "won_amount", "open_amount"]].tolist() == [1, 100.0, 50.0]
    # On 14 February, as far into the quarter before, e and f were due (240). f was won after that day (40), d on it.
    assert row["yield_rate"] == pytest.approx((0.25 * 4 * 240 + 40) / (4 * 240 + 240))
    assert row[["yield_periods", "won_from_due"]].tolist() == [1, 1.0]
