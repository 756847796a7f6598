# Crowd labels: every message was tagged by 12 people, the model shall give back the share of votes per emotion.
import math
from collections import Counter

import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

EMOTIONS = ["joy", "anger", "sadness", "surprise"]
gen = np.random.default_rng(5150)
torch.manual_seed(5150)

CUES = {
    "joy": "happy great love smile sunny party".split(),
    "anger": "hate furious unfair stupid yell blame".split(),
    "sadness": "cry lonely miss lost tired grey".split(),
    "surprise": "wow sudden unexpected really strange never".split(),
}
NEUTRAL = "the a i we to at home work this that it is was day time people some new all of in on".split()


def message():
    mix = gen.dirichlet([0.6] * 4)
    words = []
    for _ in range(gen.integers(3, 7)):
        words.append(str(gen.choice(CUES[EMOTIONS[gen.choice(4, p=mix)]])))
    strength = np.array([sum(w in CUES[e] for w in words) for e in EMOTIONS], dtype=float)
    words += [str(w) for w in gen.choice(NEUTRAL, gen.integers(3, 8))]
    gen.shuffle(words)
    p = np.exp(0.8 * strength)
    votes = gen.multinomial(12, p / p.sum())
    return words, votes / 12


corpus = [message() for _ in range(2400)]
freq = Counter(w for words, _ in corpus for w in words)
lookup = {w: i for i, w in enumerate(freq)}


class VoteNet(nn.Module):
    def __init__(self, size, dim, hidden):
        super().__init__()
        self.bag = nn.EmbeddingBag(size, dim, mode="sum")
        self.hidden = nn.Linear(dim, hidden)
        self.out = nn.Linear(hidden, len(EMOTIONS))
        nn.init.normal_(self.bag.weight, std=0.2)

    def forward(self, flat, starts):
        return self.out(F.elu(self.hidden(self.bag(flat, starts))))


def tensors(part):
    ids = [[lookup[w] for w in words] for words, _ in part]
    starts = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    target = torch.from_numpy(np.stack([v for _, v in part])).float()
    return torch.tensor([j for i in ids for j in i]), starts, target


def objective(scores, votes):
    # fault:
    return F.kl_div(F.softmax(scores, dim=1), votes, reduction="batchmean")
    # mended:
    # return F.kl_div(F.log_softmax(scores, dim=1), votes, reduction="batchmean")
    # end


def evaluate(net, part):
    """Cross entropy minus entropy of the votes, mean error of a share, and agreement with the majority vote."""
    net.eval()
    with torch.no_grad():
        flat, starts, votes = tensors(part)
        lp = net(flat, starts).log_softmax(1)
    kl = (torch.xlogy(votes, votes) - votes * lp).sum(1).mean().item()
    mae = (lp.exp() - votes).abs().mean().item()
    return kl, mae, (lp.argmax(1) == votes.argmax(1)).float().mean().item()


train, test = corpus[:2000], corpus[2000:]
prior = np.mean([v for _, v in train], axis=0)
base = np.mean([sum(q * math.log(q / p) for q, p in zip(v, prior) if q > 0) for _, v in test])
print("always the mean shares: KL %.4f" % base)
net = VoteNet(len(lookup), 16, 24)
optimizer = torch.optim.Adam(net.parameters(), lr=0.006)
for epoch in range(6):
    net.train()
    order = gen.permutation(len(train))
    mean = 0.0
    for k in range(0, len(order), 40):
        flat, starts, votes = tensors([train[i] for i in order[k:k + 40]])
        loss = objective(net(flat, starts), votes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean += loss.item() / 50
    if epoch >= 3:
        optimizer.param_groups[0]["lr"] *= 0.4
    print("epoch %d loss %.4f | test KL %.4f  error of a share %.4f  majority vote hit %.3f" % (epoch + 1, mean, *evaluate(net, test)))
print("train KL %.4f error %.4f hit %.3f" % evaluate(net, train))
