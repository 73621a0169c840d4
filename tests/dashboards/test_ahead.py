"""While a person looks, the choices beside the present one are drawn, and give way to what the person does."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.charts import figure
from funnel_analytics.dashboards import _ahead, _live
from funnel_analytics.dashboards._content import Content, Control, drawn
from funnel_analytics.dashboards._live import Dashboard

BOOK = team_book(60)
NUMBERS = tuple(f"{number}" for number in range(20))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ahead, "_REST", 0.0)
    monkeypatch.setattr(_ahead, "_PAUSE", 0.0)
    monkeypatch.setattr(_ahead, "_LONGEST", float("inf"))  # however busy the machine is


class Counted:
    """A dashboard of empty pictures that knows which settings it was asked for; number 13 cannot be drawn."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.dashboard = Dashboard(BOOK, self._build, [Control("period", NUMBERS, "0")])

    def _build(self, _book: fa.Book, *, period: str, **_: Any) -> Content:
        self.asked.append(period)
        if period == "13":
            raise ZeroDivisionError
        return Content([("n", period)], charts=[figure(2, 1).add_subplot()])

    def choose(self, number: str) -> None:
        self.dashboard._inputs["period"].value = number


def looking(what: Callable[[Counted], Awaitable[None]]) -> Counted:
    """What happens in a notebook, whose loop goes on while a person looks."""

    async def watch() -> Counted:
        counted = Counted()
        await what(counted)
        return counted

    return asyncio.run(watch())


async def rest(counted: Counted) -> None:
    while counted.dashboard._ahead._next is not None:
        await asyncio.sleep(0)


def test_the_choices_beside_the_chosen_one_are_there_when_they_are_chosen() -> None:
    async def person(counted: Counted) -> None:
        counted.choose("5")
        await rest(counted)
        counted.choose("6")
        # The first view, the chosen one, then three on each side: the one after before the one before.
        assert counted.asked == ["0", "5", "6", "4", "7", "3", "8", "2"]
        assert ">6<" in counted.dashboard._tiles.value

    looking(person)


def test_a_choice_drops_what_was_to_be_drawn_for_the_one_before() -> None:
    async def person(counted: Counted) -> None:
        counted.choose("5")
        await asyncio.sleep(0)
        counted.choose("15")
        await rest(counted)

    drawn = looking(person).asked
    assert "15" in drawn and "16" in drawn
    assert "7" not in drawn


def test_after_a_step_that_took_long_nothing_more_is_drawn_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ahead, "_LONGEST", 0.0)

    async def person(counted: Counted) -> None:
        counted.choose("5")
        await rest(counted)

    assert looking(person).asked == ["0", "5", "6"]


def test_a_view_that_cannot_be_drawn_says_so_only_when_it_is_chosen() -> None:
    async def person(counted: Counted) -> None:
        counted.choose("12")
        await rest(counted)
        assert counted.dashboard._message.value == ""
        counted.choose("13")

    counted = looking(person)
    assert "role='alert'" in counted.dashboard._message.value
    assert "14" in counted.asked


def test_without_a_loop_nothing_is_drawn_ahead() -> None:
    counted = Counted()
    counted.choose("5")
    assert counted.asked == ["0", "5"]


def images(dashboard: Dashboard) -> list[bytes]:
    return [picture.picture for picture in dashboard._charts.children]


def rows(dashboard: Dashboard) -> dict[str, Any]:
    return {name: value for name, value in dashboard._table._dt_args.items() if name != "table_id"}


def test_a_picture_is_shown_while_the_next_one_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    dashboard = fa.dashboards.funnel(BOOK)
    before = images(dashboard)
    assert len(before) > 1
    seen: list[list[bool]] = []

    def watched(axes: Any) -> Any:
        seen.append([now != old for now, old in zip(images(dashboard), before, strict=True)])
        return drawn(axes)

    monkeypatch.setattr(_live, "drawn", watched)
    dashboard._inputs["owner"].value = BOOK.choices("owner")[0]
    assert seen == [[other < place for other in range(len(before))] for place in range(len(before))]


def test_nothing_is_collected_while_a_person_waits_and_all_is_afterwards_even_after_a_fault() -> None:
    collecting: list[bool] = []

    def build(_book: fa.Book, *, period: str, **_: Any) -> Content:
        collecting.append(gc.isenabled())
        if period == "13":
            raise ZeroDivisionError
        return Content([("n", period)])

    dashboard = Dashboard(BOOK, build, [Control("period", NUMBERS, "0")])
    for number in ("1", "13"):
        dashboard._inputs["period"].value = number
        assert gc.isenabled()
    assert collecting == [False, False, False]


def test_a_view_drawn_ahead_is_the_view_that_is_drawn_when_asked() -> None:
    async def person() -> Dashboard:
        dashboard = fa.dashboards.funnel(BOOK, view="pipeline_ageing")
        owner = dashboard._inputs["owner"]
        owner.value = owner.options[1][1]
        while dashboard._ahead._next is not None:
            await asyncio.sleep(0)
        # Nothing is left to do: neither a picture to draw nor a row to write.
        assert len(dashboard._views) == len(dashboard._table._written) == len(owner.options)
        owner.value = owner.options[2][1]
        assert len(dashboard._table._written) == len(owner.options)
        return dashboard

    ahead = asyncio.run(person())
    asked = fa.dashboards.funnel(BOOK, view="pipeline_ageing", owner=BOOK.choices("owner")[1])
    assert images(ahead) == images(asked)
    assert rows(ahead) == rows(asked)
