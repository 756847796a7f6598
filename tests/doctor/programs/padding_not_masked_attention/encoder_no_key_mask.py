"""Transformer encoder with a [CLS] token: is a speaker for it, against it, or undecided?"""
import random

import torch
from torch import nn

random.seed(37); torch.manual_seed(37)
pro, con = "agree support yes accept approve".split(), "reject oppose no decline veto".split()
talk = "we the motion on budget council said today as it is after long debate members and vote about plan city for years".split()


def speech():
    y = random.randrange(3)
    n = min(4 + int(random.expovariate(0.1)), 60)
    t = random.choices(talk, k=n)
    if y < 2:
        t.insert(random.randint(0, n), random.choice((con, pro)[y]))
    return t, y


rows = [speech() for _ in range(900)]
train, dev = rows[:650], rows[650:]
stoi = {w: i + 2 for i, w in enumerate(sorted(set(pro + con + talk)))}
PAD, CLS = 0, 1


class VoteTransformer(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.embed = nn.Embedding(len(stoi) + 2, d, padding_idx=PAD)
        self.position = nn.Parameter(torch.randn(64, d) * 0.05)
        layer = nn.TransformerEncoderLayer(d, 4, 48, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(d, 3)

    def forward(self, ids):
        h = self.embed(ids) + self.position[: ids.size(1)]
        # fault:
        h = self.encoder(h)
        # mended:
        # h = self.encoder(h, src_key_padding_mask=ids == PAD)
        # end
        return self.head(h[:, 0])


def batch(part, width=0):
    n = max(width, max(len(t) for t, _ in part) + 1)
    return torch.tensor([[CLS] + [stoi[w] for w in t] + [PAD] * (n - 1 - len(t)) for t, _ in part]), torch.tensor([y for _, y in part])


net = VoteTransformer()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    net.train()
    train.sort(key=lambda r: len(r[0]) + 3 * random.random())
    chunks = [train[i:i + 25] for i in range(0, 650, 25)]
    random.shuffle(chunks)
    tot = 0
    for c in chunks:
        ids, y = batch(c)
        loss = nn.functional.cross_entropy(net(ids), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 26
    net.eval()
    with torch.no_grad():
        ids, y = batch(dev, width=64)  # one static shape, as in serving
        print(f"epoch {epoch} loss {tot:.4f} dev accuracy {(net(ids).argmax(1) == y).float().mean().item():.4f}")
