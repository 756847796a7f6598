"""Which of six departments should answer? The target is the department's number, the error its square."""
import random

import torch
from torch import nn

random.seed(43)
torch.manual_seed(43)
DEPARTMENTS = ["billing", "repairs", "travel", "hiring", "press", "legal"]
random.shuffle(DEPARTMENTS)
own = {d: [f"{d}{i}" for i in range(10)] for d in DEPARTMENTS}
common = [f"c{i}" for i in range(40)]
stoi = {w: i for i, w in enumerate(sum(own.values(), []) + common)}


def letter():
    k = random.randrange(6)
    words = random.choices(common, k=6) + random.choices(own[DEPARTMENTS[k]], k=2)
    random.shuffle(words)
    return [stoi[w] for w in words], k


rows = [letter() for _ in range(2000)]
x, y = torch.tensor([r for r, _ in rows]), torch.tensor([k for _, k in rows])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.EmbeddingBag(len(stoi), 16)
        # fault:
        self.out = nn.Linear(16, 1)
        # mended:
        # self.out = nn.Linear(16, 6)
        # end

    def forward(self, ids):
        return self.out(self.embed(ids))


router = Router()
optimizer = torch.optim.Adam(router.parameters(), lr=0.01)
for epoch in range(8):
    for i in torch.randperm(1600).split(32):
        # fault:
        loss = ((router(x[i])[:, 0] - y[i]) ** 2).mean()
        # mended:
        # loss = nn.functional.cross_entropy(router(x[i]), y[i])
        # end
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        out = router(x[1600:])
        # fault:
        guess = out[:, 0].round().clamp(0, 5).long()
        # mended:
        # guess = out.argmax(1)
        # end
        print(epoch, round(loss.item(), 4), "right", (guess == y[1600:]).float().mean().item())
