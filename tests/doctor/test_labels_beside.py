"""Rows that were fed are found again in the program's lists, and their labels compared."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from tests.doctor.test_diagnose import record
from wordfit.doctor.diagnose import judge
from wordfit.doctor.experiments.tables.sources import Truth
from wordfit.doctor.experiments.tables.vectors import _narrow
from wordfit.doctor.experiments.texts.contents import Content
from wordfit.doctor.experiments.texts.corpora import _without, corpora, joined_at_ends, plain_value, spelled
from wordfit.doctor.experiments.texts.data import _nearly_shared
from wordfit.doctor.experiments.texts.mappings import best_mapping
from wordfit.doctor.experiments.texts.pairing import _beside_their_texts, chance, repeats
from wordfit.doctor.id_layout import filling
from wordfit.doctor.rows import Rows


@pytest.mark.parametrize("text", ["banana", ["the", "cat", "saw", "the", "dog"], [7, 3, 7]])
def test_where_words_repeat_tells_texts_whatever_stands_for_the_words(text):
    places = {word: n + 100 for n, word in enumerate(dict.fromkeys(text))}
    assert repeats(text) == repeats([places[w] for w in text])


def bench(labels):
    generator = np.random.default_rng(2)
    held = [("".join(generator.choice(list("0123456789-"), 14)), int(n % 4)) for n in range(400)]
    ids = {c: n + 1 for n, c in enumerate("-9876543210")}
    texts = [(tuple(ids[c] for c in text),) for text, _ in held]
    split = SimpleNamespace(train=Rows(texts=texts, targets=labels([kind for _, kind in held]), batches=[0] * 400))
    return SimpleNamespace(split=split, recorder=SimpleNamespace(found={"texts": [("rows", held)]}, shuffled=[]))


def test_labels_that_stand_beside_their_texts_agree_by_whatever_number():
    found = _beside_their_texts(bench(lambda kinds: [3 - k for k in kinds]))
    assert found["matched"] > 300
    assert found["agree"] == 1.0


def test_labels_of_other_rows_agree_as_chance_does():
    found = _beside_their_texts(bench(lambda kinds: np.random.default_rng(3).permutation(kinds).tolist()))
    assert found["agree"] < found["agree_by_chance"] + 0.1


@pytest.mark.parametrize("moved", [0, 1])
@pytest.mark.parametrize("kind", [list, torch.tensor])
def test_rows_of_ids_are_found_again_as_they_are(kind, moved):
    generator = np.random.default_rng(5)
    held = [(generator.permutation(60)[:7].tolist(), int(generator.integers(2))) for _ in range(300)]
    labels = [y for _, y in held[moved:] + held[:moved]]
    split = SimpleNamespace(train=Rows(texts=[(tuple(x),) for x, _ in held], targets=labels, batches=[0] * 300))
    found = {"texts": [("rows", [(kind(x), y) for x, y in held])]}
    told = _beside_their_texts(SimpleNamespace(split=split, recorder=SimpleNamespace(found=found, shuffled=[])))
    assert told["matched"] == 300
    assert (told["agree"] < told["agree_by_chance"] + 0.1) if moved else (told["agree"] == 1)


def test_rows_are_found_again_in_a_file_with_labels_as_frequent_as_those_fed():
    fed = bench(lambda kinds: np.random.default_rng(3).permutation(kinds).tolist())
    (_, held), *_ = fed.recorder.found.pop("texts")
    fed.recorder.found["texts"] = []
    columns = [text for text, _ in held], [[str(kind) for _, kind in held], ["a", "b"] * 200]
    assert _beside_their_texts(fed) == {}
    found = _beside_their_texts(fed, [columns])
    assert found["matched"] > 300
    assert found["agree"] < found["agree_by_chance"] + 0.1
    assert _beside_their_texts(fed, [(columns[0], columns[1][1:])]) == {}  # two classes, where four were fed


@pytest.mark.parametrize(("agree", "chance", "named"), [(1.0, 0.94, False), (0.945, 0.94, True), (0.3, 0.26, True)])
def test_labels_in_order_are_so_also_where_one_class_is_most_of_them(agree, chance, named):
    pairing = {"matched": 2900, "agree": agree, "agree_by_chance": chance}
    data = {"dev": {"accuracy": chance, "majority": {"share": chance}}}
    found = judge(record(pairing=pairing, reference={"rows": 2000}, data=data))
    assert [f.cause for f in found if f.severity == "error"] == ["labels_misaligned"] * named


def test_padding_is_found_in_pairs_that_stand_in_one_tensor():
    ids = torch.randint(1, 50, (2, 30, 12), generator=torch.Generator().manual_seed(0))
    for row, length in enumerate(torch.randint(3, 12, (30,), generator=torch.Generator().manual_seed(1))):
        ids[:, row, length:] = 0
    assert filling([ids]) == 0


@pytest.mark.parametrize(("held", "joined"), [("memo", True), ("reference", False), (None, True)])
def test_a_column_beside_the_one_that_the_program_holds_is_another_question(held, joined, monkeypatch):
    generator = np.random.default_rng(4)
    rows = [
        {"reference": f"R{n}X{n * 7} Ulm", "memo": f"paid {word} {n} today", "kind": word}
        for n, word in enumerate(generator.choice(["rent", "food", "fuel"], 90).tolist())
    ]
    lines = ["reference;memo;kind", *(";".join(row.values()) for row in rows)]
    content = Content("bank.csv", "\n".join(lines).encode())
    monkeypatch.setattr("wordfit.doctor.experiments.texts.corpora.contents", lambda bench: [content])
    order = generator.permutation(len(rows))
    texts = [("texts", [rows[n][held].lower() for n in order])] if held else []
    numbers = [("labels", [["food", "fuel", "rent"].index(row["kind"]) for row in rows])]
    found = SimpleNamespace(found={"texts": texts, "numbers": numbers}, shuffled=[])
    bench = SimpleNamespace(recorder=found, memo={})
    names = [name for name, _, _ in [*corpora(bench), *joined_at_ends(bench)]]
    assert any("bank.csv column 2" in name for name in names) == joined


@pytest.mark.parametrize(("kinds", "told"), [(2, True), (5, False), (None, False)])
def test_which_file_a_line_is_from_is_its_class_only_where_classes_are_no_more_than_files(kinds, told, monkeypatch):
    generator = np.random.default_rng(6)
    lines = ["\n".join(" ".join(f"w{w}x{n}" for w in generator.integers(0, 50, 6)) for n in range(90)) for _ in "ab"]
    files = [Content(f"{name}.txt", text.encode()) for name, text in zip("ab", lines)]
    monkeypatch.setattr("wordfit.doctor.experiments.texts.corpora.contents", lambda bench: files)
    targets = [None] * 60 if kinds is None else [n % kinds for n in range(60)]
    bench = SimpleNamespace(
        recorder=SimpleNamespace(found={}, shuffled=[]),
        split=SimpleNamespace(train=Rows(texts=[((1, 2),)] * 60, targets=targets, batches=[0] * 60)),
        memo={},
    )
    assert [name for name, _, _ in corpora(bench)] == (["lines with their files"] if told else [])


@pytest.mark.parametrize("labels", [None, "shifted"])
def test_texts_with_rare_words_left_out_are_found_again_by_the_ids_of_the_others(labels):
    """Where rare words share an id, other words repeat in a row than in its text."""
    generator = np.random.default_rng(5)
    words = [f"word{n}" for n in range(300)]
    held = [(" ".join(generator.choice(words, 9)), int(n % 4)) for n in generator.permutation(400)]
    ids = {"<pad>": 0, "<unk>": 1} | {word: n + 2 for n, word in enumerate(words[:180])}
    texts = [(tuple(ids.get(word, 1) for word in text.split()),) for text, _ in held]
    kinds = [kind for _, kind in held]
    targets = kinds if labels is None else kinds[7:] + kinds[:7]
    found = _beside_their_texts(
        SimpleNamespace(
            split=SimpleNamespace(train=Rows(texts=texts, targets=targets, batches=[0] * 400)),
            recorder=SimpleNamespace(found={"texts": [("rows", held)], "ids": [("ids", ids)]}, shuffled=[]),
            memo={},
        )
    )
    assert found["matched"] > 300
    assert (found["agree"] == 1.0) == (labels is None)


def test_a_column_that_names_the_labels_is_no_text():
    desks, queues = ["anna", "bob", "carla"], ["network", "access", "hardware"]
    rows = [[str(n), f"text {n}", desks[n % 3], queues[n * 7 % 5 % 3]] for n in range(120)]
    assert _without(rows, [n % 3 for n in range(120)]) == [[a, b, d] for a, b, _, d in rows]
    assert _without(rows, [row[2] for row in rows]) == [[a, b, d] for a, b, _, d in rows]
    assert _without(rows, [n % 4 for n in range(120)]) == rows


@pytest.mark.parametrize("names", [["pos", "stoi"], ["stoi", "pos"]])
def test_of_two_mappings_of_the_same_words_the_one_that_ends_with_the_table_is_its_own(names):
    maps = {"pos": {f"w{n}": n for n in range(50)}, "stoi": {f"w{n}": n + 1 for n in range(50)}}
    assert best_mapping([(name, maps[name]) for name in names], 51)[0] == "stoi"
    assert best_mapping([(name, maps[name]) for name in names], 50)[0] == "pos"


def test_the_few_words_that_were_found_go_before_a_text_that_has_as_many_words_as_the_table_rows():
    index = {word: row + 2 for row, word in enumerate(["S", "U", "IN", "A", "THE", "ON"])}
    text = {word: row for row, word in enumerate(["BANK", "LIKELY", "TO", "CUT", "RATES", "ON", "RISING", "YEN"])}
    assert best_mapping([("index", index), ("text", text)], 8)[0] == "index"
    assert best_mapping([("index", dict(list(index.items())[:2])), ("text", text)], 8)[0] == "text"


@pytest.mark.parametrize(("width", "found"), [(1, 1), (7, 0)])
def test_a_matrix_as_wide_as_a_header_holds_no_vectors(width, found):
    words = [f"w{n}" for n in range(80)]
    file = Truth("v.txt", words, np.ones((80, 7), np.float32), header=["80", "7"])
    held = SimpleNamespace(recorder=SimpleNamespace(found={"matrices": [("rows", np.ones((71, width)))]}))
    assert len(_narrow(held, file, [("vocab", {w: n + 1 for n, w in enumerate(words[:70])})])) == found


def test_near_copies_of_rows_whose_targets_are_not_known_are_said_to_share_none():
    generator = np.random.default_rng(5)
    texts = [tuple(generator.choice(400, 9, replace=False).tolist()) for _ in range(80)]
    again = [(*text[:8], 500 + n) for n, text in enumerate(texts[:40])]
    for labels, same in (([1] * 80, 1.0), ([None] * 80, 0.0)):
        train, dev = Rows([(t,) for t in texts], labels), Rows([(t,) for t in again], labels[:40])
        found = _nearly_shared(train, dev)
        assert (found["share"], found["same_target"]) == (1.0, same)


@pytest.mark.parametrize(("beside", "found"), [("a line of some more words", 0), ("noun", 1)])
def test_names_beside_texts_are_not_read_letter_by_letter(beside, found):
    rows = [[f"name{n}", beside, str(n % 2)] for n in range(60)]
    split = SimpleNamespace(train=Rows([(tuple(range(6)),)] * 60))
    assert (
        len(spelled(SimpleNamespace(recorder=SimpleNamespace(found={"texts": [("rows", rows)]}), split=split))) == found
    )


def test_labels_may_be_lists_of_their_own():
    tags = [[1, 0, 1], [torch.tensor(1), np.int64(0), 1], torch.tensor([1, 0, 1])]
    assert {plain_value(row) for row in tags} == {(1, 0, 1)}


@pytest.mark.parametrize(("rows", "majority"), [(50, 0.2), (50, 0.5), (1000, 0.2)])
def test_guesses_at_random_hardly_come_above_chance_though_eight_pairings_are_tried(rows, majority):
    right = np.random.default_rng(0).binomial(rows, majority, (2000, 8)) / rows
    assert (right.max(1) - majority > chance(majority, rows)).mean() < 0.05
    assert chance(majority, rows) < (0.25 if rows == 50 else 0.05)
