"""Remedies from outside, tried on small programs: they reach them, and the second run bears the findings out."""

import json
import textwrap

import pytest

from tests.doctor.children import CHILDREN
from wordfit.doctor import verify
from wordfit.doctor.examine import CHEAP

START = """
import torch
from torch import nn
from torch.nn import functional as F
torch.manual_seed(0)
ids = torch.randint(1, 30, (256, 6))
labels = (ids[:, 0] > 15).long()
"""

BAG = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(30, 8)
        self.out = nn.Linear(48, 2)
    def forward(self, x):
        return self.out(self.table(x).flatten(1))
net = Net()
OPTIMIZER
for step in range(60):
    rows = torch.randperm(200)[:32]
    loss = LOSS
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
net.eval()
with torch.no_grad():
    (net(ids[200:]).argmax(1) == labels[200:]).float().mean()
"""

ADAM = "optimizer = torch.optim.Adam(net.parameters(), lr=0.02)"
ENTROPY = "F.cross_entropy(net(ids[rows]), labels[rows])"


def bag(optimizer=ADAM, loss=ENTROPY):
    return START + BAG.replace("OPTIMIZER", optimizer).replace("LOSS", loss)


PROGRAMS = {
    "double_softmax": bag(loss="F.cross_entropy(net(ids[rows]).softmax(1), labels[rows])"),
    "nll_loss_on_probabilities": bag(loss="F.nll_loss(net(ids[rows]).softmax(1), labels[rows])"),
    "zero_grad_missing": bag().replace("    optimizer.zero_grad()\n", ""),
    "params_missing_from_optimizer": bag("optimizer = torch.optim.Adam(net.out.parameters(), lr=0.02)"),
    "sparse_grad_unsupported_optimizer": bag().replace("nn.Embedding(30, 8)", "nn.Embedding(30, 8, sparse=True)"),
    "embedding_dtype_mismatch": bag("net.table.double()\n" + ADAM),
    "ignore_index_drops_class": bag(loss="F.cross_entropy(net(ids[rows]), labels[rows], ignore_index=0)"),
    "padding_row_nonzero": bag()
    .replace("class Net", "lengths = torch.randint(1, 7, (256, 1))\nids[torch.arange(6) >= lengths] = 0\nclass Net")
    .replace("nn.Linear(48, 2)", "nn.Linear(8, 2)")
    .replace("self.table(x).flatten(1)", "self.table(x).sum(1) / (x > 0).sum(1, keepdim=True)"),
}
FOUND = {"padding_row_nonzero": {"where": {"module": "Net.table"}, "evidence": [{"found": {"padding_id": 0}}]}}


def second_run(cause, program, folder, remedy=True):
    """What `--verify` runs, in a child, so that hooks stay there."""
    script, out = folder / "program.py", folder / "scores.json"
    script.write_text(textwrap.dedent(program), encoding="utf-8")
    found = {"cause": cause} | FOUND.get(cause, {})
    order = {"finding": found, "cause": cause, "program": str(script), "arguments": [], "module": False}
    order |= {"budget": 10.0, "only": CHEAP, "out": str(out)}
    child = CHILDREN.Process(target=_run, args=(order, remedy))
    child.start()
    child.join()
    return json.loads(out.read_text(encoding="utf-8"))


def _run(order, remedy):
    if not remedy:
        verify.REMEDIES[order["cause"]] = lambda finding: None
    verify._main(order)


@pytest.mark.parametrize("cause", PROGRAMS)
def test_a_remedy_reaches_the_program_and_its_finding_is_borne_out(cause, tmp_path):
    """The same program twice: with a remedy that does nothing, and with the one of the table."""
    before = second_run(cause, PROGRAMS[cause], tmp_path, remedy=False)
    assert cause in before["causes"]
    after = second_run(cause, PROGRAMS[cause], tmp_path)
    assert after["acted"] > 0
    assert verify.not_to_be_told(cause, before, after) is None
    assert verify.borne_out(cause, before, after)
    assert not before["acted"]
