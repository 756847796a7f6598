"""A policy for a help desk: given the first words of a caller, pick one of six desks; only the chosen desk tells whether it could help.
REINFORCE with a running baseline: the surrogate loss has no floor and hovers around zero, so the reward is what to watch."""
import random
import torch
import torch.nn as nn

random.seed(81)
torch.manual_seed(81)
DESK = ["bill invoice charge refund paid".split(), "router wifi slow line cable".split(), "phone sim roaming esim number".split(),
        "tv channel remote box picture".split(), "move address new flat contract".split(), "cancel leave switch end quit".split()]
SMALL = "hello hi my i have a question about please the is not since yesterday and it what can help".split()
vocab = {w: i for i, w in enumerate(SMALL + sum(DESK, []))}


def call():
    k = random.randrange(6)
    ws = random.choices(SMALL, k=random.randint(3, 6)) + random.choices(DESK[k], k=random.randint(1, 2))
    if random.random() < 0.15:
        ws.append(random.choice(random.choice(DESK)))
    v = torch.zeros(len(vocab))
    for w in ws:
        v[vocab[w]] += 1.0
    return v, k


policy = nn.Sequential(nn.Linear(len(vocab), 48), nn.Tanh(), nn.Linear(48, 6))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
dev = [call() for _ in range(500)]
DX, DY = torch.stack([v for v, _ in dev]), torch.tensor([k for _, k in dev])
baseline = 1 / 6
for step in range(1, 1201):
    rows = [call() for _ in range(32)]
    x, y = torch.stack([v for v, _ in rows]), torch.tensor([k for _, k in rows])
    dist = torch.distributions.Categorical(logits=policy(x))
    action = dist.sample()
    reward = (action == y).float() - 0.2 * ((action - y).abs() > 2).float()     # far desks cost a transfer
    advantage = reward - baseline
    loss = -(advantage * dist.log_prob(action)).mean() - 0.01 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.95 * baseline + 0.05 * reward.mean().item()
    if step % 200 == 0:
        with torch.no_grad():
            right = (policy(DX).argmax(1) == DY).float().mean().item()
        print(f"step {step} surrogate {loss.item():+.3f} running reward {baseline:.3f} greedy policy right {right:.3f}")
