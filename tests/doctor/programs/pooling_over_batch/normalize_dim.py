"""Match a question to its answer kind; EmbeddingBag with offsets, F.normalize without a thought for its axis."""
import random

import torch
import torch.nn.functional as F
from torch import nn

random.seed(18)
torch.manual_seed(18)
kinds = ["person", "place", "number", "date", "reason"]
own = {k: [f"{k}{i}" for i in range(20)] for k in kinds}
plain = [f"w{i}" for i in range(60)]
stoi = {w: i for i, w in enumerate([w for k in kinds for w in own[k]] + plain)}


def question():
    k = random.choice(kinds)
    t = random.sample(own[k], random.randint(1, 2)) + random.choices(plain, k=random.randint(2, 7))
    random.shuffle(t)
    return [stoi[w] for w in t], kinds.index(k)


def collate(rows):
    ids, starts, ys = [], [], []
    for t, y in rows:
        starts.append(len(ids))
        ids.extend(t)
        ys.append(y)
    return torch.tensor(ids), torch.tensor(starts), torch.tensor(ys)


class Kind(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(stoi), 24)
        self.kinds = nn.Parameter(torch.randn(5, 24) * 0.3)

    def forward(self, ids, starts):
        v = self.bag(ids, starts)
        # fault:
        v = F.normalize(v, dim=0)
        # mended:
        # v = F.normalize(v, dim=1)
        # end
        return 8 * v @ self.kinds.t()


data = [question() for _ in range(1300)]
model = Kind()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(14):
    for ids, starts, y in torch.utils.data.DataLoader(data[:1000], 20, shuffle=True, collate_fn=collate):
        loss = F.cross_entropy(model(ids, starts), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        hits = sum((model(i, s).argmax(1) == y).sum().item() for i, s, y in torch.utils.data.DataLoader(data[1000:], 7, collate_fn=collate))
    print(epoch, round(loss.item(), 3), hits / 300)
