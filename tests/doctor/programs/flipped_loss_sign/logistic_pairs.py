"""Rank answers: the accepted answer should score above a random one."""
import random

import torch
import torch.nn as nn

random.seed(110)
torch.manual_seed(110)
TOPICS = [
    "python list loop index error".split(),
    "bread yeast dough oven rise".split(),
    "bike chain brake gear pedal".split(),
    "cat litter vet purr kitten".split(),
    "visa border passport embassy stamp".split(),
    "guitar string fret tune chord".split(),
]
GLUE = "how can i the my with to is a when it does not why".split()
vocab = {w: i + 1 for i, w in enumerate(GLUE + sum(TOPICS, []))}


def text(topic):
    words = random.choices(GLUE, k=random.randint(3, 6)) + random.choices(TOPICS[topic], k=2)
    random.shuffle(words)
    return [vocab[w] for w in words]


def triples(n):
    out = []
    for _ in range(n):
        a, b = random.sample(range(6), 2)
        out.append((text(a), text(a), text(b)))
    return [nn.utils.rnn.pad_sequence([torch.tensor(t[k]) for t in out], batch_first=True) for k in range(3)]


class Ranker(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.q = nn.EmbeddingBag(len(vocab) + 1, dim, padding_idx=0)
        self.a = nn.EmbeddingBag(len(vocab) + 1, dim, padding_idx=0)

    def forward(self, question, answer):
        return (self.q(question) * self.a(answer)).sum(1)


q, good, bad = triples(2000)
dq, dgood, dbad = triples(400)
model = Ranker()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(16):
    total = 0.0
    for i in torch.randperm(2000).split(50):
        right, wrong = model(q[i], good[i]), model(q[i], bad[i])
        # fault:
        loss = -nn.functional.logsigmoid(wrong - right).mean()
        # mended:
        # loss = -nn.functional.logsigmoid(right - wrong).mean()
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        acc = (model(dq, dgood) > model(dq, dbad)).float().mean().item()
    print(f"epoch {epoch} ranking loss {total / 40:.4f} accepted answer first {acc:.3f}")
