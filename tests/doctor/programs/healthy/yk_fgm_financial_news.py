# Financial PhraseBank, 3 unbalanced classes. GloVe stays frozen; FGM attack (Miyato et al.) on the looked-up vectors as a regulariser.
import os, gzip, re, random
import numpy as np, torch, torch.nn as nn, torch.nn.functional as F
SEED = 2020
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]
LABELS = {"negative": 0, "neutral": 1, "positive": 2}
class CFG:
    bs = 64; epochs = 6; lr = 5e-3; eps = .3; maxlen = 36

vecs = {}
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for l in f:
        w, r = l.split(" ", 1); vecs[w] = np.array(r.split(), dtype=np.float32)

rows = []
for l in dict.fromkeys(open(f"{DATA}/sentiment/financial-phrasebank/Sentences_50Agree.txt", encoding="utf-8").read().splitlines()):
    s, _, lab = l.strip().rpartition("@")
    t = [("0" if w[0].isdigit() else w) for w in re.findall(r"[a-z]+|[\d.,]*\d|[%$-]", s.lower())][:CFG.maxlen]
    if any(w in vecs for w in t): rows.append((tuple(t), LABELS[lab]))
rows = list(dict(rows).items()); random.shuffle(rows)        # one row per distinct token sequence
cut = int(.8 * len(rows)); tr, va = rows[:cut], rows[cut:]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in rows for w in t if w in vecs}))}
table = np.zeros((len(vocab) + 2, 50), np.float32)
for w, i in vocab.items(): table[i] = vecs[w]

def loader(data, train):
    order = np.random.permutation(len(data)) if train else np.arange(len(data))
    for k in range(0, len(order), CFG.bs):
        part = [data[i] for i in order[k:k + CFG.bs]]
        L = max(len(t) for t, _ in part)
        x = np.zeros((len(part), L), np.int64)
        for i, (t, _) in enumerate(part): x[i, :len(t)] = [vocab.get(w, 1) for w in t]
        yield torch.from_numpy(x), torch.tensor([y for _, y in part])

def macro_f1(t, p):
    t, p = np.array(t), np.array(p)
    return np.mean([2 * ((t == k) & (p == k)).sum() / max(1, (t == k).sum() + (p == k).sum()) for k in range(3)])

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=True, padding_idx=0)
        self.conv = nn.Conv1d(50, 32, 3, padding=1); self.drop = nn.Dropout(.4); self.fc = nn.Linear(64, 3)
    def head(self, e, m):
        h = F.relu(self.conv(e.transpose(1, 2))).transpose(1, 2)
        mx = h.masked_fill(~m.unsqueeze(-1), 0).amax(1)                      # relu output, so 0 is neutral for max
        mean = (h * m.unsqueeze(-1)).sum(1) / m.sum(1, keepdim=True)
        return self.fc(self.drop(torch.cat([mx, mean], 1)))
    def forward(self, x): return self.head(self.emb(x), x > 0)

model = Model()
count = np.bincount([y for _, y in tr]); weight = torch.tensor(np.sqrt(count.max() / count), dtype=torch.float32)
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=CFG.lr, weight_decay=.02)
sch = torch.optim.lr_scheduler.CosineAnnealingLR(opt, CFG.epochs)

def evaluate(data):
    model.eval(); p, t = [], []
    with torch.no_grad():
        for x, y in loader(data, False): p += model(x).argmax(1).tolist(); t += y.tolist()
    return macro_f1(t, p), np.mean(np.array(p) == np.array(t))

print("classes", count, "majority", round(count.max() / count.sum(), 3))
for ep in range(CFG.epochs):
    model.train(); clean = adv = 0.
    for n, (x, y) in enumerate(loader(tr, True), 1):
        m = x > 0
        e = model.emb(x).requires_grad_(True)
        loss = F.cross_entropy(model.head(e, m), y, weight=weight)
        opt.zero_grad()
        loss.backward()                                                      # 1st pass: clean gradients, and d loss / d e
        d = e.grad; norm = d.flatten(1).norm(dim=1).clamp_min(1e-12)[:, None, None]
        loss_adv = F.cross_entropy(model.head(e.detach() + CFG.eps * d / norm, m), y, weight=weight)
        loss_adv.backward()                                                  # 2nd pass is added to the first
        opt.step(); clean += loss.item(); adv += loss_adv.item()
    sch.step()
    print("epoch %d clean %.4f adversarial %.4f | valid macro-F1 %.4f acc %.4f" % (ep + 1, clean / n, adv / n, *evaluate(va)))
print("train macro-F1 %.4f acc %.4f" % evaluate(tr))
