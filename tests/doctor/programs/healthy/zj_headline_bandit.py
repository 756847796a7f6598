"""Pick the headline style for a reader segment with REINFORCE + a learned baseline.  The 'loss' hovers around zero and
   says nothing; look at the reward.  Rewards come from a click simulator."""
import torch
from torch import nn, optim
from torch.distributions import Categorical

torch.manual_seed(9)
N_SEG_WORDS, N_ARMS, HIST = 30, 4, 6
gen = torch.Generator().manual_seed(100)
taste = torch.arange(N_SEG_WORDS) % N_ARMS                   # each word of the reading history votes for one style


def readers(n):
    fav = torch.randint(N_ARMS, (n,), generator=gen)
    own = fav[:, None] + N_ARMS * torch.randint(7, (n, HIST), generator=gen)
    rnd = torch.randint(N_SEG_WORDS, (n, HIST), generator=gen)
    keep = torch.rand(n, HIST, generator=gen) < .65
    return torch.where(keep, own, rnd)


def click_prob(hist):
    votes = nn.functional.one_hot(taste[hist], N_ARMS).float().sum(1)
    return (0.05 + 0.9 * (votes == votes.amax(1, keepdim=True)).float())


def click(hist, arm):
    p = click_prob(hist).gather(1, arm[:, None]).squeeze(1)
    return (torch.rand(len(p), generator=gen) < p).float()


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.history = nn.EmbeddingBag(N_SEG_WORDS, 16, mode="sum")
        self.policy = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, N_ARMS))
        self.value = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, hist):
        h = self.history(hist)
        return Categorical(logits=self.policy(h)), self.value(h.detach()).squeeze(1)   # the critic must not bend the features


agent = Agent()
opt = optim.Adam([{"params": [*agent.history.parameters(), *agent.policy.parameters()], "lr": 1e-2},
                  {"params": agent.value.parameters(), "lr": 1e-2}])
sched = optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=400)
test = readers(2000)


@torch.no_grad()
def greedy_ctr(hist):
    dist, _ = agent(hist)
    return click_prob(hist).gather(1, dist.probs.argmax(1, keepdim=True)).mean().item()


best, rand_ = click_prob(test).amax(1).mean().item(), click_prob(test).mean().item()
print(f"random arm {rand_:.3f}   oracle {best:.3f}   untrained {greedy_ctr(test):.3f}")
ema_reward = rand_
for it in range(1, 401):
    hist = readers(128)
    dist, v = agent(hist)
    with torch.no_grad():
        arm = dist.sample()
        r = click(hist, arm)
        adv = r - v
    pg = -(adv * dist.log_prob(arm)).mean()
    loss = pg + 0.5 * (v - r).pow(2).mean() - 0.005 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(agent.parameters(), 1.0)
    opt.step()
    sched.step()
    ema_reward += 0.05 * (r.mean().item() - ema_reward)
    if it % 80 == 0:
        print(f"iter {it:4d}  pg {pg.item():+.4f}  loss {loss.item():+.4f}  reward~{ema_reward:.3f}  entropy {dist.entropy().mean():.3f}")
print(f"greedy click rate on unseen readers: {greedy_ctr(test):.3f} (fresh training-like readers {greedy_ctr(readers(2000)):.3f})")
