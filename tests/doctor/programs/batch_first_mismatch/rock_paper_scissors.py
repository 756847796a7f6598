"""Who won the match?  Fifteen rounds of rock, paper, scissors, written RP SS PR ...; best of all rounds, three answers."""
import random

import torch
from torch import nn
from torch.nn import functional as F

random.seed(2)
torch.manual_seed(2)
ROUNDS = 15
HANDS = "RPS"
TOKENS = [a + b for a in HANDS for b in HANDS]
BEATS = {"RS", "SP", "PR"}


def match():
    bias, winner = random.choice([0.0, 0.15, 0.3]), random.randrange(2)
    rounds, lead = [], 0
    for _ in range(ROUNDS):
        t = random.choice(sorted(BEATS)) if random.random() < bias else random.choice(TOKENS)
        t = t[::-1] if winner else t
        rounds.append(TOKENS.index(t))
        lead += 1 if t in BEATS else (-1 if t[0] != t[1] else 0)
    return rounds, 0 if lead < 0 else (1 if lead == 0 else 2)


games = [match() for _ in range(3600)]
X = torch.tensor([g for g, _ in games]).t().contiguous()      # rounds x matches
Y = torch.tensor([y for _, y in games])
Xtr, Ytr, Xte, Yte = X[:, :3000], Y[:3000], X[:, 3000:], Y[3000:]


class Umpire(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.emb = nn.Embedding(len(TOKENS), 12)
        # fault:
        self.gru = nn.GRU(12, hidden, batch_first=True)
        # mended:
        # self.gru = nn.GRU(12, hidden)
        # end
        self.out = nn.Linear(hidden, 3)

    def forward(self, rounds):
        states, _ = self.gru(self.emb(rounds))
        return self.out(states[-1])


net = Umpire()
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
step = 0
while step < 500:
    for cols in torch.randperm(Xtr.shape[1]).split(60):
        net.train()
        loss = F.cross_entropy(net(Xtr[:, cols]), Ytr[cols])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 0.5)
        opt.step()
        step += 1
        if step % 100 == 0:
            net.eval()
            with torch.no_grad():
                pred = torch.cat([net(Xte[:, k:k + 60]).argmax(-1) for k in range(0, Xte.shape[1], 60)])
            print(f"step {step}: loss {loss.item():.3f}, test accuracy {(pred == Yte).float().mean():.3f}, commonest {Yte.bincount().max() / len(Yte):.3f}")
