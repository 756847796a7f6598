"""Several tags per question: one sigmoid each, micro F1."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(17); torch.manual_seed(17)
TAGS = {"sql": "select join table index query".split(), "css": "margin flex grid padding style".split(), "git": "commit branch merge rebase push".split(),
        "regex": "pattern match group escape lookahead".split(), "bash": "pipe shell loop variable script".split()}
GLUE = "how do i with my the a when it in why does not work this and to from".split()


class Questions(Dataset):
    def __init__(self, n):
        self.rows = []
        for _ in range(n):
            tags = random.sample(list(TAGS), random.choice([1, 1, 2, 3]))
            t = random.choices(GLUE, k=random.randint(5, 12)) + [w for tag in tags for w in random.choices(TAGS[tag], k=random.randint(1, 2))]
            random.shuffle(t)
            self.rows.append((t, torch.tensor([float(tag in tags) for tag in TAGS])))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


train, dev = Questions(900), Questions(300)
vocab = {w: i + 1 for i, w in enumerate(sorted(set(GLUE + sum(TAGS.values(), []))))}


def collate(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab[w] for w in t]) for t, _ in rows], batch_first=True)
    return {"tokens": x, "tags": torch.stack([y for _, y in rows])}


class LabelAttention(nn.Module):
    """Every tag has a query of its own."""

    def __init__(self, d=16):
        super().__init__()
        self.words = nn.Embedding(len(vocab) + 1, d, padding_idx=0)
        self.queries = nn.Parameter(torch.randn(len(TAGS), d) * 0.3)
        self.readout = nn.Parameter(torch.randn(len(TAGS), d) * 0.1)
        self.bias = nn.Parameter(torch.zeros(len(TAGS)))

    def forward(self, tokens):
        e = self.words(tokens)
        a = torch.einsum("btd,ld->blt", e, self.queries).masked_fill((tokens == 0)[:, None], -1e9).softmax(-1)
        return (torch.einsum("blt,btd->bld", a, e) * self.readout).sum(-1) + self.bias


net = LabelAttention()
opt = torch.optim.Adam(net.parameters(), lr=2e-2)
for epoch in range(8):
    tot = 0.0
    loader = DataLoader(train, 30, shuffle=True, collate_fn=collate)
    for b in loader:
        loss = nn.functional.binary_cross_entropy_with_logits(net(b["tokens"]), b["tags"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() / len(loader)
    with torch.no_grad():
        b = collate(dev.rows)
        p, y = (net(b["tokens"]) > 0).float(), b["tags"]
        f1 = (2 * (p * y).sum() / (p.sum() + y.sum())).item()
    print(f"epoch {epoch} loss {tot:.4f} micro F1 {f1:.4f}")
