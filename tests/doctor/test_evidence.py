"""What must be shown before a finding is made: rows that mix, words that were cut, targets that are no answers."""

import types

import numpy as np
import pytest
import torch

import wordfit
from tests.doctor.test_diagnose import record
from wordfit.doctor.compared import is_answer
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.steps.onward import _falls, _share_of_a_fall
from wordfit.doctor.experiments.tables.coverage import _longest_words, coverage
from wordfit.doctor.experiments.tables.sources import Truth, _width
from wordfit.doctor.experiments.tables.vectors import _begin_alike, _beyond, _pieces
from wordfit.doctor.seen import Batch
from wordfit.doctor.split import Split


def test_rows_that_only_change_their_places_do_not_mix():
    facts = {"rows": 8, "answer_has_rows": True, "max_change": 3.0, "first": {"op": "mean", "line": 3}}
    mixed, moved = (judge(record(company=facts | {"rows_reached": n})) for n in (8, 1))
    assert [f.cause for f in mixed] == ["pooling_over_batch"]
    assert moved == []


def test_words_that_reach_their_own_text_alone_and_rows_to_compare_with_are_no_pool():
    facts = {"rows": 80, "answer_has_rows": True, "max_change": 3.0, "first": {"op": "pack_sequence", "line": 3}}
    facts |= {"rows_reached": 80, "with_one_input": 0.7}
    pooled = facts | {"first": {"op": "max", "line": 3}, "rows_reached": 11}  # which rows hold the largest is chance
    told = [facts, pooled, facts | {"rows_reached": 11}, facts | {"with_one_input": 0.0}]
    assert [[f.cause for f in judge(record(company=one))] for one in told] == [["pooling_over_batch"]] * 2 + [[], []]


@pytest.mark.parametrize("whole", [False, True])
def test_queries_do_not_change_each_other_where_they_are_compared_with_a_set_of_examples(whole):
    torch.manual_seed(0)
    table = torch.nn.Embedding(50, 6)
    optimizer = torch.optim.SGD(table.parameters(), 0.1)
    generator = torch.Generator().manual_seed(0)

    def vectors(ids):
        found = table(ids).mean(1)
        return torch.nn.functional.normalize(found, dim=0) if whole else found

    with wordfit.watch() as exam:
        for _ in range(4):
            examples, queries = torch.randint(50, (2, 20, 7), generator=generator)
            kinds = vectors(examples).unflatten(0, (4, 5)).mean(1)
            scores = -(vectors(queries)[:, None] - kinds[None]).square().sum(-1)
            loss = torch.nn.functional.cross_entropy(scores, torch.arange(4).repeat_interleave(5))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    exam.diagnose(20, {"company"})
    facts = exam.record.experiments["company"]
    assert facts["max_change"] > 0.1
    assert (facts["with_one_input"] > 0.02) is whole


def test_decisions_that_were_taken_out_alone_are_answers_and_no_targets():
    answers = torch.tensor([0.3, -0.2, 1.5, -0.7])
    batch = Batch(0, outputs=[answers], read=[answers > 0])
    assert is_answer(batch.read[0], batch)
    batch.compared = True  # with a target of which nothing else is known: all of them may be right
    assert not is_answer(batch.read[0], batch)
    classes = torch.eye(4)
    batch = Batch(0, outputs=[classes], read=[classes.argmax(1)])
    assert is_answer(batch.read[0], batch)


def test_a_tab_after_the_word_is_no_part_of_the_vector():
    line = b"word\t" + b" ".join([b"0.25"] * 6)
    assert _width(b"\n".join([line] * 12)) == 6


def test_words_cut_at_a_space_are_told_by_the_vectors_that_they_look_up():
    matrix = np.random.default_rng(3).normal(size=(4, 8)).astype(np.float32)
    file = Truth("skills.txt", ["data entry", "web design", "java", "python"], matrix, spaced_count=2)
    cut = _pieces(file, [("index", {"data": 0, "web": 1, "java": 2})], [("table", matrix)])
    own = _pieces(file, [("index", {"data": 0, "web": 1, "java": 2})], [("table", matrix[::-1])])
    assert cut[0]["rows"] == 2
    assert own == []


def test_other_features_beside_the_vectors_are_told_from_filling():
    vectors = np.random.default_rng(4).normal(size=(20, 6))
    assert _beyond(vectors, 4) == 1.0
    assert _beyond(np.concatenate([vectors, np.zeros((20, 2))], 1), 6) == 0.0


def test_one_number_a_word_is_no_vector_cut_short_unless_it_is_the_same_number():
    vectors = np.random.default_rng(5).normal(size=(40, 6))
    weights = np.random.default_rng(6).uniform(0.1, 1.0, size=(40, 1))  # of the same sign as many a first value
    assert not _begin_alike(weights, vectors[:, :1]).any()
    assert _begin_alike(vectors[:, :1], vectors[:, :1]).all()
    assert _begin_alike(3 * vectors[:, :4], vectors[:, :4]).all()


def test_layers_of_zeros_that_came_apart_are_no_fault():
    def found(value):
        rows = [{"weight": f"{n}.weight", "units": 4, "still": False, "output": False, "value": value} for n in "ab"]
        return [f.cause for f in judge(record(units={"equal_units": rows})) if f.severity == "error"]

    assert found(0.5) == ["symmetric_init"]
    assert found(0.0) == []


def test_a_mapping_of_another_file_is_not_cut_to_its_width():
    def found(same):
        held = {"held": "tweets", "file": "news.txt", "held_width": 25, "file_width": 50, "shared": 900, "same": same}
        return [f.cause for f in judge(record(vectors={"dictionaries": [held]}))]

    assert found(1.0) == ["wrong_vectors_width"]
    assert found(0.0) == []


def test_an_input_that_a_penalty_is_made_of_is_not_ignored():
    row = {"shape": [8], "change": 0.0, "change_by_rows": 0.0, "loss_change_by_rows": 0.0, "looked_up_by": ["table"]}
    answer = row | {"input": 0, "change": 1.0, "relative_change": 1.0, "loss_change": 0.5, "change_by_rows": 1.0}

    def found(loss_change):
        other = row | {"input": 1, "relative_change": 0.0, "loss_change": loss_change}
        return [f.cause for f in judge(record(sources={"inputs": [answer, other]}))]

    assert found(0.0) == ["encoder_ignored"]
    assert found(0.01) == []


def test_names_written_as_one_word_are_known_by_the_words_in_them():
    truth = Truth("words", ["open", "file", "http", "server"], np.zeros((4, 4), np.float32))
    mapping = {"openFile(": 0, "HTTPServer": 1, "openDoor": 2, "file": 3}
    found = coverage(mapping, truth, {0: 1, 1: 1, 2: 1, 3: 1}, list(mapping.items()))
    assert (found["coverage"], found["pieces"]) == (0.25, 0.75)


def test_texts_without_spaces_are_cut_into_the_longest_words():
    truth = Truth("words", ["ab", "abc", "d", "e"], np.zeros((4, 4), np.float32))
    assert _longest_words("abcdxe", truth, 3) == ["abc", "d", "e"]


def test_a_target_that_the_model_answers_without_a_mistake_is_still_the_target():
    scores = torch.tensor([[2.0, 1.0], [0.0, 1.0], [3.0, 1.0]])
    target, other = torch.tensor([0, 1, 0]), torch.tensor([1, 1, 0])
    batch = Batch(step=1, outputs=[scores], read=[scores.argmax(1), target, other])
    assert Split.targets_of(types.SimpleNamespace(place=None), batch)[0] is target


def test_a_learner_is_no_measure_on_rows_that_it_was_made_of():
    def found(of_training):
        dev = {"classes": {"0": 1000, "1": 1000}, "accuracy": 0.8, "rows": 2000}
        made = record(
            data={"dev": dev, "train": {"classes": dev["classes"]}, "shared": {"evaluates_training_set": of_training}},
            reference={"dev": 0.95, "crossed": 0.7},
            rates={"onwards": {"before": 0.5, "after": 0.2, "steps": 40}},
        )
        made.watched = {"curve": {"means": [1.0 - 0.05 * n for n in range(10)]}, "steps": 300}
        return [f.cause for f in judge(made) if f.severity == "error"]

    assert found(False) == ["too_few_steps"]
    assert found(True) == []


@pytest.mark.parametrize(("steps", "again", "named"), [(300, 0.2, False), (300, 0.5, True), (60, 0.2, True)])
def test_few_batches_that_are_learned_by_heart_say_nothing_of_steps(steps, again, named):
    """After many steps those few, trained on alone from the start, end far lower: it is a loss of rows by heart."""
    made = record(rates={"onwards": {"before": 0.5, "after": 0.2, "steps": 40}, "runs": {"1.0": {"after": again}}})
    made.watched = {"curve": {"means": [1.0 - 0.05 * n for n in range(10)]}, "steps": steps}
    assert [f.cause for f in judge(made) if f.severity == "error"] == ["too_few_steps"] * named


@pytest.mark.parametrize(("passes", "goes_on"), [(1, True), (2, True), (5, False)])
def test_what_bends_a_little_is_still_falling_after_few_passes(passes, goes_on):
    means = np.array([1.04, 0.94, 0.85, 0.80, 0.73, 0.69, 0.64, 0.59, 0.50, 0.47])  # 29 % of the fall in the last third
    assert _falls(means.repeat(8).tolist(), _share_of_a_fall(passes)) is goes_on


def test_a_fall_with_an_eighth_of_it_to_come_goes_on_after_few_passes():
    def after(times):
        return _falls(np.exp(-np.linspace(0, times, 100)).tolist(), _share_of_a_fall(2))

    assert after(1.5)
    assert not after(3)


def test_a_loss_that_levels_off_is_told_from_one_that_falls_as_fast_as_ever():
    line = 1.4 - np.arange(80) / 200
    assert _falls((line - np.arange(80) ** 2 / 20_000).tolist(), 1 / 3)  # faster and faster
    assert not _falls((0.2 + np.exp(-np.arange(80) / 20)).tolist(), 1 / 3)
    assert not _falls(line[:20].tolist(), 1 / 3)  # too short to tell
    assert not _falls([*line[:-1].tolist(), float("nan")], 1 / 3)


def test_a_call_that_was_seen_to_overflow_outranks_a_mask_that_might_be_empty():
    counted = {"op": "div", "line": 9, "loss_with_nothing_counted": "Infinity"}
    facts = {"first_bad": 0, "batches": [{"step": 0, "loss": "Infinity"}], "divides_by_count": counted}
    overflow = {"op": "sum", "line": 7, "direction": "forward", "inputs": [{"inf": 0, "nan": 0}], "of_exp": True}
    overflow |= {"divisor": "", "weights_finite": True}
    found = []
    for again in (None, overflow):
        sick = record(numbers=facts | {"again": again})
        sick.watched["curve"] = {"not_finite": 5, "first_bad": 0}
        found.append([f.cause for f in judge(sick) if f.severity == "error"])
    assert found == [["all_targets_ignored"], ["unstable_softmax"]]


def test_a_gradient_that_explodes_through_time_is_seen_though_the_program_clips_it():
    updates = {"updates": [{"grad_norm": 1.0, "finite": True, "ratios": {}}] * 5}
    found = []
    for size in (3e8, 2.0):
        start = {"time_ratio": {"early": size, "late": 1.0, "length": 100.0}, "along": []}
        start["weights"] = {"rnn.weight_hh_l0": {"grad": size, "weight": 20.0, "numel": 4096, "axes": 2}}
        found.append(
            [f.cause for f in judge(record(gradients={"start": start}, weights=updates)) if f.severity == "error"]
        )
    assert found == [["exploding_gradient"], []]
