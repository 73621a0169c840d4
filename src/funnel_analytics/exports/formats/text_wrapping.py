"""Text tables wrapped once more: whole lines in quotation marks, fields in single ones, values as formulas."""

import csv
import re
from io import StringIO

import pyarrow as pa
import pyarrow.compute as pc

_DELIMITERS = ",;\t|"
_LINES = 50
_SINGLE = re.compile(r"'([,;\t|])'")
_CURLY = re.compile(r"(^|[,;\t|\n])[“”„]|[“”](?=[,;\t|\r\n]|$)")
_FORMULA = r'^="(.*)"$'


def unwrapped(text: str) -> tuple[str, list[str]]:
    """The text without what another program has put around its lines or fields, and notes about that."""
    lines = [line for line in text[:65_536].splitlines()[:_LINES] if line.strip()]
    if len(lines) < 2:
        return text, []
    if all(line[0] in "“„" and line.rstrip()[-1] in "“”" for line in lines[:-1]):
        return _CURLY.sub(r'\1"', text), ["fields in curly quotation marks"]
    single = all(line.startswith("'") and line.rstrip().endswith("'") for line in lines[:-1])
    if single and (parted := _SINGLE.search(lines[0])):
        plain = StringIO()
        rows = csv.reader(StringIO(text, newline=""), delimiter=parted[1], quotechar="'")
        csv.writer(plain, delimiter=parted[1], quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
        return plain.getvalue(), ["fields in single quotation marks"]
    if not all(line.startswith('"') and line.rstrip().endswith('"') for line in lines[:-1]):
        return text, []
    if _is_one_field(lines) and any(sign in lines[0] for sign in _DELIMITERS):
        inner = "\n".join(row[0] if len(row) == 1 else "" for row in csv.reader(StringIO(text, newline="")))
        return inner, ["every line stood in quotation marks as a whole: taken off"]
    return text, []


def _is_one_field(lines: list[str]) -> bool:
    """Whether each line is one quoted field, whatever parts fields: "a";"b" is two, and so is "a" ; "b"."""
    return not any(
        len(row) > 1
        for delimiter in _DELIMITERS
        for row in csv.reader(lines[:-1] or lines, delimiter=delimiter, skipinitialspace=True)
    )


def without_formulas(columns: list[pa.ChunkedArray]) -> tuple[list[pa.ChunkedArray], list[str]]:
    """Columns with ``="00123"``, by which exports keep zeros in a spreadsheet, as 00123."""
    # Texts that repeat come as a dictionary, in which Arrow does not search.
    texts = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column for column in columns
    ]
    held = [pc.any(pc.match_substring_regex(column, _FORMULA)).as_py() for column in texts]
    if not any(held):
        return columns, []
    plain = [
        pc.replace_substring_regex(text, _FORMULA, r"\1") if guarded else column
        for column, text, guarded in zip(columns, texts, held, strict=True)
    ]
    return plain, ['values written as ="…" read without it']
