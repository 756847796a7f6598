"""Models that are fed sparse matrices, as counts of words are: examined as if these were written out."""

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
