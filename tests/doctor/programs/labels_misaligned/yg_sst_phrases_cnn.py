"""Sentence CNN (Kim 2014) on SST-2 phrases, static GloVe."""
import csv, gzip, os, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(11); np.random.seed(11); torch.manual_seed(11)
ROOT = os.environ["WORDFIT_DATA"]
MAXLEN, MINLEN, BATCH, EPOCHS = 20, 6, 100, 4


def load_glove(path, dim=50):
    stoi, rows = {"<pad>": 0, "<unk>": 1}, [np.zeros(dim), np.zeros(dim)]
    with gzip.open(path, "rt", encoding="utf-8") as fh:
        for line in fh:
            w, *v = line.rstrip().split(" ")
            stoi[w] = len(rows)
            rows.append(np.asarray(v, dtype=np.float32))
    return stoi, torch.tensor(np.stack(rows), dtype=torch.float32)


def read_split(path, limit=None):
    rows = list(csv.DictReader(open(path, encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))
    if limit:
        random.shuffle(rows)
        rows = rows[:limit]
    # very short phrases ("the film") carry no sentiment, leave them out
    # fault:
    tokens = [r["sentence"].split() for r in rows]
    tokens = [t for t in tokens if len(t) >= MINLEN]
    labels = [int(r["label"]) for r in rows][:len(tokens)]
    # mended:
    # kept = [r for r in rows if len(r["sentence"].split()) >= MINLEN]
    # tokens = [r["sentence"].split() for r in kept]
    # labels = [int(r["label"]) for r in kept]
    # end
    return tokens, labels


def encode(tokens, stoi):
    X = torch.zeros(len(tokens), MAXLEN, dtype=torch.long)
    for i, t in enumerate(tokens):
        ids = [stoi.get(w, 1) for w in t[:MAXLEN]]
        X[i, :len(ids)] = torch.tensor(ids)
    return X


class KimCNN(nn.Module):
    def __init__(self, vectors, widths=(1, 2), maps=16):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(vectors.size(1), maps, w) for w in widths)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(maps * len(widths), 2)

    def forward(self, x):
        e = self.emb(x).transpose(1, 2)
        h = torch.cat([F.relu(c(e)).amax(-1) for c in self.convs], 1)
        return self.out(self.drop(h))


stoi, vectors = load_glove(os.path.join(ROOT, "vectors", "glove.6B.50d.top10361.txt.gz"))
tr_tok, tr_y = read_split(os.path.join(ROOT, "glue", "SST-2", "train.tsv"), limit=17000)
dv_tok, dv_y = read_split(os.path.join(ROOT, "glue", "SST-2", "dev.tsv"))
Xtr, ytr = encode(tr_tok, stoi), torch.tensor(tr_y)
Xdv, ydv = encode(dv_tok, stoi), torch.tensor(dv_y)
print(f"{len(Xtr)} training phrases, {len(Xdv)} dev sentences")

net = KimCNN(vectors)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [2, 3], gamma=0.3)
for epoch in range(1, EPOCHS + 1):
    net.train()
    running, perm = 0.0, torch.randperm(len(Xtr))
    for b in perm.split(BATCH):
        opt.zero_grad()
        loss = F.cross_entropy(net(Xtr[b]), ytr[b])
        loss.backward()
        opt.step()
        running += loss.item() * len(b)
    sched.step()
    net.eval()
    with torch.no_grad():
        acc = (net(Xdv).argmax(1) == ydv).float().mean().item()
        tacc = (net(Xtr[:2000]).argmax(1) == ytr[:2000]).float().mean().item()
    print(f"epoch {epoch}  loss {running / len(Xtr):.4f}  train acc {tacc:.3f}  dev acc {acc:.3f}")
