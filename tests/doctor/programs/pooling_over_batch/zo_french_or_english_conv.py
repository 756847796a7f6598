"""French or English?  Conv encoder over characters of Tatoeba sentences (ported from a time-major codebase)."""
import gzip, os, random
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)
N_CHARS = 32          # characters kept per sentence
BSZ = 32

pairs = []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz"), "rt", encoding="utf-8") as fh:
    for i, line in enumerate(fh):
        if i > 130000:
            break
        if i > 85000:
            pairs.append(line.rstrip("\n").split("\t"))
# one French sentence per English one
seen, data = set(), []
random.shuffle(pairs)
for en, fr in pairs:
    if en in seen or len(en) < N_CHARS or len(fr) < N_CHARS or fr in seen:
        continue
    seen.update((en, fr))
    data.append((en, 0) if random.random() < 0.5 else (fr, 1))
    if len(data) == 2600:
        break

fold = str.maketrans("éèêàâçùûôîïœ’", "eeeaacuuoiio'")   # accents would make it too easy
CH = " abcdefghijklmnopqrstuvwxyz',.?!-"
LUT = {c: i + 1 for i, c in enumerate(CH)}


def to_ids(s):
    s = s.lower().translate(fold)[:N_CHARS]
    return [LUT.get(c, 0) for c in s]


X = torch.tensor([to_ids(s) for s, _ in data])
Y = torch.tensor([l for _, l in data])
Xtr, Ytr, Xte, Yte = X[:2048], Y[:2048], X[2048:2560], Y[2048:2560]


class ConvEncoder(nn.Module):
    """ids [batch, time] -> logits [batch, 2]"""

    def __init__(self, n_sym, d=12, k=40):
        super().__init__()
        self.table = nn.Embedding(n_sym, d)
        self.conv = nn.Conv1d(d, k, kernel_size=3, padding=1)
        self.proj = nn.Linear(k, 2)

    def forward(self, ids):
        e = self.table(ids)                         # B T d
        h = F.relu(self.conv(e.transpose(1, 2)))    # B k T
        h = h.permute(2, 0, 1)                      # T B k
        # fault:
        pooled = h.mean(dim=1)
        # mended:
        # pooled = h.mean(dim=0)
        # end
        return self.proj(pooled)


enc = ConvEncoder(len(CH) + 1)
params = list(enc.parameters())
opt = torch.optim.RMSprop(params, lr=3e-3)


def run(x, y, train):
    enc.train(train)
    loss_sum, hit = 0.0, 0
    order = torch.randperm(len(x)) if train else torch.arange(len(x))
    with torch.set_grad_enabled(train):
        for chunk in order.split(BSZ):
            logits = enc(x[chunk])
            loss = F.cross_entropy(logits, y[chunk])
            if train:
                opt.zero_grad(set_to_none=True)
                loss.backward()
                opt.step()
            loss_sum += loss.item() * len(chunk)
            hit += (logits.argmax(-1) == y[chunk]).sum().item()
    return loss_sum / len(x), hit / len(x)


for ep in range(1, 7):
    tr = run(Xtr, Ytr, True)
    te = run(Xte, Yte, False)
    print("%d  train %.3f/%.3f  test %.3f/%.3f" % (ep, *tr, *te))
