"""
Route support mails with bandit feedback only.

We never see the right queue; we send the mail somewhere and hear whether the team there could help
(reward 1) or not (reward 0). Plain REINFORCE with a running baseline and a little entropy bonus.
"""
import numpy as np
import torch
from torch.distributions import Categorical

SEED = 2024
rs = np.random.RandomState(SEED)
torch.manual_seed(SEED)

QUEUES = {
    "billing": "invoice charge refund payment card price fee receipt",
    "shipping": "parcel delivery courier tracking address late box arrived",
    "returns": "return broken exchange warranty damaged replace wrong size",
    "account": "login password email profile username locked verify delete",
    "tech": "crash install driver update screen error version bluetooth",
}
COMMON = "hello dear team my the is was i have a with about please since yesterday and not why need help it when".split()
NAMES = list(QUEUES)
KEYS = [QUEUES[q].split() for q in NAMES]
VOC = {w: i for i, w in enumerate(sorted(set(COMMON) | {w for k in KEYS for w in k}))}


def mail():
    y = rs.randint(len(NAMES))
    toks = list(rs.choice(KEYS[y], rs.randint(2, 4), replace=False)) + list(rs.choice(COMMON, rs.randint(5, 10)))
    if rs.rand() < 0.3:
        toks.append(rs.choice(KEYS[rs.randint(len(NAMES))]))
    rs.shuffle(toks)
    return tuple(toks), y


seen, rows = set(), []
while len(rows) < 2000:
    t, y = mail()
    if t not in seen:
        seen.add(t)
        rows.append((t, y))


def vectorise(part):
    X = torch.zeros(len(part), len(VOC))
    for i, (t, _) in enumerate(part):
        for w in t:
            X[i, VOC[w]] += 1.0
    return X, torch.tensor([y for _, y in part])


Xtr, hidden_ytr = vectorise(rows[:1600])
Xte, yte = vectorise(rows[1600:])


class Environment:
    """keeps the labels to itself"""

    def __init__(self, y):
        self._y = y

    def pull(self, idx, arm):
        lucky = torch.rand(len(idx)) < 0.05
        return ((self._y[idx] == arm) | lucky).float()


env = Environment(hidden_ytr)
policy = torch.nn.Sequential(torch.nn.Linear(len(VOC), 32), torch.nn.Tanh(), torch.nn.Linear(32, len(NAMES)))
optim = torch.optim.Adam(policy.parameters(), lr=0.01)
baseline = 0.2

for sweep in range(8):
    got, surrogate = [], []
    for idx in torch.randperm(len(Xtr)).split(50):
        pi = Categorical(logits=policy(Xtr[idx]))
        arm = pi.sample()
        reward = env.pull(idx, arm)
        advantage = reward - baseline
        loss = -(pi.log_prob(arm) * advantage).mean() - 0.01 * pi.entropy().mean()
        optim.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optim.step()
        baseline += 0.05 * (reward.mean().item() - baseline)
        got.append(reward.mean().item())
        surrogate.append(loss.item())
    if sweep % 2:
        with torch.no_grad():
            acc = (policy(Xte).argmax(1) == yte).float().mean().item()
        print(f"sweep {sweep + 1:2d} reward {np.mean(got):.3f} surrogate {np.mean(surrogate):+.4f} greedy accuracy on new mails {acc:.3f}")
