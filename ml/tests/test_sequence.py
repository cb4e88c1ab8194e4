from dataclasses import replace

import numpy as np
import pytest
import torch

from throughline.data import Cases
from throughline.sequence import linear, models, neighbours, stack, voices
from throughline.sequence.fit import cut, train, windows_of
from throughline.sequence.questions import HISTORY, Sequences, ask
from throughline.sequence.transformer import SequenceNet, Shape


def sequences(rows: list[list[int]], items: int) -> Sequences:
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    return Sequences(np.array([one for row in rows for one in row], np.int64), offsets, items)


def questions(histories: list[list[int]], targets: list[int], items: int):
    kept = sequences(histories, items)
    targets = [np.array([one]) for one in targets]
    none = np.zeros(len(histories), np.int32)
    shopper = np.arange(len(histories))
    ends = kept.offsets[1:]
    cases = Cases(ends, kept.offsets[:-1], shopper, none, np.zeros(len(shopper)), targets)
    return ask(kept.item, kept.offsets[:-1], ends, items, cases, none)


def chains(shoppers: int = 200, items: int = 20, seed: int = 0) -> Sequences:
    rng = np.random.default_rng(seed)
    starts = rng.integers(items, size=shoppers)
    return sequences([[int((start + k) % items) + 1 for k in range(6)] for start in starts], items)


def test_every_element_after_a_first_is_a_target_once():
    training = sequences([list(range(1, 131)), [7], [3, 4]], 130)
    windows = windows_of(training)
    _, target, _ = cut(training, windows, np.arange(len(windows)))
    assert sorted(target[target > 0].tolist()) == sorted([*range(2, 131), 4])


def test_a_window_shows_only_what_came_before_its_target():
    training = sequences([list(range(1, 131))], 130)
    history, target, _ = cut(training, windows_of(training), np.arange(len(windows_of(training))))
    there = target > 0
    assert bool((history[there] + 1 == target[there]).all())


def test_what_was_looked_at_is_left_out_of_what_a_net_tells_a_target_from():
    training = replace(sequences([[1, 2, 3, 4], [5, 6]], 6), looked_at=np.array([1, 0, 3, 4, 5, 6]))
    history, target, looked_at = cut(training, windows_of(training), np.arange(2))
    asked = target > 0
    assert history[asked].tolist() == [1, 2, 3, 5]
    assert looked_at[asked].tolist() == [1, 0, 3, 5]


def test_repeats_and_what_the_nets_of_a_sparse_log_leave_out():
    assert sequences([[1, 2, 1], [3], [], [2, 3]], 3).repeats() == 1 / 3
    for rows, left_out in (([[1, 2, 3, 4]] * 4, False), ([[1, 2, 1, 2]] * 4, True), ([[1, 2]] * 40, True)):
        training = sequences(rows, 4)
        training = replace(training, looked_at=training.item)
        assert (models.for_nets(training).looked_at is not None) == left_out


def test_padding_does_not_change_a_state():
    torch.manual_seed(0)
    net = SequenceNet(9, Shape(pools=2, dimension=8)).eval()
    with torch.no_grad():
        short, padded = net(torch.tensor([[3, 5]])), net(torch.tensor([[0, 0, 0, 3, 5]]))
    torch.testing.assert_close(short[:, -1], padded[:, -1], rtol=1e-4, atol=1e-5)


def test_a_state_does_not_see_what_comes_later():
    torch.manual_seed(0)
    net = SequenceNet(9, Shape(pools=2, dimension=8)).eval()
    with torch.no_grad():
        one, other = net(torch.tensor([[3, 5, 1]])), net(torch.tensor([[3, 5, 8]]))
    torch.testing.assert_close(one[:, :2], other[:, :2])


def test_neighbours_know_which_way_products_follow_each_other():
    training = chains()
    counts = neighbours.cooccurrence(training, 1.0, 0.25)
    assert counts[3, 4] == pytest.approx(4 * counts[4, 3], rel=1e-5)
    forwards = neighbours.weights(training, replace(neighbours.ItemKnn(), backward=0.0))
    assert int(np.argmax(forwards[3].toarray())) == 4


def test_the_newest_product_has_the_largest_vote():
    vote = neighbours.votes(questions([[1, 2, 3]], [4], 5), 1.0).toarray()[0]
    assert vote[3] > vote[2] > vote[1] > 0


def test_a_shopper_is_not_their_own_neighbour():
    training = sequences([[1, 2, 3], [1, 4, 5]], 5)
    found = neighbours.shopper_knn(training, questions([[1, 2]], [3], 5)).toarray()[0]
    assert found[3] == 0
    assert found[4] > 0


def test_ease_solves_its_own_equations():
    training = chains(60, 8)
    used = linear.taking_part(training)
    weight = linear.ease(training, used)
    assert weight.flags.c_contiguous
    chosen = np.zeros((60, 9))
    chosen[training.shopper, training.item] = 1
    gram = chosen[:, used].T @ chosen[:, used]
    inverse = np.linalg.inv(gram + linear.EASE_PENALTY * np.eye(len(used)))
    wanted = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(wanted, 0)
    np.testing.assert_allclose(weight, wanted, atol=1e-4)


def test_the_sequential_linear_model_points_forwards():
    training = chains()
    used = linear.taking_part(training)
    weight = linear.sequential(training, used)
    assert weight.flags.c_contiguous
    assert int(used[np.argmax(weight[list(used).index(3)])]) == 4


def test_a_target_ranks_below_its_ties_and_last_when_ruled_out():
    scores = np.array([[0, 1.0, 1.0, 0.5], [0, 1.0, 3.0, 0.5]], np.float32)
    none = np.zeros(0, np.int64)
    ranks = voices.rank_targets(scores, np.array([0, 1]), np.array([1, 1]), none, none)
    assert ranks.tolist() == [1, 1]
    ranks = voices.rank_targets(scores, np.array([1]), np.array([2]), np.array([1]), np.array([2]))
    assert ranks[0] == 4


def test_a_net_is_not_asked_to_tell_a_target_from_what_was_looked_at(tmp_path):
    """One product fewer to be told from, so a smaller loss from the first epoch on."""
    training = chains(100, 12)
    asked = questions([[1, 2, 3]] * 3, [4] * 3, 12)
    losses = {}
    for looked_at in (None, training.item):
        taught = replace(training, looked_at=looked_at)
        path = tmp_path / f"left out {looked_at is not None}"
        shape = Shape(dimension=8)
        learned = train(taught, shape, 2, asked, asked, asked, lambda *_: 1.0, 1, path, "net")
        losses[looked_at is not None] = learned.curve[0]["loss"]
    assert losses[True] < losses[False]


def test_training_that_was_stopped_ends_in_the_same_states(tmp_path):
    training = chains(100, 12)
    asked = questions([[1, 2, 3]] * 3, [4] * 3, 12)
    seen = []

    def judge(states, vectors):
        seen.append(len(states))
        if len(seen) == interrupt:
            raise KeyboardInterrupt
        return float(len(seen))

    def run(name):
        return train(training, Shape(dimension=8), 2, asked, asked, asked, judge, 1, tmp_path / name, "net")

    interrupt = -1
    whole = run("whole")
    seen, interrupt = [], 2
    with pytest.raises(KeyboardInterrupt):
        run("parts")
    seen, interrupt = [0], -1
    parts = run("parts")
    np.testing.assert_array_equal(whole.states, parts.states)


def table_of(rng, count: int, better: float) -> tuple[voices.Table, object]:
    """Two voices: the first points to the target, the second is noise."""
    targets = rng.integers(1, 21, count)
    scores = rng.normal(size=(count, 20, 2)).astype(np.float32)
    scores[np.arange(count), targets - 1, 0] += better
    candidates = np.tile(np.arange(1, 21, dtype=np.int32), (count, 1))
    asked = questions([[int(one % 20) + 1] for one in targets], [int(one) for one in targets], 21)
    return voices.Table(candidates, scores, {}, {}), asked


def test_the_blend_leans_on_the_voice_that_knows():
    table, asked = table_of(np.random.default_rng(0), 200, 2.0)
    fitted, blended, stacked = stack.fit_ensemble(table, asked, [0, 1], np.ones(2), 1, deep=True)
    assert all(weight[0] > weight[1] for weight in fitted.weights)
    ranks = stack.candidate_ranks(blended, table, asked)
    assert ranks.mean() < 4
    assert stack.candidate_ranks(stacked, table, asked).mean() < 5


def test_cross_fitting_learns_nothing_from_noise():
    table, asked = table_of(np.random.default_rng(1), 200, 0.0)
    _, _, stacked = stack.fit_ensemble(table, asked, [0, 1], np.ones(2), 1, deep=True)
    assert 8 < stack.candidate_ranks(stacked, table, asked).mean() < 11  # of 20, by chance 9.5


def test_a_shoppers_questions_share_a_fold():
    asked = questions([[1]] * 40, [2] * 40, 3)
    asked.shopper = np.repeat(np.arange(10), 4)
    folds = stack.fold_of(asked, 1).reshape(10, 4)
    assert (folds == folds[:, :1]).all()


def test_histories_keep_the_newest_elements():
    asked = questions([list(range(1, HISTORY + 6))], [1], HISTORY + 5)
    assert asked.history[0, -1] == HISTORY + 5
    assert asked.history[0, 0] == 6
    assert asked.seen.sum() == HISTORY + 5
