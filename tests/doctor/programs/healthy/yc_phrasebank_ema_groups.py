import os
import gzip
import copy
import random
from collections import Counter

import torch
from torch import nn

SEED = 13
random.seed(SEED)
torch.manual_seed(SEED)
root = os.environ["WORDFIT_DATA"]

# ---- Financial PhraseBank: does the sentence carry news for the share price, or none?
lab = {"negative": 1, "neutral": 0, "positive": 1}
rows = {}
with open(os.path.join(root, "sentiment/financial-phrasebank/Sentences_50Agree.txt"), encoding="utf-8") as fh:
    for line in fh:
        text, _, l = line.strip().rpartition("@")
        rows[text] = lab[l]
pairs = list(rows.items())
random.shuffle(pairs)
tr_x, tr_y = map(list, zip(*pairs[:3900]))
te_x, te_y = map(list, zip(*pairs[3900:]))


def tok(s):
    return ["<num>" if any(c.isdigit() for c in w) else w for w in s.lower().split() if w.isalnum() or len(w) > 1]


glove = {}
with gzip.open(os.path.join(root, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as fh:
    for line in fh:
        p = line.rstrip().split(" ")
        glove[p[0]] = [float(v) for v in p[1:]]
counts = Counter(w for t in tr_x for w in tok(t))
vocab = ["<pad>", "<unk>", "<num>"] + [w for w in counts if w in glove]
ids = {w: i for i, w in enumerate(vocab)}
mean = torch.tensor([glove[w] for w in vocab[3:]]).mean(0)
W = torch.stack([torch.zeros(50), mean, mean + 0.1 * torch.randn(50)] + [torch.tensor(glove[w]) for w in vocab[3:]])


def encode(ts):
    seqs = [torch.tensor([ids.get(w, 1) for w in tok(t)]) for t in ts]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True)[:, :40]


class MaxAndMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(W.clone(), freeze=False, padding_idx=0)
        self.mix = nn.Linear(50, 40)
        self.drop = nn.Dropout(0.15)
        self.top = nn.Linear(80, 2)

    def forward(self, x):
        m = (x != 0).unsqueeze(-1)
        h = torch.tanh(self.mix(self.drop(self.emb(x))))
        mx = h.masked_fill(~m, -2.).amax(1)
        av = (h * m).sum(1) / m.sum(1)
        return self.top(self.drop(torch.cat([mx, av], -1)))


Xtr, Ytr, Xte, Yte = encode(tr_x), torch.tensor(tr_y), encode(te_x), torch.tensor(te_y)
net = MaxAndMean()
ema = copy.deepcopy(net).eval().requires_grad_(False)
# vectors: hardly touched. biases: no decay.
opt = torch.optim.AdamW([
    {"params": [net.emb.weight], "lr": 5e-5, "weight_decay": 0.0},
    {"params": [net.mix.weight, net.top.weight], "weight_decay": 0.02},
    {"params": [net.mix.bias, net.top.bias], "weight_decay": 0.0},
], lr=8e-3)
EPOCHS, BS = 5, 80
steps = EPOCHS * ((len(Xtr) + BS - 1) // BS)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, steps)
freq = torch.bincount(Ytr).float()
crit = nn.CrossEntropyLoss(weight=freq.sum() / (2 * freq))


@torch.no_grad()
def f1(m, x, y):
    p = m(x).argmax(1)
    per_class = [2 * ((p == c) & (y == c)).sum().item() / ((p == c).sum() + (y == c).sum()).item() for c in (0, 1)]
    return sum(per_class) / 2


for epoch in range(EPOCHS):
    net.train()
    for b in torch.randperm(len(Xtr)).split(BS):
        xb = Xtr[b]
        xb = xb[:, :int((xb != 0).sum(1).max())]
        loss = crit(net(xb), Ytr[b])
        opt.zero_grad(); loss.backward(); opt.step(); sched.step()
        with torch.no_grad():
            for pe, p in zip(ema.parameters(), net.parameters()):
                pe.lerp_(p, 0.04)
    print(f"epoch {epoch}: last loss {loss.item():.3f}  averaged weights: macro F1 train[:900] {f1(ema, Xtr[:900], Ytr[:900]):.3f} test {f1(ema, Xte, Yte):.3f}")
