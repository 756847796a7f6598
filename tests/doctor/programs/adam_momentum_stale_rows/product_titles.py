"""Product titles arrive in daily batches; word vectors from the old catalogue are kept up to date on the way, brand words are rare."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(27)
torch.manual_seed(27)
V, DIM, TITLE = 20000, 16, 8
truth = rng.normal(size=V)                          # how upmarket a word sounds
basis = rng.normal(size=DIM)
basis /= np.linalg.norm(basis)
old = (np.outer(truth, basis) * 0.8 + 0.3 * rng.normal(size=(V, DIM))).astype(np.float32)


def titles(n):
    ids = rng.integers(0, V, (n, TITLE))
    score = truth[ids].mean(1) * np.sqrt(TITLE)
    y = (score + 0.7 * rng.normal(size=n) > 0).astype(np.float32)
    return torch.from_numpy(ids), torch.from_numpy(y)


class Upmarket(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(old), freeze=False)
        # mended:
        # self.words = nn.Embedding.from_pretrained(torch.from_numpy(old), freeze=False, sparse=True)
        # end
        self.head = nn.Linear(DIM, 1)

    def forward(self, ids):
        return self.head(self.words(ids).mean(1)).squeeze(-1)


x, y = titles(3000)
x_dev, y_dev = titles(2000)
model = Upmarket()
# fault:
opt_words = torch.optim.Adam(model.words.parameters(), lr=0.02)
# mended:
# opt_words = torch.optim.SparseAdam(list(model.words.parameters()), lr=0.02)
# end
opt_head = torch.optim.Adam(model.head.parameters(), lr=0.03)
start = model.words.weight.detach().clone()
days = torch.randperm(len(x)).split(600)
for day, stock in enumerate(days, 1):
    model.train()
    running = 0.0
    for idx in stock.split(10):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x[idx]), y[idx])
        opt_words.zero_grad()
        opt_head.zero_grad()
        loss.backward()
        opt_words.step()
        opt_head.step()
        running += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        right = ((model(x_dev) > 0).float() == y_dev).float().mean().item()
        moved = (model.words.weight - start).norm(dim=1)
    print(f"day {day}: loss {running / len(stock):.3f}, new titles right {right:.3f}, mean movement of a word since the start {moved.mean():.3f}")
