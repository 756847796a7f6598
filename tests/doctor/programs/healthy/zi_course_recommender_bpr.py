# Which elective next?  BPR matrix factorisation on implicit enrolments, sparse tables
import torch, random
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(1); random.seed(1)
N_STUD, N_COURSE, GROUPS = 300, 60, 6

# students belong to a programme and mostly enrol in courses of that programme
prog = [random.randrange(GROUPS) for _ in range(N_STUD)]
field = [c % GROUPS for c in range(N_COURSE)]
taken = []
for s in range(N_STUD):
    own = [c for c in range(N_COURSE) if field[c] == prog[s]]
    other = [c for c in range(N_COURSE) if field[c] != prog[s]]
    mine = random.sample(own, 7) + random.sample(other, int(random.random() < .25))
    random.shuffle(mine)
    taken.append(mine)
train = [(s, c) for s in range(N_STUD) for c in taken[s][:-1]]
held = [(s, taken[s][-1]) for s in range(N_STUD)]
known = [set(t[:-1]) for t in taken]


class BPR(nn.Module):
    def __init__(self, k=8):
        super().__init__()
        self.P = nn.Embedding(N_STUD, k, sparse=True)
        self.Q = nn.Embedding(N_COURSE, k, sparse=True)
        nn.init.normal_(self.P.weight, std=0.1)
        nn.init.normal_(self.Q.weight, std=0.1)

    def forward(self, s, pos, neg):
        u = self.P(s)
        return (u * (self.Q(pos) - self.Q(neg))).sum(-1)


def auc(pairs):
    """chance that the true course ranks above one the student never took"""
    with torch.no_grad():
        S = model.P.weight @ model.Q.weight.T
    vals = []
    for s, c in pairs:
        neg = [n for n in range(N_COURSE) if n not in known[s] and n != c]
        vals.append((S[s, c] > S[s, neg]).float().mean().item())
    return sum(vals) / len(vals)


model = BPR()
opt = torch.optim.SparseAdam(list(model.parameters()), lr=0.02)
print(f"before training: AUC {auc(held):.3f}")
for epoch in range(1, 9):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 64):
        chunk = train[i:i + 64]
        s = torch.tensor([a for a, _ in chunk])
        p = torch.tensor([b for _, b in chunk])
        n = []
        for a, _ in chunk:
            while (j := random.randrange(N_COURSE)) in known[a]:
                pass
            n.append(j)
        n = torch.tensor(n)
        reg = 1e-3 * (model.P(s).pow(2).sum() + model.Q(p).pow(2).sum() + model.Q(n).pow(2).sum()) / len(chunk)
        loss = -F.logsigmoid(model(s, p, n)).mean() + reg
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(chunk)
    print(f"epoch {epoch}: loss {total / len(train):.4f}  AUC train {auc(train[:300]):.3f}  held out {auc(held):.3f}")
