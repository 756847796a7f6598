import gzip, os, re, random
import numpy as np
import torch
from torch import nn

# Documents are read as sentences of words: words -> sentence vectors (masked mean through a gated layer),
# sentence vectors -> document (attention), as in HAN but without recurrent parts. Vectors stay as they are.

SEED, N_TRAIN, N_TEST, MAX_S, MAX_W = 4, 1800, 400, 8, 18
random.seed(SEED); torch.manual_seed(SEED)
data_dir = os.environ["WORDFIT_DATA"]

word_ids, matrix = {"<pad>": 0}, [np.zeros(50, np.float32)]
with gzip.open(os.path.join(data_dir, "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        word_ids[w] = len(matrix)
        matrix.append(np.array(rest.split(), dtype=np.float32))


def load(n):
    with gzip.open(os.path.join(data_dir, "sentiment", "imdb", "train.tsv.gz"), "rt", encoding="utf-8") as f:
        f.readline()
        lines = f.readlines()
    random.shuffle(lines)
    x = torch.zeros(n, MAX_S, MAX_W, dtype=torch.long)
    y = torch.empty(n)
    for i, line in enumerate(lines[:n]):
        label, _, _, text = line.rstrip("\n").split("\t", 3)
        y[i] = float(label)
        sents = re.split(r"(?<=[.!?])\s+|<br />", text.lower())
        sents = [[word_ids[w] for w in re.findall(r"[a-z]+", s) if w in word_ids][:MAX_W] for s in sents]
        sents = [s for s in sents if len(s) > 1]
        half = MAX_S // 2                          # opening and closing sentences say most
        sents = sents if len(sents) <= MAX_S else sents[:half] + sents[-half:]
        for j, s in enumerate(sents):
            x[i, j, :len(s)] = torch.tensor(s)
    return x, y


class Hierarchy(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.tensor(np.stack(matrix)), freeze=True)
        self.gate, self.value = nn.Linear(50, width), nn.Linear(50, width)
        self.key = nn.Linear(width, 1)
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Dropout(0.2), nn.Linear(width, 1))

    def forward(self, x):
        wm = (x > 0).float().unsqueeze(-1)
        e = self.words(x)
        h = torch.sigmoid(self.gate(e)) * torch.tanh(self.value(e)) * wm
        s = h.sum(2) / wm.sum(2).clamp(min=1).sqrt()
        sm = (x > 0).any(-1)
        a = self.key(torch.tanh(s)).squeeze(-1).masked_fill(~sm, -1e4).softmax(-1)
        return self.head((a.unsqueeze(-1) * s).sum(1)).squeeze(-1)


x, y = load(N_TRAIN + N_TEST)
xtr, ytr, xte, yte = x[:N_TRAIN], y[:N_TRAIN], x[N_TRAIN:], y[N_TRAIN:]
model = Hierarchy()
opt = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-2, weight_decay=1e-4)
lossf = nn.BCEWithLogitsLoss()


def acc(x, y):
    model.eval()
    with torch.inference_mode():
        z = torch.cat([model(c) for c in x.split(400)])
    return ((z > 0) == (y > 0.5)).float().mean().item()


for epoch in range(4):
    model.train()
    for g in opt.param_groups:
        g["lr"] = 1e-2 * (1 - epoch / 4)
    tot = 0.
    for idx in torch.randperm(N_TRAIN).split(24):
        loss = lossf(model(xtr[idx]), ytr[idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        tot += loss.item() * len(idx)
    print("epoch", epoch, "loss %.4f" % (tot / N_TRAIN), "train acc %.3f" % acc(xtr[:400], ytr[:400]), "test acc %.3f" % acc(xte, yte))
