"""Axes whose ticks are twins of their first one: matplotlib sets each of them up anew, five artists at a time."""
# mypy: disable-error-code="no-untyped-call"

from typing import Any, TypeVar

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick, XAxis, YAxis
from matplotlib.text import Text

_Part = TypeVar("_Part", bound=Artist)
_PARTS = ("tick1line", "tick2line", "gridline", "label1", "label2")


class _Twins(Axis):
    """An axis that copies its first tick as it stands."""

    def get_major_ticks(self, numticks: int | None = None) -> list[Tick]:
        """The ticks, as many as there are places or as are asked for."""
        wanted = len(self.get_majorticklocs()) if numticks is None else numticks
        ticks: list[Tick] = self.majorTicks
        ticks += [_twin_tick(ticks[0]) for _ in range(wanted - len(ticks))]
        return ticks[:wanted]


class _XTwins(_Twins, XAxis):
    """The axis along the bottom."""


class _YTwins(_Twins, YAxis):
    """The axis along the left."""


def _twin_tick(tick: Tick) -> Tick:
    twin = _twin(tick)
    for name in _PARTS:
        setattr(twin, name, _twin(getattr(tick, name)))
    return twin


def _twin(artist: _Part) -> _Part:
    """The artist again: what it holds is replaced, never changed in place, but for the font of a text."""
    twin = object.__new__(type(artist))
    twin.__dict__.update(artist.__dict__)
    if isinstance(twin, Text):
        twin.set_fontproperties(twin.get_fontproperties())
    return twin


class TwinAxes(Axes):
    """Axes with such ticks, and so are those that stand in them."""

    def _init_axis(self) -> None:
        super()._init_axis()  # type: ignore[misc]
        self.xaxis.__class__, self.yaxis.__class__ = _XTwins, _YTwins

    def inset_axes(self, *args: Any, **kwargs: Any) -> Axes:
        """Axes that stand in these, made as matplotlib makes them."""
        return super().inset_axes(*args, **{"axes_class": TwinAxes} | kwargs)
