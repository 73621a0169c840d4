"""The sum of many open opportunities, drawn: the outlook's way, beside drawing each of them with plain numpy.

python benchmarks/draws.py                     # 1,000, 10,000 and 100,000 opportunities
"""

import argparse
from collections.abc import Iterator

import numpy as np
from measuring import Row, contest, shown

from funnel_analytics.forecast.model.draws import open_draws

DRAWS = 10_000
SHARES = [0.1, 0.5, 0.9]
SHOCK = 0.25
"""Standard deviation, on the logit, of what moves all opportunities of a draw together."""


def ours(chance: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """As the outlook draws."""
    return open_draws(chance, amount, draws=DRAWS, shock=SHOCK, rng=np.random.default_rng(1))[:, 0]


def naive(chance: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """A coin for each opportunity in each draw, after what all opportunities of the draw share."""
    rng = np.random.default_rng(2)
    logit = np.log(chance) - np.log1p(-chance)
    # The shock widens without moving the mean: the centre is moved by what the spread adds, to second order.
    logit -= SHOCK**2 / 2 * (1 - 2 * chance)
    sums = np.empty(DRAWS)
    for draw in range(DRAWS):
        shared = 1 / (1 + np.exp(-(logit + SHOCK * rng.standard_normal())))
        sums[draw] = amount[rng.random(len(chance)) < shared].sum()
    return sums


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether the tenth, the middle and the ninetieth are within what ten thousand draws let differ."""
    apart = np.quantile(one, SHARES) - np.quantile(other, SHARES)
    return bool((np.abs(apart) < 0.06 * (other.std() + 1)).all())


def measured(opportunities: int) -> Iterator[Row]:
    """Both, on open opportunities with a long tail of amounts."""
    rng = np.random.default_rng(7)
    chance = np.clip(rng.beta(0.6, 4.0, opportunities), 1e-6, 1 - 1e-6)
    amount = rng.lognormal(11, 1.2, opportunities)
    made = {"outlook's draws": lambda: ours(chance, amount), "numpy, one by one": lambda: naive(chance, amount)}
    yield from contest("draws", opportunities, made, alike, repeats=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opportunities", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    for opportunities in parser.parse_args().opportunities:
        for row in measured(opportunities):
            print(shown(row), flush=True)


if __name__ == "__main__":
    main()
