# address_tagger.py - splits free-form delivery addresses into fields (internship project)
from dataclasses import dataclass
from itertools import chain
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

STREETS = "oak maple church station mill king queen victoria park green bridge river elm cedar high market".split()
SUFFIX = "street road lane avenue drive close".split()
TOWNS = "leeds york bath ely ripon wells derby oxford truro lincoln victoria king park".split()
NAMES = "smith jones patel brown khan evans green king church bridge taylor singh".split()
NOTES = "please deliver to ring bell leave at behind the door attn mr mrs c/o for parcel thanks".split()


@dataclass
class Config:
    n_train: int = 1100
    n_test: int = 300
    emb: int = 24
    hidden: int = 32
    epochs: int = 4
    batch: int = 50
    lr: float = 1e-2
    seed: int = 42


def make_address(rng):
    pairs = []
    for w in rng.choices(NOTES, k=rng.randint(0, 3)):
        pairs.append((w, "NOTE"))
    if rng.random() < 0.7:
        pairs += [(rng.choice(["mr", "mrs", "c/o"]), "NOTE"), (rng.choice(NAMES), "NAME")]
    pairs.append((f"n{rng.randint(1, 60)}", "HOUSE"))
    pairs.append((rng.choice(STREETS), "STREET"))
    pairs.append((rng.choice(SUFFIX), "STREET"))
    pairs.append((rng.choice(TOWNS), "TOWN"))
    if rng.random() < 0.6:
        pairs.append((f"z{rng.randint(10, 40)}", "ZIP"))
    for w in rng.choices(NOTES, k=rng.randint(0, 4)):
        pairs.append((w, "NOTE"))
    return tuple(zip(*pairs))


cfg = Config()
rng = random.Random(cfg.seed)
torch.manual_seed(cfg.seed)
pool = {}
while len(pool) < cfg.n_train + cfg.n_test:
    words, tags = make_address(rng)
    pool[words] = tags
samples = list(pool.items())
train, test = samples[:cfg.n_train], samples[cfg.n_train:]

word2idx = {"<pad>": 0, "<unk>": 1}
for w in chain.from_iterable(ws for ws, _ in train):
    word2idx.setdefault(w, len(word2idx))
# fault:
tag2idx = {}
# mended:
#tag2idx = {"<pad>": 0}
# end
for t in ("NOTE", "NAME", "HOUSE", "STREET", "TOWN", "ZIP"):
    tag2idx[t] = len(tag2idx)


def encode(rows):
    xs = [torch.tensor([word2idx.get(w, 1) for w in ws]) for ws, _ in rows]
    ys = [torch.tensor([tag2idx[t] for t in ts]) for _, ts in rows]
    return pad_sequence(xs, True), pad_sequence(ys, True), torch.tensor([len(x) for x in xs])


class Tagger(nn.Module):
    def __init__(self, cfg, n_words, n_tags):
        super().__init__()
        self.emb = nn.Embedding(n_words, cfg.emb, padding_idx=0)
        self.rnn = nn.GRU(cfg.emb, cfg.hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * cfg.hidden, n_tags)

    def forward(self, x, n):
        p = pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(p)[0], batch_first=True, total_length=x.size(1))
        return self.out(h)


X, Y, N = encode(train)
XT, YT, NT = encode(test)
net = Tagger(cfg, len(word2idx), len(tag2idx))
loss_fn = nn.CrossEntropyLoss(ignore_index=0)
opt = torch.optim.Adam(net.parameters(), lr=cfg.lr)

for epoch in range(cfg.epochs):
    net.train()
    running = []
    for idx in torch.randperm(len(X)).split(cfg.batch):
        logits = net(X[idx], N[idx])
        loss = loss_fn(logits.flatten(0, 1), Y[idx].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
        running.append(loss.item())
    print(f"epoch {epoch}: loss {sum(running) / len(running):.4f}")

net.eval()
with torch.no_grad():
    pred = net(XT, NT).argmax(-1)
real = torch.arange(XT.size(1))[None] < NT[:, None]
for t, i in tag2idx.items():
    sel = real & (YT == i)
    if sel.any():
        print(f"{t:7s} recall {(pred[sel] == i).float().mean():.3f}  ({int(sel.sum())} tokens)")
print("token accuracy", round((pred[real] == YT[real]).float().mean().item(), 4))
