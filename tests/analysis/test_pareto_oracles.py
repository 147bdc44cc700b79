"""Our non-dominated sorting beside that of two libraries which others rely on."""

import moocore
import numpy as np
import pytest
from deap.base import Fitness
from deap.tools import sortNondominated

from caraml_analysis.analysis.pareto import non_dominated_ranks
from caraml_analysis.sources.model_runs import load_pepr


class Individual:
    """What DEAP sorts: something with a fitness."""

    def __init__(self, row, values):
        self.row = row
        self.fitness = type("Costs", (Fitness,), {"weights": (-1.0,) * len(values)})(values)


def deap_ranks(costs):
    fronts = sortNondominated([Individual(*pair) for pair in enumerate(costs)], len(costs))
    ranks = np.zeros(len(costs), dtype=int)
    for number, front in enumerate(fronts, start=1):
        ranks[[individual.row for individual in front]] = number
    return ranks.tolist()


def moocore_ranks(costs):
    return (moocore.pareto_rank(costs) + 1).tolist()


def random_points(seed):
    """Return points of one to six objectives; few values, so that ties and copies abound."""
    random = np.random.default_rng(seed)
    objectives, values = random.integers(1, 7), random.integers(1, 6)
    return random.integers(0, values, (random.integers(1, 60), objectives)).astype(float)


@pytest.mark.parametrize("oracle", [deap_ranks, moocore_ranks])
def test_ranks_of_points_with_many_ties(oracle):
    for seed in range(120):
        points = random_points(seed)
        assert non_dominated_ranks(points).tolist() == oracle(points), seed


@pytest.mark.parametrize("oracle", [deap_ranks, moocore_ranks])
@pytest.mark.parametrize("dataset", ["derma", "derma_pt", "lidc"])
def test_ranks_of_measured_trainings(oracle, dataset):
    columns = ["energy_kwh", "co2_g", "train_time_s", "memory_gb", "test_accuracy"]
    costs = load_pepr(dataset)[columns].to_numpy() * [1, 1, 1, 1, -1]
    assert non_dominated_ranks(costs).tolist() == oracle(costs)
