"""REINFORCE: a policy picks one of six replies to a message and only sees a noisy reward.
The printed objective is  -(advantage * log pi)  - entropy bonus, so its sign means nothing."""
import random
import torch
from torch import nn

torch.manual_seed(17)
rnd = random.Random(17)
TOPICS = [["weather", "rain", "sunny", "storm"], ["train", "ticket", "platform", "delay"], ["pizza", "soup", "menu", "dinner"],
          ["match", "goal", "league", "coach"], ["film", "actor", "cinema", "scene"], ["doctor", "cough", "fever", "pill"]]
SMALL = "what is the do you know about today and there again any my".split()
V = {w: i for i, w in enumerate([w for t in TOPICS for w in t] + SMALL)}


def messages(n):
    ids, topic = [], []
    for _ in range(n):
        k = rnd.randrange(6)
        s = rnd.sample(SMALL, 5) + rnd.sample(TOPICS[k], 2) + [rnd.choice(rnd.choice(TOPICS))]
        rnd.shuffle(s)
        ids.append([V[w] for w in s]); topic.append(k)
    return torch.tensor(ids), torch.tensor(topic)


X, topic = messages(3000)
Xh, topich = messages(600)


def env(k, action):                              # the user rates the reply
    return (k == action).float() * 1.0 + 0.2 * torch.randn(len(k))


policy = nn.Sequential(nn.EmbeddingBag(len(V), 16, mode="mean"), nn.Tanh(), nn.Linear(16, 6))
opt = torch.optim.Adam(policy.parameters(), lr=0.02)
baseline = 0.0
greedy = lambda x, k: (policy(x).argmax(1) == k).float().mean().item()
for sweep in range(8):
    got, objective, steps = 0.0, 0.0, 0
    for idx in torch.randperm(len(X)).split(50):
        dist = torch.distributions.Categorical(logits=policy(X[idx]))
        a = dist.sample()
        r = env(topic[idx], a)
        adv = r - baseline
        baseline = 0.95 * baseline + 0.05 * r.mean().item()
        loss = -(adv * dist.log_prob(a)).mean() - 0.01 * dist.entropy().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        got += r.sum().item(); objective += loss.item(); steps += 1
    with torch.no_grad():
        print(f"sweep {sweep}: objective {objective / steps:+.4f} mean reward {got / len(X):.3f} "
              f"greedy hit rate {greedy(X, topic):.3f} new messages {greedy(Xh, topich):.3f}")
