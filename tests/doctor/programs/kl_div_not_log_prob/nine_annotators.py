"""Learning from disagreement: nine annotators vote on the mood of a comment, the model predicts the share of the votes."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

rng = np.random.default_rng(5)
torch.manual_seed(5)
MOODS = ["neşeli", "üzgün", "kızgın", "nötr"]
N_WORDS, LEN, N = 260, 12, 3600

# every word pulls the votes a little
pull = rng.normal(0, 1, (N_WORDS, len(MOODS))) * (rng.random((N_WORDS, 1)) < 0.4)
texts = rng.integers(0, N_WORDS, (N, LEN))
logits = pull[texts].sum(1) * 0.8
shares = np.exp(logits - logits.max(1, keepdims=True))
shares /= shares.sum(1, keepdims=True)
votes = np.stack([rng.multinomial(9, p) for p in shares]) / 9.0

X = torch.tensor(texts)
Y = torch.tensor(votes, dtype=torch.float32)
TRUE = torch.tensor(shares, dtype=torch.float32)
train_set = TensorDataset(X[:3000], Y[:3000])
loader = DataLoader(train_set, batch_size=50, shuffle=True)


class Votes(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(N_WORDS, 16)
        nn.init.normal_(self.words.weight, std=0.1)
        self.head = nn.Linear(16, len(MOODS))

    def forward(self, x):
        return self.head(self.words(x).sum(1))


def report(model, epoch, loss):
    with torch.no_grad():
        p = F.softmax(model(X[3000:]), dim=1)
    t = TRUE[3000:]
    kl = (t * (t.clamp(min=1e-8).log() - p.clamp(min=1e-8).log())).sum(1).mean().item()
    top = (p.argmax(1) == t.argmax(1)).float().mean().item()
    print(f"epoch {epoch:2d} loss {loss:.4f} | held out: KL to the true shares {kl:.4f}, same favourite {top:.3f}, mean max share {p.max(1).values.mean():.2f} (true {t.max(1).values.mean():.2f})")


model = Votes()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 14)
for epoch in range(14):
    tot = 0.0
    for x, y in loader:
        out = model(x)
        # fault:
        loss = F.kl_div(F.softmax(out, dim=1), y, reduction="batchmean")
        # mended:
        # loss = F.kl_div(F.log_softmax(out, dim=1), y, reduction="batchmean")
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    sched.step()
    report(model, epoch, tot / len(loader))
