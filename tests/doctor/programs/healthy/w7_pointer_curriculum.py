# Pointer head: given a list of distinct symbols and a query symbol, point to the place right AFTER the query.
# Lists get longer while training (curriculum). The output is a position in the input, so there is no output vocabulary.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(2)
torch.manual_seed(2)
SYMBOLS = 30


def make(n, lo, hi):
    """lists are stored in a rectangle, -1 stands for nothing"""
    box = torch.full((n, hi), -1)
    query, answer = torch.empty(n, dtype=torch.long), torch.empty(n, dtype=torch.long)
    for i in range(n):
        L = random.randint(lo, hi)
        seq = random.sample(range(SYMBOLS), L)
        k = random.randrange(L - 1)
        box[i, :L] = torch.tensor(seq)
        query[i], answer[i] = seq[k], k + 1
    return box, query, answer


class Pointer(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.sym = nn.Embedding(SYMBOLS, d)
        self.left = nn.Linear(d, d, bias=False)
        self.here = nn.Linear(d, d, bias=False)
        self.ask = nn.Linear(d, d)

    def forward(self, box, query):
        valid = box >= 0
        e = self.sym(box.clamp(min=0)) * valid.unsqueeze(-1)
        before = F.pad(e, (0, 0, 1, 0))[:, :-1]                   # what stands to the left
        keys = self.left(before) + self.here(e)
        scores = torch.einsum("btd,bd->bt", keys, self.ask(self.sym(query))) / keys.shape[-1] ** 0.5
        return scores.masked_fill(~valid, float("-inf"))


def exact(model, data):
    model.eval()
    with torch.no_grad():
        hit = model(data[0], data[1]).argmax(1) == data[2]
    model.train()
    return hit.float().mean().item()


dev = make(600, 3, 10)
model = Pointer()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for stage, (longest, rounds) in enumerate([(4, 2), (7, 2), (10, 4)]):
    data = make(3500, 3, longest)
    if stage == 2:
        for grp in opt.param_groups:
            grp["lr"] = 2e-3
    for r in range(rounds):
        tot = 0.0
        for b in torch.randperm(3500).split(70):
            loss = F.cross_entropy(model(data[0][b], data[1][b]), data[2][b])
            opt.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            tot += loss.item() / 50
        print(f"stage {stage} (up to {longest:2d}) round {r}: loss {tot:.4f}  train {exact(model, data):.3f}  dev (up to 10) {exact(model, dev):.3f}")
