# search pictures with german queries: project german captions into the space of (averaged) english GloVe vectors,
# then look for the nearest english caption
import os, re, gzip, random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

ROOT = os.environ["WORDFIT_DATA"]
random.seed(0); torch.manual_seed(0)

def read(name, n):
    with gzip.open(os.path.join(ROOT, "seq2seq/multi30k", name), "rt", encoding="utf-8") as f:
        return [re.findall(r"\w+", next(f).lower()) for _ in range(n)]

N_TRAIN, N_TEST = 9000, 400
de = read("train.de.gz", N_TRAIN) + read("val.de.gz", N_TEST)
en = read("train.en.gz", N_TRAIN) + read("val.en.gz", N_TEST)

needed = {w for s in en for w in s} - set("a an the is are of in on at and with to his her their".split())
glove = {}
with gzip.open(os.path.join(ROOT, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        if w in needed:
            glove[w] = np.array(rest.split(), dtype=np.float32)
common = np.mean(list(glove.values()), 0)

def sent_vec(words):
    vs = [glove[w] - common for w in words if w in glove]
    return np.mean(vs, 0) if vs else np.zeros(50, np.float32)

targets = torch.tensor(np.stack([sent_vec(s) for s in en]))

freq = {}
for s in de[:N_TRAIN]:
    for w in s: freq[w] = freq.get(w, 0) + 1
vocab = {w: i + 1 for i, w in enumerate(sorted(w for w, c in freq.items() if c > 4))}   # 0 = unknown

class QueryTower(nn.Module):
    def __init__(self, n, dim=50):
        super().__init__()
        self.bag = nn.EmbeddingBag(n, 40, mode="mean")
        self.up = nn.Linear(40, dim)

    def forward(self, flat, offsets):
        return self.up(self.bag(flat, offsets))

def collate(indices):
    flat, offsets = [], []
    for i in indices:
        offsets.append(len(flat))
        flat += [vocab.get(w, 0) for w in de[i]]
    return torch.tensor(flat), torch.tensor(offsets), targets[indices]

def recall(tower, rows, k=5):
    tower.eval()
    with torch.no_grad():
        flat, offsets, gold = collate(rows)
        out = tower(flat, offsets)
        dist = torch.cdist(out, gold)
        hit = (dist.argsort(1)[:, :k] == torch.arange(len(rows))[:, None]).any(1)
    return hit.float().mean().item(), F.cosine_similarity(out, gold).mean().item()

tower = QueryTower(len(vocab) + 1)
opt = torch.optim.Adam(tower.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.5e-2, total_steps=4 * 100)
order = list(range(N_TRAIN))
for epoch in range(4):
    tower.train()
    random.shuffle(order)
    total = 0.0
    for s in range(0, N_TRAIN, 90):
        flat, offsets, gold = collate(order[s:s + 90])
        pred = tower(flat, offsets)
        # fault:
        loss = F.cross_entropy(pred, gold)
        # mended:
        # loss = F.mse_loss(pred, gold)
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        total += loss.item()
    r, c = recall(tower, list(range(N_TRAIN, N_TRAIN + N_TEST)))
    rt, ct = recall(tower, list(range(N_TEST)))
    print(f"epoch {epoch}: loss {total / 100:.4f}  recall@5 test {r:.3f} (train {rt:.3f})  cosine test {c:.3f} (train {ct:.3f})")
print(f"chance recall@5: {5 / N_TEST:.3f}")
