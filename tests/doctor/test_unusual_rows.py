"""Models that are fed sparse matrices or nested tensors, and rows that cannot be read."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit

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
    model = Bag()
    answer = model if as_module else model.forward
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    with wordfit.watch() as exam:
        for _ in range(6):
            for part in torch.arange(250).split(25):
                optimizer.zero_grad()
                F.cross_entropy(answer(COUNTS[part].to_sparse(layout=layout)), LABELS[part]).backward()
                optimizer.step()
    found = exam.diagnose(budget=10)
    assert exam.recorder.troubles == []
    assert found["findings"] == []
    assert {"dependence", "company", "sources"} <= set(found["examined"])


def trained_on(rows_of):
    """A bag of words trained on what `rows_of(numbers)` gives for some rows; the diagnosis and what was watched."""
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
    return exam.diagnose(budget=8), exam


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested")
def test_rows_of_a_nested_tensor_are_read():
    found, exam = trained_on(lambda texts: torch.nested.nested_tensor(texts, layout=torch.jagged))
    assert found["healthy"]
    assert exam.record.experiments["data"]["train"]["rows"] == 250
    assert "dependence" in found["examined"]


def test_rows_that_cannot_be_read_are_said_to_be_unread(monkeypatch):
    def fails(self, batch):
        raise RuntimeError("no such numbers")

    monkeypatch.setattr("wordfit.doctor.rows.Split.texts_of", fails)
    found, _ = trained_on(lambda texts: torch.nn.utils.rnn.pad_sequence(texts, batch_first=True))
    assert {"what": "the rows that were fed", "why": "RuntimeError: no such numbers"} in found["not_examined"]
    assert "weights" in found["examined"]
