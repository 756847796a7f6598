"""Route questions of users; the evaluation goes user by user, as the service will see them."""
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(44)
torch.manual_seed(44)
desks = ["billing", "delivery", "login", "returns", "legal"]
own = {d: [f"{d}{i}" for i in range(25)] for d in desks}
filler = [f"w{i}" for i in range(60)]
ids = {w: i for i, w in enumerate([w for d in desks for w in own[d]] + filler)}


def question(d):
    t = random.choices(own[desks[d]], k=random.randint(1, 3)) + random.choices(filler, k=random.randint(3, 8))
    random.shuffle(t)
    return torch.tensor([ids[w] for w in t])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(ids), 32, mode="mean")
        self.fc1 = nn.Linear(32, 48)
        self.fc2 = nn.Linear(48, 5)

    def forward(self, questions):
        starts = torch.tensor([0] + [len(q) for q in questions[:-1]]).cumsum(0)
        v = self.bag(torch.cat(questions), starts)
        # fault:
        v = (v - v.mean(0, keepdim=True)) / (v.std(0, keepdim=True) + 1e-5)
        # mended:
        # v = (v - v.mean(1, keepdim=True)) / (v.std(1, keepdim=True) + 1e-5)
        # end
        return self.fc2(F.relu(self.fc1(v)))


train = [(question(d), d) for d in (random.randrange(5) for _ in range(1500))]
users = []
for _ in range(60):                                     # a user mostly asks about one thing
    d = random.randrange(5)
    users.append([(question(k), k) for k in (d if random.random() < 0.85 else random.randrange(5) for _ in range(8))])

net = Router()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 30):
        q, d = zip(*train[i:i + 30])
        loss = F.cross_entropy(net(list(q)), torch.tensor(d))
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    hits = 0
    with torch.no_grad():
        for u in users:
            q, d = zip(*u)
            hits += (net(list(q)).argmax(1) == torch.tensor(d)).sum().item()
    net.train()
    print(f"epoch {epoch} loss {loss.item():.4f} accuracy on the users' questions {hits / (8 * len(users)):.4f}")
