"""Documents with two parts (title, body): each part is averaged on its own; titles may be missing."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(66); torch.manual_seed(66)
subj = {0: "enzyme protein cell tissue gene".split(), 1: "orbit planet comet lunar star".split(), 2: "treaty senate ballot decree mayor".split()}
gen = "a new study of the on and results in for from with some early first report".split()


def document(i):
    y = i % 3
    title = [] if random.random() < 0.04 else random.choices(gen, k=random.randint(1, 3)) + [random.choice(subj[y])]
    body = random.choices(gen, k=random.randint(6, 16)) + random.choices(subj[y], k=2)
    random.shuffle(body)
    return title, body, y


docs = [document(i) for i in range(900)]
random.shuffle(docs)
train, dev = docs[:650], docs[650:]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(gen + sum(subj.values(), []))))}


def collate(rows):
    def block(col):
        n = max(1, max(len(r[col]) for r in rows))
        return torch.tensor([[vocab[w] for w in r[col]] + [0] * (n - len(r[col])) for r in rows])
    return block(0), block(1), torch.tensor([r[2] for r in rows])


class TwoParts(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.w = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.f = nn.Linear(2 * d, 3)

    def average(self, ids):
        # fault:
        rows = [self.w(r[r > 0]).mean(0) for r in ids]
        # mended:
        # rows = [self.w(r[r > 0]).sum(0) / max(1, int((r > 0).sum())) for r in ids]
        # end
        return torch.stack(rows)

    def forward(self, title, body):
        return self.f(torch.cat([self.average(title), self.average(body)], 1))


net = TwoParts()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(5):
    losses = []
    for t, b, y in DataLoader(train, 26, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(net(t, b), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        t, b, y = collate(dev)
        print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} dev {(net(t, b).argmax(1) == y).float().mean().item():.4f}")
