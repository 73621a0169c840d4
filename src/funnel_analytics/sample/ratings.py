"""The sample's rating sheet: some accounts were rated again this autumn, so that they can be seen to move.

Follows from the account's number; the later ratings are those of the accounts table, so that nothing else changes.
"""

import numpy as np
import pandas as pd

from ..methodology import load_methodology
from . import people
from .dialects import Dialect
from .simulation import Team

_BEFORE, _AFTER = pd.Timestamp("2026-01-12"), pd.Timestamp("2026-10-05")
_EVERY, _TURN = 3, 1


def rating_table(team: Team, dialect: Dialect) -> pd.DataFrame:
    """`tables.RATINGS` of the accounts that were rated twice, with the names that the sheet shows.

    Parameters
    ----------
    team
        The simulated truth; its ratings are the later ones.
    dialect
        The language of names; ``criterion_label`` is the criterion in words.
    """
    method = load_methodology()
    place = {criterion.key: number for number, criterion in enumerate(method.criteria)}
    facts = team.accounts.set_index("account_id")
    rows = team.ratings.assign(
        account=team.ratings["account_id"].map(facts["account"]), place=team.ratings["criterion"].map(place)
    )
    rows = rows[(rows["account"] % _EVERY == _TURN) & ((rows["account"] + rows["place"]) % 4 != 0)]
    # A third was overrated before, the others have grown.
    step = np.where(rows["account"] % 9 == _TURN, 2.0, -2.0)
    earlier = rows.assign(rating=(rows["rating"] + step).clip(method.rating_low, method.rating_high), day=_BEFORE)
    both = pd.concat([earlier, rows.assign(day=_AFTER)])
    both["rated_on"] = both["day"] + pd.to_timedelta(both["account"] % 20, unit="D")
    owners = both["account_id"].map(facts["owner"])
    both["rated_by"] = owners.map(lambda owner: people.SELLERS[owner].name[dialect.turn]).astype("str")
    both["account_name"] = both["account"].map(lambda number: people.ACCOUNTS[number][dialect.turn]).astype("str")
    names = {criterion.key: criterion.name[dialect.language] for criterion in method.criteria}
    both["criterion_label"] = both["criterion"].map(names)
    both = both.sort_values(["rated_on", "account", "place"], kind="stable")
    columns = ["account_id", "account_name", "criterion", "criterion_label", "rating", "rated_on", "rated_by"]
    return both[columns].reset_index(drop=True)
