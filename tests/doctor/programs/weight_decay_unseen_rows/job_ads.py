"""Salary band from the skills of a job ad. Tuned skill vectors; the ads of the new quarter name skills that no old ad had."""
import torch
import torch.nn as nn
import torch.nn.functional as F

g = torch.Generator().manual_seed(12)
torch.manual_seed(12)
SKILLS, DIM, BANDS = 900, 30, 4
area = torch.randint(0, BANDS, (SKILLS,), generator=g)
centres = torch.randn(BANDS, DIM, generator=g) * 0.5
vectors = centres[area] + torch.randn(SKILLS, DIM, generator=g) * 0.35
known = torch.rand(SKILLS, generator=g) < 0.55           # skills that the archive holds


def ads(n, pool):
    pools = [torch.nonzero((area == b) & pool).squeeze(1) for b in range(BANDS)]
    y = torch.randint(0, BANDS, (n,), generator=g)
    x = torch.empty(n, 6, dtype=torch.long)
    for i in range(n):
        for j in range(6):
            b = int(y[i]) if torch.rand(1, generator=g) < 0.55 else int(torch.randint(0, BANDS, (1,), generator=g))
            x[i, j] = pools[b][torch.randint(0, len(pools[b]), (1,), generator=g)]
    return x, y


Xtr, Ytr = ads(2000, known)
Xold, Yold = ads(400, known)
Xnew, Ynew = ads(400, ~known)


class Ads(nn.Module):
    def __init__(self):
        super().__init__()
        self.skill = nn.Embedding.from_pretrained(vectors.clone(), freeze=False)
        self.body = nn.Sequential(nn.Linear(DIM, 40), nn.GELU(), nn.Dropout(0.2), nn.Linear(40, BANDS))

    def forward(self, x):
        return self.body(self.skill(x).mean(1))


model = Ads()
# fault:
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=8e-3)
# mended:
# optimizer = torch.optim.SGD([{"params": model.skill.parameters(), "weight_decay": 0.0}, {"params": model.body.parameters()}], lr=0.1, momentum=0.9, weight_decay=8e-3)
# end
for epoch in range(20):
    model.train()
    total = 0.0
    for b in torch.randperm(len(Xtr)).split(40):
        loss = F.cross_entropy(model(Xtr[b]), Ytr[b])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        old = (model(Xold).argmax(1) == Yold).float().mean()
        new = (model(Xnew).argmax(1) == Ynew).float().mean()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1:2d}  loss {total / len(Xtr):.3f}  archive {old:.3f}  new quarter {new:.3f}")
