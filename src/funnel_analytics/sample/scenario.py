"""How a simulated team behaves: the default is the sample's; others put an analysis to the test."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

STAGES = ("Discover", "Qualify", "Develop", "Solution", "Proof", "Close")
"""Stages of an open opportunity; a won one is later in "Deploy"."""


@dataclass(frozen=True)
class Scenario:
    """Rates, habits and size of a team; durations in days, amounts in EUR.

    The default is a decent team with the usual sins.
    """

    start: str = "2024-01-02"
    end: str = "2026-11-20"
    opportunities: int = 640
    sellers: int = 10
    growth: float = 0.10
    """Growth per year of the number of opportunities created."""
    advance: tuple[float, ...] = (0.74, 0.71, 0.78, 0.80, 0.80, 0.85)
    """Chance of a move forward (else lost) when a stage is left, by stage."""
    stage_days: tuple[float, ...] = (26, 36, 44, 48, 43, 32)
    """Mean days in each stage."""
    skip: float = 0.06
    regress: float = 0.06
    reopen: float = 0.03
    stalled: float = 0.10
    """Share of the lost that nobody closed for a long time."""
    optimism: float = 1.0
    """Scales what sellers add to the stage's percentage, and by how much they promise earlier close dates."""
    date_noise: float = 0.25
    """Spread (log) of the guessed time to close around what the seller believes."""
    update_delay: float = 0.4
    """Scales the days until a close date that has passed is moved."""
    neglect: float = 0.3
    """Share of the close dates that pass and are left overdue until the opportunity moves."""
    quarter_end: float = 0.45
    """Share of signatures that are pulled to the last days of the quarter."""
    median_amount: float = 170_000.0
    amount_sigma: float = 0.85
    whales: float = 0.02
    """Share of opportunities that are `whale_factor` times as large."""
    whale_factor: float = 6.0
    largest: float = 30.0
    """No opportunity is larger than so many times the median."""
    shock_on: str | None = None
    """From this day on, chances of moving forward are multiplied by `shock_factor`."""
    shock_factor: float = 1.0


_DEFAULT = Scenario()
SCENARIOS: Mapping[str, Scenario] = {
    "default": _DEFAULT,
    "honest": replace(_DEFAULT, optimism=0.0, date_noise=0.1, update_delay=0.1, neglect=0.0),
    "optimistic": replace(_DEFAULT, optimism=2.0),
    "dirty_dates": replace(_DEFAULT, date_noise=0.8, update_delay=1.6, neglect=0.6),
    "small_team": replace(_DEFAULT, opportunities=130, sellers=3),
    "whales": replace(_DEFAULT, whales=0.06, whale_factor=12.0, largest=120.0, amount_sigma=1.1),
    "shock": replace(_DEFAULT, shock_on="2026-01-15", shock_factor=0.8),
}
"""Named behaviours for trying a forecast on more than one kind of team."""
