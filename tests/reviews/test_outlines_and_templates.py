"""A team's own pages in a team's own layout: what is wrong with either is said, what is right is kept."""

import io
import zipfile
from pathlib import Path

import pytest
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.util import Inches

from books import team_book
from funnel_analytics.cli import main
from funnel_analytics.errors import ArgumentError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.reviews import write_reviews
from funnel_analytics.reviews.contents import COMPUTE, review_contents
from funnel_analytics.reviews.native_parts import BLUE
from funnel_analytics.reviews.outline import BUILT_IN, load_outline, page_keys
from funnel_analytics.reviews.shown import wording
from funnel_analytics.reviews.slides import slides
from funnel_analytics.words import word

ROOT = Path(__file__).parents[2]
BOOK = team_book(150)
PERIOD = "2026Q4"
PAGE = '[[page]]\nkey = "win_rates"\ntable = "win_rates"\ncolumns = ["rate", "won"]\n'


def own_outline(folder: Path, text: str) -> Path:
    path = folder / "monday.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("key", BUILT_IN)
def test_every_built_in_outline_makes_its_pages_in_every_language(key: str) -> None:
    contents = review_contents(BOOK, period=PERIOD, outline=key)
    assert contents.pages
    # The book ends on the day before the period, has no calls, no products and no account that moved.
    assert {page.key for page in contents.left_out} <= {
        "quota_pacing", "call_accuracy", "whitespace_by_segment", "segment_changes", "unworked_accounts"
    }  # fmt: skip
    for lang in LANGUAGES:
        said = wording(contents, lang)
        assert load_outline(key).name[lang] in said.title
        assert PERIOD in said.title
        assert all(page.title and "{" not in page.title for page in said.pages)


def test_every_page_that_an_outline_can_name_has_its_words_and_its_title() -> None:
    for lang in LANGUAGES:
        assert all(word(f"reviews.{key}.name", lang) for key in page_keys())
    assert {page.table for key in BUILT_IN for page in load_outline(key).pages} <= set(COMPUTE)


def test_a_teams_own_outline_decides_the_pages_and_the_name(tmp_path: Path) -> None:
    outline = own_outline(tmp_path, 'name = "Monday round"\n' + PAGE)
    written = write_reviews(BOOK, tmp_path, period=PERIOD, outline=outline)
    assert written[0].name == f"monday-{PERIOD}.pptx"
    titles = [slide.shapes.title.text for slide in Presentation(str(written[0])).slides]
    assert titles[0] == f"Monday round {PERIOD}"
    assert len(titles) == 3  # the cover, the one page, the sources


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("name = ", ["monday.toml is not valid TOML"]),
        ('name = "x"\n', ["no pages"]),
        (PAGE, ["needs a name", "zh-Hans"]),
        ('name = { zh-Hans = "x" }\n' + PAGE, ["needs a name", "zh-Hant"]),
        ('name = "x"\n' + PAGE.replace('key = "win_rates"', 'key = "win_rate"'), ["win_rate", "Did you mean 'win_rates'"]),
        ('name = "x"\n' + PAGE.replace('table = "win_rates"', 'table = "winrates"'), ["Did you mean 'win_rates'"]),
        ('name = "x"\n' + PAGE.replace('"won"', '"wons"'), ["wons", "Did you mean 'won'"]),
        ('name = "x"\n' + PAGE + 'colums = ["won"]\n', ["colums", "Did you mean 'columns'"]),
        ('name = "x"\n[[page]]\nkey = "win_rates"\n', ["columns are missing"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_outline_is_said(text: str, mentions: list[str], tmp_path: Path) -> None:
    with pytest.raises(ArgumentError) as problem:
        review_contents(BOOK, period=PERIOD, outline=own_outline(tmp_path, text))
    for mention in mentions:
        assert mention in str(problem.value)


def test_an_outline_of_windows_is_read_and_one_of_another_encoding_is_told_how_to_save_it(tmp_path: Path) -> None:
    text = 'name = "周会"\n' + PAGE
    (tmp_path / "marked.toml").write_text(text, encoding="utf-8-sig")
    assert load_outline(tmp_path / "marked.toml").name["zh-Hans"] == "周会"
    (tmp_path / "legacy.toml").write_bytes(text.encode("gb18030"))
    with pytest.raises(ArgumentError, match=r"legacy\.toml is not saved as UTF-8"):
        load_outline(tmp_path / "legacy.toml")


def test_an_unknown_outline_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="Did you mean 'forecast_call'"):
        load_outline("forecast_cal")
    with pytest.raises(ArgumentError, match="no outline file"):
        load_outline(tmp_path / "none.toml")


def template(path: Path, width: float, height: float) -> Path:
    """A template as a company would give it: its own size, its own slides and a marked master."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(width), Inches(height)
    deck.slide_master.name = "Corporate"
    for layout in (0, 1, 8):
        deck.slides.add_slide(deck.slide_layouts[layout]).shapes.title.text = "Old slide"
    if path.suffix == ".pptx":
        deck.save(str(path))
        return path
    sink = io.BytesIO()
    deck.save(sink)
    with zipfile.ZipFile(sink) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"presentation.main+xml", b"template.main+xml"))
    return path


@pytest.mark.parametrize(
    ("name", "width", "height"), [("a.pptx", 10, 7.5), ("a.potx", 10, 7.5), ("wide.pptx", 13.333, 7.5)]
)
@pytest.mark.parametrize("lang", ["en", "zh-Hant"])
def test_a_deck_in_the_teams_template_stays_inside_its_slides(
    name: str, width: float, height: float, lang: str, tmp_path: Path
) -> None:
    given = template(tmp_path / name, width, height)
    contents = review_contents(BOOK, period=PERIOD)
    written = io.BytesIO(slides(wording(contents, lang, template=given)))
    deck = Presentation(written)
    plain = Presentation(io.BytesIO(slides(wording(contents, lang))))
    assert deck.slide_width == Inches(width)
    assert deck.slide_master.name == "Corporate"
    assert [s.shapes.title.text for s in deck.slides] == [s.shapes.title.text for s in plain.slides]
    for slide in deck.slides:
        others = [shape.placeholder_format.type for shape in slide.placeholders if shape != slide.shapes.title]
        assert others == [PP_PLACEHOLDER.SLIDE_NUMBER]
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height
    with zipfile.ZipFile(written) as package:
        parts = [name for name in package.namelist() if name.startswith("ppt/slides/slide")]
    assert len(parts) == len(plain.slides)  # no slide of the template lies about in the file


def test_what_stands_left_of_a_templates_title_stays_free(tmp_path: Path) -> None:
    given = template(tmp_path / "band.pptx", 10, 7.5)
    deck = Presentation(str(given))
    for layout in deck.slide_layouts:
        for shape in layout.placeholders:
            if shape.placeholder_format.idx == 0:
                shape.left, shape.top, shape.width, shape.height = (Inches(size) for size in (2.2, 0.1, 7.4, 0.6))
    deck.save(str(given))
    contents = review_contents(BOOK, period=PERIOD)
    written = Presentation(io.BytesIO(slides(wording(contents, "en", template=given))))
    for slide in written.slides:
        for shape in slide.shapes:
            if not shape.is_placeholder:
                assert shape.left >= Inches(2.2)
                assert shape.left + shape.width <= Inches(9.7)


def test_charts_in_a_template_have_the_colours_of_its_theme(tmp_path: Path) -> None:
    contents = review_contents(BOOK, period=PERIOD, outline="forecast_call")
    given = template(tmp_path / "a.pptx", 10, 7.5)
    plain, themed = (Presentation(io.BytesIO(slides(wording(contents, "en", template=own)))) for own in (None, given))
    colours = []
    for deck in (plain, themed):
        parts = [shape.chart.part.blob.decode() for slide in deck.slides for shape in slide.shapes if shape.has_chart]
        colours.append([part.count('schemeClr val="accent') for part in parts])
        assert not any(f'srgbClr val="{BLUE}"' in part for part in parts) or deck is plain
    assert set(colours[0]) == {0} and 0 not in colours[1]


def test_what_is_no_template_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "corporate.pptx"
    text.write_text("not a deck", encoding="utf-8")
    arguments = ["review", str(ROOT / "data" / "sample"), "-o", str(tmp_path / "out"), "--template"]
    assert main([*arguments, str(text)]) == 1
    assert "corporate.pptx" in capsys.readouterr().err
    assert main([*arguments, str(tmp_path / "none.pptx")]) == 1
    assert "no template" in capsys.readouterr().err
    assert not (tmp_path / "out").exists() or list((tmp_path / "out").iterdir()) == []
