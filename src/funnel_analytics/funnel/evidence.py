"""Evidence against claim: which stage an open opportunity is claimed to be in, and which its evidence supports."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import EvidenceError
from ..hygiene import is_placeholder
from ..methodology_parts import Stage
from .groups import labelled, opportunity_groups

NOT_EVIDENCED, UNKNOWN = "not_evidenced", "unknown"
_STRENGTH = {"yes": 0, "in_progress": 1, "no": 2}


def _latest(rows: pd.DataFrame, words: str, day: str) -> pd.DataFrame:
    """The last statement about each piece of evidence; of statements of one day the most cautious."""
    stated = rows.dropna(subset=[words])
    stated = stated.assign(caution=stated[words].map(_STRENGTH).fillna(len(_STRENGTH)))
    stated = stated.sort_values([day, "caution"], kind="stable", na_position="first")
    last = stated.drop_duplicates(["opportunity_id", "evidence"], keep="last")
    return last.set_index(["opportunity_id", "evidence"])[[words, day]]


def evidence_states(evidence: pd.DataFrame) -> pd.DataFrame:
    """What counts of the statements about each piece of evidence.

    The manager's last word stands before the seller's, unless the seller takes a claim back after it was validated.

    Parameters
    ----------
    evidence
        `tables.EVIDENCE`.

    Returns
    -------
    DataFrame
        Indexed by ``opportunity_id`` and ``evidence``: ``status`` and ``validation`` as last stated, ``present``
        (it is there, as far as anyone knows) and ``validated`` (it is there, and a manager has said so).

    Examples
    --------
    >>> rows = pd.DataFrame({"opportunity_id": ["1"], "evidence": ["budget_identified"], "status": ["yes"]})
    >>> evidence_states(tables.conform(rows, tables.EVIDENCE))[["present", "validated"]].to_numpy().tolist()
    [[True, False]]
    """
    claims, found = _latest(evidence, "status", "stated_on"), _latest(evidence, "validation", "validated_on")
    states = claims.join(found, how="outer")
    withdrawn = (states["status"] != "yes") & (states["stated_on"] > states["validated_on"])
    validated = (states["validation"] == "yes") & ~withdrawn
    claimed = (states["status"] == "yes") & states["validation"].isna()
    return states.assign(present=validated | claimed, validated=validated)


@dataclass(frozen=True)
class Support:
    """The open opportunities of a book, held against the evidence that their stages ask for.

    Attributes
    ----------
    opportunities : DataFrame
        Open opportunities in order of their id.
    stages : tuple of Stage
        The stages that an open opportunity can hold.
    claimed : (n,) array of int
        Position 1..K of the claimed stage; 0 where the export names none.
    evidenced, validated : (n,) array of int
        Position of the stage that all evidence, or the validated only, supports; 0 where not even the first.
    required, missing : (n,) array of int
        Required evidence up to the claimed stage, and what of it is not there.
    missing_keys : list of str
        The keys of the missing, separated by semicolons.
    """

    opportunities: pd.DataFrame
    stages: tuple[Stage, ...]
    claimed: np.ndarray
    evidenced: np.ndarray
    validated: np.ndarray
    required: np.ndarray
    missing: np.ndarray
    missing_keys: list[str]

    def stage_names(self, positions: np.ndarray) -> np.ndarray:
        """Stage keys of positions; 0 is "not_evidenced"."""
        names = np.array([NOT_EVIDENCED, *(stage.key for stage in self.stages)], dtype=object)
        return np.asarray(names[positions])


def require_evidence(book: Book) -> None:
    """Refuse to compare claims with evidence where there is none.

    Raises
    ------
    EvidenceError
        If the methodology asks for none, or the exports hold none.
    """
    method = book.methodology
    if not any(stage.required_evidence for stage in method.stages):
        raise EvidenceError(
            f"The methodology '{method.key}' asks for no evidence, so claims cannot be held against any. Add"
            " [[stage.evidence_item]] blocks to its stages: docs/methodology.md says how."
        )
    if not book.evidence_stated:
        raise EvidenceError(
            "The exports hold no evidence, so it cannot be said which stages are more than a claim. Add a sheet with"
            " one row per opportunity and evidence (opportunity, evidence, status, validated by, validated on), or map"
            " the columns that hold it: docs/profiles.md says how."
        )


def _supported(held: pd.DataFrame, stages: tuple[Stage, ...], claimed: np.ndarray) -> np.ndarray:
    """Position of the last stage up to which all required evidence is there.

    A stage that asks for nothing proves nothing: it is only reached by an opportunity that claims it or more.
    """
    supported = np.zeros(len(held), dtype="int64")
    complete = np.ones(len(held), dtype=bool)
    for position, stage in enumerate(stages, start=1):
        needed = stage.required_evidence
        complete &= held[needed].to_numpy(dtype=bool).all(axis=1)
        supported[complete & (bool(needed) | (claimed >= position))] = position
    return supported


def evidence_support(book: Book) -> Support:
    """Claimed and evidenced stage of every open opportunity.

    Raises
    ------
    EvidenceError
        If the book holds no evidence.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> rows = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Qualify"], "as_of": [pd.Timestamp("2026-09-30")]})
    >>> shown = pd.DataFrame({"opportunity_id": "1", "status": "yes", "evidence": ["opportunity_plan", "potential_sponsor"]})
    >>> support = evidence_support(fa.assemble(fa.Parts(snapshots=rows, evidence=shown)))
    >>> support.stage_names(support.evidenced).tolist(), support.missing_keys
    (['Discover'], ['key_facts; strategy_understood'])
    """
    require_evidence(book)
    method = book.methodology
    opportunities = book.open_opportunities.sort_values("opportunity_id", kind="stable")
    stages = tuple(stage for stage in method.stages if stage.outcome is None)
    claimed = pd.Index([stage.key for stage in stages]).get_indexer(opportunities["stage"]) + 1
    states = evidence_states(book.evidence)
    held = {
        name: states[name]
        .unstack("evidence")
        .reindex(index=opportunities["opportunity_id"], columns=method.evidence_keys)
        for name in ("present", "validated")
    }
    present, validated = (frame.eq(True) for frame in held.values())
    asked = pd.DataFrame(
        {key: claimed >= position for position, stage in enumerate(stages, start=1) for key in stage.required_evidence},
        index=present.index,
    )
    lacking = asked & ~present[list(asked.columns)]
    keys = np.array(asked.columns, dtype=object)
    return Support(
        opportunities=opportunities,
        stages=stages,
        claimed=claimed,
        evidenced=_supported(present, stages, claimed),
        validated=_supported(validated, stages, claimed),
        required=asked.sum(axis=1).to_numpy(),
        missing=lacking.sum(axis=1).to_numpy(),
        missing_keys=["; ".join(keys[row]) for row in lacking.to_numpy(dtype=bool)],
    )


def evidenced_pipeline(book: Book, *, by: str | None = None) -> pd.DataFrame:
    """The open pipeline by stage: as the CRM claims it, as its evidence supports it, and as managers validated it.

    Parameters
    ----------
    book
        A book with evidence: a sheet of its own, or columns of the export (docs/profiles.md).
    by
        A column of the opportunities to split by; None for the whole.

    Returns
    -------
    DataFrame
        `tables.EVIDENCED_PIPELINE`: one row per stage that an open opportunity can hold, in order, then
        ``not_evidenced`` (not even the first stage is supported) and ``unknown`` (the export names no stage), per
        value of ``by``. Each of the three readings adds up to the open pipeline.

    Raises
    ------
    EvidenceError
        If the methodology asks for no evidence, or the book holds none.
    CurrencyError, AmountError
        If amounts cannot be added up.
    ArgumentError
        If there is no such column.

    Notes
    -----
    The evidenced stage is the last one up to which all required evidence is present; it can lie beyond the claimed
    one. Evidence that nobody states counts as missing, as it does for an opportunity about which nothing is stated: a
    team that does not collect a piece of evidence takes it out of its methodology. A manager's validation stands
    before the seller's claim. Placeholders (amount missing, negative, 0 or 1) are counted and add nothing to the sums.

    See Also
    --------
    opportunity_inspection : opportunity by opportunity, with what is missing.
    funnel_analytics.charts.evidenced_pipeline : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> rows = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Qualify"], "amount": [500.0]})
    >>> shown = pd.DataFrame({"opportunity_id": "1", "status": "yes", "evidence": ["opportunity_plan", "potential_sponsor"]})
    >>> book = fa.assemble(fa.Parts(snapshots=rows, evidence=shown), as_of="2026-09-30")
    >>> table = fa.evidenced_pipeline(book).set_index("stage")
    >>> table.loc[["Discover", "Qualify"], ["claimed_amount", "evidenced_amount"]].to_numpy().tolist()
    [[0.0, 500.0], [500.0, 0.0]]
    """
    support = evidence_support(book)
    book.require_money()
    opportunities, stages = support.opportunities, support.stages
    every, values = opportunity_groups(book, by, tables.EVIDENCED_PIPELINE)
    codes = pd.Series(every, index=book.column("outcome").index)[opportunities.index].to_numpy()
    amount = opportunities["amount"].mask(is_placeholder(opportunities["amount"])).fillna(0.0).to_numpy(dtype="float64")
    rows = [*(stage.key for stage in stages), NOT_EVIDENCED, UNKNOWN]
    share = np.array([*(stage.probability for stage in stages), 0.0, 0.0])
    columns: dict[str, np.ndarray] = {"stage": np.tile(rows, len(values))}
    # Position 0 means "no stage named" of a claim and "not even the first" of evidence.
    readings = (
        ("claimed", support.claimed, -1),
        ("evidenced", support.evidenced, -2),
        ("validated", support.validated, -2),
    )
    for name, positions, nowhere in readings:
        row = np.where(positions > 0, positions - 1, len(rows) + nowhere)
        cell, size = codes * len(rows) + row, len(rows) * len(values)
        columns[f"{name}_opportunities"] = np.bincount(cell, minlength=size)
        columns[f"{name}_amount"] = np.bincount(cell, amount, minlength=size)
        columns[f"{name}_weighted"] = np.bincount(cell, amount * share[row], minlength=size)
    frame = labelled(pd.DataFrame(columns), by, values, len(rows))
    unstated = [key for stage in stages for key in stage.required_evidence if key not in book.evidence_stated]
    context = {**book.context, "unstated_evidence": unstated}
    return tables.declare(frame, tables.EVIDENCED_PIPELINE, context, by=by)
