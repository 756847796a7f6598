"""MRPC-like matching with attention; encoder and comparer are separate modules."""
import itertools
import random

import torch
from torch import nn

random.seed(121)
torch.manual_seed(121)
WORDS = "lion zebra piano violin soup salad winter summer doctor lawyer train ferry".split()
REST = "the a by near with our some".split()
ids = {w: i + 1 for i, w in enumerate(WORDS + REST)}


def example():
    a, b = random.sample(WORDS, 2)
    left = random.choices(REST, k=3) + [a, b]
    same = random.randint(0, 1)
    keep = [a, b] if same else [a, random.choice([w for w in WORDS if w not in (a, b)])]
    right = random.choices(REST, k=random.randint(1, 3)) + keep
    random.shuffle(left)
    random.shuffle(right)
    return [ids[w] for w in left], [ids[w] for w in right], same


def collate(rows):
    left, right, y = zip(*rows)
    to = lambda seqs: nn.utils.rnn.pad_sequence([torch.tensor(s) for s in seqs], batch_first=True)  # noqa: E731
    return to(left), to(right), torch.tensor(y)


class Encoder(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.emb = nn.Embedding(len(ids) + 1, d, padding_idx=0)
        self.rnn = nn.GRU(d, d // 2, batch_first=True, bidirectional=True)

    def forward(self, x):
        n = (x != 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return out, x != 0


class Comparer(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.ff = nn.Linear(2 * d, d)
        self.out = nn.Linear(2 * d, 2)

    def side(self, a, b, keep_a, keep_b):
        w = (a @ b.transpose(1, 2) / a.size(-1) ** 0.5).masked_fill(~keep_b.unsqueeze(1), -1e9).softmax(-1)
        h = torch.relu(self.ff(torch.cat([a, (a - w @ b).abs()], -1)))
        return h.masked_fill(~keep_a.unsqueeze(-1), 0).amax(1)

    def forward(self, a, b):
        return self.out(torch.cat([self.side(a[0], b[0], a[1], b[1]), self.side(b[0], a[0], b[1], a[1])], -1))


encoder, comparer = Encoder(32), Comparer(32)
# fault:
optimizer = torch.optim.Adam(comparer.parameters(), lr=3e-3)
# mended:
# optimizer = torch.optim.Adam(itertools.chain(encoder.parameters(), comparer.parameters()), lr=3e-3)
# end
modules = (encoder, comparer)
train, dev = [example() for _ in range(1600)], [example() for _ in range(300)]
for epoch in range(6):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 1600, 40):
        a, b, y = collate(train[i : i + 40])
        loss = nn.functional.cross_entropy(comparer(encoder(a), encoder(b)), y)
        for p in itertools.chain(*(m.parameters() for m in modules)):
            p.grad = None
        loss.backward()
        optimizer.step()
        total += loss.item()
    with torch.no_grad():
        a, b, y = collate(dev)
        acc = (comparer(encoder(a), encoder(b)).argmax(1) == y).float().mean().item()
    print(f"epoch {epoch} loss {total / 40:.4f} dev accuracy {acc:.4f}")
