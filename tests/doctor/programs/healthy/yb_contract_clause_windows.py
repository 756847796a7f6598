"""Long documents: does a contract contain a liability cap?  Window encoder + max over windows, so nothing is cut off.

Documents run to several hundred words, one clause somewhere decides.
"""
import random
import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
PARTIES = "supplier customer licensee contractor vendor buyer lessor tenant".split()
NOISE = ("the {p} shall provide notice in writing to the {q} . |all deliveries are made at the expense of the {p} . |"
         "this agreement is governed by the laws of the state . |invoices are due within {n} days of receipt . |"
         "the {p} may assign this agreement to an affiliate . |confidential information remains with the {p} . |"
         "no liability arises from delays outside the control of the {p} . |the term is limited to {n} years . |"
         "total fees shall not exceed {n} thousand per year . |the {q} is liable to the {p} for late payment . ").split("|")
CAP = ("liability of the {p} shall not exceed {n} thousand . |the {p} limits its total liability to {n} thousand . |"
       "in no event is the {p} liable for more than {n} thousand . ").split("|")
OPEN = ("liability of the {p} shall not be limited . |the {p} accepts unlimited liability toward the {q} . |"
        "the {p} is liable for all losses in full . ").split("|")


def fill(s):
    p, q = random.sample(PARTIES, 2)
    return s.format(p=p, q=q, n=random.choice("ten twenty thirty forty fifty sixty".split())).split()


def contract():
    y = random.randint(0, 1)
    clauses = [fill(random.choice(NOISE)) for _ in range(random.randint(6, 30))]
    clauses.insert(random.randint(0, len(clauses)), fill(random.choice(CAP if y else OPEN)))
    return [w for c in clauses for w in c], y


docs = [contract() for _ in range(900)]
train, held = docs[:650], docs[650:]
itos = ["<blank>"] + sorted({w for d, _ in train for w in d})
stoi = {w: i for i, w in enumerate(itos)}
WIN, STRIDE = 32, 20


def windows(words):
    ids = [stoi[w] for w in words]
    out = []
    for s in range(0, max(1, len(ids) - WIN + STRIDE), STRIDE):
        piece = ids[s:s + WIN]
        out.append(piece + [0] * (WIN - len(piece)))
    return torch.tensor(out)


def prepare(part):
    return [(windows(d), y) for d, y in part]


train, held = prepare(train), prepare(held)
print(f"{len(train)} contracts, windows per contract: min {min(len(w) for w, _ in train)} max {max(len(w) for w, _ in train)}")


class ClauseSpotter(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(itos), 16, padding_idx=0)
        self.conv = nn.Conv1d(16, 24, 5)
        self.head = nn.Linear(24, 1)

    def forward(self, wins, owner, n_docs):
        h = torch.relu(self.conv(self.emb(wins).transpose(1, 2))).amax(2)      # windows x 24
        doc = torch.zeros(n_docs, 24).index_reduce(0, owner, h, "amax", include_self=True)
        return self.head(doc)


def join(part):
    owner = torch.cat([torch.full((len(w),), i) for i, (w, _) in enumerate(part)])
    return torch.cat([w for w, _ in part]), owner, torch.tensor([[float(y)] for _, y in part])


def accuracy(m, part):
    with torch.no_grad():
        w, o, y = join(part)
        return ((m(w, o, len(part)) > 0) == (y > .5)).float().mean().item()


m = ClauseSpotter()
opt = torch.optim.RAdam(m.parameters(), lr=1e-2)
for epoch in range(7):
    random.shuffle(train)
    losses = []
    for k in range(0, len(train), 16):
        w, o, y = join(train[k:k + 16])
        loss = nn.functional.binary_cross_entropy_with_logits(m(w, o, len(y)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f}, accuracy train {accuracy(m, train):.3f}, held out {accuracy(m, held):.3f}")
