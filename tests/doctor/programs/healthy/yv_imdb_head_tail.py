"""IMDB reviews: people give their verdict in the opening and in the closing lines.
So we keep the first 60 and the last 90 tokens of each review and average both parts separately
(frozen GloVe, two learned projections)."""
import gzip, os, re, random
from pathlib import Path
import numpy as np
import torch
from torch import nn

DATA = Path(os.environ["WORDFIT_DATA"])
HEAD, TAIL, N_TRAIN, N_DEV = 60, 90, 3000, 1000
random.seed(11); torch.manual_seed(11)
word_re = re.compile(r"[a-z]+|n't|'[a-z]+|[!?.,]")


def load_glove(path):
    words, rows = ["<pad>"], []
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, rest = line.split(" ", 1)
            words.append(w)
            rows.append(np.fromstring(rest, sep=" ", dtype=np.float32))
    mat = np.vstack([np.zeros((1, len(rows[0])), np.float32)] + rows)
    mat[1:] -= mat[1:].mean(0)                      # centre the space
    return {w: i for i, w in enumerate(words)}, mat


def read_reviews(n):
    lines = gzip.decompress((DATA / "sentiment/imdb/train.tsv.gz").read_bytes()).split(b"\n")[1:]
    for l in random.sample([l for l in lines if l], n):      # the file is sorted by label
        lab, _, _, text = l.decode("utf-8").split("\t", 3)
        yield text.replace("<br />", " ").lower(), int(lab)


vocab, mat = load_glove(DATA / "vectors/glove.6B.50d.top10361.txt.gz")


def encode(text):
    toks = word_re.findall(text.replace("n't", " n't"))
    if len(toks) <= HEAD + TAIL:
        k = len(toks) * HEAD // (HEAD + TAIL)
        a, b = toks[:k], toks[k:]
    else:
        a, b = toks[:HEAD], toks[-TAIL:]
    out = np.zeros(HEAD + TAIL, np.int64)
    ia = [vocab[t] for t in a if t in vocab]        # words without a vector are left out
    ib = [vocab[t] for t in b if t in vocab]
    out[:len(ia)] = ia
    out[HEAD:HEAD + len(ib)] = ib
    return out


def tensors(n):
    xs, ys = zip(*((encode(t), y) for t, y in dict(read_reviews(n)).items()))
    return torch.from_numpy(np.stack(xs)), torch.tensor(ys, dtype=torch.float32)


class HeadTail(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=0)
        d = weights.shape[1]
        self.proj_h, self.proj_t = nn.Linear(d, 32), nn.Linear(d, 32)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(128, 1)

    def part(self, ids, proj):
        m = (ids != 0).unsqueeze(-1).float()
        h = torch.relu(proj(self.emb(ids))) * m
        return h.sum(1) / m.sum(1).clamp(min=1), h.amax(1)

    def forward(self, ids):
        feats = self.part(ids[:, :HEAD], self.proj_h) + self.part(ids[:, HEAD:], self.proj_t)
        return self.out(self.drop(torch.cat(feats, -1))).squeeze(-1)


x, y = tensors(N_TRAIN + N_DEV)
xtr, xde, ytr, yde = x[N_DEV:], x[:N_DEV], y[N_DEV:], y[:N_DEV]
net = HeadTail(mat)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=4e-3)
EPOCHS = 5
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
lossf = nn.BCEWithLogitsLoss()
for ep in range(EPOCHS):
    net.train(); tot = 0.0
    for idx in torch.randperm(len(ytr)).split(64):
        opt.zero_grad()
        loss = lossf(net(xtr[idx]), ytr[idx])
        loss.backward(); opt.step()
        tot += loss.item() * len(idx)
    sched.step()
    net.eval()
    with torch.no_grad():
        tr = ((net(xtr[:1000]) > 0).float() == ytr[:1000]).float().mean()
        de = ((net(xde) > 0).float() == yde).float().mean()
    print(f"epoch {ep}: loss {tot / len(ytr):.4f}  train acc {tr:.3f}  dev acc {de:.3f}")
