"""Evidence of the stages: what is missing, what counts of several statements, which stage is supported."""

from dataclasses import replace

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.methodology import load_methodology

from .inspected import AS_OF, UP_TO_PROOF, UP_TO_QUALIFY, book_of, found, only, shown


def test_missing_evidence_is_named_with_the_stage_that_is_supported() -> None:
    evidence = pd.concat([shown("1", UP_TO_PROOF), shown("2", UP_TO_QUALIFY), shown("2", ["verbal_approval"]),
                          shown("3", UP_TO_QUALIFY[1:])])  # fmt: skip
    book = book_of([{}, {}, {"stage": "Qualify"}, {}], only("evidence_missing"), evidence=evidence)
    table = fa.opportunity_inspection(book).set_index("opportunity_id")
    # Up to Proof the method asks for 2 + 2 + 3 + 2 + 3 = 12; 2 has four and the verbal approval.
    assert table.loc["2", ["found", "compared", "evidenced_stage"]].tolist() == [7, 12, "Qualify"]
    assert table.loc["2", "missing"].split("; ") == [key for key in UP_TO_PROOF[4:] if key != "verbal_approval"]
    # 3 lacks the first of Discover: nothing is supported, whatever stands further on.
    assert table.loc["3", ["found", "compared", "evidenced_stage", "missing"]].tolist() == [
        1,
        4,
        "not_evidenced",
        "opportunity_plan",
    ]
    # About 4 nothing is stated: all of it is missing.
    assert table.loc["4", ["found", "compared"]].tolist() == [12, 12]
    assert "1" not in table.index
    assert set(found(replace(book, methodology=only("evidence_missing", 1)))) == {"2", "4"}
    assert found(replace(book, methodology=only("evidence_missing", 12))) == {}


def test_without_evidence_nothing_is_said_to_be_missing() -> None:
    book = book_of([{"close_date": "2026-08-31"}])
    table = fa.opportunity_inspection(book)
    assert "evidence_missing" not in set(table["finding"])
    assert table["evidenced_stage"].isna().all()
    assert table.attrs["evidence"] is False
    with pytest.raises(fa.FunnelError, match="The exports hold no evidence"):
        fa.evidenced_pipeline(book)
    hubspot = replace(book, methodology=load_methodology("hubspot"))
    with pytest.raises(fa.FunnelError, match=r"'hubspot' asks for no evidence.*\[\[stage\.evidence_item\]\]"):
        fa.evidenced_pipeline(hubspot)


def test_a_part_of_a_book_knows_that_the_whole_has_evidence() -> None:
    book = book_of([{"owner": "Ana"}, {"owner": "Ben"}], only("evidence_missing"), evidence=shown("1", UP_TO_PROOF))
    part = book.where(owner="Ben")
    assert part.evidence.empty
    assert found(part) == {"2": 12}
    assert book.where(owner="Ana").evidence["opportunity_id"].unique().tolist() == ["1"]


def test_a_stage_that_asks_for_nothing_is_reached_by_the_claim_alone() -> None:
    # Close asks for the signature only when it ends: with all of Proof shown a claim of Close stands, one of Proof stays.
    evidence = pd.concat(
        [shown("1", UP_TO_PROOF), shown("2", UP_TO_PROOF), shown("3", UP_TO_PROOF), shown("4", UP_TO_PROOF)]
    )
    rows = [{"stage": "Close"}, {"stage": "Proof"}, {"stage": "Discover"}, {"stage": None}]
    table = fa.evidenced_pipeline(book_of(rows, evidence=evidence)).set_index("stage")
    assert table["claimed_opportunities"].to_dict() == {
        "Discover": 1, "Qualify": 0, "Develop": 0, "Solution": 0, "Proof": 1, "Close": 1, "not_evidenced": 0, "unknown": 1,
    }  # fmt: skip
    # Evidence beyond the claim counts: the seller of 3 claims less than is shown.
    assert table["evidenced_opportunities"].to_dict() == {
        "Discover": 0, "Qualify": 0, "Develop": 0, "Solution": 0, "Proof": 3, "Close": 1, "not_evidenced": 0, "unknown": 0,
    }  # fmt: skip
    # 3 × 100 at 60 % and 100 at 80 %; claimed: 100 × (0 + 0.6 + 0.8).
    assert table[["claimed_weighted", "evidenced_weighted"]].sum().tolist() == pytest.approx([140, 260])


@pytest.mark.parametrize(
    ("statements", "present", "validated"),
    [
        ([("yes", "2026-08-01", None, None)], True, False),
        ([("in_progress", "2026-08-01", None, None)], False, False),
        ([(None, None, None, None)], False, False),
        # The later claim counts, whichever row comes first.
        ([("yes", "2026-08-02", None, None), ("no", "2026-08-01", None, None)], True, False),
        ([("yes", None, None, None), ("no", "2026-08-01", None, None)], False, False),
        # Two claims of one day: the cautious one.
        ([("no", "2026-08-01", None, None), ("yes", "2026-08-01", None, None)], False, False),
        # The manager's word stands before the seller's …
        ([("yes", "2026-08-01", "no", "2026-08-05")], False, False),
        ([("no", "2026-08-01", "yes", "2026-08-05")], True, True),
        ([("yes", "2026-08-09", "no", "2026-08-05")], False, False),
        # … unless the seller takes a claim back afterwards.
        ([("in_progress", "2026-08-09", "yes", "2026-08-05")], False, False),
        # On the same day nobody knows who spoke last: the manager's word stands.
        ([("in_progress", "2026-08-05", "yes", "2026-08-05")], True, True),
        ([("yes", "2026-08-01", None, None), (None, None, "yes", "2026-08-03")], True, True),
        # What is said after the book's date is not known yet.
        ([("yes", "2026-10-01", None, None)], False, False),
        ([("yes", "2026-08-01", "no", "2026-10-01")], True, False),
    ],
)
def test_what_counts_of_several_statements(
    statements: list[tuple[str | None, str | None, str | None, str | None]], present: bool, validated: bool
) -> None:
    evidence = pd.DataFrame(statements, columns=["status", "stated_on", "validation", "validated_on"])
    evidence = evidence.assign(opportunity_id="1", evidence="potential_sponsor")
    for column in ("stated_on", "validated_on"):
        evidence[column] = pd.to_datetime(evidence[column])
    other = shown("1", ["opportunity_plan"], validation="yes")
    book = book_of([{"stage": "Discover"}], evidence=pd.concat([evidence, other]))
    table = fa.evidenced_pipeline(book).set_index("stage")
    assert (table.loc["Discover", "evidenced_opportunities"], table.loc["Discover", "validated_opportunities"]) == (
        int(present), int(validated),
    )  # fmt: skip


def test_who_validates_without_another_word_confirms_the_claim_and_both_are_kept() -> None:
    facts = {"stated_by": "Ana", "stated_on": AS_OF, "validated_by": "Ms Li", "validated_on": AS_OF}
    book = book_of([{}], evidence=shown("1", ["opportunity_plan"], **facts))
    row = book.evidence.iloc[0]
    assert row[["status", "validation", "stated_by", "validated_by"]].tolist() == ["yes", "yes", "Ana", "Ms Li"]


def test_evidence_that_nobody_states_is_named() -> None:
    table = fa.evidenced_pipeline(book_of([{}], evidence=shown("1", UP_TO_PROOF[:-1])))
    assert table.attrs["unstated_evidence"] == ["verbal_approval"]


def test_a_part_without_open_opportunities_has_rows_of_zeros() -> None:
    rows = [{"region": "North"}, {"region": "South", "outcome": "won"}]
    table = fa.evidenced_pipeline(book_of(rows, evidence=shown("1", UP_TO_PROOF)), by="region")
    counts = table.groupby("region")[["claimed_opportunities", "evidenced_opportunities"]].sum()
    assert counts.T.to_dict("list") == {"North": [1, 1], "South": [0, 0]}
    assert table["region"].value_counts().nunique() == 1
