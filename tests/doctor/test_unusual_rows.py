"""Models that are fed sparse matrices or nested tensors, and rows that cannot be read."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit
from wordfit.doctor.split import Split
from wordfit.doctor.stepping import clip_gradients

GENERATOR = torch.Generator().manual_seed(1)
COUNTS = (torch.rand(300, 60, generator=GENERATOR) < 0.1).float()
LABELS = (COUNTS @ torch.randn(60, 3, generator=GENERATOR)).argmax(1)


class Bag(nn.Module):
    """One layer over sparse rows."""

    def __init__(self):
        super().__init__()
        self.weight, self.head = nn.Parameter(torch.randn(60, 8, generator=GENERATOR) * 0.1), nn.Linear(8, 3)

    def forward(self, rows):
        return self.head(torch.relu(torch.sparse.mm(rows, self.weight)))


@pytest.mark.filterwarnings("ignore:Sparse")
@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr])
@pytest.mark.parametrize("as_module", [True, False])
def test_rows_that_are_fed_as_a_sparse_matrix_are_examined(layout, as_module):
    torch.manual_seed(1)
    model = Bag()
    answer = model if as_module else model.forward
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with wordfit.watch() as exam:
        for _ in range(6):
            for part in torch.arange(250).split(25):
                optimizer.zero_grad()
                F.cross_entropy(answer(COUNTS[part].to_sparse(layout=layout)), LABELS[part]).backward()
                optimizer.step()
    found = exam.diagnose(budget=20)
    assert exam.recorder.troubles == []
    assert found["findings"] == []
    assert {"dependence", "company", "sources"} <= set(found["examined"])


def trained_on(rows_of, empty=False):
    """A bag of words trained on what `rows_of(numbers)` gives for some rows; the diagnosis and what was watched."""
    torch.manual_seed(2)
    generator = torch.Generator().manual_seed(2)
    texts = [torch.randint(1, 40, (int(n),), generator=generator) for n in torch.randint(3, 9, (300,))]
    labels = torch.tensor([int((t < 20).float().mean() > 0.5) for t in texts])
    table, head = nn.Embedding(40, 8), nn.Linear(8, 2)

    class Means(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.head = table, head

        def forward(self, rows):
            return self.head(torch.stack([self.table(row).mean(0) for row in rows.unbind()]))

    model = Means()
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    with wordfit.watch() as exam:
        for _ in range(5):
            for part in torch.arange(250).split(25):
                optimizer.zero_grad()
                F.cross_entropy(model(rows_of([texts[n] for n in part])), labels[part]).backward()
                optimizer.step()
            if empty:
                with torch.no_grad():
                    model.head(model.table(torch.zeros((0, 4), dtype=torch.long)).mean(1))
    return exam.diagnose(budget=20), exam


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested")
def test_rows_of_a_nested_tensor_are_read():
    found, exam = trained_on(lambda texts: torch.nested.nested_tensor(texts, layout=torch.jagged))
    assert found["healthy"]
    assert exam.record.experiments["data"]["train"]["rows"] == 250
    assert "dependence" in found["examined"]


def test_rows_that_cannot_be_read_are_said_to_be_unread(monkeypatch):
    def fails(self, batch):
        raise RuntimeError("no such numbers")

    monkeypatch.setattr("wordfit.doctor.split.Split.texts_of", fails)
    found, _ = trained_on(lambda texts: torch.nn.utils.rnn.pad_sequence(texts, batch_first=True))
    assert {"what": "the rows that were fed", "why": "RuntimeError: no such numbers"} in found["not_examined"]
    assert "weights" in found["examined"]


def test_bags_that_stand_beside_every_row_are_no_other_rows():
    """Scores of some questions against the same answers: other answers change every score, and should."""
    torch.manual_seed(3)
    generator = torch.Generator().manual_seed(3)
    answers = torch.randint(0, 60, (42, 4), generator=generator)
    gold = torch.arange(420) % 42
    questions = torch.cat([answers[gold], torch.randint(0, 60, (420, 2), generator=generator)], 1)
    bag, gate = nn.EmbeddingBag(60, 16), nn.Linear(16, 16)

    class Matcher(nn.Module):
        def __init__(self):
            super().__init__()
            self.bag, self.gate = bag, gate

        def vectors(self, rows):
            pooled = self.bag(rows.reshape(-1), torch.arange(0, rows.numel(), rows.shape[1]))
            return pooled + torch.tanh(self.gate(pooled))

        def forward(self, asked, offered):
            return self.vectors(asked) @ self.vectors(offered).t()

    model = Matcher()
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with wordfit.watch() as exam:
        for _ in range(5):
            for part in torch.randperm(420, generator=generator).split(34):
                optimizer.zero_grad()
                F.cross_entropy(model(questions[part], answers), gold[part]).backward()
                optimizer.step()
    found = exam.diagnose(budget=20, only={"data", "losses", "company", "word_order"})
    assert found["findings"] == []
    assert exam.record.watched["troubles"] == []
    assert exam.record.experiments["company"]["max_change"] < 1e-4


def test_wide_rows_of_numbers_are_kept_as_numbers():
    wide = torch.rand(120, 2100, generator=GENERATOR)
    layer = nn.Linear(2100, 2)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    with wordfit.watch() as exam:
        for part in torch.arange(120).split(20):
            optimizer.zero_grad()
            F.cross_entropy(layer(wide[part]), part % 2).backward()
            optimizer.step()
    values = Split(exam.recorder).train.values
    assert torch.equal(torch.from_numpy(np.stack(values)), wide)


def test_sparse_and_dense_gradients_are_scaled_to_one_norm_together():
    table, layer = nn.Embedding(9, 3, sparse=True), nn.Linear(3, 1)
    (layer(table(torch.tensor([1, 4, 4]))) * 30).sum().backward()
    weights = [*table.parameters(), *layer.parameters()]
    before = torch.cat([w.grad.to_dense().reshape(-1) for w in weights])
    clip_gradients([w.grad for w in weights], 0.5)
    after = torch.cat([w.grad.to_dense().reshape(-1) for w in weights])
    assert torch.allclose(after, before * 0.5 / before.norm())


def test_an_evaluation_of_no_rows_at_all_is_passed_over():
    def rows_of(texts):
        return torch.nn.utils.rnn.pad_sequence(texts, batch_first=True)

    found, exam = trained_on(rows_of, empty=True)
    assert exam.record.watched["troubles"] == []
    assert exam.record.experiments["data"]["train"]["rows"] == 250
