"""Policy gradient: choose the reply to a request, the only signal is a (noisy) reward. Baseline = running mean.

The printed loss says nothing about progress, look at the reward.
"""
import random
import torch
from torch import nn
from torch.distributions import Categorical

random.seed(13)
torch.manual_seed(13)
requests = {
    "greet": ["hello", "hi", "hey", "morning"],
    "bye": ["bye", "later", "ciao", "goodnight"],
    "order": ["coffee", "bagel", "juice", "muffin"],
    "help": ["lost", "stuck", "broken", "how"],
}
noise = ["um", "well", "so", "ok", "you", "there", "today"]
kinds = list(requests)
vocab = {w: i for i, w in enumerate(sorted(sum(requests.values(), noise)))}


def ask(n):
    kind = torch.randint(len(kinds), (n,))
    texts = []
    for k in kind.tolist():
        ws = random.choices(noise, k=4) + random.choices(requests[kinds[k]], k=2)
        random.shuffle(ws)
        texts.append([vocab[w] for w in ws])
    return torch.tensor(texts), kind


def customer(kind, action):
    """1 for the right reply, 0 otherwise, and one in ten customers is in a mood."""
    r = (kind == action).float()
    mood = torch.rand(len(r)) < 0.1
    return torch.where(mood, 1 - r, r)


policy = nn.Sequential()
policy.add_module("words", nn.EmbeddingBag(len(vocab), 16, mode="sum"))
policy.add_module("act", nn.Tanh())
policy.add_module("head", nn.Linear(16, len(kinds)))
optimiser = torch.optim.Adam(policy.parameters(), lr=0.006)
test_x, test_kind = ask(500)

baseline = 0.25
for step in range(1, 401):
    x, kind = ask(48)
    dist = Categorical(logits=policy(x))
    action = dist.sample()
    reward = customer(kind, action)
    loss = -((reward - baseline) * dist.log_prob(action)).mean() - 0.01 * dist.entropy().mean()
    baseline = 0.95 * baseline + 0.05 * reward.mean().item()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    if step % 50 == 0:
        with torch.no_grad():
            acc = (policy(test_x).argmax(1) == test_kind).float().mean().item()
        print(f"step {step}: loss {loss.item():+.4f} mean reward {baseline:.3f} right replies on test {acc:.3f}")
