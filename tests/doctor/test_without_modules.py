"""Code without modules: what its evaluations answer and drop, what its tables are asked, where its gradients end."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import wordfit
from wordfit.doctor.split import Split

bce = F.binary_cross_entropy_with_logits
GENERATOR = torch.Generator().manual_seed(0)
TEXTS = torch.randint(1, 90, (300, 7), generator=GENERATOR)
KINDS = (TEXTS < 45).sum(1).gt(3).long()


def trained(answer, weights, evaluate, epochs=2, texts=TEXTS, kinds=KINDS):
    """Watch a training on the first 240 rows, with an evaluation after every pass."""
    optimizer = torch.optim.Adam(weights, 0.02)
    with wordfit.watch() as exam:
        for _ in range(epochs):
            for rows in torch.randperm(240).split(20):
                optimizer.zero_grad()
                F.cross_entropy(answer(texts[rows]), kinds[rows]).backward()
                optimizer.step()
            with torch.no_grad():
                evaluate()
    return exam


def errors(exam, only):
    return [f["cause"] for f in exam.diagnose(20, only)["findings"] if f["severity"] == "error"]


@pytest.mark.parametrize(
    ("width", "decide"),
    [*((2, way) for way in ("argmax", "max", "taken", "above")), *((1, way) for way in ("above", "rounded", "taken"))],
)
def test_what_code_without_modules_decides_on_answers_the_rows_of_an_evaluation(width, decide):
    torch.manual_seed(0)
    table, out = torch.randn(90, 6, requires_grad=True), torch.randn(6, width, requires_grad=True)
    optimizer = torch.optim.Adam([table, out], 0.02)

    def scored(ids):
        mask = (ids > 3).float().unsqueeze(2)
        said = (table[ids] * (mask > 0.5)).mean(1) @ out
        return said if width == 2 else said.squeeze(1)

    with_two = {
        "argmax": lambda said: said.argmax(1),
        "max": lambda said: said.max(1)[1],
        "taken": lambda said: torch.tensor(said.numpy().argmax(1)),
        "above": lambda said: said.softmax(1)[:, 1] > 0.5,
    }
    with_one = {
        "above": lambda said: said > 0,
        "rounded": lambda said: torch.round(said.sigmoid()),
        "taken": lambda said: torch.tensor(said.numpy() > 0),
    }

    with wordfit.watch() as exam:
        for rows in torch.randperm(240).split(20):
            said = scored(TEXTS[rows])
            targets = KINDS[rows] if width == 2 else KINDS[rows].float()
            loss = F.cross_entropy(said, targets) if width == 2 else bce(said, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            guesses = (with_one if width == 1 else with_two)[decide](scored(TEXTS[240:])).long()
            right = (guesses == KINDS[240:]).float().mean().item()
    dev = Split(exam.recorder).dev
    if width == 2 and decide == "above":  # of two columns one alone was looked at
        assert dev.answers == [None] * 60
    else:
        assert (dev.guesses(2) == KINDS[240:].numpy()).mean() == pytest.approx(right, abs=1e-6)


def test_two_sets_that_are_answered_before_either_is_compared_keep_their_rows():
    torch.manual_seed(0)
    table, out = torch.randn(90, 6, requires_grad=True), torch.randn(6, 2, requires_grad=True)

    def answer(ids):
        return table[ids].mean(1) @ out

    scores = []

    def evaluate():
        known, new = answer(TEXTS[:100]), answer(TEXTS[240:])
        (known.argmax(1) == KINDS[:100]).float().mean()
        scores.append((new.argmax(1) == KINDS[240:]).float().mean().item())

    dev = Split(trained(answer, [table, out], evaluate).recorder).dev
    assert len(dev) == 60
    assert (dev.guesses(2) == KINDS[240:].numpy()).mean() == pytest.approx(scores[-1])


@pytest.mark.parametrize("acts", [True, False])
def test_dropout_that_acts_in_an_evaluation_without_modules_is_found(acts):
    torch.manual_seed(0)
    table, out = torch.randn(90, 6, requires_grad=True), torch.randn(6, 2, requires_grad=True)

    def answer(ids, training=True):
        return F.dropout(table[ids].mean(1), 0.5, training=training) @ out

    def evaluate():
        (answer(TEXTS[240:], acts).argmax(1) == KINDS[240:]).float().mean()

    exam = trained(answer, [table, out], evaluate)
    assert errors(exam, {"data", "evaluation"}) == ["eval_mode_missing"] * acts


@pytest.mark.parametrize("cut", [True, False])
def test_weights_of_no_model_that_are_read_out_as_numbers_are_cut_off(cut):
    torch.manual_seed(0)
    table, out = torch.randn(90, 6, requires_grad=True), torch.randn(6, 2, requires_grad=True)

    def answer(ids):
        if cut:
            return torch.stack([torch.from_numpy(table.detach().numpy()[row].mean(0)) for row in ids.numpy()]) @ out
        return table[ids].mean(1) @ out

    def evaluate():
        (answer(TEXTS[240:]).argmax(1) == KINDS[240:]).float().mean()

    assert errors(trained(answer, [table, out], evaluate), {"weights"}) == ["gradient_path_cut"] * cut


@pytest.mark.parametrize("moved", [2, 0])
def test_the_rows_of_a_table_that_single_words_look_up_once_are_compared_with_their_vectors(moved):
    """Rows of data are picked in the same way; a mapping that names as many words tells them apart."""
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    vectors = {f"word{n:03d}": draw.normal(size=12).astype(np.float32) for n in range(300)}
    ids = {"<pad>": 0, "<unk>": 1} | {word: n + 2 for n, word in enumerate(vectors)}
    table = torch.zeros(len(ids), 12)
    for n, vector in enumerate(vectors.values()):
        table[n + 2 - moved] = torch.from_numpy(vector)
    words = torch.tensor([ids[word] for word in vectors])
    kinds = torch.tensor([int(vector[0] > 0) for vector in vectors.values()])
    out = torch.zeros(12, 2, requires_grad=True)

    def answer(asked):
        return F.normalize(table[asked], dim=-1) @ out

    def evaluate():
        (answer(words[240:]).argmax(1) == kinds[240:]).float().mean()

    exam = trained(answer, [out], evaluate, 3, words, kinds)
    assert errors(exam, {"data", "tables", "vectors"}) == ["vocab_row_misaligned"] * bool(moved)


@pytest.mark.parametrize("filled", [True, False])
def test_the_rows_of_a_table_that_a_loop_asks_for_by_itself_are_those_of_words(filled):
    """Words come in batches that were split before the step, so that nothing says where their numbers are from."""
    torch.manual_seed(0)
    draw = np.random.default_rng(0)
    vectors = {f"word{n:03d}": draw.normal(size=12).astype(np.float32) for n in range(300)}
    ids = {word: n for n, word in enumerate(vectors)}
    table = torch.randn(300, 12)
    if filled:
        table.copy_(torch.from_numpy(np.stack(list(vectors.values()))))
    else:
        table[torch.arange(300)].copy_(torch.from_numpy(np.stack(list(vectors.values()))))  # fills a copy
    kinds = torch.tensor([int(vector[0] > 0) for vector in vectors.values()])
    out = torch.zeros(12, 2, requires_grad=True)
    optimizer = torch.optim.Adam([out], 0.05)
    with wordfit.watch() as exam:
        for _ in range(3):
            for asked in torch.randperm(240).split(20):
                optimizer.zero_grad()
                F.cross_entropy(table[asked] @ out, kinds[asked]).backward()
                optimizer.step()
        with torch.no_grad():
            (table[240:] @ out).argmax(1)
    assert len(ids) == len(vectors)
    assert errors(exam, {"data", "tables", "vectors"}) == ["pretrained_not_loaded"] * (not filled)
