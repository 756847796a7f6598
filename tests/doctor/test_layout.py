"""How a table's values are laid out, told by its columns alone."""

import numpy as np
import pytest

from wordfit.doctor.experiments.tables.layout import measure, spread_over_rows


@pytest.fixture
def vectors():
    """Vectors as they are: columns differ in mean, rows do not."""
    generator = np.random.default_rng(3)
    return generator.normal(generator.normal(0, 0.2, 60), 0.4, (300, 60))


def test_vectors_fit_their_own_width_best(vectors):
    found = measure(vectors)
    assert found["best_width"] == 60
    assert found["own"] > 20 > found["column_by_column"]


def test_vectors_read_with_another_width_give_their_own_away(vectors):
    found = measure(np.resize(vectors, (300, 40)))
    assert found["best_width"] == 60
    assert found["best"] > 2.5 * found["own"]


def test_vectors_read_column_by_column_are_told_from_those_read_row_by_row(vectors):
    found = measure(vectors.flatten(order="F").reshape(300, 60))
    assert found["column_by_column"] > 4 * max(found["own"], 4)


def test_a_random_table_has_no_layout():
    found = measure(np.random.default_rng(0).normal(size=(500, 50)))
    assert max(found["own"], found["best"], found["column_by_column"]) < 8


def test_a_table_of_single_ones_is_left_alone():
    assert measure(np.eye(64)) is None


def test_rows_that_differ_by_and_by_or_in_two_parts_are_no_columns():
    generator = np.random.default_rng(5)
    found = measure(generator.normal(np.linspace(0, 1, 120)[:, None], 0.4, (120, 10)))
    assert found["column_by_column"] < 8
    found = measure(generator.normal(np.repeat([0.0, 1.0], 60)[:, None], 0.4, (120, 10)))
    assert found["column_by_column"] < 8


def test_halves_of_a_vector_in_two_rows_agree_on_which_words_are_alike():
    generator = np.random.default_rng(6)
    kinds = generator.normal(size=(4, 20))[generator.integers(4, size=100)] + generator.normal(size=(100, 20))
    found = spread_over_rows(kinds.reshape(200, 10), [100])
    assert found["alike"] > 0.3
    assert spread_over_rows(kinds, [50])["alike"] < 0.15
    assert spread_over_rows(kinds, [80]) is None


def test_long_rows_among_short_ones_make_no_layout():
    generator = np.random.default_rng(7)
    table = generator.normal(size=(1500, 60))
    table[generator.random(1500) < 0.3] *= 20  # words without a vector, drawn at another scale
    found = measure(table)
    assert max(found["own"], found["best"]) < 8


def test_neighbours_that_are_alike_by_the_order_of_the_words_are_no_parts_of_one():
    generator = np.random.default_rng(8)
    stems = np.repeat(generator.normal(size=(10, 12)), 9, axis=0) + 0.3 * generator.normal(size=(90, 12))
    assert spread_over_rows(stems, [30]) is None
    assert spread_over_rows(stems, [30, 90]) is None
