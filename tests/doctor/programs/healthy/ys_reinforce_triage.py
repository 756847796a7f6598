"""REINFORCE with a learned baseline.  A policy reads a ticket and sends it to one of six desks; all it is told is a reward."""
import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(77)
DESKS, WORDS, LEN = 6, 240, 12


class Inbox:
    """Each desk has 40 words; half of the words of a ticket come from its desk."""
    def __init__(self, seed):
        self.g = torch.Generator().manual_seed(seed)

    def draw(self, n):
        desk = torch.randint(DESKS, (n,), generator=self.g)
        own = desk[:, None] * 40 + torch.randint(40, (n, LEN), generator=self.g)
        any_ = torch.randint(WORDS, (n, LEN), generator=self.g)
        return torch.where(torch.rand(n, LEN, generator=self.g) < 0.6, own, any_), desk

    def reward(self, desk, action):
        near = (desk - action).abs() == 1               # a neighbour desk can help a little
        r = (desk == action).float() + 0.2 * near.float()
        return r + 0.1 * torch.randn(len(r), generator=self.g)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(WORDS, 32, mode="mean")
        self.pi = nn.Linear(32, DESKS)
        self.vbag = nn.EmbeddingBag(WORDS, 8, mode="mean")
        self.v = nn.Linear(8, 1)

    def forward(self, x):
        return Categorical(logits=self.pi(self.bag(x))), self.v(self.vbag(x)).squeeze(1)


inbox = Inbox(1)
test_x, test_d = Inbox(2).draw(1000)
model = ActorCritic()
STEPS = 500
opt = torch.optim.Adam(model.parameters(), lr=2e-2)
lin = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, STEPS)
mean_r = mean_l = 0.0
for step in range(1, STEPS + 1):
    model.train()
    x, desk = inbox.draw(128)
    dist, v = model(x)
    a = dist.sample()
    r = inbox.reward(desk, a)
    adv = (r - v).detach()
    actor = -(adv * dist.log_prob(a)).mean()
    critic = (r - v).pow(2).mean()
    ent = dist.entropy().mean()
    loss = actor + 0.5 * critic - 0.01 * ent
    opt.zero_grad()
    loss.backward()
    opt.step()
    lin.step()
    mean_r += r.mean().item() / 100
    mean_l += loss.item() / 100
    if step % 100 == 0:
        model.eval()
        with torch.no_grad():
            d, _ = model(test_x)
            hit = (d.probs.argmax(1) == test_d).float().mean()
        print(f"step {step}  loss {mean_l:+.4f}  entropy {ent.item():.3f}  mean reward {mean_r:.3f}  greedy, unseen tickets: right desk {hit:.3f}")
        mean_r = mean_l = 0.0
