# Contextual bandit: which of 6 headlines to show to a visitor whose last clicks (a bag of words) are known.
# Off-line simulator, REINFORCE with a running baseline and an entropy bonus. Only the shown headline's click is seen.
import torch
import numpy as np

torch.manual_seed(23)
rng = np.random.RandomState(23)
K, V, T = 6, 180, 8
# word w belongs to interest w % K
CLICK_HI, CLICK_LO = 0.85, 0.10


def visitors(n):
    taste = rng.randint(0, K, n)
    words = rng.randint(0, V, (n, T))
    words = np.where(rng.rand(n, T) < .55, words // K * K + taste[:, None], words)
    return torch.from_numpy(words), torch.from_numpy(taste)


class Policy(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.words = torch.nn.Embedding(V, 24)
        self.actor = torch.nn.Linear(24, K)
        self.critic = torch.nn.Linear(24, 1)

    def forward(self, w):
        h = torch.tanh(self.words(w).sum(1) / T ** .5)
        return torch.distributions.Categorical(logits=self.actor(h)), self.critic(h).squeeze(-1)


def click(taste, arm):
    p = torch.where(taste == arm, CLICK_HI, CLICK_LO)
    return torch.bernoulli(p)


pi = Policy()
opt = torch.optim.RMSprop(pi.parameters(), lr=4e-3)
fresh = visitors(1200)
logs = []
ROUNDS = 500
for r in range(ROUNDS):
    w, taste = visitors(64)
    dist, value = pi(w)
    arm = dist.sample()
    reward = click(taste, arm)
    advantage = reward - value.detach()
    policy_loss = -(advantage * dist.log_prob(arm)).mean()
    value_loss = (value - reward).pow(2).mean()
    entropy = dist.entropy().mean()
    loss = policy_loss + .5 * value_loss - .01 * entropy
    opt.zero_grad()
    loss.backward()
    opt.step()
    for gq in opt.param_groups:
        gq['lr'] = 4e-3 * (1 - r / ROUNDS) + 1e-4
    logs.append((policy_loss.item(), value_loss.item(), entropy.item(), reward.mean().item()))
    if (r + 1) % 100 == 0:
        print('round %d  pg %+.4f  critic %.3f  entropy %.2f  click rate %.3f' % (r + 1, *np.mean(logs[-100:], axis=0)))

with torch.no_grad():
    dist, _ = pi(fresh[0])
    choice = dist.probs.argmax(1)
    right = (choice == fresh[1]).float().mean().item()
print('new visitors: best headline chosen %.3f (random %.3f), expected click rate %.3f (ceiling %.2f)'
      % (right, 1 / K, right * CLICK_HI + (1 - right) * CLICK_LO, CLICK_HI))
