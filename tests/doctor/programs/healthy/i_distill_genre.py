"""Teacher and student. The teacher (embeddings + wide MLP) learns where ten words were taken from
(captions, newswire, film reviews); the student, with 6 dimensions, learns from the teacher's soft targets."""
import gzip, os, re, random
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
random.seed(0); torch.manual_seed(0)


def windows(path, n, skip=0):
    out = []
    with gzip.open(os.path.join(DATA, path), "rt", encoding="utf-8") as f:
        for line in f:
            words = re.findall(r"[a-z]+", line.lower().replace("<br />", " "))
            if len(words) >= 10:
                s = random.randint(0, len(words) - 10)
                out.append(words[s:s + 10])
            if len(out) == n:
                return out


texts = [windows("seq2seq/multi30k/train.en.gz", 2600), windows("corpora/reuters-21578-bodies.txt.gz", 2600),
         windows("corpora/imdb-unsup-25k.txt.gz", 2600)]
pairs = [(w, c) for c, ts in enumerate(texts) for w in ts]
random.shuffle(pairs)
train, test = pairs[:6600], pairs[6600:]
count = Counter(w for ws, _ in train for w in ws)
V = {w: i for i, (w, _) in enumerate(count.most_common(1500), 1)}      # 0 = any other word


def enc(rows):
    return torch.tensor([[V.get(w, 0) for w in ws] for ws, _ in rows]), torch.tensor([c for _, c in rows])


Xtr, ytr = enc(train)
Xte, yte = enc(test)


def net(dim, hidden, p):
    class Bag(nn.Module):
        def __init__(self):
            super().__init__()
            self.e = nn.Embedding(len(V) + 1, dim)
            self.drop = nn.Dropout(p)
            self.f = nn.Sequential(nn.Linear(dim, hidden), nn.GELU(), nn.Dropout(p), nn.Linear(hidden, 3))

        def forward(self, x):
            return self.f(self.drop(self.e(x)).mean(1))            # always ten words
    return Bag()


def score(m, x, y):
    m.eval()
    with torch.no_grad():
        return (m(x).argmax(1) == y).float().mean().item()


def run(m, epochs, lr, loss_fn, tag):
    opt = torch.optim.Adam(m.parameters(), lr=lr, weight_decay=1e-4)
    for ep in range(epochs):
        m.train()
        total = 0.
        for idx in torch.randperm(len(Xtr)).split(100):
            loss = loss_fn(m, idx)
            opt.zero_grad(); loss.backward(); opt.step()
            total += loss.item() * len(idx)
        print(f"{tag} {ep + 1}  loss {total / len(Xtr):.4f}  train {score(m, Xtr, ytr):.3f}  test {score(m, Xte, yte):.3f}")


teacher = net(32, 64, 0.5)
run(teacher, 4, 8e-3, lambda m, i: F.cross_entropy(m(Xtr[i]), ytr[i]), "teacher")
for p in teacher.parameters():
    p.requires_grad_(False)
teacher.eval()
with torch.no_grad():
    soft = torch.cat([teacher(x) for x in Xtr.split(500)])

T = 2.0


def distill(m, i):
    z = m(Xtr[i])
    kd = F.kl_div(F.log_softmax(z / T, 1), F.softmax(soft[i] / T, 1), reduction="batchmean") * T * T
    return 0.7 * kd + 0.3 * F.cross_entropy(z, ytr[i])


student = net(6, 8, 0.1)
run(student, 5, 2e-2, distill, "student")
n = lambda m: sum(p.numel() for p in m.parameters())
agree = (student(Xte).argmax(1) == teacher(Xte).argmax(1)).float().mean().item()
print(f"parameters {n(teacher)} -> {n(student)}, agreement with the teacher on test {agree:.3f}")
