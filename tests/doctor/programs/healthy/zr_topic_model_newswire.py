# Neural topic model (ProdLDA flavour, logistic-normal prior) on Reuters stories
import gzip, os, re, math
import numpy as np
import torch
from torch import nn
from collections import Counter

torch.manual_seed(1)
docs, cur = [], []
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "corpora", "reuters-21578-bodies.txt.gz"), "rt", encoding="utf-8", errors="replace") as fh:
    for line in fh:
        if line.strip():
            cur.append(line)
        elif cur:
            docs.append(" ".join(cur)); cur = []
        if len(docs) >= 3600:
            break
docs = list(dict.fromkeys(docs))
bags = [Counter(re.findall(r"[a-z]{3,}", d.lower())) for d in docs]
total = Counter()
for b in bags:
    total.update(b)
names = [w for w, _ in total.most_common(430)][30:]             # without the thirty most frequent: the, and, said ...
col = {w: i for i, w in enumerate(names)}
N = np.zeros((len(bags), len(names)), dtype=np.float32)
for r, b in enumerate(bags):
    for w, n in b.items():
        if w in col:
            N[r, col[w]] = n
N = N[N.sum(1) >= 10]
N = torch.from_numpy(N[np.random.RandomState(0).permutation(len(N))])
valid, train = N[:500], N[500:]
V, K = N.shape[1], 12
print(len(train), "documents to train on,", len(valid), "held out,", V, "words")


class Topics(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(V, h), nn.Softplus(), nn.Dropout(0.1))
        self.mu, self.lv = nn.Linear(h, K), nn.Linear(h, K)
        nn.init.zeros_(self.lv.weight); nn.init.constant_(self.lv.bias, -1.0)
        self.beta = nn.Linear(K, V)
        nn.init.normal_(self.beta.weight, std=0.1)

    def forward(self, n):
        h = self.enc(torch.log1p(n))
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * (lv / 2).exp() if self.training else mu
        logp = self.beta(z.softmax(1) * K).log_softmax(1)
        rec = -(n * logp).sum(1)
        kl = 0.5 * (lv.exp() + mu ** 2 - 1 - lv).sum(1)
        return rec, kl


model = Topics()
with torch.no_grad():                      # the bias starts at the unigram model
    uni = (train.sum(0) + 1) / (train.sum() + V)
    model.beta.bias.copy_(uni.log())
opt = torch.optim.Adam(model.parameters(), lr=1.5e-2, betas=(0.95, 0.999))
sch = torch.optim.lr_scheduler.StepLR(opt, 2, gamma=0.6)
uni_ppl = math.exp(-(valid @ uni.log()).sum().item() / valid.sum().item())
for ep in range(7):
    model.train()
    anneal = min(1.0, (ep + 1) / 3)
    rec_sum = kl_sum = 0.0
    for idx in torch.randperm(len(train)).split(64):
        rec, kl = model(train[idx])
        loss = (rec + anneal * kl).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        rec_sum += rec.sum().item(); kl_sum += kl.sum().item()
    sch.step()
    model.eval()
    with torch.no_grad():
        rec, kl = model(valid)
        rt, kt = model(train)
    print(f"ep {ep} rec {rec_sum / len(train):.2f} kl {kl_sum / len(train):.2f} | ppl train {math.exp((rt + kt).sum() / train.sum()):.1f} "
          f"valid {math.exp((rec + kl).sum() / valid.sum()):.1f} (unigram {uni_ppl:.1f})")
w = model.beta.weight.detach()
for k in range(0, K, 3):
    print("topic", k, " ".join(names[i] for i in w[:, k].topk(7).indices))
