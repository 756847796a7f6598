"""Pick the sentence that answers the question, then classify the answer."""
import random

import torch
from torch import nn

random.seed(224)
torch.manual_seed(224)
ASPECT = ["battery", "screen", "sound", "price"]
GOOD, BAD = "great strong crisp fair".split(), "weak poor dull unfair".split()
FILL = "the is was a my phone quite".split()
vocab = {w: i for i, w in enumerate(ASPECT + GOOD + BAD + FILL)}


def item():
    aspects = random.sample(ASPECT, 3)
    tones = [random.randint(0, 1) for _ in aspects]
    k = random.randrange(3)
    sents = [["the", a, "is", random.choice(GOOD if t else BAD)] for a, t in zip(aspects, tones)]
    return [vocab[aspects[k]]], [[vocab[w] for w in s] for s in sents], tones[k]


rows = [item() for _ in range(2200)]
Q, S, Y = (torch.tensor([r[k] for r in rows]) for k in range(3))


class AnswerNet(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), d)
        self.q, self.k = nn.Linear(d, d), nn.Linear(d, d)
        self.clf = nn.Sequential(nn.Linear(d, 24), nn.ReLU(), nn.Linear(24, 2))

    def forward(self, question, sentences):
        s = self.emb(sentences).mean(2)  # (B, 3, d)
        scores = (self.q(self.emb(question)) * self.k(s)).sum(-1)
        # fault:
        pick = nn.functional.one_hot(scores.argmax(1), 3).float()
        # mended:
        # pick = scores.softmax(1)
        # end
        return self.clf((pick.unsqueeze(-1) * s).sum(1))


model = AnswerNet()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    for i in torch.randperm(1800).split(36):
        loss = nn.functional.cross_entropy(model(Q[i], S[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 3 == 2:
        with torch.no_grad():
            acc = (model(Q[1800:], S[1800:]).argmax(1) == Y[1800:]).float().mean().item()
        print(f"epoch {epoch + 1} loss {loss.item():.4f} dev accuracy {acc:.4f}")
