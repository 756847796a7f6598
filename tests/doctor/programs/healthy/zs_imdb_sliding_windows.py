# Long reviews: cut into overlapping windows, embed each window, pool with gated attention (multiple-instance style).
import gzip, os, re
from collections import Counter
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(11)
rng = np.random.RandomState(11)
D = os.environ["WORDFIT_DATA"]
WIN, STRIDE, MAXWIN, NTRAIN, VOCAB = 60, 40, 8, 3000, 1500
tok = re.compile(r"[a-z]+")

with gzip.open(f"{D}/sentiment/imdb/train.tsv.gz", "rb") as f:
    lines = f.read().rstrip(b"\n").split(b"\n")[1:]
docs, labels, seen = [], [], set()
for i in rng.permutation(len(lines)):                    # the file is sorted by label
    lab, _, _, text = lines[i].decode("utf-8").split("\t", 3)
    if text in seen:
        continue
    seen.add(text)
    docs.append(tok.findall(text.lower().replace("<br />", " ")))
    labels.append(int(lab))
    if len(docs) == NTRAIN + 800:
        break
freq = Counter(w for d in docs[:NTRAIN] for w in set(d))
stop = {w for w, _ in freq.most_common(60)} - {"not", "no", "bad", "good", "great"}
word_id = {w: i + 1 for i, w in enumerate([w for w, _ in freq.most_common(VOCAB + 60) if w not in stop])}


def windows(words):
    ids = [word_id[w] for w in words if w in word_id]
    out = np.zeros((MAXWIN, WIN), np.int64)
    starts = list(range(0, max(1, len(ids) - WIN + STRIDE), STRIDE))
    if len(starts) > MAXWIN:                              # long ones keep the beginning and the end
        starts = starts[:MAXWIN // 2] + starts[-MAXWIN // 2:]
    for k, s in enumerate(starts):
        piece = ids[s:s + WIN]
        out[k, :len(piece)] = piece
    return out


X = torch.from_numpy(np.stack([windows(d) for d in docs]))
Y = torch.tensor(labels)
Xtr, Xte, Ytr, Yte = X[:NTRAIN], X[NTRAIN:], Y[:NTRAIN], Y[NTRAIN:]
print("windows per review: %.1f, positives %.2f" % ((X > 0).any(2).sum(1).float().mean(), Ytr.float().mean()))


class GatedWindows(nn.Module):
    def __init__(self, d=12):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(word_id) + 1, d, mode="mean", padding_idx=0)
        self.v, self.u, self.a = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, 1)
        self.drop = nn.Dropout(0.4)
        self.o = nn.Linear(d, 2)

    def forward(self, x):
        b, n, w = x.shape
        e = self.bag(x.reshape(b * n, w)).view(b, n, -1)
        m = (x > 0).any(2)
        m[:, 0] = True                                    # the first window always counts
        gate = self.a(torch.tanh(self.v(e)) * torch.sigmoid(self.u(e))).squeeze(-1)
        alpha = gate.masked_fill(~m, float("-inf")).softmax(1)
        return self.o(self.drop((alpha.unsqueeze(-1) * e).sum(1)))


net = GatedWindows()
EPOCHS, BS = 6, 50
opt = torch.optim.AdamW(net.parameters(), lr=8e-3, weight_decay=0.05)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS * (NTRAIN // BS))


@torch.no_grad()
def accuracy(x, y):
    net.eval()
    return (net(x).argmax(1) == y).float().mean().item()


for ep in range(EPOCHS):
    net.train()
    order = torch.randperm(NTRAIN)
    tot = 0
    for s in range(0, NTRAIN, BS):
        b = order[s:s + BS]
        loss = F.cross_entropy(net(Xtr[b]), Ytr[b], label_smoothing=0.1)
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        tot += loss.item() * len(b)
    print(f"epoch {ep} loss {tot / NTRAIN:.3f} train acc {accuracy(Xtr, Ytr):.3f} test acc {accuracy(Xte, Yte):.3f}")
