"""Headings of rating sheets in two languages, and which field each of them is."""

from ..exports.profiles.profile import heading_key
from ..languages import LANGUAGES
from ..methodology import Methodology
from ..methodology_parts import Criterion
from ..words import language, word

FIELDS = ("account_id", "account_name", "criterion", "rating", "rated_on", "rated_by", "standing")
_STEPS = 10
"""With more steps between poor and good a list would be longer than people read."""


def second_language(lang: str | None) -> str:
    """The language that stands beside the chosen one."""
    return word("language.second", lang)


def heading(field: str, lang: str | None = None) -> str:
    """The heading of a field, in the chosen language and a second one.

    Examples
    --------
    >>> heading("rated_by"), heading("rated_by", "zh-Hant")
    ('Rated by 评估人', '評估人 Rated by')
    """
    return f"{word(f'ratings.{field}', lang)} {word(f'ratings.{field}', second_language(lang))}"


def criterion_heading(criterion: Criterion, lang: str | None = None) -> str:
    """The name of a criterion in the chosen language and a second one."""
    return f"{criterion.name[language(lang)]} {criterion.name[second_language(lang)]}"


def field_of(text: str) -> str | None:
    """The field that a heading of a rating sheet names, in any language; None where none."""
    key = heading_key(text)
    for field in FIELDS:
        for lang in LANGUAGES:
            if key in (
                heading_key(heading(field, lang)),
                heading_key(word(f"ratings.{field}", lang)),
                heading_key(field),
            ):
                return field
    return None


def scale_steps(method: Methodology) -> list[float]:
    """The ratings to choose from; empty where the scale is too fine for a list.

    Examples
    --------
    >>> from funnel_analytics.methodology import load_methodology
    >>> scale_steps(load_methodology())
    [1.0, 2.0, 3.0, 4.0, 5.0]
    """
    span = method.rating_high - method.rating_low
    if span > _STEPS or not float(span).is_integer():
        return []
    return [method.rating_low + step for step in range(int(span) + 1)]
