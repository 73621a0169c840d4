"""The odd and broken files of ../shared/corpus: right, or plainly refused, and nothing in silence."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.errors import FunnelError

FOLDER = Path(__file__).parents[2].parent / "shared" / "corpus" / "dev"


def files() -> list[Any]:
    if not (FOLDER / "manifest.csv").exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="the folder ../shared with odd files is not present"))]
    with (FOLDER / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        entries = list(csv.DictReader(lines))
    return [pytest.param(entry, id=entry["file"]) for entry in entries]


def differs(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict):
        return False
    if expected is None or found is None or pd.isna(found):
        return not (expected is None and (found is None or pd.isna(found)))
    if isinstance(expected, int | float):
        return abs(float(found) - expected) > 1e-6 * max(1.0, abs(expected))
    return str(expected) != (f"{found:%Y-%m-%d}" if isinstance(found, pd.Timestamp) else str(found))


@pytest.mark.parametrize("entry", files())
def test_an_odd_file_is_read_right_or_refused_plainly(entry):
    expected_file = FOLDER / f"{entry['file']}.expected.json"
    expected = json.loads(expected_file.read_text(encoding="utf-8")) if expected_file.exists() else None
    try:
        book = fa.read_exports(FOLDER / entry["file"], as_of="2024-12-31", **(expected["options"] if expected else {}))
    except FunnelError as refusal:
        assert entry["action"] in ("refuse", "survive") or entry["or_refuse"] == "yes", str(refusal)
        if entry["action"] == "refuse":
            assert any(word.lower() in str(refusal).lower() for word in entry["must_mention"].split("|"))
        return
    assert entry["action"] != "refuse"
    if expected is None:
        return
    # As read: also the rows whose id stands twice, and without ids where the file states none.
    rows = book.records
    assert len(rows) == len(expected["rows"])
    # Several currencies without rates have no common amount: then the amount as exported is compared.
    amount = "amount" if rows["amount"].notna().any() else "amount_original"
    names = {"stage": "stage_label", "amount": amount}
    for wanted, (_, found) in zip(expected["rows"], rows.iterrows(), strict=True):
        wrong = {key: value for key, value in wanted.items() if differs(value, found[names.get(key, key)])}
        assert not wrong, f"expected {wrong} in {found.to_dict()}"
    said = " ".join(f"{book.receipt.to_csv()} {book.issues.to_csv()}".lower().split())
    for group in expected["must_report"]:
        assert any(word.lower() in said for word in group), f"nothing said about {group}"
