"""Seq2seq runs: a small language is learned, its record says how, and what is saved writes the same."""

import json

import numpy as np
import pytest
import torch

from wordfit.data.parallel import Parallel
from wordfit.embedding import Tuning
from wordfit.errors import InputError
from wordfit.models.decoding import Beam
from wordfit.training.seq2seq import Seq2SeqSettings, Seq2SeqTrainer, forced, new_seq2seq, prepare_parallel
from wordfit.training.seq2seq_model import load_seq2seq, run_seq2seq, save_seq2seq, written
from wordfit.vectors import WordVectors

NOUNS = {"dog": "chien", "cat": "chat", "horse": "cheval", "bird": "oiseau"}
ADJECTIVES = {"red": "rouge", "big": "grand", "old": "vieux"}
PAIRS = [(f"the {a} {n} .", f"le {NOUNS[n]} {ADJECTIVES[a]} .") for n in NOUNS for a in ADJECTIVES]
PAIRS += [(f"the {n} .", f"le {NOUNS[n]} .") for n in NOUNS]
ROWS = Parallel("pairs", [s for s, _ in PAIRS], [t for _, t in PAIRS])
SMALL = {
    "model_options": {"hidden": 32, "dropout": 0.0},
    "source_width": 16,
    "target_width": 16,
    "min_count": 1,
    "lr": 0.02,
    "batch_size": 4,
    "epochs": 30,
    "patience": 30,
}


def vectors(words, width=16):
    random = np.random.default_rng(0)
    return WordVectors(list(words), random.normal(size=(len(words), width)).astype(np.float32))


def trained(tmp_path=None, sets=((), ()), **changes):
    settings = Seq2SeqSettings(**(SMALL | changes))
    prepared = prepare_parallel(ROWS, ROWS, *sets, settings)
    return run_seq2seq(prepared, settings, checkpoint_file=tmp_path and tmp_path / "checkpoint")


@pytest.fixture(scope="module")
def model():
    return trained(epochs=20)


def test_a_small_language_is_learned_word_for_word(model):
    scores = model.record.evaluation["metrics"]
    assert scores["exact_match"] == 1.0
    assert scores["token_accuracy"] == 1.0
    assert scores["bleu"] == pytest.approx(100.0)
    assert scores["perplexity"] < 1.2
    assert model.translate(["the old bird ."])[0][0].text == "le oiseau vieux."


def test_the_record_holds_what_the_page_draws(model):
    evaluation = model.record.evaluation
    assert len(evaluation["samples"]) == len(ROWS)
    looked = evaluation["attention"][0]
    assert np.array(looked["weights"]).shape == (len(looked["predicted"]), len(looked["source"]))
    np.testing.assert_allclose(np.sum(looked["weights"], axis=1), 1.0, atol=1e-4)
    assert sum(part["rows"] for part in evaluation["by_length"]) == len(ROWS)
    json.dumps(model.record.settings)


def test_what_is_saved_writes_the_same(model, tmp_path):
    save_seq2seq(model, tmp_path / "run")
    again = load_seq2seq(tmp_path / "run")
    texts = [*ROWS.source, "", "an unknown thing"]
    for beam in (Beam(), Beam(3)):
        before, after = model.translate(texts, beam), again.translate(texts, beam)
        assert [[a.text for a in row] for row in before] == [[a.text for a in row] for row in after]
    assert {f.name for f in (tmp_path / "run").iterdir()} == {
        *("config.json", "model.safetensors", "record.json", "README.md"),
        *("source_tokenizer.json", "target_tokenizer.json"),
    }


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "target_tokenizer.json"])
def test_a_damaged_run_folder_gets_one_message(model, tmp_path, name):
    save_seq2seq(model, tmp_path / "run")
    (tmp_path / "run" / name).write_bytes(b"{}")
    with pytest.raises(InputError, match=r"damaged|expected a seq2seq run"):
        load_seq2seq(tmp_path / "run")


def test_unknown_words_are_copied_on_request(model):
    with torch.no_grad():
        model.network.output.bias[1] += 100.0  # every word is unknown
        said = model.translate(["the old bird ."], copy_unknown=True)[0][0]
        plain = model.translate(["the old bird ."])[0][0]
        model.network.output.bias[1] -= 100.0
    assert set(plain.words) == {"<unk>"}
    assert set(said.words) <= {"the", "old", "bird", "."}
    assert said.words[0] == said.source_words[int(said.attention[0].argmax())]


def test_an_interrupted_run_ends_as_an_undisturbed_one(tmp_path):
    settings = Seq2SeqSettings(**(SMALL | {"epochs": 3, "source_tuning": Tuning(lr_multiplier=0.5)}))
    whole = run_seq2seq(prepare_parallel(ROWS, ROWS, [], [], settings), settings)

    def stopped(checkpoint):
        prepared = prepare_parallel(ROWS, ROWS, [], [], settings)
        torch.manual_seed(settings.seed)
        network, _ = new_seq2seq(prepared, settings)
        score = lambda split: {"dev_loss": 0.0, "metrics": forced(network, split)}  # noqa: E731
        trainer = Seq2SeqTrainer(network, prepared, settings, score, checkpoint_file=checkpoint)
        batches = trainer._batches()
        for _ in range(2):  # two steps into the first epoch
            trainer.total_loss += trainer.train_step(next(batches)) * 4
            trainer.step += 1
        trainer.save_checkpoint()

    stopped(tmp_path / "checkpoint")
    resumed = run_seq2seq(
        prepare_parallel(ROWS, ROWS, [], [], settings), settings, checkpoint_file=tmp_path / "checkpoint", resume=True
    )
    for name, value in whole.network.state_dict().items():
        assert torch.equal(resumed.network.state_dict()[name], value), name


def test_each_side_takes_its_vectors_and_its_tuning():
    source, target = vectors(["the", "dog", "cat", "."]), vectors(["le", "chien"], 8)
    settings = Seq2SeqSettings(
        **(
            SMALL
            | {"epochs": 1, "source_tuning": Tuning(lr_multiplier=0.0), "target_tuning": Tuning(known_words=False)}
        )
    )
    prepared = prepare_parallel(ROWS, ROWS, [source], [target], settings)
    network = run_seq2seq(prepared, settings).network
    torch.testing.assert_close(network.source.weight.detach(), torch.from_numpy(prepared.source.matrix))
    moved = (network.target.weight.detach() - torch.from_numpy(prepared.target.matrix)).abs().sum(1) > 0
    words = prepared.target.tokenizer.words
    assert not moved[[words.index("le"), words.index("chien")]].any()
    assert moved[words.index("chat")]
    assert prepared.record.coverage["train target"]["tokens"]["exact"] == 16 + 4  # every "le", four "chien"


def test_a_tied_output_is_stepped_with_its_table():
    model = trained(sets=((), (vectors(NOUNS.values()),)), epochs=2, tied=True)
    assert model.network.tied
    assert model.record.settings["parameters"] == sum(p.numel() for p in set(model.network.parameters()))


def test_overlong_rows_are_left_out_and_counted():
    settings = Seq2SeqSettings(**(SMALL | {"max_tokens": 3}))
    prepared = prepare_parallel(ROWS, None, [], [], settings)
    assert prepared.record.data["warnings"] == ["pairs: 12 of 16 rows left out, empty or over 3 words"]
    assert len(prepared.train.kept) == 4
    with pytest.raises(InputError, match="no row has 1 to 1 words"):
        prepare_parallel(ROWS, None, [], [], Seq2SeqSettings(**(SMALL | {"max_tokens": 1})))


def test_the_metrics_are_sacrebleus_and_the_share_of_equal_rows(model):
    import sacrebleu

    said, right = ["le chien grand.", "LE chat rouge."], ["le chien grand .", "le chat vieux."]
    found = written(said, right, model.target_tokenizer)
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(said, [right], lowercase=True).score)
    assert found["exact_match"] == 0.5


def test_a_metric_that_is_not_known_is_refused():
    with pytest.raises(InputError, match="'rouge' does not score seq2seq; there are token_accuracy"):
        trained(epochs=1, metric="rouge")


def test_a_small_transformer_learns_it_too():
    assert (
        trained(
            model="transformer",
            model_options={"hidden": 32, "layers": 2, "heads": 2, "dropout": 0.0},
            lr=0.005,
            epochs=40,
            metric="exact_match",
            patience=5,
        ).record.evaluation["metrics"]["exact_match"]
        >= 0.9
    )


def test_the_estimator_is_clonable_and_predicts_what_it_learned():
    from sklearn.base import clone

    from wordfit.training.seq2seq_estimator import Seq2Seq

    options = {name: SMALL[name] for name in ("model_options", "source_width", "target_width", "min_count", "lr")}
    estimator = clone(Seq2Seq(**options, batch_size=4, epochs=20, patience=20, validation=0.0, beam=2))
    assert estimator.fit(ROWS.source, ROWS.target).predict(["the old bird ."]) == ["le oiseau vieux."]
    assert estimator.score(ROWS.source, ROWS.target) > 95
