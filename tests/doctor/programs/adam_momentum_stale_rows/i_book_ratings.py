"""Rating prediction for a small book club site: biases + factors, most books have only a few ratings."""
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

rs = np.random.RandomState(4)
torch.manual_seed(4)

readers, books, n = 800, 2500, 30000
book_quality = rs.normal(0, .9, books)
reader_mood = rs.normal(0, .5, readers)
u = rs.randint(0, readers, n)
b = rs.randint(0, books, n)
stars = 3.4 + reader_mood[u] + book_quality[b] + rs.normal(0, .35, n)

U, B, S = torch.tensor(u), torch.tensor(b), torch.tensor(stars, dtype=torch.float32)
cut = 26000
train = DataLoader(TensorDataset(U[:cut], B[:cut], S[:cut]), batch_size=100, shuffle=True)
test = TensorDataset(U[cut:], B[cut:], S[cut:])


class Bias(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.reader = nn.Embedding(readers, 1)
        self.book = nn.Embedding(books, 1)
        # mended:
        # self.reader = nn.Embedding(readers, 1, sparse=True)
        # self.book = nn.Embedding(books, 1, sparse=True)
        # end
        nn.init.zeros_(self.reader.weight)
        nn.init.zeros_(self.book.weight)
        self.register_buffer("mu", S[:cut].mean())

    def forward(self, r, k):
        return self.mu + self.reader(r).squeeze(-1) + self.book(k).squeeze(-1)


def rmse(model, ds):
    with torch.no_grad():
        r, k, s = ds.tensors
        return ((model(r, k) - s) ** 2).mean().sqrt().item()


model = Bias()
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
# mended:
# optimizer = torch.optim.SparseAdam(model.parameters(), lr=0.1)
# end
print("rmse of the mean: %.4f" % test.tensors[2].std().item())
for epoch in range(8):
    se = 0.0
    for r, k, s in train:
        loss = (model(r, k) - s).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        se += loss.item() * len(s)
    print(f"epoch {epoch + 1}: running rmse {(se / cut) ** .5:.4f}   train {rmse(model, train.dataset):.4f}   test {rmse(model, test):.4f}")
