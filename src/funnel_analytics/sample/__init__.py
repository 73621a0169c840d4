"""A seeded, invented sales team for examples, tests and the main job's demonstration."""

from .simulation import Scenario, Team, make_team
from .writing import load_sample, write_sample

__all__ = ["Scenario", "Team", "load_sample", "make_team", "write_sample"]
