"""Distances to class numbers: nominal classes are told from counts and grades, and from the classes of another loss."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import wordfit


def trained(number, beside=None):
    """A bag of words under a squared error on a number of its topic; with `beside` after a loss on the topic."""
    torch.manual_seed(0)
    topic = torch.randint(0, 5, (600,))
    ids = torch.randint(0, 8, (600, 6)) + 8 * topic.unsqueeze(1)
    bag, score, kind = nn.EmbeddingBag(40, 8), nn.Linear(8, 1), nn.Linear(8, 5)
    model = nn.ModuleList([bag, score, kind])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    with wordfit.watch() as exam:
        for i in range(0, 600, 30):
            own = topic[i : i + 30]
            pooled = bag(ids[i : i + 30])
            loss = F.cross_entropy(kind(pooled), own) if beside else 0.0
            loss = loss + F.mse_loss(score(pooled).squeeze(1), number(own, ids[i : i + 30]).float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    exam.diagnose(20, {"data", "losses", "classes"})
    return exam.record


def topics(own, ids):
    return own


def words_of_a_kind(own, ids):
    return (ids % 8 < 4).sum(1)


@pytest.mark.parametrize(("number", "beside", "named"), [(topics, False, True), (words_of_a_kind, False, False)])
def test_numbers_of_topics_are_classes_and_counts_are_none(number, beside, named):
    found = trained(number, beside).diagnosis["findings"]
    assert ("regression_loss_for_classes" in [f["cause"] for f in found if f["severity"] == "error"]) == named


def test_of_two_tasks_the_classes_of_the_first_are_not_the_numbers_of_the_second():
    assert "nominal_gain" not in trained(words_of_a_kind, beside=True).experiments.get("classes", {})


def test_topics_of_words_that_never_come_again_are_classes_by_their_vectors():
    torch.manual_seed(0)
    topic = torch.randint(0, 9, (400,))
    middles = 2 * torch.randn(9, 4)
    middles[:, 0] = 0.2 * torch.arange(9)  # by a part of them the numbers are in order
    vectors = torch.cat([(middles[topic] + 0.5 * torch.randn(400, 4)), torch.randn(400, 4)])
    ids = torch.stack([torch.arange(400), torch.arange(400, 800)], 1)
    model = nn.Sequential(nn.Embedding.from_pretrained(vectors, freeze=True), nn.Flatten(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model[2].parameters(), lr=0.02)
    with wordfit.watch() as exam:
        for i in range(0, 400, 20):
            loss = F.mse_loss(model(ids[i : i + 20]).squeeze(1), topic[i : i + 20].float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    exam.diagnose(20, {"data", "losses", "classes"})
    found = exam.record.experiments["classes"]
    assert found["explained"] > 0.3
    assert found["as_classes"] > found["as_numbers"] + 0.3
    assert [f["cause"] for f in exam.record.diagnosis["findings"][:1]] == ["regression_loss_for_classes"]
