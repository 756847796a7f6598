"""Choose a greeting for each customer type by trial and error (REINFORCE with a baseline)."""
import random

import torch
from torch import nn

random.seed(12)
torch.manual_seed(12)
types = {"formal": "regards sir madam sincerely".split(), "casual": "hey cheers lol mate".split(), "urgent": "asap now help emergency".split()}
plain = "i have a question about order number my thanks it".split()
ids = {w: i for i, w in enumerate(plain + sum(types.values(), []))}


def customers(n):
    xs, ks = [], []
    for _ in range(n):
        k = random.randrange(3)
        t = random.choices(plain, k=6) + random.sample(list(types.values())[k], 2)
        random.shuffle(t)
        xs.append([ids[w] for w in t])
        ks.append(k)
    return torch.tensor(xs), torch.tensor(ks)


policy = nn.Sequential(nn.EmbeddingBag(len(ids), 16, mode="mean"), nn.Linear(16, 24), nn.Tanh(), nn.Linear(24, 3))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
baseline = 0.0
xt, kt = customers(300)
for step in range(1, 241):
    x, k = customers(32)
    choice = torch.distributions.Categorical(logits=policy(x))
    action = choice.sample()
    reward = (action == k).float() + 0.1 * torch.randn(32)
    loss = -((reward - baseline) * choice.log_prob(action)).mean() - 0.01 * choice.entropy().mean()
    baseline = 0.9 * baseline + 0.1 * reward.mean().item()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 60 == 0:
        with torch.no_grad():
            print(f"step {step} loss {loss.item():.3f} running reward {baseline:.3f} greedy choice right {(policy(xt).argmax(1) == kt).float().mean():.3f}")
