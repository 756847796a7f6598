"""Words that have an id and never occur in rows without a signal were cut off."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.texts.data import ranked

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
