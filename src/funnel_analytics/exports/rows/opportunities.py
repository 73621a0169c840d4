"""Rows of opportunities: their ids, stage and outcome, and what contradicts itself."""

import numpy as np
import pandas as pd

from ...methodology import Methodology
from ...outcomes import CLOSED, OUTCOMES
from ..profiles.labels import Labels, label_key, meant, spelled, stage_hint, vocabulary
from ..profiles.profile import heading_key
from ..receipt import Entry
from .columns import Piece, column

_TOLD_BY = {"stage", "outcome", "is_won", "is_lost", "is_closed", "is_open", "won_date", "lost_date"}
"""Fields any of which tells how opportunities ended."""
_OUTCOME = pd.CategoricalDtype(OUTCOMES)
"""While outcomes are compared and filled: as texts they cost as much as the rest of the reading."""


def described(frame: pd.DataFrame) -> pd.Series:
    """Name, account and day of creation of each row, as far as it has them."""
    parts = [column(frame, name).fillna("") for name in ("opportunity_name", "account_name")]
    created = column(frame, "created_date", "datetime64[us]")
    parts.append(created.dt.strftime("%Y-%m-%d").astype("str").fillna(""))
    return (parts[0] + " | " + parts[1] + " | " + parts[2]).str.replace(r"^( \| )+|( \| )+$", "", regex=True)


def made_up_ids(frame: pd.DataFrame) -> pd.Series:
    """Ids for an export without ids: name, account and day of creation; a number where these repeat."""
    made = described(frame)
    repeat = made.groupby(made).cumcount()
    return made.where(repeat == 0, made + " #" + (repeat + 1).astype("str"))


def with_ids(piece: Piece) -> None:
    """Every row gets its id; a row that names nothing at all is set aside."""
    frame, entry = piece.frame, piece.entry
    if "opportunity_id" not in frame:
        named = column(frame, "opportunity_name").notna() | column(frame, "account_name").notna()
        message = "The row names neither an opportunity nor an account: it is not kept."
        entry.set_aside(frame.index[~named], "missing_id", message, column(frame, "amount", "float64").astype("str"))
        piece.frame = frame = frame[named].copy()
        frame["opportunity_id"] = made_up_ids(frame)
        piece.keep_stated(pd.Series(None, index=frame.index, dtype="str"))
        entry.decide("no column of ids: made from name, account and day of creation")
        message = (
            "No column of ids was found: an opportunity that changes its name cannot be followed. If one of the columns"
            " that were not read holds them, name it in a profile (funnel-analytics profile FILE)."
        )
        entry.issue("note", "no_ids", message)
        return
    heading, ids = piece.fit.columns["opportunity_id"], frame["opportunity_id"]
    named = column(frame, "opportunity_name").notna() | column(frame, "account_name").notna()
    nameless = frame.index[ids.isna() & ~named]
    message = f"The row has neither {heading} nor a name: it cannot be followed from export to export and is not kept."
    entry.set_aside(nameless, "missing_id", message)
    if len(nameless):
        frame = frame.drop(index=nameless)
    lacking = frame.index[frame["opportunity_id"].isna()]
    alike = piece.damaged_ids[ids.reindex(piece.damaged_ids).duplicated(keep=False)]
    piece.frame = frame
    if not len(lacking) and not len(alike):
        return
    made = made_up_ids(frame)
    piece.keep_stated(frame.loc[lacking.union(alike), "opportunity_id"])
    if len(lacking):
        message = f"The row has no {heading}: one was made from name, account and day of creation."
        lines = pd.DataFrame({"row": lacking, "value": made[lacking], "kind": "repaired", "reason": "missing_id"})
        entry.issues_of(lines.assign(message=message), heading)
    if len(alike):
        # Merging rows whose ids only a spreadsheet made alike would lose opportunities.
        message = (
            f"Damaged ids that are alike were told apart by name, account and day of creation ({len(alike):,} rows)."
        )
        entry.issue("repaired", "damaged_id", message, row=float(alike[0]), column=heading, count=len(alike))
    told_apart = (frame["opportunity_id"] + " | " + made).where(frame.index.isin(alike), frame["opportunity_id"])
    frame["opportunity_id"] = told_apart.fillna(made)


def add_up_lines(piece: Piece) -> None:
    """Where the only amount is the price of a product line, an opportunity's lines are one amount in its first row."""
    frame, heading = piece.frame, piece.fit.columns.get("amount")
    lines = {heading_key(name) for name in vocabulary()["line_prices"]["headings"]}
    if heading is None or heading_key(heading) not in lines or "product" not in frame:
        return
    ids = frame["opportunity_id"]
    again = ids.duplicated()
    if not again.any():
        return
    sums = frame["amount"].groupby(ids).transform(lambda prices: prices.sum(min_count=1))
    message = f"A product line of an opportunity that stands above: its {heading} was added to the amount there."
    piece.entry.set_aside(frame.index[again], "product_line", message, frame["product"])
    piece.frame = frame.assign(amount=sums)[~again]


def read_labels(piece: Piece, labels: Labels, methodology: Methodology) -> pd.Series:
    """Stage keys and labels into the frame; the outcome that the stage's label states is returned."""
    frame = piece.frame
    words = column(frame, "stage")
    read = labels.read(words, _OUTCOME)
    frame["stage_label"], frame["stage"] = words, read["stage"]

    def said(label: str, count: int) -> str:
        return f"Stage '{label}' is not known ({count:,} rows): left empty.{stage_hint(label, methodology)}"

    piece.entry.unreadable_texts("unknown_stage", words[~read["known"]], said, piece.fit.columns.get("stage"))
    return read["outcome"]


def flags_outcome(frame: pd.DataFrame) -> pd.Series:
    """won, lost or open (categorical) as the CRM's flags say; missing where they say nothing."""
    yes, no = {}, {}
    for name in ("is_won", "is_lost", "is_closed", "is_open"):
        flag = column(frame, name, "boolean").astype("boolean")
        yes[name], no[name] = (flag.eq(truth).fillna(False).to_numpy(bool) for truth in (True, False))
    result = pd.Series(None, index=frame.index, dtype=_OUTCOME)
    result[no["is_closed"] | yes["is_open"]] = "open"
    ended = yes["is_closed"] | no["is_open"]
    result[ended & no["is_won"]] = "lost"
    result[ended & no["is_lost"] & ~no["is_won"]] = "won"
    result[yes["is_lost"]] = "lost"
    result[yes["is_won"]] = "won"
    if "is_closed" not in frame and "is_lost" in frame and "is_won" in frame:
        result = result.fillna("open")
    return result


def _dated_outcome(piece: Piece, told: pd.Series) -> pd.Series:
    """Won or lost (categorical) where nothing is told but the day on which it was; of two days the later counts."""
    won, lost = (column(piece.frame, f"{end}_date", "datetime64[us]") for end in CLOSED)
    ends = pd.Series(None, index=piece.frame.index, dtype=_OUTCOME)
    ends[lost.notna()] = "lost"
    ends[won.notna() & ~(lost > won)] = "won"
    ends = ends.where(told.isna())
    for end in CLOSED:
        rows, heading = ends.index[ends == end], piece.fit.columns.get(f"{end}_date")
        if len(rows):
            message = (
                f"{len(rows):,} rows count as {end}: the column holds a date, and nothing else says how they ended."
            )
            piece.entry.issue("note", "outcome_by_date", message, row=float(rows[0]), column=heading, count=len(rows))
    return ends


def _status_outcome(piece: Piece, labels: Labels) -> pd.Series:
    words = column(piece.frame, "outcome")
    meaning = {text: labels.outcomes.get(label_key(text)) for text in words.dropna().unique()}
    outcomes = meant(words, meaning, _OUTCOME)
    heading, unknown = piece.fit.columns.get("outcome"), words[words.notna() & outcomes.isna()]
    if len(unknown) * 2 > int(words.notna().sum()) and "stage" in piece.fit.columns:
        listed = ", ".join(f"'{text}'" for text in unknown.unique()[:8])
        message = f"The column holds {listed}, which are no outcomes: not used."
        piece.entry.issue("note", "not_an_outcome", message, column=heading)
        return outcomes.where(outcomes.isna())

    def said(text: str, count: int) -> str:
        return f"Status '{text}' is not known ({count:,} rows): left empty. In the profile, under [outcomes]: won, lost or open = [\"{text}\"]."

    piece.entry.unreadable_texts("unknown_status", unknown, said, heading)
    return outcomes


def read_outcomes(piece: Piece, labels: Labels, stated: pd.Series, methodology: Methodology) -> None:
    """The outcome of every row, from the stage's label, the status, the flags and dates of ends, in this order of strength.

    Where stages are named "Closed Won" and "Closed Lost", an open stage means open whatever the flags say; where
    they are not, stage and outcome are two things and the flags or the status decide.
    """
    frame = piece.frame
    own = meant(frame["stage"], {stage.key: stage.outcome for stage in methodology.stages}, _OUTCOME)
    by_label = stated.fillna(own)
    has_labels = bool(stated.isin(CLOSED).any())
    by_flags = flags_outcome(frame)
    by_status = _status_outcome(piece, labels)
    if has_labels:
        implied = by_label.mask(by_label.isna() & frame["stage"].notna() & by_status.isna(), "open")
    else:
        implied = by_label
    told = implied.fillna(by_status).fillna(by_flags)
    frame["outcome"] = spelled(told.fillna(_dated_outcome(piece, told)))
    for source, name in ((by_flags, "flags"), (by_status, "status")):
        fields = ("is_won", "is_closed", "is_lost", "is_open") if name == "flags" else ("outcome",)
        headings = [piece.fit.columns[field] for field in fields if field in piece.fit.columns]
        wrong = frame.index[source.notna() & implied.notna() & (source != implied)]
        if len(wrong):
            said = source[wrong].astype("str")
            message = (
                "Stage '" + frame.loc[wrong, "stage_label"].astype("str") + "' means " + implied[wrong].astype("str")
                + f", but {' and '.join(headings)} " + ("says " if len(headings) == 1 else "say ") + said
                + ": the stage was believed."
            )  # fmt: skip
            lines = {"row": wrong, "value": said.to_numpy(), "kind": "contradiction"}
            piece.entry.issues_of(
                pd.DataFrame({**lines, "reason": f"{name}_against_stage", "message": message.to_numpy()}),
                headings[0] if headings else None,
            )
    piece.frame = frame


def fold_closing(frame: pd.DataFrame) -> pd.DataFrame:
    """Actual close dates and amounts of closed rows into close date and amount."""
    closed = column(frame, "closed_date", "datetime64[us]")
    for end in CLOSED:
        # The day of another end is that of an earlier life.
        closed = closed.fillna(column(frame, f"{end}_date", "datetime64[us]").where(frame["outcome"] == end))
    if closed.notna().any():
        ended = frame["outcome"].isin(CLOSED) & closed.notna()
        frame["close_date"] = column(frame, "close_date", "datetime64[us]").mask(ended, closed)
    if "actual_amount" in frame:
        actual = frame["actual_amount"]
        signed = (frame["outcome"] == "won") & actual.notna() & (actual != 0)
        expected = column(frame, "amount", "float64")
        if "converted_amount" in frame:
            # What was signed is converted at the rate of what was expected.
            signed_too = signed & expected.notna() & (expected != 0)
            frame["converted_amount"] = frame["converted_amount"].mask(
                signed_too, (frame["converted_amount"] / expected * actual).round(2)
            )
        frame["amount"] = expected.mask(signed, actual)
    return frame


def keep_loss_reasons(piece: Piece) -> None:
    """A reason for a loss stands only beside a loss: some CRMs write "In Progress" there while it is open."""
    frame = piece.frame
    if "loss_reason" not in frame:
        return
    other = frame["loss_reason"].notna() & (frame["outcome"] != "lost")
    if other.any():
        heading = piece.fit.columns["loss_reason"]
        piece.entry.decide(f"{heading}: left empty in {int(other.sum()):,} rows that are not lost")
        frame["loss_reason"] = frame["loss_reason"].mask(other)


def read_categories(piece: Piece, labels: Labels) -> None:
    """Forecast categories and account classes as keys; words that are neither are listed and left empty."""
    for name, known in (("forecast_category", labels.categories), ("segment", labels.segments)):
        if name not in piece.frame:
            continue
        words = piece.frame[name]
        meaning = {text: known.get(label_key(text)) for text in words.dropna().unique()}
        unknown = [str(text) for text, key in meaning.items() if key is None]
        if unknown:
            rows = words.index[words.isin(unknown)]
            message = (
                f"{', '.join(repr(text) for text in unknown[:8])} ({len(rows):,} rows) is no {name.replace('_', ' ')}:"
                f" left empty. Accepted: {', '.join(dict.fromkeys(known.values()))}."
            )
            piece.entry.issue(
                "note",
                f"unknown_{name}",
                message,
                row=float(rows[0]),
                column=piece.fit.columns.get(name),
                value=unknown[0],
            )
        piece.frame[name] = meant(words, meaning)


def check_rows(frame: pd.DataFrame, entry: Entry, headings: dict[str, str], *, followed: bool) -> None:
    """What is readable and still odd: no owner, closed before it was created, chances against the outcome.

    ``followed``: changes tell of stages and ends what the rows need not.
    """
    if "owner" in frame and frame["owner"].isna().any():
        rows = frame.index[frame["owner"].isna()]
        message = f"{len(rows):,} of {len(frame):,} rows have no owner: in a split by owner they stand apart."
        entry.issue("note", "blank_owner", message, row=float(rows[0]), column=headings.get("owner"))
    # A closed one needs no stage, and "Closed Lost" is an outcome.
    unstaged = column(frame, "stage_label").isna() & ~frame["outcome"].isin(CLOSED)
    if "stage" in headings and unstaged.any() and not column(frame, "stage_label").isna().all():
        rows = frame.index[unstaged]
        message = f"{len(rows):,} of {len(frame):,} rows are open and have no stage: fill it in and export again."
        entry.issue("note", "blank_stage", message, row=float(rows[0]), column=headings["stage"])
    if not headings.keys() & {"amount", "actual_amount", "converted_amount"}:
        message = (
            "No column of amounts was found: every amount is empty. If one of the columns that were not read holds them,"
            " name it in a profile (funnel-analytics profile FILE)."
        )
        entry.issue("note", "no_amounts", message)
    if not followed and not headings.keys() & _TOLD_BY:
        message = (
            f"No column says which opportunities are won or lost: all {len(frame):,} count as open. If one of the columns"
            " that were not read says it, name it in a profile (funnel-analytics profile FILE)."
        )
        entry.issue("note", "no_outcomes", message)
    if not headings.keys() & {"close_date", "closed_date"} and headings.keys() & {"won_date", "lost_date"}:
        message = (
            "No column of expected close dates was found: open opportunities have no close date. If one of the columns that"
            " were not read holds them, name it in a profile (funnel-analytics profile FILE)."
        )
        entry.issue("note", "no_close_dates", message)
    elif not headings.keys() & {"close_date", "closed_date"}:
        message = (
            "No column of close dates was found: every close date is empty. If one of the columns that were not read"
            " holds them, name it in a profile (funnel-analytics profile FILE)."
        )
        entry.issue("note", "no_close_dates", message)
    if "created_date" in frame and "close_date" in frame:
        odd = frame.index[frame["close_date"] < frame["created_date"]]
        if len(odd):
            message = (
                "Close date " + frame.loc[odd, "close_date"].dt.strftime("%Y-%m-%d") + " is before the creation on "
                + frame.loc[odd, "created_date"].dt.strftime("%Y-%m-%d") + ": both were kept."
            )  # fmt: skip
            entry.issues_of(
                pd.DataFrame({"row": odd, "value": frame.loc[odd, "close_date"].dt.strftime("%Y-%m-%d").to_numpy(),
                              "kind": "contradiction", "reason": "close_before_created", "message": message.to_numpy()}),
                headings.get("close_date"),
            )  # fmt: skip


def stage_date_rows(piece: Piece, labels: Labels) -> pd.DataFrame:
    """Columns that date a stage, as changes: one row per opportunity and dated stage."""
    ids = piece.frame["opportunity_id"]
    parts = []
    for label, days in piece.stage_dates.items():
        read = labels.read(pd.Series([label], dtype="str")).iloc[0]
        if not read["known"] or read["ignored"]:
            message = f"The column dates a stage that is not known, '{label}': not read."
            piece.entry.issue("note", "unknown_stage", message, column=label, value=label)
            continue
        dated = days.reindex(ids.index).dropna()
        parts.append(
            pd.DataFrame(
                {
                    "opportunity_id": ids[dated.index],
                    "changed_at": dated,
                    "stage": read["stage"] if isinstance(read["stage"], str) else None,
                    "stage_label": label,
                    "outcome": read["outcome"] if isinstance(read["outcome"], str) else None,
                    "source": "stage_dates",
                    "source_file": piece.entry.file,
                    "source_row": np.asarray(dated.index, dtype="float64"),
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
