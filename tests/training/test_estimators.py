"""The estimators are scikit-learn's in their ways."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from tests.conftest import topic_rows
from wordfit import InputError, PairClassifier, PairRegressor, TextClassifier, TextRegressor

TEXTS, TOPIC = map(list, zip(*topic_rows(160, 0)))


def test_a_classifier_fits_predicts_and_scores(topic_vectors):
    model = TextClassifier(topic_vectors, lr=1e-2, epochs=5).fit(TEXTS[:120], TOPIC[:120])
    assert model.score(TEXTS[120:], TOPIC[120:]) > 0.9
    assert model.classes_.tolist() == ["cooking", "music"]
    shares = model.predict_proba(TEXTS[:5])
    assert shares.shape == (5, 2)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert (model.classes_[shares.argmax(axis=1)] == model.predict(TEXTS[:5])).all()


def test_it_is_cloned_with_its_parameters(topic_vectors):
    model = TextClassifier(topic_vectors, tuning="slow,anchor=0.1", encoder="cnn", seed=5)
    again = clone(model)
    assert again.get_params()["tuning"] == "slow,anchor=0.1"
    assert again.set_params(epochs=3).epochs == 3
    with pytest.raises(NotFittedError):
        again.predict(TEXTS)


def test_it_is_searched_inside_a_pipeline(topic_vectors):
    pipeline = Pipeline([("model", TextClassifier(topic_vectors, epochs=1))])
    search = GridSearchCV(pipeline, {"model__lr": [1e-6, 3e-2]}, cv=2).fit(TEXTS, TOPIC)
    assert search.best_params_ == {"model__lr": 3e-2}


def test_a_regressor_stays_in_the_range_of_its_targets(topic_vectors):
    shares = [float(topic == "music") * 4 + 1 for topic in TOPIC]
    model = TextRegressor(topic_vectors, lr=2e-2, epochs=12, patience=12).fit(TEXTS, shares)
    assert model.score(TEXTS, shares) > 0.8
    predicted = model.predict([*TEXTS, "song " * 50])
    assert ((predicted >= 1) & (predicted <= 5)).all()


def test_pairs_are_classified_and_scored(topic_vectors):
    pairs = list(zip(TEXTS[:-1], TEXTS[1:])) + list(zip(TEXTS[:-2], TEXTS[2:]))
    same = [0] * (len(TEXTS) - 1) + [1] * (len(TEXTS) - 2)
    model = PairClassifier(topic_vectors, lr=1e-2, epochs=8, head="mlp").fit(pairs, same)
    assert model.score(pairs, same) > 0.9
    assert PairRegressor(topic_vectors, lr=1e-2, epochs=8, head="mlp").fit(pairs, same).score(pairs, same) > 0.5


def test_what_does_not_fit_is_refused(topic_vectors):
    with pytest.raises(InputError, match="row 1: expected a text, found int"):
        TextClassifier(topic_vectors).fit(["a", 3], [0, 1])
    with pytest.raises(InputError, match="row 0: expected a pair of texts"):
        PairRegressor(topic_vectors).fit(["ab"], [0])
    with pytest.raises(InputError, match="expected a target for each of 2 texts, found 3"):
        TextClassifier(topic_vectors).fit(["a", "b"], [0, 1, 0])
    with pytest.raises(InputError, match="at least two classes"):
        TextClassifier(topic_vectors).fit(["a", "b"], [1, 1])
