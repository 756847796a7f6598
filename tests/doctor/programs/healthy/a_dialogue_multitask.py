"""Two tasks, one encoder: dialogue act (4 classes) and politeness (a score), weighted by learned uncertainties (Kendall et al. 2018);
sparse embeddings in their own optimiser."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(90); torch.manual_seed(90)
ACT = {"request": ["open the window", "send me the file", "pass the salt", "book a table", "fix the printer"],
       "question": ["where is the station", "when does it start", "who wrote the report", "what is the price", "which bus goes there"],
       "statement": ["the train was late", "i bought bread", "it rained all day", "we moved to the north", "the meeting is over"],
       "refusal": ["i will not come", "we cannot do that", "there is no way", "i refuse to sign", "that is out of the question"]}
POLITE = {"please": .5, "kindly": .4, "would you be so nice": .8, "sorry but": .2, "with respect": .3, "damn it": -.7, "right now": -.4, "you fool": -.9, "hurry up": -.5, "listen": -.2, "thanks a lot": .6, "sir": .3}
ACTS = list(ACT)


def turn():
    k = random.randrange(4)
    m = random.sample(list(POLITE), random.randint(0, 3))
    parts = m + [random.choice(ACT[ACTS[k]])]
    random.shuffle(parts)
    return " ".join(parts), k, sum(POLITE[x] for x in m) + random.gauss(0, .05)


data = {}
while len(data) < 2500:
    t, k, p = turn(); data.setdefault(t, (k, p))
data = list(data.items()); random.shuffle(data)
words = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in data[:2000] for w in t.split()}))}


def encode(rows):
    n = max(len(t.split()) for t, _ in rows)
    x = torch.tensor([[words.get(w, 0) for w in t.split()] + [0] * (n - len(t.split())) for t, _ in rows])
    return x, torch.tensor([k for _, (k, _) in rows]), torch.tensor([p for _, (_, p) in rows])


Xtr, Ktr, Ptr = encode(data[:2000])
Xte, Kte, Pte = encode(data[2000:])


class Shared(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.words = nn.Embedding(len(words) + 1, d, padding_idx=0, sparse=True)
        self.query = nn.Linear(d, 2, bias=False)          # one attention per task
        self.act = nn.Sequential(nn.Linear(d, 32), nn.ELU(), nn.Linear(32, 4))
        self.polite = nn.Sequential(nn.Linear(d, 32), nn.ELU(), nn.Linear(32, 1))
        self.s = nn.Parameter(torch.zeros(2))             # log variances of the tasks

    def forward(self, x):
        e = self.words(x)
        gate = torch.sigmoid(self.query(e)) * (x != 0).unsqueeze(-1)
        pooled = torch.einsum("btk,btd->kbd", gate, e)
        return self.act(pooled[0]), self.polite(pooled[1]).squeeze(-1)


net = Shared()
sparse_opt = torch.optim.SparseAdam([net.words.weight], lr=1e-2)
dense_opt = torch.optim.Adam([p for n, p in net.named_parameters() if n != "words.weight"], lr=5e-3)
scheds = [torch.optim.lr_scheduler.CosineAnnealingLR(o, 10 * 40) for o in (sparse_opt, dense_opt)]
for epoch in range(10):
    net.train(); tot = 0.
    for i in torch.randperm(len(Xtr)).split(50):
        a, p = net(Xtr[i])
        ce, mse = F.cross_entropy(a, Ktr[i]), F.mse_loss(p, Ptr[i])
        total = torch.exp(-net.s[0]) * ce + 0.5 * net.s[0] + 0.5 * torch.exp(-net.s[1]) * mse + 0.5 * net.s[1]
        for o in (sparse_opt, dense_opt): o.zero_grad()
        total.backward()
        for o in (sparse_opt, dense_opt): o.step()
        for s in scheds: s.step()
        tot += total.item() / 40
    net.eval()
    with torch.no_grad():
        a, p = net(Xte)
        acc = (a.argmax(1) == Kte).float().mean().item()
        r2 = 1 - F.mse_loss(p, Pte).item() / Pte.var().item()
    print(f"epoch {epoch} total {tot:+.3f} log variances {[round(v, 2) for v in net.s.tolist()]} act acc {acc:.3f} politeness R2 {r2:.3f}")
