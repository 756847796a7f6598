"""Dialogue acts: an utterance attends to the turns before it (hand-written attention over the history)."""
import math
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2)
torch.manual_seed(2)
WORDS = {
    "ask": "who what where when why how much could you tell me".split(),
    "inform": "it is the train leaves at noon from platform nine costs ten".split(),
    "thank": "thanks great lovely cheers perfect brilliant many".split(),
    "bye": "bye goodbye later see soon ciao night".split(),
}
VAGUE = "yes no ok right sure fine".split()
ACTS = ["ask", "inform", "thank", "bye", "confirm", "accept"]


def dialogue():
    turns = []
    prev = None
    for _ in range(random.randint(3, 6)):
        if prev in ("ask", "inform") and random.random() < 0.5:
            act = "confirm" if prev == "ask" else "accept"       # the words are the same, the turn before decides
            words = random.choices(VAGUE, k=random.randint(2, 4))
        else:
            act = random.choice(list(WORDS))
            words = random.choices(WORDS[act], k=random.randint(3, 6)) + random.choices(VAGUE, k=1)
        turns.append((words, ACTS.index(act)))
        prev = act
    return turns


dialogues = [dialogue() for _ in range(700)]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for d in dialogues for t, _ in d for w in t}))}
H, L = 3, 8


def ids(words):
    return [vocab[w] for w in words][:L] + [0] * (L - len(words))


def examples(ds):
    u, hist, y = [], [], []
    for d in ds:
        for i, (t, a) in enumerate(d):
            u.append(ids(t))
            hist.append(([ids(p) for p, _ in d[max(0, i - H):i]][::-1] + [[0] * L] * H)[:H])
            y.append(a)
    return torch.tensor(u), torch.tensor(hist), torch.tensor(y)


class ActModel(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.d = d
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(H, d) * 0.3)
        # fault:
        # mended:
        # self.none = nn.Parameter(torch.zeros(1, 1, d))
        # end
        self.q, self.k, self.v = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, d)
        self.ff = nn.Sequential(nn.Linear(2 * d, 64), nn.ReLU(), nn.Linear(64, len(ACTS)))

    def bag(self, x):
        m = (x > 0).unsqueeze(-1).float()
        return (self.emb(x) * m).sum(-2) / m.sum(-2).clamp(min=1)

    def forward(self, u, hist):
        q = self.q(self.bag(u)).unsqueeze(1)
        turns = self.bag(hist) + self.pos
        seen = (hist > 0).any(-1)
        # fault:
        # mended:
        # turns = torch.cat([self.none.expand(len(u), 1, self.d), turns], 1)
        # seen = torch.cat([torch.ones_like(seen[:, :1]), seen], 1)
        # end
        score = (q * self.k(turns)).sum(-1) / math.sqrt(self.d)
        score = score.masked_fill(~seen, float("-inf"))
        ctx = (score.softmax(-1).unsqueeze(-1) * self.v(turns)).sum(1)
        return self.ff(torch.cat([self.bag(u), ctx], -1))


tr, de = examples(dialogues[:560]), examples(dialogues[560:])
model = ActModel(len(vocab) + 1)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(5):
    model.train()
    tot = 0.0
    for b in torch.randperm(len(tr[2])).split(48):
        loss = F.cross_entropy(model(tr[0][b], tr[1][b]), tr[2][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        acc = (model(de[0], de[1]).argmax(1) == de[2]).float().mean().item()
    print(f"epoch {epoch}: loss {tot / len(tr[2]):.3f}, dev accuracy {acc:.3f}")
