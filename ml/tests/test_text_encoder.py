import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.text.artefact import StaticEncoder, packed, quantised, unpacked
from throughline.text.check import agreement, groups_of
from throughline.text.encode import Encode, words
from throughline.text.fit import FitSettings, fitted_table, principal_axes, start_table, unit_rows
from throughline.text.teacher import BLOCK, widen
from throughline.text.unigram import Unigram

COMMITTED = Path(__file__).parent.parent / "text-encoder"


def encoder_of(pieces: dict[str, tuple[float, list[float]]]) -> StaticEncoder:
    scales, levels = quantised(np.array([vector for _, vector in pieces.values()], np.float32))
    scores = np.array([score for score, _ in pieces.values()], np.float32)
    return StaticEncoder(list(pieces), scores, scales, levels)


PIECES = {
    "▁tea": (-2.0, [3, 0, 0, 0]),
    "pot": (-3.0, [0, 4, 0, 0]),
    "▁teapot": (-4.0, [0, 0, 1, 0]),
    "茶": (-2.0, [0, 0, 0, 2]),
}


def test_a_whole_word_wins_where_it_is_likelier_than_its_parts():
    encode = Encode(encoder_of(PIECES))
    assert encode.rows("TEAPOT") == [2]
    assert encode.rows("tea") == [0]


def test_a_vector_is_the_sum_of_its_pieces_brought_to_length_one():
    encode = Encode(encoder_of({piece: PIECES[piece] for piece in ("▁tea", "pot")}))
    np.testing.assert_allclose(encode(["Teapot"])[0], [0.6, 0.8, 0, 0], atol=1e-6)
    np.testing.assert_array_equal(encode(["☃"])[0], np.zeros(4))


def test_scripts_without_spaces_begin_no_word():
    assert words("緑茶Ｔｅａ 350ml") == ["緑茶", "▁tea", "▁350ml"]
    assert words("T-LIGHT cafe\u0301") == ["▁t", "▁light", "▁café"]


@given(st.text(alphabet="abc", max_size=9))
def test_segmentation_finds_the_best_of_all_ways_to_cut(word):
    scores = {"a": -3.0, "b": -2.5, "c": -4.0, "ab": -4.0, "bc": -3.0, "abc": -5.5, "ca": -6.5}
    unigram = Unigram({piece: row for row, piece in enumerate(scores)}, list(scores.values()))
    pieces = list(scores)

    def best(rest: str) -> float:
        return max(
            (scores[rest[:n]] + best(rest[n:]) for n in range(1, len(rest) + 1) if rest[:n] in scores),
            default=0.0 if rest == "" else -np.inf,
        )

    found = [pieces[row] for row in unigram.segment(word)]
    assert "".join(found) == word
    assert sum(scores[piece] for piece in found) == pytest.approx(best(word))


def test_an_unknown_character_is_none_and_the_rest_stays():
    assert Unigram({"a": 0, "b": 1}, [-1.0, -1.0]).segment("axb") == [0, None, 1]


def test_a_written_encoder_is_read_the_same():
    first = encoder_of(PIECES)
    again = unpacked(packed(first))
    assert again.pieces == first.pieces
    np.testing.assert_array_equal(again.levels, first.levels)
    np.testing.assert_array_equal(again.scales, first.scales)
    np.testing.assert_array_equal(again.log_probabilities, first.log_probabilities)


def test_a_file_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="at least"):
        unpacked(b"TL")
    with pytest.raises(ValueError, match="expected b'TLTE'"):
        unpacked(b"XLTE" + packed(encoder_of(PIECES))[4:])


def test_eight_bits_keep_a_row_within_half_a_step():
    table = np.random.default_rng(0).normal(size=(50, 8))
    scales, levels = quantised(table)
    assert np.abs(levels * scales[:, None] - table).max() <= scales.max() / 2 + 1e-9


def test_four_bit_blocks_hold_weight_j_low_and_weight_j_plus_16_high():
    block = np.float16(0.5).tobytes() + bytes([0x0F] + [0x88] * 14 + [0x10])
    wide = widen(block)
    assert wide.shape == (BLOCK,)
    assert wide[0] == 0.5 * (15 - 8)
    assert wide[16] == 0.5 * (0 - 8)
    assert wide[15] == 0.5 * (0 - 8)
    assert wide[31] == 0.5 * (1 - 8)
    assert (wide[1:15] == 0).all()


def test_axes_fall_in_variance_and_stand_at_right_angles():
    values = np.random.default_rng(1).normal(size=(400, 5)) * [5, 1, 3, 2, 4] + 7
    mean, axes = principal_axes(values, 3)
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-9)
    spread = ((values - mean) @ axes).var(0)
    assert all(a > b for a, b in pairwise(spread))


def test_common_pieces_weigh_less():
    table = start_table(
        np.random.default_rng(2).normal(size=(3, 4)), np.log([0.1, 0.001, 1e-6]), np.eye(4), 1e-3
    )
    sizes = np.linalg.norm(table, axis=1)
    np.testing.assert_allclose(sizes, [0.0099, 0.5, 0.999], atol=1e-3)


def test_the_fit_finds_the_table_that_the_targets_come_from_and_leaves_the_rest():
    chance = np.random.default_rng(3)
    truth = chance.normal(size=(40, 8))
    rows = [list(chance.choice(30, 3, replace=False)) for _ in range(2_000)]
    targets = unit_rows(np.stack([truth[one].sum(0) for one in rows]))
    start = truth + chance.normal(size=truth.shape)
    table, cosines = fitted_table(start, rows, targets, FitSettings(dimension=8, ridges=(1e-3, 0.1)))
    assert cosines["start"] < 0.9
    assert max(cosines.values()) > 0.97
    np.testing.assert_array_equal(table[30:], start[30:].astype(np.float32))


def test_the_committed_encoder_gives_its_golden_vectors():
    encode = Encode(unpacked((COMMITTED / "encoder.bin").read_bytes()))
    for case in json.loads((COMMITTED / "golden.json").read_text())["cases"]:
        assert encode.rows(case["text"]) == case["pieces"], case["text"]
        np.testing.assert_allclose(encode([case["text"]])[0], case["vector"], atol=1e-5)


def test_the_committed_encoder_reads_a_mug_as_nearer_to_a_cup_than_to_a_boot():
    encode = Encode(unpacked((COMMITTED / "encoder.bin").read_bytes()))
    mug, cup, boot, tasse, taza = encode(
        ["red ceramic coffee mug", "stoneware tea cup", "leather hiking boots", "Kaffeetasse", "taza de café"]
    )
    assert mug @ cup > mug @ boot + 0.2
    assert mug @ tasse > mug @ boot
    assert mug @ taza > mug @ boot


def test_products_of_one_text_or_one_stem_are_held_out_together():
    titles = ["red mug", "blue mug", "red mug", "", "vase"]
    names = ["12345A", "12345B", "99999", "77777", "88888"]
    first, second, third, fourth, fifth = groups_of(titles, names, r"\d{5}")
    assert first == second == third
    assert len({first, fourth, fifth}) == 3
    assert len(set(groups_of(titles, names, None))) == 4


def test_a_turned_space_agrees_with_itself_and_noise_does_not():
    chance = np.random.default_rng(4)
    values = unit_rows(chance.normal(size=(60, 6)))
    turn, _ = np.linalg.qr(chance.normal(size=(6, 6)))
    assert agreement(values @ turn, values) == pytest.approx({"correlation": 1, "nearest_10": 1})
    assert agreement(unit_rows(chance.normal(size=(60, 6))), values)["nearest_10"] < 0.4
