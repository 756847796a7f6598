"""Few-shot intents: 12 phrases for each of 20 training intents; 8 further intents are only met at test time, with 4 examples each.
Prototypical network: class means are taken across the rows of an episode, on purpose; vectors stay as they are, a projection is learned."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.default_rng(101)
torch.manual_seed(101)
DIM, INTENTS, PER = 48, 28, 25
topic_space = rng.normal(size=(8, DIM)) / np.sqrt(8)                  # meanings live in 8 directions, the rest is style
centres = rng.normal(size=(INTENTS, 8)) @ topic_space
noise = rng.normal(size=(24, DIM)) / np.sqrt(24) * 2.5
lex = np.concatenate([c + rng.normal(size=(PER, 8)) * 0.8 @ topic_space + rng.normal(size=(PER, 24)) @ noise for c in centres])
vectors = torch.tensor(lex, dtype=torch.float32)


def phrase(k):
    return torch.tensor(k * PER + rng.integers(0, PER, size=4))


train = {k: torch.stack([phrase(k) for _ in range(12)]) for k in range(20)}
test = {k: (torch.stack([phrase(k) for _ in range(4)]), torch.stack([phrase(k) for _ in range(20)])) for k in range(20, 28)}


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.proj = nn.Linear(DIM, 16, bias=False)

    def forward(self, x):
        return self.proj(self.table(x).mean(-2))


def episode_logits(enc, support, query):
    protos = enc(support).mean(1)                                     # (K, d)
    return -torch.cdist(enc(query.flatten(0, 1)), protos) ** 2, torch.arange(len(support)).repeat_interleave(query.size(1))


def evaluate(enc):
    with torch.no_grad():
        logits, y = episode_logits(enc, torch.stack([s for s, _ in test.values()]), torch.stack([q for _, q in test.values()]))
    return (logits.argmax(1) == y).float().mean().item()


enc = Encoder()
print("new intents before training", round(evaluate(enc), 3))
opt = torch.optim.Adam(enc.proj.parameters(), lr=3e-3, weight_decay=1e-3)
for ep in range(1, 601):
    ks = rng.choice(20, size=8, replace=False)
    sup, qry = [], []
    for k in ks:
        perm = torch.tensor(rng.permutation(12))
        sup.append(train[k][perm[:4]]); qry.append(train[k][perm[4:9]])
    logits, y = episode_logits(enc, torch.stack(sup), torch.stack(qry))
    loss = F.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if ep % 100 == 0:
        print(f"episode {ep} loss {loss.item():.3f} accuracy on new intents {evaluate(enc):.3f}")
