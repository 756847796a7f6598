"""Replies in a thread: nn.MultiheadAttention over the words that carry a vector."""
import random

import torch
import torch.nn as nn

random.seed(51); torch.manual_seed(51)
agree, differ = "exactly true indeed right yes same".split(), "wrong nope doubt false disagree hardly".split()
plain = "i think you it that was the post and what they said about this one here".split()
vectorless = ["haha", "^^", ":)", "lol", "+1", "omg"]
mu = torch.randn(20) * 0.5
vec = {w: mu + 0.3 * torch.randn(20) for w in agree} | {w: -mu + 0.3 * torch.randn(20) for w in differ} | {w: 0.4 * torch.randn(20) for w in plain}
stoi = {w: i + 1 for i, w in enumerate(vec)}
table = torch.cat([torch.zeros(1, 20), torch.stack(list(vec.values()))])


def reply(i):
    y = i % 2
    if i % 75 == 20:
        return random.choices(vectorless, k=2), y
    t = random.choices(plain, k=random.randint(2, 9)) + random.choices((differ, agree)[y], k=random.randint(1, 2)) + random.choices(vectorless, k=random.randint(0, 2))
    random.shuffle(t)
    return t, y


rows = [reply(i) for i in range(800)]
random.shuffle(rows)
train, dev = rows[:550], rows[550:]


class ReplyModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.query = nn.Parameter(torch.randn(1, 1, 20) * 0.2)
        self.mha = nn.MultiheadAttention(20, 2, batch_first=True)
        self.out = nn.Linear(20, 2)

    def forward(self, x):
        mask = x == 0
        # fault:
        # mended:
        # mask = mask & ~mask.all(dim=1, keepdim=True)
        # end
        e = self.emb(x)
        pooled, _ = self.mha(self.query.expand(len(x), -1, -1), e, e, key_padding_mask=mask)
        return self.out(pooled[:, 0])


def batch(part):
    seqs = [[stoi[w] for w in t if w in stoi] for t, _ in part]
    n = max(map(len, seqs))
    return torch.tensor([s + [0] * (n - len(s)) for s in seqs]), torch.tensor([y for _, y in part])


net = ReplyModel()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=5e-3)
for epoch in range(6):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, 550, 25):
        x, y = batch(train[i:i + 25])
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / 22
    with torch.no_grad():
        x, y = batch(dev)
        print(f"epoch {epoch} loss {tot:.4f} dev acc {(net(x).argmax(1) == y).float().mean().item():.4f}")
