"""Sentence polarity with one attention head over the content words only (function words are masked out)."""
import gzip, os
import numpy as np
import torch
import torch.nn as nn

gen = torch.manual_seed(17)
D = os.environ["WORDFIT_DATA"]
FUNCTION = set("""the a an and or but of to in on at by for with from as is are was were be been it its it's this that
these those 's n't not , . ; : ` `` '' -- - ( ) ? ! he she they we you i his her their our your my me him them us so
than then too very just even only more most much what which who how all there about into out up if do does did
has have had can could will would one 'll 've 're up down off over""".split())

itos, rows = ["<pad>"], [np.zeros(50, np.float32)]
with gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        p = line.split()
        itos.append(p[0])
        rows.append(np.array(p[1:], np.float32))
stoi = {w: i for i, w in enumerate(itos)}
is_function = torch.tensor([w in FUNCTION for w in itos])


def read(path, keep):
    xs, ys = [], []
    with open(path, encoding="utf-8") as f:
        next(f)
        for n, line in enumerate(f):
            if n % keep:
                continue
            text, lab = line.rstrip("\n").split("\t")
            ids = [stoi[w] for w in text.split() if w in stoi]
            if ids:
                xs.append(ids); ys.append(int(lab))
    return xs, ys


class ContentAttention(nn.Module):
    def __init__(self, table, heads=4):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.lin = nn.Linear(50, 64)
        self.score = nn.Linear(64, heads)
        self.value = nn.Linear(64, 32)
        self.out = nn.Linear(32 * heads, 1)

    def forward(self, ids):
        h = torch.tanh(self.lin(self.emb(ids)))
        hide = (ids == 0) | is_function[ids]
        # fault:
        # mended:
        # nothing_left = hide.all(dim=1, keepdim=True)
        # hide = torch.where(nothing_left, ids == 0, hide)
        # end
        s = self.score(h).masked_fill(hide.unsqueeze(-1), float("-inf"))
        a = torch.softmax(s, dim=1)                             # B T K
        ctx = torch.einsum("btk,btd->bkd", a, self.value(h))
        return self.out(ctx.flatten(1)).squeeze(-1)


def to_tensor(xs):
    t = torch.zeros(len(xs), max(map(len, xs)), dtype=torch.long)
    for i, s in enumerate(xs):
        t[i, :len(s)] = torch.tensor(s)
    return t


xtr, ytr = read(D + "/glue/SST-2/train.tsv", 8)
xde, yde = read(D + "/glue/SST-2/dev.tsv", 1)
ytr, yde = torch.tensor(ytr, dtype=torch.float), torch.tensor(yde, dtype=torch.float)
model = ContentAttention(torch.from_numpy(np.stack(rows)))
optim = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=2e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(3):
    model.train()
    log = []
    for ix in torch.randperm(len(xtr), generator=gen).split(64):
        loss = bce(model(to_tensor([xtr[i] for i in ix])), ytr[ix])
        optim.zero_grad()
        loss.backward()
        optim.step()
        log.append(loss.item())
    model.eval()
    with torch.no_grad():
        p = torch.cat([model(to_tensor(xde[i:i + 200])) for i in range(0, len(xde), 200)])
    print("epoch", epoch, "| loss", np.mean(log).round(4), "| dev acc", ((p > 0).float() == yde).float().mean().item(),
          "| majority", max(yde.mean().item(), 1 - yde.mean().item()))
