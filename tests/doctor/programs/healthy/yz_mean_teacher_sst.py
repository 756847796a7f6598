"""Mean teacher (Tarvainen & Valpola 2017) on SST-2 with 50d GloVe: 3000 labelled + 4000 unlabelled phrases.
Teacher = EMA of the student, never sees a gradient; consistency cost on word-dropout views."""
import os, gzip, csv, random
import numpy as np
import torch, torch.nn as nn, torch.nn.functional as F
from copy import deepcopy

SEED = 99
random.seed(SEED); np.random.seed(SEED); torch.manual_seed(SEED)
DATA = os.environ["WORDFIT_DATA"]

stoi, mat = {"<pad>": 0, "<unk>": 1}, [np.zeros(50), np.zeros(50)]
with gzip.open(f"{DATA}/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as fh:
    for ln in fh:
        parts = ln.rstrip().split(" ")
        stoi[parts[0]] = len(mat)
        mat.append(np.array(parts[1:], dtype=np.float32))
emb = torch.tensor(np.stack(mat), dtype=torch.float32)


def read(fn):
    with open(f"{DATA}/glue/SST-2/{fn}", encoding="utf-8") as fh:
        next(fh)
        return [(s.split(), int(l)) for s, l in (ln.rstrip("\n").split("\t") for ln in fh)]


dev = read("dev.tsv")
taken = {" ".join(s) for s, _ in dev}
pool = [(s, l) for s, l in read("train.tsv") if len(s) >= 6 and " ".join(s) not in taken]
random.shuffle(pool)
L = 32


def tensorise(rows):
    ids = torch.zeros(len(rows), L, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        t = [stoi.get(w, 1) for w in s[:L]]
        ids[i, :len(t)] = torch.tensor(t)
    return ids, torch.tensor([l for _, l in rows])


lab_x, lab_y = tensorise(pool[:3000])
unl_x, _ = tensorise(pool[3000:7000])
dev_x, dev_y = tensorise(dev)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(emb, freeze=True, padding_idx=0)
        self.score = nn.Linear(50, 1)
        self.mlp = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Dropout(.3), nn.Linear(32, 2))

    def forward(self, ids, drop=0.):
        keep = (ids > 0)
        if drop:
            thin = keep & (torch.rand(ids.shape) > drop)
            keep = torch.where(thin.any(1, keepdim=True), thin, keep)
        e = self.emb(ids)
        w = self.score(e).squeeze(-1).masked_fill(~keep, float("-inf")).softmax(1)
        return self.mlp((w.unsqueeze(-1) * e).sum(1))


student = Net()
teacher = deepcopy(student)
for p in teacher.parameters():
    p.requires_grad_(False)
opt = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=5e-3, weight_decay=1e-2)


@torch.no_grad()
def accuracy(m, x, y):
    was = m.training
    m.eval()
    a = (m(x).argmax(1) == y).float().mean().item()
    m.train(was)
    return a


step, RAMP = 0, 120
for epoch in range(8):
    logs = []
    unl = iter(torch.randperm(len(unl_x)).split(100))
    for idx in torch.randperm(len(lab_x)).split(75):
        u = unl_x[next(unl)]
        both = torch.cat([lab_x[idx], u])
        s_logit = student(both, drop=.15)
        with torch.no_grad():
            t_prob = teacher(both, drop=.15).softmax(-1)
        sup = F.cross_entropy(s_logit[:len(idx)], lab_y[idx])
        cons = (s_logit.softmax(-1) - t_prob).pow(2).sum(1).mean()
        w = .5 * np.exp(-5 * (1 - min(1, step / RAMP)) ** 2)
        loss = sup + w * cons
        opt.zero_grad(); loss.backward(); opt.step()
        decay = min(.95, 1 - 1 / (step + 1))
        with torch.no_grad():
            for tp, sp in zip(teacher.parameters(), student.parameters()):
                tp.mul_(decay).add_(sp, alpha=1 - decay)
        step += 1
        logs.append((sup.item(), cons.item()))
    a, b = np.mean(logs, 0)
    print(f"[{epoch}] sup {a:.3f} cons {b:.4f} w {w:.2f} | student dev {accuracy(student, dev_x, dev_y):.3f} "
          f"teacher dev {accuracy(teacher, dev_x, dev_y):.3f}")
print(f"teacher: labelled {accuracy(teacher, lab_x, lab_y):.3f} dev {accuracy(teacher, dev_x, dev_y):.3f} "
      f"majority {max(dev_y.float().mean().item(), 1 - dev_y.float().mean().item()):.3f}")
