"""The address of each record in the CRM: as the export states it, else made from the record's own id."""

from ...addresses import filled, web_address
from .columns import Piece


def add_links(pieces: list[Piece], ident: str, template: str | None) -> None:
    """Column ``url`` of tables as they were read, before rows without an id are given one.

    Parameters
    ----------
    pieces
        Tables of opportunities or of accounts; their frames are changed.
    ident
        The column of ids.
    template
        Address with ``{id}``, which counts before the profile's; None takes the profile's, if it has one.
    """
    for piece in pieces:
        _say_unusable(piece)
        form = template or piece.fit.table.crm_url
        if form is None or ident not in piece.frame:
            continue
        # What a spreadsheet has damaged leads nowhere.
        ids = piece.frame[ident].dropna().drop(piece.damaged_ids, errors="ignore")
        made = ids.map({text: filled(form, str(text)) for text in ids.unique()}).reindex(piece.frame.index)
        made = made.astype("str")
        piece.frame["url"] = piece.frame["url"].fillna(made) if "url" in piece.frame else made


def _say_unusable(piece: Piece) -> None:
    """Cells that are no address stay as text and are never followed."""
    if "url" not in piece.frame:
        return
    stated = piece.frame["url"].dropna()
    bad = stated[[web_address(text) is None for text in stated]]
    if len(bad):
        message = f"{len(bad):,} cells are no address of http or https: they are kept as text, not as links."
        piece.entry.issue(
            "note",
            "no_web_address",
            message,
            row=float(bad.index[0]),
            column=piece.fit.columns["url"],
            value=bad.iloc[0],
        )
