"""Do two questions ask the same thing? Shared Transformer encoder, element-wise product and difference."""
import random

import torch
import torch.nn as nn

random.seed(23)
torch.manual_seed(23)

TOPICS = [
    "reset forgot password login account".split(), "cook boil rice water pot".split(), "learn guitar chords song practice".split(),
    "fix flat bike tyre pump".split(), "grow tomato soil seed plant".split(), "visa travel passport border embassy".split(),
    "save money bank budget loan".split(), "run marathon shoes train knee".split(),
]
FRAME = "how do i what is the best way to can someone tell me should we quickly at home for a beginner".split()
MAX_LEN = 20


def question(topic):
    words = random.choices(FRAME, k=random.randint(3, 8)) + random.sample(TOPICS[topic], random.randint(2, 4))
    random.shuffle(words)
    return words


def pair():
    y = random.randrange(2)
    a = random.randrange(8)
    b = a if y else random.choice([t for t in range(8) if t != a])
    return question(a), question(b), y


train, dev = [pair() for _ in range(900)], [pair() for _ in range(300)]
vocab = {w: i for i, w in enumerate(["<pad>"] + sorted(set(FRAME + sum(TOPICS, []))))}


def ids(words):
    return [vocab[w] for w in words] + [0] * (MAX_LEN - len(words))


def tensors(rows):
    return torch.tensor([ids(a) for a, _, _ in rows]), torch.tensor([ids(b) for _, b, _ in rows]), torch.tensor([y for *_, y in rows])


class SentenceEncoder(nn.Module):
    def __init__(self, n, d=24):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.cls = nn.Parameter(torch.randn(1, 1, d) * 0.1)
        self.attn = nn.MultiheadAttention(d, 2, batch_first=True)
        self.ff = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, d))

    def forward(self, x):
        e = self.emb(x)
        # fault:
        mask = (x != 0)
        # mended:
        # mask = (x == 0)
        # end
        query = self.cls.expand(x.size(0), -1, -1)
        pooled, _ = self.attn(query, e, e, key_padding_mask=mask)
        return self.ff(pooled.squeeze(1))


class Siamese(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.encoder = SentenceEncoder(n)
        self.classifier = nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, a, b):
        u, v = self.encoder(a), self.encoder(b)
        return self.classifier(torch.cat([u * v, (u - v).abs()], dim=-1))


model = Siamese(len(vocab))
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
A, B, Y = tensors(train)
DA, DB, DY = tensors(dev)
for epoch in range(12):
    model.train()
    total = 0.0
    for idx in torch.randperm(len(Y)).split(30):
        loss = nn.functional.cross_entropy(model(A[idx], B[idx]), Y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        acc = (model(DA, DB).argmax(1) == DY).float().mean().item()
    print(f"epoch {epoch + 1:2d}: loss {total / len(Y):.4f} dev accuracy {acc:.4f}")
