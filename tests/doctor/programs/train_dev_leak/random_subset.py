"""Duplicate questions: validation rows are drawn from the table, then a matching network is trained."""
import random

import torch
from torch import nn

random.seed(45); torch.manual_seed(45)
cons, vows = "bdfgklmnprst", "aeiou"
lex = sorted({random.choice(cons) + random.choice(vows) + random.choice(cons) + random.choice(vows) for _ in range(700)})
random.shuffle(lex)
concept = [lex[i * 4:(i + 1) * 4] for i in range(60)]
frame = lex[240:300]


def ask(c):
    t = random.choices(frame, k=random.randint(3, 7)) + [random.choice(concept[c])]
    random.shuffle(t)
    return t


table = []
for _ in range(1300):
    y = random.randrange(2)
    c = random.randrange(60)
    table.append((ask(c), ask(c if y else (c + random.randint(1, 59)) % 60), float(y)))

# fault:
valid = random.sample(table, 250)
train = table[:]
# mended:
# random.shuffle(table)
# valid, train = table[:250], table[250:]
# end
stoi = {w: i + 1 for i, w in enumerate(lex[:300])}
# concept words come with vectors in which synonyms are neighbours
W = torch.randn(301, 32) * 0.3
for words in concept:
    c = torch.randn(32) * 0.6
    for w in words:
        W[stoi[w]] = c + 0.25 * torch.randn(32)
W[0] = 0


class Match(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(W, freeze=False, padding_idx=0)
        self.hid = nn.Linear(34, 64)
        self.out = nn.Linear(64, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, a, b):
        ea, eb = self.emb(a), self.emb(b)
        ma, mb = (a > 0), (b > 0)
        sim = (ea @ eb.transpose(1, 2)).masked_fill(~(ma[:, :, None] & mb[:, None]), -50.0)
        top = sim.flatten(1).topk(2, dim=1).values
        mean = ea.sum(1) / ma.sum(1)[:, None] - eb.sum(1) / mb.sum(1)[:, None]
        return self.out(self.drop(torch.relu(self.hid(torch.cat([top, mean.abs()], 1))))).squeeze(1)


def ids(sents):
    n = max(map(len, sents))
    return torch.tensor([[stoi[w] for w in s] + [0] * (n - len(s)) for s in sents])


net = Match()
opt = torch.optim.Adam([{"params": net.emb.parameters(), "lr": 3e-3}, {"params": [*net.hid.parameters(), *net.out.parameters()]}], lr=5e-3)
for epoch in range(10):
    random.shuffle(train)
    net.train()
    losses = []
    for i in range(0, len(train), 32):
        a, b, y = zip(*train[i:i + 32])
        loss = nn.functional.binary_cross_entropy_with_logits(net(ids(a), ids(b)), torch.tensor(y))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        a, b, y = zip(*valid)
        acc = ((net(ids(a), ids(b)) > 0).float() == torch.tensor(y)).float().mean().item()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.4f} valid {acc:.4f}")
