# How much do people like a recipe, judged by the words of its title?
# Last year's word table is the warm start; tastes have moved a little since, so it is tuned on this year's ratings.
# Long tailed vocabulary: most words come up only now and then. The scoring direction stays as it was.
import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(12)
torch.manual_seed(12)
VOCAB, WIDTH, PER_TITLE, TITLES = 4000, 8, 6, 16000

# ratings of this year, and what is left from last year
freq = 1 / (np.arange(VOCAB) + 300.0)
taste_now = rng.normal(size=(VOCAB, WIDTH))
direction = rng.normal(size=WIDTH)
direction /= np.linalg.norm(direction)
titles = rng.choice(VOCAB, size=(TITLES, PER_TITLE), p=freq / freq.sum())
stars = (taste_now @ direction)[titles].sum(1) / PER_TITLE ** 0.5 + rng.normal(size=TITLES) * 0.2
taste_last_year = taste_now + 0.45 * rng.normal(size=taste_now.shape)

words = torch.from_numpy(titles)
target = torch.tensor(stars, dtype=torch.float32)
n_train = 14500


class Rater(nn.Module):
    def __init__(self, table, direction):
        super().__init__()
        # fault:
        self.table = nn.Embedding.from_pretrained(torch.tensor(table).float(), freeze=False)
        # mended:
        # self.table = nn.Embedding.from_pretrained(torch.tensor(table).float(), freeze=False, sparse=True)
        # end
        self.register_buffer("direction", torch.tensor(direction).float())

    def forward(self, x):
        return self.table(x).sum(1) @ self.direction / PER_TITLE ** 0.5


model = Rater(taste_last_year, direction)
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
# mended:
# optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=0.02)
# end


def rmse(a, b):
    model.eval()
    with torch.no_grad():
        return (model(words[a:b]) - target[a:b]).pow(2).mean().sqrt().item()


print(f"always the mean: {(target[n_train:] - target[:n_train].mean()).pow(2).mean().sqrt():.3f}")
print(f"last year's table: train {rmse(0, n_train):.3f}, new titles {rmse(n_train, TITLES):.3f}")
for epoch in range(2):
    model.train()
    total = 0.0
    for batch in torch.randperm(n_train).split(8):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(words[batch]), target[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    print(f"epoch {epoch + 1}: mse {total / n_train:.4f}, rmse on train {rmse(0, n_train):.3f}, "
          f"on new titles {rmse(n_train, TITLES):.3f}")
