"""
An energy-based model of English spelling. E(word) is a scalar; the data should have low energy.
Trained with noise contrastive estimation: the noise distribution is a character *unigram* model of the
same lengths, whose log-density we know exactly, so sigma(-E - log q) is the chance of being a real word.
The energy is written as E = -log q + f, f a small network, so that training starts at the noise model.
"""
import gzip, os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(11)
torch.manual_seed(11)
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz")
with gzip.open(path, "rt", encoding="utf8") as fh:
    lexicon = [ln.split(" ", 1)[0] for ln in fh]
lexicon = sorted({w for w in lexicon if w.isascii() and w.isalpha() and 4 <= len(w) <= 10})
rng.shuffle(lexicon)
L, A = 10, 27                                       # 0 = after the end

codes = np.zeros((len(lexicon), L), dtype=np.int64)
for i, w in enumerate(lexicon):
    codes[i, :len(w)] = [ord(c) - 96 for c in w]
train, test = codes[:-1000], codes[-1000:]
char_p = np.bincount(train[train > 0], minlength=A)[1:] / (train > 0).sum()
len_p = np.bincount((train > 0).sum(1), minlength=L + 1) / len(train)
logc = torch.tensor(np.concatenate([[0.0], np.log(char_p)]), dtype=torch.float32)
logl = torch.tensor(np.log(np.maximum(len_p, 1e-9)), dtype=torch.float32)


def noise(n):
    lens = rng.choice(L + 1, size=n, p=len_p)
    out = rng.choice(np.arange(1, A), size=(n, L), p=char_p)
    out[np.arange(L)[None] >= lens[:, None]] = 0
    return torch.from_numpy(out)


def log_q(x):
    return logc[x].sum(1) + logl[(x > 0).sum(1)]


class Energy(nn.Module):
    def __init__(self, d=16, h=24):
        super().__init__()
        self.emb = nn.Embedding(A, d)               # the end mark 0 is a symbol of its own: endings matter here
        self.conv = nn.Conv1d(d, h, 3, padding=1)
        self.out = nn.Linear(h, 1)
        self.len_bias = nn.Embedding(L + 1, 1)

    def forward(self, x):
        h = F.silu(self.conv(self.emb(x).transpose(1, 2)))
        inside = torch.ones_like(x, dtype=torch.bool)
        inside[:, 1:] = x[:, :-1] > 0               # the letters and the first end mark
        h = (h * inside[:, None]).sum(2) / 4
        f = self.out(h).squeeze(1) + self.len_bias((x > 0).sum(1)).squeeze(1)
        return f - log_q(x)


energy = Energy()
nn.init.zeros_(energy.len_bias.weight)
opt = torch.optim.Adam(energy.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=5 * (len(train) // 160))
data = torch.from_numpy(train)


def logit(x):
    return -energy(x) - log_q(x)


def auc(p, q):
    s = torch.cat([p, q]); r = s.argsort().argsort().float() + 1
    n, m = len(p), len(q)
    return ((r[:n].sum() - n * (n + 1) / 2) / (n * m)).item()


te_real, te_noise = torch.from_numpy(test), noise(1000)
for epoch in range(5):
    energy.train(); total = 0.0
    perm = torch.randperm(len(data))
    for k in range(len(data) // 160):
        x = data[perm[k * 160:(k + 1) * 160]]
        xn = noise(len(x))
        loss = F.softplus(-logit(x)).mean() + F.softplus(logit(xn)).mean()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(energy.parameters(), 5.0)
        opt.step(); sched.step()
        total += loss.item()
    energy.eval()
    with torch.no_grad():
        lr_, ln_ = logit(te_real), logit(te_noise)
        held = (F.softplus(-lr_).mean() + F.softplus(ln_).mean()).item()
        print(f"epoch {epoch + 1}: nce train {total / (k + 1):.4f}  held-out {held:.4f}  AUC {auc(lr_, ln_):.4f}"
              f"  E(real) {energy(te_real).mean():.2f}  E(noise) {energy(te_noise).mean():.2f}")
print("chance is nce 1.386, AUC 0.5")
