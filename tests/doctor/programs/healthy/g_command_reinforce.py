"""REINFORCE for instruction following: the agent reads a sentence and does one thing in a house.
Only a scalar reward comes back. Two choices per sentence (device, on/off), reward is +0.5 for each that is right, -0.5 for each that is wrong."""
import itertools
import random

import torch
import torch.nn as nn
from torch.distributions import Categorical

random.seed(123)
torch.manual_seed(123)

DEVICES = {"lamp": ["lamp", "light"], "radio": ["radio", "music", "stereo"], "heater": ["heater", "heating"], "tv": ["tv", "television"]}
NAMES = list(DEVICES)
ON = ["turn on the {}", "switch the {} on", "start the {}", "i want the {} to run", "wake up the {}"]
OFF = ["turn off the {}", "switch the {} off", "stop the {}", "i am tired of the {}", "kill the {}"]
PRE = ["", "please", "hello", "could you", "robot"]
POST = ["", "now", "not the {}", "please", "but keep the {}"]

universe = []
for dev in NAMES:
    for name, (sw, t), pre, post in itertools.product(DEVICES[dev], [(s, t) for s, l in ((1, ON), (0, OFF)) for t in l], PRE, POST):
        for other in [d for d in NAMES if d != dev] if "{}" in post else [""]:
            text = " ".join(f"{pre} {t.format(name)} {post.format(random.choice(DEVICES[other])) if other else post}".split())
            universe.append((text, NAMES.index(dev), sw))
universe = list({u[0]: u for u in universe}.values())
random.shuffle(universe)
held, env = universe[:400], universe[400:]
print(len(env), "situations to practise on,", len(held), "for the exam")
itos = ["<pad>"] + sorted({w for t, _, _ in env for w in t.split()})
stoi = {w: i for i, w in enumerate(itos)}


def observe(batch):
    seqs = [torch.tensor([stoi[w] for w in t.split()]) for t, _, _ in batch]
    return nn.utils.rnn.pack_sequence(seqs, enforce_sorted=False), torch.tensor([[d, s] for _, d, s in batch])


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(len(itos), 20)
        self.read = nn.GRU(20, 32)
        self.act = nn.Linear(32, len(NAMES))
        self.flip = nn.Linear(32, 2)
        self.critic = nn.Linear(32, 1)

    def forward(self, packed):
        data = packed._replace(data=self.table(packed.data))
        _, h = self.read(data)
        return Categorical(logits=self.act(h[-1])), Categorical(logits=self.flip(h[-1])), self.critic(h[-1].detach()).squeeze(-1)


def reward_of(dev, sw, goal):
    return (dev == goal[:, 0]).float() + (sw == goal[:, 1]).float() - 1.0


@torch.no_grad()
def exam(agent, situations):
    obs, goal = observe(situations)
    where, what, _ = agent(obs)
    return reward_of(where.probs.argmax(-1), what.probs.argmax(-1), goal).eq(1.0).float().mean().item()


agent = Agent()
optim = torch.optim.Adam(agent.parameters(), lr=1e-2)
ITERS, BATCH = 250, 80
avg = 0.0
for it in range(1, ITERS + 1):
    for g in optim.param_groups:
        g["lr"] = 1e-2 * (1 - 0.9 * it / ITERS)
    obs, goal = observe(random.sample(env, BATCH))
    where, what, value = agent(obs)
    a, b = where.sample(), what.sample()
    r = reward_of(a, b, goal)
    entropy = (where.entropy() + what.entropy()).mean()
    adv = r - value.detach()
    policy_loss = -(adv * (where.log_prob(a) + what.log_prob(b))).mean()
    critic_loss = (value - r).pow(2).mean()
    bonus = 0.05 * (1 - it / ITERS) * entropy
    loss = policy_loss + 0.5 * critic_loss - bonus
    optim.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(agent.parameters(), 1.0)
    optim.step()
    avg += (r.mean().item() - avg) / min(it, 30)
    if it % 50 == 0:
        print(f"iter {it:4d}  loss {loss.item():+.3f}  reward {avg:+.3f}  entropy {entropy.item():.3f}  "
              f"exam {exam(agent, held):.3f}  practice {exam(agent, env[:300]):.3f}")
