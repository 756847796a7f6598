"""Words that have an id and never occur in rows without a signal were cut off."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.texts import pairing
from wordfit.doctor.experiments.texts.data import ranked
from wordfit.doctor.rows import Rows

NOTHING = {"crossed": 0.25, "crossed_majority": 0.26, "rows": 2000, "shifted": {"1": 0.26}, "of": "rows"}
CLASSES = {"classes": {str(n): 250 for n in range(4)}}
DEV = CLASSES | {"accuracy": 0.25, "balanced": 0.25, "rows": 500, "majority": {"share": 0.26}}


@pytest.mark.parametrize(
    ("seen_rows", "at_max", "first"),
    [
        (41, 1.0, "truncation_removes_signal"),
        (110, 1.0, "no_signal"),  # all words occur
        (41, 0.2, "no_signal"),  # rows end at lengths of their own
    ],
)
def test_words_that_were_never_fed_tell_cut_rows_from_rows_without_a_signal(seen_rows, at_max, first):
    found = record(
        data={"train": CLASSES, "dev": DEV, "lengths": {"max": 32, "at_max": at_max}},
        reference=NOTHING,
        tables={"tables": [{"name": "emb", "rows": 112, "seen_rows": seen_rows, "width": 24}]},
        vectors={"tables": [{"table": "emb", "words": 112, "sources": []}]},
    )
    assert [f.cause for f in judge(found)][:1] == [first]


@pytest.mark.parametrize(("own", "named"), [(0.32, ["no_signal"]), (0.45, [])])
def test_rows_known_by_heart_say_nothing_of_a_signal(own, named):
    """Evaluated rows whose labels were not read: of its training rows a plain learner has as many by heart."""
    trained = CLASSES | {"accuracy": own, "balanced": own, "rows": 2000, "majority": {"share": 0.26}}
    data = {"train": CLASSES, "dev": {"rows": 117}, "trained": trained}
    found = judge(record(data=data, reference=NOTHING | {"train": 0.32}))
    assert [f.cause for f in found if f.severity == "error"] == named


@pytest.mark.parametrize(("area", "named"), [(0.71, []), (0.53, ["no_signal"])])
def test_a_rare_class_that_scores_tell_from_the_other_has_a_signal_though_no_answer_is_right(area, named):
    rare = {"classes": {"0": 950, "1": 50}}
    dev = rare | {"accuracy": 0.95, "balanced": 0.5, "rows": 1000, "majority": {"share": 0.95}}
    dev["ranked"] = {"area": area, "error": 0.042}
    nothing = {"crossed": 0.95, "crossed_majority": 0.95, "crossed_balanced": 0.51, "rows": 2000, "of": "rows"}
    found = judge(record(data={"train": rare, "dev": dev}, reference=nothing))
    assert [f.cause for f in found if f.severity == "error"] == named


def test_the_area_under_the_curve_is_that_of_scikit_learn():
    generator = np.random.default_rng(6)
    labels = generator.integers(0, 2, 300)
    scores = np.round(generator.normal(size=300) + labels, 1)
    assert ranked(scores, labels)["area"] == pytest.approx(roc_auc_score(labels, scores))
    drawn = [ranked(generator.normal(size=60), np.repeat([0, 1], [50, 10])) for _ in range(400)]
    assert np.std([d["area"] for d in drawn]) == pytest.approx(drawn[0]["error"], rel=0.15)


@pytest.mark.parametrize(("width", "scores", "asked"), [(12, False, True), (12, True, False), (30, False, False)])
def test_rows_that_are_filled_up_are_not_cut_off_and_scores_are_no_classes(width, scores, asked, monkeypatch):
    """Rows fed end at 12 ids of 30; filled up to 30 and cut at the batch's longest, nothing is cut off."""
    generator = np.random.default_rng(8)
    held = torch.zeros((300, 30), dtype=torch.long)
    kinds = [n % 2 for n in range(300)]
    for row, kind in enumerate(kinds):
        real = 30 if width == 12 else int(generator.integers(4, 13))
        held[row, :real] = torch.from_numpy(generator.integers(1, 200, real))
        held[row, real - 1] = 201 + kind
    fed = [(tuple(i for i in row[:width].tolist() if i),) for row in held]
    targets = [0.1 + n % 7 for n in range(300)] if scores else kinds
    train = Rows(texts=fed, targets=targets, batches=[0] * 300)
    monkeypatch.setattr(pairing, "words_fed", lambda bench: None)
    monkeypatch.setattr(pairing, "spelled", lambda bench: [])
    monkeypatch.setattr(pairing, "corpora", lambda bench: [("ids", list(held), kinds)])
    lengths = {"max": 12, "median": 12.0 if width == 12 else 8.0, "at_max": 1.0 if width == 12 else 0.1}
    bench = SimpleNamespace(
        facts={"data": {"lengths": lengths, "train": {"target": {}} if scores else {}}},
        split=SimpleNamespace(train=train, padding=0),
        left=60.0,
    )
    monkeypatch.setattr(pairing, "_learned", lambda bench: False)
    found = pairing.truncation(bench)
    assert (found is not None and found["gain"] > 0.3) == asked
    assert (found is None) == (not asked)


@pytest.mark.parametrize(("accuracy", "named"), [(0.25, ["truncation_removes_signal"]), (0.9, [])])
def test_of_rows_that_the_model_answers_as_well_as_a_learner_of_whole_texts_nothing_was_cut_off(accuracy, named):
    facts = {"gain": 0.4, "cut_share": 0.9, "whole": 0.85, "majority": 0.26, "at_one_length": True, "length": 8}
    dev = DEV | {"accuracy": accuracy}
    found = judge(record(data={"train": CLASSES, "dev": dev}, truncation=facts | {"longest": 40}))
    assert [f.cause for f in found if f.severity == "error"] == named


@pytest.mark.parametrize(("windows", "asked"), [(1, True), (3, False)])
def test_texts_that_are_fed_in_windows_are_not_cut_off(windows, asked, monkeypatch):
    generator = np.random.default_rng(9)
    kinds = [n % 2 for n in range(200)]
    held = [[*generator.integers(1, 300, 29).tolist(), 301 + kind] for kind in kinds]
    fed = [(tuple(row[10 * n : 10 * n + 10]),) for row in held for n in range(windows)]
    train = Rows(texts=fed, targets=[kind for kind in kinds for _ in range(windows)], batches=[0] * len(fed))
    monkeypatch.setattr(pairing, "words_fed", lambda bench: None)
    monkeypatch.setattr(pairing, "spelled", lambda bench: [])
    monkeypatch.setattr(pairing, "corpora", lambda bench: [("docs", held, kinds)])
    facts = {"data": {"lengths": {"max": 10, "median": 10.0, "at_max": 1.0}, "train": {}}}
    bench = SimpleNamespace(facts=facts, split=SimpleNamespace(train=train, padding=0), left=60.0)
    assert (pairing.truncation(bench) is not None) == asked


@pytest.mark.parametrize(("last", "named"), [(0.692, ["no_signal"]), (0.4, [])])
def test_where_no_answers_to_new_rows_are_known_the_loss_says_whether_there_is_a_signal(last, named):
    reference = {"crossed": 0.51, "crossed_majority": 0.5, "crossed_balanced": 0.51, "rows": 2000, "of": "rows"}
    data = {"train": {"classes": {"0": 1000, "1": 1000}}, "dev": {"rows": 0}, "trained": {"rows": 0}}
    made = record(reference=reference, data=data, rates={"constant": 0.693})
    made.watched = {"curve": {"means": [0.7] * 9 + [last], "first": 0.7, "last": last}, "ops": []}
    assert [f.cause for f in judge(made) if f.severity == "error"] == named


@pytest.mark.parametrize(("last", "named"), [(0.22, []), (0.68, ["no_signal"])])
def test_answers_at_chance_are_not_those_that_a_loss_far_below_it_ended_with(last, named):
    reference = {"crossed": 0.51, "crossed_majority": 0.5, "crossed_balanced": 0.51, "rows": 2000, "of": "rows"}
    classes = {"classes": {"0": 1000, "1": 1000}}
    trained = classes | {"accuracy": 0.5, "balanced": 0.5, "rows": 2000, "majority": {"share": 0.5}}
    made = record(reference=reference, data={"train": classes, "dev": {"rows": 0}, "trained": trained})
    made.watched = {"curve": {"means": [0.5] * 9 + [last], "first": 0.693, "last": last}, "ops": []}
    assert [f.cause for f in judge(made) if f.severity == "error"] == named


def test_labels_are_compared_as_a_whole_where_a_file_begins_with_one_of_them():
    """A column beside the texts, of other shares than what was fed, is no label that was joined wrongly."""
    generator = np.random.default_rng(0)
    moods = ["up"] * 1500 + ["none"] * 1500 + ["none"] * 4000
    words = {"up": ["rise", "gain"], "none": ["flat", "calm"]}
    texts = [" ".join(generator.choice([*words[m], "the", "of", "share"], 8)) for m in moods]
    act = generator.integers(0, 2, len(texts))
    train = Rows(texts=[((1, 2, 3),)] * 400, targets=act[:400].tolist(), batches=[0] * 400)
    found = {"texts": [("texts", texts), ("moods", moods)]}
    bench = SimpleNamespace(
        facts={"reference": {"crossed": 0.5, "crossed_majority": 0.51, "of": "rows"}, "data": {}},
        left=60.0,
        split=SimpleNamespace(train=train, dev=Rows()),
        recorder=SimpleNamespace(found=found, shuffled=[], files={}, streams=[]),
        memo={},
    )
    assert (pairing.pairing(bench) or {"tried": 0})["tried"] == 0
