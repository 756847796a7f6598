"""Log sessions: event vectors are learned on unlabelled sessions, then a small classifier is fitted on the few labelled ones."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(5)
torch.manual_seed(5)
N_SUB, PER_SUB, DIM = 16, 25, 24
EVENTS = [f"E{s:02d}-{k:02d}" for s in range(N_SUB) for k in range(PER_SUB)]
V = len(EVENTS) + 1           # 0 is kept for padding
perm = rng.permutation(len(EVENTS)) + 1


def session():
    a, b = rng.choice(N_SUB, 2, replace=False)
    n = int(rng.integers(6, 15))
    subs = np.where(rng.random(n) < 0.7, a, b)
    return perm[subs * PER_SUB + rng.integers(0, PER_SUB, n)], int(a < N_SUB // 2)


unlabelled = [session()[0] for _ in range(3000)]
labelled = [session() for _ in range(160)]
held_out = [session() for _ in range(800)]


class EventVectors(nn.Module):
    """skip-gram with negative samples"""

    def __init__(self, size, dim):
        super().__init__()
        self.events = nn.Embedding(size, dim, padding_idx=0)
        self.context = nn.Embedding(size, dim)
        nn.init.normal_(self.context.weight, std=0.1)

    def forward(self, centre, other, negative):
        c = self.events(centre)
        pos = (c * self.context(other)).sum(-1)
        neg = torch.einsum("bd,bkd->bk", c, self.context(negative))
        return -(F.logsigmoid(pos) + F.logsigmoid(-neg).sum(-1)).mean()


pairs = np.array([(s[i], s[j]) for s in unlabelled for i in range(len(s)) for j in range(max(0, i - 3), min(len(s), i + 4)) if i != j])
pairs = torch.from_numpy(pairs)
sg = EventVectors(V, DIM)
opt = torch.optim.Adam(sg.parameters(), lr=0.02)
for step in range(500):
    pick = pairs[torch.randint(len(pairs), (1024,))]
    loss = sg(pick[:, 0], pick[:, 1], torch.randint(1, V, (1024, 5)))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 125 == 124:
        print(f"skip-gram step {step + 1} loss {loss.item():.3f}")
torch.save(sg.state_dict(), "events.pt")


class SessionClassifier(nn.Module):
    def __init__(self, size, dim, path):
        super().__init__()
        self.table = nn.Embedding(size, dim, padding_idx=0)
        state = torch.load(path)
        # fault:
        self.load_state_dict(state, strict=False)
        # mended:
        # self.table.load_state_dict({"weight": state["events.weight"]})
        # end
        self.table.weight.requires_grad_(False)
        self.head = nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Dropout(0.2), nn.Linear(16, 1))

    def forward(self, ids):
        here = (ids != 0).unsqueeze(-1).float()
        return self.head((self.table(ids) * here).sum(1) / here.sum(1)).squeeze(-1)


def pack(rows):
    ids = torch.zeros(len(rows), max(len(s) for s, _ in rows), dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        ids[i, :len(s)] = torch.from_numpy(s)
    return ids, torch.tensor([float(y) for _, y in rows])


clf = SessionClassifier(V, DIM, "events.pt")
opt = torch.optim.Adam(clf.head.parameters(), lr=0.01, weight_decay=1e-3)
x, y = pack(labelled)
xd, yd = pack(held_out)
for epoch in range(40):
    clf.train()
    for idx in torch.randperm(len(x)).split(20):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(clf(x[idx]), y[idx]).backward()
        opt.step()
    if epoch % 10 == 9:
        clf.eval()
        with torch.no_grad():
            acc = lambda a, b: ((clf(a) > 0).float() == b).float().mean().item()
            print(f"epoch {epoch + 1} labelled {acc(x, y):.3f} held out {acc(xd, yd):.3f}")
