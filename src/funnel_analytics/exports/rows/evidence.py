"""Rows of evidence, one piece per row or per column, as `tables.EVIDENCE`."""

import unicodedata
from collections.abc import Iterable

import pandas as pd

from ...errors import nearest
from ...methodology import Methodology
from ..profiles.labels import evidence_of, label_key, labels_of, vocabulary
from ..profiles.profile import heading_key
from ..values import parsing
from .columns import Piece, column
from .history import name_opportunities

_WHO_AND_WHEN = ("stated_by", "stated_on", "validated_by", "validated_on")
_VARIATION = str.maketrans("", "", "\ufe0e\ufe0f")
_NOTHING = frozenset({"", "-", "–", "—", "/", "na", "n/a", "tbd", "?", "无关", "不适用", "無關", "不適用"})


def _status_key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_VARIATION).casefold().strip(" .。!;；")


def _statuses(words: Iterable[str]) -> dict[str, str | None]:
    """Each word → yes, in_progress or no; None where it is none of them, "" where it says nothing."""
    known = {_status_key(word): key for key, named in vocabulary()["evidence_status"].items() for word in named}
    texts = list(words)
    flags = parsing.parse_flag(pd.Series([_status_key(text) for text in texts], dtype="str")).values
    meaning: dict[str, str | None] = {}
    for text, flag in zip(texts, flags, strict=True):
        key = _status_key(text)
        by_flag = None if pd.isna(flag) else "yes" if flag else "no"
        meaning[text] = known.get(key) or by_flag or ("" if key in _NOTHING else None)
    return meaning


def says_status(words: pd.Series) -> bool:
    """Whether all words of a column say if evidence is there."""
    return None not in _statuses(map(str, words.dropna().unique())).values()


def _read_statuses(piece: Piece, words: pd.Series, heading: str | None) -> pd.Series:
    """A column of statuses as keys; what is none is reported, each word once, and left empty."""
    words = words.astype("str")
    meaning = _statuses(map(str, words.dropna().unique()))

    def said(text: str, count: int) -> str:
        return f"'{text}' ({count:,} rows) does not say whether evidence is there: left empty. Accepted: yes, in progress, no."

    unknown = [text for text, key in meaning.items() if key is None]
    piece.entry.unreadable_texts("unknown_status", words[words.isin(unknown)], said, heading)
    return words.map({text: key or None for text, key in meaning.items()}).astype("str")


def _wide(piece: Piece, known: dict[str, str]) -> pd.DataFrame:
    """Columns of evidence as rows: opportunity row, evidence, status; blank cells say nothing."""
    parts = []
    for name, words in piece.evidence.items():
        key = known.get(heading_key(name))
        if key is None:
            continue
        status = _read_statuses(piece, words.reindex(piece.frame.index), name)
        parts.append(pd.DataFrame({"evidence": key, "status": status}).dropna(subset=["status"]))
    return pd.concat(parts) if parts else pd.DataFrame({"evidence": [], "status": []}, dtype="str")


def _say_unknown_columns(piece: Piece, known: dict[str, str]) -> None:
    """Columns of yes and no that are no evidence of the methodology; other columns are named in the receipt."""
    mapped = set(piece.fit.evidence.values())
    unread = []
    for name, words in piece.evidence.items():
        if heading_key(name) in known:
            continue
        said = words.dropna().astype("str")
        meant = said.map(_statuses(said.unique()))
        if name not in mapped and (said.empty or not meant.notna().all()):
            unread.append(name)
            continue
        message = f"'{name}' is no evidence that the methodology asks for: its {len(said):,} cells were not read."
        piece.entry.issue("note", "unknown_evidence", message + nearest(name, known.values()), column=name, value=name)
    if unread:
        piece.entry.decide(f"columns not read: {', '.join(unread[:12])}{' …' if len(unread) > 12 else ''}")


def _long(piece: Piece, known: dict[str, str], methodology: Methodology) -> pd.DataFrame:
    """Rows that name a piece of evidence, or a stage: then they speak of all evidence of the stage."""
    frame, entry = piece.frame, piece.entry
    named = column(frame, "evidence").fillna(column(frame, "stage"))
    stages = labels_of(methodology, piece.fit.profile).stages
    of_stage = {stage.key: [item.key for item in stage.evidence_items] for stage in methodology.stages}
    meaning: dict[str, list[str]] = {}
    for text in map(str, named.dropna().unique()):
        key = known.get(heading_key(text))
        meaning[text] = [key] if key else of_stage.get(stages.get(label_key(text), ""), [])
    for text in [text for text, keys in meaning.items() if not keys]:
        message = f"'{text}' is no evidence that the methodology asks for.{nearest(text, known.values())}"
        entry.set_aside(frame.index[named == text], "unknown_evidence", message, named)
    unnamed = frame.index[named.isna()]
    entry.set_aside(unnamed, "missing_evidence", "The row names neither evidence nor stage.")
    kept = named.notna() & named.isin([text for text, keys in meaning.items() if keys])
    piece.frame = frame = frame[kept]
    # A status under a heading that speaks of the stage counts where there is no other.
    heading = "status" if "status" in frame else "stage_status"
    status = _read_statuses(piece, column(frame, heading), piece.fit.columns.get(heading))
    return pd.DataFrame({"evidence": named[kept].map(meaning), "status": status}).explode("evidence")


def _validated(piece: Piece, rows: pd.DataFrame) -> pd.Series:
    """What the manager found, for each statement.

    "Validated: no" with a name or a date is a finding; without them it was not looked at yet.
    """
    frame, headings = piece.frame, piece.fit.columns
    found = _read_statuses(piece, column(frame, "validation"), headings.get("validation"))
    said = _read_statuses(piece, column(frame, "validated"), headings.get("validated"))
    looked = column(frame, "validated_by").notna() | column(frame, "validated_on", "datetime64[us]").notna()
    said = said.where((said == "yes") | looked)
    # Whoever ticks "validated" confirms what is claimed.
    confirmed = rows["status"].where(rows.index.map(said) == "yes", pd.Series(rows.index.map(said), index=rows.index))
    return pd.Series(rows.index.map(found), index=rows.index, dtype="str").fillna(confirmed.astype("str"))


def _statements(piece: Piece, opportunities: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    known = evidence_of(methodology)
    if piece.fit.table.kind == "evidence":
        name_opportunities(piece, opportunities, "row")
        strange = piece.frame.index[~piece.frame["opportunity_id"].isin(opportunities["opportunity_id"])]
        message = "No opportunity of these exports has this id."
        piece.entry.set_aside(strange, "unknown_opportunity", message, piece.frame["opportunity_id"])
        piece.frame = piece.frame.drop(index=strange)
    _say_unknown_columns(piece, known)
    wide = any(heading_key(name) in known for name in piece.evidence)
    rows = _wide(piece, known) if wide or piece.fit.table.kind != "evidence" else _long(piece, known, methodology)
    frame, entry = piece.frame, piece.entry
    if piece.fit.table.kind == "evidence":
        rows["validation"] = _validated(piece, rows)
        for name in _WHO_AND_WHEN:
            rows[name] = column(frame, name, "datetime64[us]" if name.endswith("_on") else "str").reindex(rows.index)
    date = column(frame, "as_of", "datetime64[us]").reindex(rows.index)
    exported = entry.as_of or entry.filed
    date = date if exported is None else date.fillna(exported)
    rows["stated_on"] = column(rows, "stated_on", "datetime64[us]").fillna(date)
    rows["opportunity_id"] = frame["opportunity_id"].reindex(rows.index)
    return rows.assign(source_file=entry.file, source_row=rows.index.astype("float64"))


def evidence_frame(pieces: list[Piece], methodology: Methodology) -> pd.DataFrame | None:
    """`tables.EVIDENCE` of every sheet of evidence, long or wide, and of evidence columns of opportunities.

    Parameters
    ----------
    pieces
        Tables of opportunities and of evidence; the opportunities have their ids and dates.
    methodology
        Names the evidence.

    Returns
    -------
    DataFrame or None
        None where no table holds evidence. Names that fit no evidence, words that are no status and opportunities
        that do not exist stand in the issues.
    """
    told = [piece for piece in pieces if piece.evidence or piece.fit.table.kind == "evidence"]
    if not told:
        return None
    opportunities = pd.concat(
        [piece.frame for piece in pieces if piece.fit.table.kind == "opportunities"], ignore_index=True
    )
    frames = [_statements(piece, opportunities, methodology) for piece in told]
    evidence = pd.concat(frames, ignore_index=True)
    stated = set(evidence["evidence"])
    required = [key for stage in methodology.stages if stage.outcome is None for key in stage.required_evidence]
    if unstated := [key for key in required if stated and key not in stated]:
        message = (
            f"The methodology also asks for {', '.join(unstated)}, about which nothing is stated: this counts as missing."
            " Take out of the methodology what your team does not collect."
        )
        told[-1].entry.issue("note", "evidence_not_stated", message)
    return evidence
