"""Star ratings from a fixed affect lexicon: every word has valence, arousal and dominance on -4 .. 4, a review gets the sum."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

gen = np.random.default_rng(6)
torch.manual_seed(6)

N_WORDS, LENGTH = 600, 12
lexicon = np.zeros((N_WORDS + 1, 3), dtype=np.float32)                 # row 0: padding
lexicon[1:, 0] = np.clip(gen.normal(0, 1.8, N_WORDS), -4, 4)
lexicon[1:, 1] = np.clip(gen.normal(0.5, 1.2, N_WORDS), -4, 4)
lexicon[1:, 2] = np.clip(0.4 * lexicon[1:, 0] + gen.normal(0, 0.9, N_WORDS), -4, 4)


def reviews(n):
    x = np.zeros((n, LENGTH), dtype=np.int64)
    for row in x:
        k = gen.integers(5, LENGTH + 1)
        row[:k] = gen.integers(1, N_WORDS + 1, k)
    v, a, d = (lexicon[x, c].sum(1) for c in range(3))
    stars = 3 + 0.22 * v * (1 + 0.25 * np.tanh(a / 4)) + 0.08 * d + gen.normal(0, 0.25, n)
    return torch.from_numpy(x), torch.from_numpy(np.clip(stars, 0, 6).astype(np.float32))


x_train, y_train = reviews(1800)
x_test, y_test = reviews(500)


class AffectRegressor(nn.Module):
    def __init__(self):
        super().__init__()
        weights = torch.from_numpy(lexicon.copy())
        # fault:
        self.affect = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0, max_norm=1.0)
        # mended:
        # self.affect = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        # end
        self.mlp = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, x):
        total = self.affect(x).sum(dim=1)
        return 3 + self.mlp(total / 4).squeeze(-1)


model = AffectRegressor()
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-2)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)


@torch.no_grad()
def r_squared(x, y):
    model.eval()
    return 1 - ((model(x) - y) ** 2).mean().item() / y.var(unbiased=False).item()


for epoch in range(8):
    model.train()
    losses = []
    for xb, yb in loader:
        loss = nn.functional.mse_loss(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f'epoch {epoch + 1}: mse {np.mean(losses):.4f}  R2 test {r_squared(x_test, y_test):.3f}')
print(f'R2 train {r_squared(x_train, y_train):.3f}  test {r_squared(x_test, y_test):.3f}')
row_length = model.affect.weight[1:].norm(dim=1)
print(f'mean length of a lexicon row: {row_length.mean():.3f} (file: {np.linalg.norm(lexicon[1:], axis=1).mean():.3f})')
