import numpy as np
import pytest
import torch
from conftest import log_of

from throughline.calibrate import calibrate, fit
from throughline.data import split_by_time
from throughline.head_card import head_card_lines
from throughline.head_losses import (
    DAY_MS,
    answers_before,
    hazard_labels,
    hazard_loss,
    spend_loss,
    start_tables,
)
from throughline.head_reports import expected_cents, head_reports, sigmoid, softmax
from throughline.metrics.binary import calibration_error
from throughline.metrics.weighed import plain
from throughline.model import Config, head_sizes
from throughline.predict import head_outputs
from throughline.settings import Settings
from throughline.shops import known_items
from throughline.train import train

DAY_MINUTES = 1440.0


def with_labels(log, **labels):
    log.labels.update({name: np.array(values) for name, values in labels.items()})
    return log


def test_a_return_counts_in_its_span_and_nothing_is_known_past_the_cut(contract):
    rows = [[(1, 0.0)], [(1, 0.0)], [(1, 0.0)], [(1, 100 * DAY_MINUTES)]]
    log = with_labels(log_of(rows, contract, 3), return_days=[2.0, 20.0, -1.0, -1.0])
    labels = hazard_labels(log, 10 * DAY_MS, (1, 3, 7, 14, 30))
    assert labels[0].tolist() == [0, 1, -1, -1, -1]  # came on the second day
    assert labels[1].tolist() == [0, 0, 0, -1, -1]  # came later than is known: the span of the cut is open
    assert labels[2].tolist() == [0, 0, 0, -1, -1]
    assert labels[3].tolist() == [-1] * 5  # after the cut


def test_labels_that_reach_past_the_cut_are_not_known(contract):
    rows = [[(1, 0.0), (2, 10.0), (3, 20.0)]]
    log = with_labels(
        log_of(rows, contract, 3), visit=[0, 0, 0], visit_buys=[1, 1, 0], spend_cents=[500.0, 500.0, 0.0]
    )
    minute = 60_000.0
    early = answers_before(log, 45 * minute, contract)
    assert early.classes["next_stage_logits"].tolist() == [1, 1, -1]
    assert early.classes["intent_logit"].tolist() == [-1, -1, -1]  # the visit may still go on at the cut
    assert early.spend_cents.tolist() == [-1, -1, -1]
    late = answers_before(log, 31 * DAY_MS, contract)
    assert late.classes["intent_logit"].tolist() == [1, 1, 0]
    assert late.spend_cents.tolist() == [-1, -1, 0]  # asked of those who have left
    assert (late.hazards[:2] == -1).all()


def test_heads_start_as_the_table_of_what_followed_each_type(contract):
    log = log_of([[(1, float(k))] for k in range(400)], contract, 3)
    log.columns["event_type"][:] = np.repeat([3, 6], 200)
    log.next_stage[:] = np.concatenate([np.full(200, 1), np.where(np.arange(200) < 150, 2, 5)])
    answers = answers_before(log, np.inf, contract)
    table = start_tables(log, answers, contract.vocabularies["event_type"], head_sizes(contract))
    p = softmax(table["next_stage_logits"])
    assert p[6, 2] == pytest.approx(0.75, abs=0.01)
    assert p[3, 1] == pytest.approx(1, abs=0.01)
    assert p.sum(1) == pytest.approx(1)
    for start in table.values():
        assert np.isfinite(start).all()


def test_the_hazards_that_are_taught_are_the_shares_that_came_back():
    label = torch.tensor([[1.0, -1.0], [0.0, 1.0], [0.0, 0.0], [0.0, -1.0]])
    logits = torch.zeros(2, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=100)

    def closure():
        optimiser.zero_grad()
        loss = hazard_loss(logits.expand(4, 2), label)
        loss.backward()
        return loss

    optimiser.step(closure)
    assert torch.sigmoid(logits).tolist() == pytest.approx([0.25, 0.5], abs=1e-3)


def test_spend_is_lowest_in_loss_at_the_shape_it_was_drawn_from():
    rng = np.random.default_rng(2)
    cents = torch.from_numpy(np.where(rng.random(4000) < 0.2, np.exp(rng.normal(8, 0.7, 4000)), 0)).float()

    def loss(any_, mean, spread):
        return float(spend_loss(torch.tensor([[any_, mean, spread]]).expand(4000, 3), cents))

    best = loss(float(np.log(0.25)), 8.0, 0.7)
    for other in [(0.0, 8.0, 0.7), (np.log(0.25), 7.5, 0.7), (np.log(0.25), 8.0, 1.2)]:
        assert loss(*other) > best + 0.01
    guess = expected_cents(np.array([[np.log(0.25), 8.0, 0.7]]))
    assert guess[0] == pytest.approx(float(cents.mean()), rel=0.1)


def test_calibration_undoes_a_wrong_slope_and_shift():
    rng = np.random.default_rng(4)
    truth = rng.normal(-1, 1.5, 20_000)
    yes = rng.random(20_000) < sigmoid(truth)
    slope, shift = fit((truth * 2 + 1)[:, None], yes.astype(int))
    assert slope == pytest.approx(0.5, abs=0.05)
    assert shift[0] == pytest.approx(-0.5, abs=0.07)
    p = sigmoid((truth * 2 + 1) * slope + shift[0])
    assert plain(calibration_error(p, yes), len(yes)) < 0.01
    assert plain(calibration_error(sigmoid(truth * 2 + 1), yes), len(yes)) > 0.01


def test_few_cases_hardly_move_what_was_learned():
    slope, shift = fit(np.array([[2.0], [2.0]]), np.array([0, 0]))
    assert 0.7 < slope <= 1.0
    assert -0.6 < shift[0] < 0


@pytest.fixture(scope="module")
def visits(contract):
    """Visits of three to seven views; those of products 1 to 3 buy in the end, and only those."""
    rng = np.random.default_rng(6)
    rows, buys, visit = [], [], []
    for _ in range(150):
        row, minute = [], float(rng.uniform(0, 40_000))
        for number in range(3):
            will_buy = bool(rng.random() < 0.3)
            length = int(rng.integers(3, 8))
            for _ in range(length):
                row.append((int(rng.integers(1, 4) if will_buy else rng.integers(4, 9)), minute))
                buys.append(int(will_buy))
                visit.append(number)
                minute += float(rng.uniform(0.5, 3))
            minute += float(rng.uniform(200, 4000))
        rows.append(row)
    return with_labels(log_of(rows, contract, 9), visit_buys=buys, visit=visit)


def test_intent_is_learned_where_the_history_tells_and_is_judged_beside_its_table(visits, contract, tmp_path):
    torch.set_num_threads(1)
    split = split_by_time(visits)
    settings = Settings(seed=3, epochs=8, patience=8, batch=16)
    small = Config(
        items=int(known_items(visits, split.validation_ms).max()), dimension=16, blocks=1, token_dimension=16
    )
    model, ids, _ = train(visits, split, contract, settings, tmp_path / "checkpoint.pt", small)
    calibrate(model, visits, ids, split, contract, seed=1)
    reports = head_reports(model, visits, ids, split, contract, seed=1)
    intent = reports["intent_logit"]
    assert intent["served"]
    assert intent["auc"][0] > 0.85
    assert intent["table_auc"][0] == pytest.approx(0.5)  # every event is a view: its type says nothing
    # Nothing is known of what follows each view but that it is a view.
    assert not reports["step_gap_logits"]["served"]
    assert reports["return_hazard_logits"]["served"] is False
    assert any("still buys" in line for line in head_card_lines(reports))
    p = sigmoid(head_outputs(model, visits, ids, contract, np.arange(50))["intent_logit"])
    assert ((p > 0) & (p < 1)).all()
