# Route library search queries to a reading-room desk. Readers ask about things we have never had in the logs,
# so the evaluation queries use other words of the same subjects; that is what the GloVe vectors are for.
import gzip, os
import numpy as np
import torch
import torch.nn as nn

r = np.random.default_rng(4)
torch.manual_seed(4)
tok, mat = [], []
path = os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz")
for l in gzip.open(path, "rt", encoding="utf-8"):
    parts = l.rstrip("\n").split(" ")
    tok.append(parts[0])
    mat.append(np.array(parts[1:], dtype=np.float32))
mat = np.stack(mat)
row = {w: i for i, w in enumerate(tok)}
unit = mat / np.linalg.norm(mat, axis=1, keepdims=True)

DESKS = {"medicine": "patients disease hospital", "finance": "bank shares investors", "law": "court judge lawyer",
         "science": "physics biology theory", "politics": "election party voters", "war": "troops army bombing"}
subject = {}
taken = set()
for desk, seeds in DESKS.items():
    centre = unit[[row[s] for s in seeds.split()]].mean(0)
    near = [i for i in np.argsort(-unit @ centre) if i not in taken and tok[i].isalpha()][:130]
    taken.update(near)
    subject[desk] = r.permutation(near)
plain = np.array([i for i in range(120) if i not in taken])

logged = {d: w[:75] for d, w in subject.items()}
fresh = {d: w[75:] for d, w in subject.items()}


def queries(words, n):
    names = list(DESKS)
    x, y = np.zeros((n, 4), dtype=np.int64), r.integers(len(names), size=n)
    for i, k in enumerate(y):
        x[i] = r.choice(plain, 4)
        x[i, r.integers(4)] = r.choice(words[names[k]])
    return torch.from_numpy(x), torch.from_numpy(y)


train_x, train_y = queries(logged, 2400)
same_x, same_y = queries(logged, 600)
eval_x, eval_y = queries(fresh, 600)


class Desk(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.vectors = nn.Embedding.from_pretrained(torch.from_numpy(mat), freeze=False)
        # mended:
        # self.vectors = nn.Embedding.from_pretrained(torch.from_numpy(mat), freeze=True)
        # end
        self.desks = nn.Embedding(len(DESKS), 50)

    def forward(self, x):
        q = self.vectors(x).sum(1)
        return q @ self.desks.weight.T / 50 ** 0.5


m = Desk()
opt = torch.optim.Adam([p for p in m.parameters() if p.requires_grad], lr=0.04)
slow = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
ce = nn.CrossEntropyLoss()


def acc(x, y):
    with torch.no_grad():
        return (m(x).argmax(1) == y).float().mean().item()


for epoch in range(8):
    loss_sum = 0
    for b in torch.randperm(2400).split(60):
        loss = ce(m(train_x[b]), train_y[b])
        opt.zero_grad(); loss.backward(); opt.step()
        loss_sum += loss.item() / 40
    slow.step()
    print(f"epoch {epoch} loss {loss_sum:.3f} train {acc(train_x, train_y):.3f} "
          f"logged words {acc(same_x, same_y):.3f} fresh words {acc(eval_x, eval_y):.3f}")
