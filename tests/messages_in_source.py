"""Every sentence that the package can say about a file, an argument or a choice, as written in its source."""

import ast
import re
from pathlib import Path

import funnel_analytics

ROOT = Path(funnel_analytics.__file__).parent
SENTENCE = re.compile(r"[a-z]{2,} [a-z({]|Accepted: \{")
NO_MESSAGES = ("tables", "sample", "charts")
"""Rooms whose texts are no messages: the data dictionary, the invented team, and what is drawn (words files)."""
NO_MESSAGE = re.compile(
    r"^<|^\{\{%|^\^|^less than$|^Please select$|fit into 63 bits$|--(outline|template) \{|^(as of|as_of)$|^(os|import) |_is_|^row wrap$|compact nowrap|^hong kong$|^funnel-analytics( |:|$)"
    r"|^[^\W\d_A-Z]{2,14}( [^\W\d_A-Z]{2,14}){4,}$|^calamine error: $|^last saturday$|^Rates \| None$"
)
"""Markup, patterns, names of months, and what only the log or another program reads."""


def _template(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        pieces, count = "", 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                pieces += str(part.value)
            else:
                pieces, count = f"{pieces}{{{count}}}", count + 1
        return pieces
    return None


def templates() -> dict[str, str]:
    """Each template with the place where it stands; what is put into it is {0}, {1} …."""
    found: dict[str, str] = {}
    for path in sorted(ROOT.rglob("*.py")):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in NO_MESSAGES:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped = {
            id(inner)
            for node in ast.walk(tree)
            for inner in (
                [node.value] if isinstance(node, ast.Expr) else node.values if isinstance(node, ast.JoinedStr) else []
            )
        }
        for node in ast.walk(tree):
            text = None if id(node) in skipped else _template(node)
            if text and " " in text.strip() and SENTENCE.search(text) and not NO_MESSAGE.search(text):
                found.setdefault(text, f"{relative.as_posix()}:{getattr(node, 'lineno', 0)}")
    return found
