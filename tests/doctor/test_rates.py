"""Learning rates that are too high by however much."""

import pytest
import torch
from torch import nn

import wordfit
from wordfit.doctor.checks.rates import lr_too_high
from wordfit.doctor.finding import View
from wordfit.record import Record


def trained(rate):
    """Whether the first of six words is of the upper half, with momentum; the exam."""
    torch.manual_seed(0)
    ids = torch.randint(1, 30, (256, 6))
    labels = (ids[:, 0] > 15).long()
    net = nn.Sequential(nn.Embedding(30, 8), nn.Flatten(), nn.Linear(48, 2))
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    with wordfit.watch() as exam:
        for _ in range(80):
            rows = torch.randint(0, 256, (32,))
            loss = nn.functional.cross_entropy(net(ids[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    exam.diagnose(30, {"rates", "losses"})
    return exam.record


@pytest.mark.parametrize(("rate", "found", "further"), [(300.0, ["lr_too_high"], True), (0.3, [], False)])
def test_a_rate_is_lowered_as_long_as_the_loss_leaps(rate, found, further):
    record = trained(rate)
    assert [f["cause"] for f in record.diagnosis["findings"] if f["severity"] == "error"] == found
    runs = record.experiments["rates"]["runs"]
    assert ("0.001" in runs) == further


@pytest.mark.parametrize(
    ("after", "times"),
    [
        ({"0.1": 0.1, "0.01": 0.4}, "10"),
        ({"0.1": 9.0, "0.01": 0.1}, "100"),
        ({"0.1": "NaN", "0.01": 9.0, "0.001": 0.1}, "1,000"),
        ({"0.1": "NaN", "0.01": "Infinity", "0.001": 2.0, "0.0001": 0.3}, "10,000"),
    ],
)
def test_the_remedy_says_by_how_much(after, times):
    runs = {factor: {"before": 0.7, "after": value, "steps": 40, "worst": 0.7} for factor, value in after.items()}
    runs["1.0"] = {"before": 0.7, "after": "NaN", "steps": 9, "worst": "Infinity"}
    record = Record(experiments={"rates": {"runs": runs, "lr": [3.0]}})
    record.watched["curve"] = {"first": 0.7, "means": [5.0, "NaN", "NaN"], "last": "NaN"}
    (finding,) = lr_too_high(View(record))
    assert f"{times} times or more" in finding.remedy
