"""Bachelor thesis: search engine for the course catalogue by metric learning.
Queries and descriptions share one encoder; nothing is classified, the nearest course is returned."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(8)
torch.manual_seed(8)
N_COURSES, PER, COMMON = 24, 6, 40
# vocabulary: 0..143 words that belong to a course, then common words
own = {c: list(range(c * PER, (c + 1) * PER)) for c in range(N_COURSES)}
V = N_COURSES * PER + COMMON


def text(c, n_own, n_common):
    t = random.choices(own[c], k=n_own) + [N_COURSES * PER + random.randrange(COMMON) for _ in range(n_common)]
    random.shuffle(t)
    return t


class Encoder(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.emb = nn.Embedding(V, dim)
        self.gate = nn.Linear(dim, 1)

    def forward(self, x):                      # every text of a batch has the same length: no padding needed
        e = self.emb(x)
        w = torch.sigmoid(self.gate(e))
        return F.normalize((w * e).sum(1), dim=-1)


enc = Encoder()
optimizer = torch.optim.Adam(enc.parameters(), lr=1e-2)
triplet = nn.TripletMarginLoss(margin=0.4)
library = torch.tensor([text(c, 12, 8) for c in range(N_COURSES)])
queries = [(text(c, 2, 4), c) for c in range(N_COURSES) for _ in range(15)]
Q, QC = torch.tensor([q for q, _ in queries]), torch.tensor([c for _, c in queries])


def recall(k):
    enc.eval()
    with torch.no_grad():
        sims = enc(Q) @ enc(library).T
    return (sims.topk(k, 1).indices == QC[:, None]).any(1).float().mean().item()


print(f"before training: R@1 {recall(1):.3f}")
for epoch in range(6):
    enc.train()
    running = 0.0
    for _ in range(60):
        a, p, n = [], [], []
        for _ in range(48):
            c, d = random.sample(range(N_COURSES), 2)
            a.append(text(c, 2, 4))
            p.append(text(c, 2, 4))
            n.append(text(d, 2, 4))
        za, zp, zn = enc(torch.tensor(a)), enc(torch.tensor(p)), enc(torch.tensor(n))
        loss = triplet(za, zp, zn)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running += loss.item()
    print(f"epoch {epoch} triplet loss {running / 60:.4f}  R@1 {recall(1):.3f}  R@3 {recall(3):.3f}")
