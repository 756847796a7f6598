"""The page of a run: what it says is what the record holds, and it needs nothing beside it."""

import pytest

from tests.report.pages import figures, words
from tests.report.records import RUNS, classes
from wordfit.record import Record
from wordfit.report import write_run_report
from wordfit.report.answers import balance_sentence, by_label


def page(record, tmp_path):
    write_run_report(record, tmp_path / "run.html")
    return (tmp_path / "run.html").read_text(encoding="utf-8")


def test_the_run_is_told_in_a_sentence(tmp_path):
    text = words(page(classes(), tmp_path))
    assert (
        "(encoder mean, head linear, vectors tuned at 0.1 of the learning rate) learned from 67 349 rows in 41 s."
        in text
    )
    assert "On the 872 rows of dev its accuracy is 0.781; always giving the commonest answer would score 0.509." in text
    assert "The best accuracy on dev, 0.781, came in epoch 4; its state was kept." in text
    assert "3 rows of dev are in train as well" in text
    assert "wordfit train train.tsv --dev 'my dev.tsv' --vectors v.txt" in text


def test_words_from_the_data_are_text_and_never_markup(tmp_path):
    record = classes()
    record.program["name"] = "<script>alert(1)</script>"
    record.coverage["train"]["commonest_missing"] = [["</script><b>", 3, "rare"]]
    record.evaluation["labels"] = ["</script>", "<i>"]
    text = page(record, tmp_path)
    assert "alert(1)</script>" not in text
    assert text.count("</script>") == text.count("<script")
    assert "</script><b> 3 rare" in words(text)


def test_a_loss_that_went_out_of_range_is_said_and_leaves_a_gap(tmp_path):
    record = classes()
    record.epochs[2]["train_loss"] = float("nan")
    text = page(record, tmp_path)
    assert "The training loss was no finite number in epoch 3." in words(text)
    losses = figures(text)[0]["data"][0]["y"]
    assert losses[2] is None
    assert losses[1] == pytest.approx(0.55)


def test_precision_and_recall_follow_from_the_confusion():
    rows = by_label({"labels": ["a", "b"], "confusion": [[8, 2], [1, 9]]})
    assert rows[0] == ["a", "10", "0.889", "0.800", "0.842"]  # 8/9, 8/10, 2*8/(9+10)


def test_one_answer_for_every_text_is_called_that():
    said = balance_sentence({"true_balance": {"a": 5, "b": 5}, "predicted_balance": {"a": 10, "b": 0}})
    assert said == "Every answer is \u201ca\u201d: the output does not depend on the text."


def test_a_record_saved_and_loaded_gives_the_same_page(tmp_path):
    before = page(classes(), tmp_path)
    classes().save(tmp_path / "record.json")
    assert page(Record.load(tmp_path / "record.json"), tmp_path) == before


def test_frozen_vectors_are_said_not_to_have_moved(tmp_path):
    record = classes()
    record.embedding = {"rows": 10, "moved_rows": 0, "mean_drift": 0.0}
    assert "No vector moved: they were frozen." in words(page(record, tmp_path))


def test_several_labels_scores_and_sequences_have_their_own_figures(tmp_path):
    assert "topic 5" in words(page(RUNS["several_labels"](), tmp_path))
    assert {"histogram", "scatter"} <= {f["data"][0]["type"] for f in figures(page(RUNS["scores"](), tmp_path))}
    text = page(RUNS["sequences"](), tmp_path)
    assert text.count('data-choice="attention"') == 2
    assert "reference: the cat" in words(text)
    assert "In source, 90.0 % of the running words" in words(text)


def test_metrics_of_different_scales_have_figures_of_their_own(tmp_path):
    record = RUNS["sequences"]()
    for epoch in record.epochs:
        epoch["metrics"] |= {"token_accuracy": 0.4}
    drawn = figures(page(record, tmp_path))[1:3]
    assert [f["data"][0]["name"] for f in drawn] == ["token accuracy", "BLEU"]


PARTS = ("program", "settings", "data", "coverage", "evaluation", "embedding", "diagnosis")


@pytest.mark.parametrize("name", ["classes", "sequences"])
def test_every_part_of_a_record_may_be_missing(name, tmp_path):
    for part in PARTS:
        for key in [None, *getattr(RUNS[name](), part)]:
            record = RUNS[name]()
            if key is None:
                setattr(record, part, {})
            else:
                getattr(record, part).pop(key)
            assert "</html>" in page(record, tmp_path), (part, key)


def test_an_epoch_may_lack_any_of_its_values(tmp_path):
    for key in classes().epochs[0]:
        record = classes()
        for epoch in record.epochs[1:3]:
            epoch.pop(key)
        assert "</html>" in page(record, tmp_path), key
