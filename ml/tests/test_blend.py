import json

import numpy as np
import pytest

from throughline import golden_neighbours
from throughline.blend import (
    FLOOR,
    Sequences,
    blended,
    boosts,
    choose_weight,
    neighbour_weights,
    sequences_before,
)
from throughline.data import cases_between, current_items, split_by_time


def test_neighbours_by_hand():
    # One shopper: 1, 2, 3; another: 1, 2.
    weights = neighbour_weights(Sequences(np.array([1, 2, 3, 1, 2]), np.array([0, 0, 0, 1, 1])), 4).toarray()
    assert weights[1, 2] == pytest.approx(2 / (2**0.5 * 2**0.1 + 0.5))
    assert weights[2, 1] == pytest.approx(0.25 * 2 / (2**0.5 * 2**0.1 + 0.5))
    assert weights[1, 3] == pytest.approx(2**-0.5 / (2**0.5 * 1 + 0.5))
    assert weights[4].sum() == weights[:, 4].sum() == 0


def test_boosts_by_hand():
    weights = neighbour_weights(Sequences(np.array([1, 2, 3]), np.array([0, 0, 0])), 3)
    table = weights.toarray()
    came = boosts(weights, np.array([[0, 1, 0, 2], [0, 0, 0, 0]]))
    votes = 2**-1.5 * table[1] + 0.8 * table[2]
    assert came[0] == pytest.approx(np.log1p(votes / votes.sum() / FLOOR))
    assert (came[1] == 0).all()


def test_a_log_of_one_event_has_no_neighbours():
    assert neighbour_weights(Sequences(np.array([3]), np.array([0])), 4).nnz == 0


def test_the_weight_is_chosen_by_validation(chains, contract):
    """A model that knows nothing leans on the neighbours; with weight 0 the scorer is the model's own."""
    log, split = chains, split_by_time(chains)
    table = neighbour_weights(sequences_before(log, split.validation_ms, contract), log.items)
    cases = cases_between(log, current_items(log), split.validation_ms, split.test_ms, 200, 1)

    def knows_nothing(cases, batch):
        return np.zeros((len(batch), log.items + 1), np.float32)

    def knows_all(cases, batch):
        scores = np.zeros((len(batch), log.items + 1), np.float32)
        for row, case in enumerate(batch):
            scores[row, cases.targets[case]] = 100
        return scores

    assert choose_weight(knows_nothing, table, log, cases, contract, seed=1) > 0
    assert choose_weight(knows_all, table, log, cases, contract, seed=1) == 0
    assert blended(knows_nothing, table, 0.0, log, contract) is knows_nothing


def test_the_golden_file_is_of_this_code():
    stored, came = json.loads(golden_neighbours.FILE.read_text()), golden_neighbours.golden()
    assert [stored[name] for name in ("floor", "items", "sequences", "histories")] == [
        came[name] for name in ("floor", "items", "sequences", "histories")
    ]
    for name in ("weights", "boosts"):
        assert np.allclose(stored[name], came[name], rtol=1e-12), name
