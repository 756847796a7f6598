# Language identification from character bigrams (tatoeba-like + multi30k). Kaggle "playground" style script.
import gzip, os, random, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

class CFG:
    seed = 77
    langs = ["en", "de", "fr", "cs"]
    per_lang = 600
    chars = 14          # only a snippet of the line
    buckets = 512
    hidden = 48
    lr = 3e-3
    epochs = 8
    bs = 64

def seed_everything(s):
    random.seed(s); np.random.seed(s); torch.manual_seed(s)

seed_everything(CFG.seed)
t0 = time.time()

samples = []
for li, lang in enumerate(CFG.langs):
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", f"val.{lang}.gz")
    lines = gzip.open(path, "rt", encoding="utf-8").read().splitlines()[: CFG.per_lang]
    for s in lines:
        s = s.lower().strip()
        start = random.randrange(max(1, len(s) - CFG.chars))
        samples.append((s[start:start + CFG.chars], li))
random.shuffle(samples)

def hash_bigrams(s):
    v = np.zeros(CFG.buckets, dtype=np.float32)
    for a, b in zip(s, s[1:]):
        v[(ord(a) * 131 + ord(b)) % CFG.buckets] += 1.0
    return v / max(1.0, np.sqrt((v ** 2).sum()))

X = torch.from_numpy(np.stack([hash_bigrams(s) for s, _ in samples]))
y = torch.tensor([l for _, l in samples])
n_val = len(X) // 5
Xv, yv, Xt, yt = X[:n_val], y[:n_val], X[n_val:], y[n_val:]

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(CFG.buckets, CFG.hidden)
        self.fc2 = nn.Linear(CFG.hidden, len(CFG.langs))
        # fault:
        nn.init.constant_(self.fc1.bias, -1.0)
        # mended:
        # nn.init.constant_(self.fc1.bias, 0.0)
        # end

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))

net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=CFG.lr, weight_decay=1e-2)

best = 0
for ep in range(CFG.epochs):
    net.train()
    losses = []
    for idx in torch.randperm(len(Xt)).split(CFG.bs):
        loss = F.cross_entropy(net(Xt[idx]), yt[idx])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        out = net(Xv)
        val = F.cross_entropy(out, yv).item()
        acc = (out.argmax(1) == yv).float().mean().item()
    best = max(best, acc)
    print(f"[{ep + 1}/{CFG.epochs}] train {np.mean(losses):.4f} val {val:.4f} acc {acc:.4f} ({time.time() - t0:.1f}s)")
print("CV best:", round(best, 4))
