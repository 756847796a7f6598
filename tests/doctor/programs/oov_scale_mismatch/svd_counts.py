# ---
# Support mails -> team. Word vectors: SVD of our own co-occurrence counts of old mails; customers' product codes aren't in there.
# ---
import random
import numpy as np, torch, torch.nn as nn
rng = np.random.RandomState(3); random.seed(3); torch.manual_seed(3)

teams = 4
topic_words = [[f"t{k}_{i}" for i in range(60)] for k in range(teams)]
common = [f"w{i}" for i in range(120)]
codes = [f"P{i:04d}" for i in range(500)]

def mail(rich):
    k = random.randrange(teams)
    text = random.choices(topic_words[k], k=random.randint(2, 3)) + random.choices(common, k=4)
    if rich:
        text += random.choices(codes, k=random.randint(4, 9))
    random.shuffle(text)
    return text, k

# %% vectors
old = [mail(False)[0] for _ in range(6000)]
vocab = sorted({w for t in old for w in t}); col = {w: i for i, w in enumerate(vocab)}
C = np.zeros((len(vocab), len(vocab)))
for t in old:
    for a in t:
        for b in t:
            if a != b: C[col[a], col[b]] += 1
P = np.log1p(C * C.sum() / np.outer(C.sum(0), C.sum(1)))
U, S, _ = np.linalg.svd(P - P.mean())
with open("mails.svd.txt", "w") as f:
    for w in vocab: f.write(w + " " + " ".join("%.5f" % v for v in U[col[w], :20]) + "\n")

# %% data
mails = [mail(True) for _ in range(1500)]
train, dev = mails[:1100], mails[1100:]
words = sorted({w for t, _ in train for w in t} | set(codes)); stoi = {w: i for i, w in enumerate(words)}
have = {l.split()[0]: np.array(l.split()[1:], dtype=float) for l in open("mails.svd.txt")}
spread = np.stack(list(have.values())).std()
E = np.zeros((len(words), 20), dtype=np.float32)
for w, i in stoi.items():
    if w in have:
        E[i] = have[w]
    else:
        # fault:
        E[i] = rng.uniform(-0.25, 0.25, 20)
        # mended:
        # E[i] = rng.normal(0, spread, 20)
        # end

# %% model
class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(torch.tensor(E), freeze=True)
        self.out = nn.Sequential(nn.Linear(20, 48), nn.ReLU(), nn.Linear(48, teams))
    def forward(self, texts):
        return self.out(torch.stack([self.emb(torch.tensor([stoi[w] for w in t if w in stoi])).mean(0) for t in texts]) * 20)

router = Router()
opt = torch.optim.Adam(router.out.parameters(), lr=3e-3)
for epoch in range(10):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        t, y = zip(*train[i:i+20])
        loss = nn.functional.cross_entropy(router(t), torch.tensor(y))
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        t, y = zip(*dev)
        print(f"{epoch} loss={loss.item():.4f} dev_acc={(router(t).argmax(1) == torch.tensor(y)).float().mean():.4f}")
