"""A seeded, invented sales team for examples, tests and demonstrations."""

from .books import EXPORT_DATES, load_sample, team_book
from .scenario import SCENARIOS, Scenario
from .simulation import Team, make_team
from .writing import write_sample

__all__ = ["EXPORT_DATES", "SCENARIOS", "Scenario", "Team", "load_sample", "make_team", "team_book", "write_sample"]
