# Extractive summariser trained by REINFORCE with a self-critical (greedy) baseline.
# Documents of 6 sentences, a budget of 2; the reward is the share of the key facts that the chosen sentences hold.
import torch
import torch.nn as nn

torch.manual_seed(23)
V, NS, LEN, KEY = 300, 6, 8, 60                 # the words 0..59 are "facts"


def corpus(n):
    x = torch.randint(KEY, V, (n, NS, LEN))
    rate = torch.rand(n, NS, 1) ** 2 * 0.7      # how dense a sentence is
    return torch.where(torch.rand(n, NS, LEN) < rate, torch.randint(0, KEY, (n, NS, LEN)), x)


def reward(docs, pick):
    facts = (docs < KEY).float().sum(-1)
    return facts.gather(1, pick).sum(1) / facts.topk(2, 1).values.sum(1).clamp(min=1)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(V, 16)
        self.s = nn.Sequential(nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 1))

    def forward(self, docs):
        return self.s(self.e(docs).mean(2)).squeeze(-1)


def draw(logits):                               # two sentences without replacement, and the log probability
    first = torch.distributions.Categorical(logits=logits)
    a = first.sample()
    second = torch.distributions.Categorical(logits=logits.scatter(1, a[:, None], -1e9))
    b = second.sample()
    return torch.stack([a, b], 1), first.log_prob(a) + second.log_prob(b), first.entropy()


train, test = corpus(3000), corpus(500)
pi = Policy()
opt = torch.optim.Adam(pi.parameters(), lr=1e-2)
rand = reward(test, torch.rand(500, NS).topk(2, 1).indices).mean()
print(f"random choice {rand:.3f}")
for epoch in range(8):
    seen, losses = [], []
    for b in torch.randperm(len(train)).split(60):
        logits = pi(train[b])
        pick, logp, ent = draw(logits)
        with torch.no_grad():
            r = reward(train[b], pick)
            advantage = r - reward(train[b], logits.topk(2, 1).indices)
        loss = -(advantage * logp).mean() - 0.003 * ent.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen.append(r.mean().item()); losses.append(loss.item())
    for g in opt.param_groups:
        g["lr"] *= 0.8
    with torch.no_grad():
        greedy = reward(test, pi(test).topk(2, 1).indices).mean()
    print(f"epoch {epoch} surrogate {sum(losses) / len(losses):+.4f} sampled reward {sum(seen) / len(seen):.3f} greedy on test {greedy:.3f}")
