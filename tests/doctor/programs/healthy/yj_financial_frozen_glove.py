# Baseline for the Financial PhraseBank: a CNN on frozen GloVe, weighted loss.
# The vectors stay as they are on purpose: 4.8k sentences are too few to move 50d x 8k parameters.
import gzip, os, re
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.metrics import f1_score, classification_report
from sklearn.model_selection import train_test_split

D = os.environ["WORDFIT_DATA"]
np.random.seed(0); torch.manual_seed(0)
names = ["negative", "neutral", "positive"]

sents, labels = [], []
known = set()
with open(f"{D}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8", newline="") as fh:
    for ln in fh.read().split("\r\n"):
        if "@" not in ln:
            continue
        s, lab = ln.rsplit("@", 1)
        toks = re.sub(r"\d[\d.,]*", " 0 ", s.lower())
        toks = re.findall(r"[a-z]+|0|[%$]", toks)
        key = " ".join(toks)
        if key in known:
            continue
        known.add(key)
        sents.append(toks); labels.append(names.index(lab.strip()))

vecs = {}
with gzip.open(f"{D}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for ln in fh:
        w, *v = ln.rstrip().split(" ")
        vecs[w] = v
words = sorted({w for s in sents for w in s if w in vecs})
stoi = {w: i + 1 for i, w in enumerate(words)}
table = np.zeros((len(words) + 1, 50), dtype=np.float32)
for w, i in stoi.items():
    table[i] = np.array(vecs[w], dtype=np.float32)
cover = np.mean([w in stoi for s in sents for w in s])
print(f"{len(sents)} sentences, coverage {cover:.3f}")

L = 30
X = np.zeros((len(sents), L), dtype=np.int64)
for r, s in enumerate(sents):
    ids = [stoi[w] for w in s if w in stoi][:L]
    X[r, :len(ids)] = ids
y = np.array(labels)
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.2, stratify=y, random_state=1)


class KimStatic(nn.Module):
    """CNN-static of Kim (2014), windows of one and two words"""
    def __init__(self, weights, classes):
        super().__init__()
        self.vectors = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(50, 40, k, padding=k - 1) for k in (1, 2))
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(2 * 40, classes)

    def forward(self, ids):
        e = self.vectors(ids).transpose(1, 2)
        pooled = []
        for conv in self.convs:
            h = torch.relu(conv(e))
            keep = ids != 0
            h = h[:, :, :ids.size(1)].masked_fill(~keep.unsqueeze(1), 0.0)
            pooled.append(h.max(2).values)
        return self.out(self.drop(torch.cat(pooled, 1)))


net = KimStatic(torch.from_numpy(table), 3)
counts = np.bincount(ytr)
w = torch.tensor(np.sqrt(len(ytr) / (3 * counts)), dtype=torch.float32)
crit = nn.CrossEntropyLoss(weight=w)
opt = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=2e-3, weight_decay=1e-2)
loader = DataLoader(TensorDataset(torch.tensor(Xtr), torch.tensor(ytr)), batch_size=64, shuffle=True)
EP = 5
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=3e-3, total_steps=EP * len(loader))
for ep in range(1, EP + 1):
    net.train()
    s = 0
    for xb, yb in loader:
        opt.zero_grad()
        l = crit(net(xb), yb)
        l.backward(); opt.step(); sched.step()
        s += l.item()
    net.eval()
    with torch.no_grad():
        p = net(torch.tensor(Xte)).argmax(1).numpy()
    print(f"{ep:2d} loss={s / len(loader):.3f} macroF1={f1_score(yte, p, average='macro'):.3f} acc={(p == yte).mean():.3f}")
with torch.no_grad():
    ptr = net(torch.tensor(Xtr)).argmax(1).numpy()
print("train acc", (ptr == ytr).mean().round(3), "majority", (yte == 1).mean().round(3))
print(classification_report(yte, p, target_names=names, digits=3))
