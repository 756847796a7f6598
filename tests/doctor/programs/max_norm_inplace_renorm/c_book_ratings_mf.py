"""
Matrix factorisation for book ratings (reader x book), SGD with biases.
Ratings are simulated with a handful of taste dimensions, -5 (hated it) .. 5 (loved it).
"""
import math
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(1234)
N_READERS, N_BOOKS, TASTES = 240, 150, 4

# simulate
taste = torch.randn(N_READERS, TASTES)
style = torch.randn(N_BOOKS, TASTES)
quality = 0.5 * torch.randn(N_BOOKS)
reader = torch.randint(N_READERS, (16000,))
book = torch.randint(N_BOOKS, (16000,))
pair = torch.unique(torch.stack([reader, book], 1), dim=0)
reader, book = pair[:, 0], pair[:, 1]
score = (taste[reader] * style[book]).sum(1) + quality[book] + 0.4 * torch.randn(len(reader))
score = score.clamp(-5, 5)
full = TensorDataset(reader, book, score)
n_val = len(full) // 10
train_set, val_set = random_split(full, [len(full) - n_val, n_val])
train_loader = DataLoader(train_set, batch_size=128, shuffle=True)
val_loader = DataLoader(val_set, batch_size=1024)


class MF(nn.Module):
    def __init__(self, n_users, n_items, k):
        super().__init__()
        # fault:
        self.user_factors = nn.Embedding(n_users, k, max_norm=1.0)
        self.item_factors = nn.Embedding(n_items, k, max_norm=1.0)
        # mended:
        # self.user_factors = nn.Embedding(n_users, k)
        # self.item_factors = nn.Embedding(n_items, k)
        # end
        self.user_bias = nn.Embedding(n_users, 1)
        self.item_bias = nn.Embedding(n_items, 1)
        nn.init.normal_(self.user_factors.weight, std=0.3)
        nn.init.normal_(self.item_factors.weight, std=0.3)
        nn.init.zeros_(self.user_bias.weight)
        nn.init.zeros_(self.item_bias.weight)
        self.mu = nn.Parameter(torch.zeros(1))

    def forward(self, u, i):
        dot = (self.user_factors(u) * self.item_factors(i)).sum(dim=1)
        return self.mu + self.user_bias(u).squeeze(1) + self.item_bias(i).squeeze(1) + dot


model = MF(N_READERS, N_BOOKS, 6)
optimizer = torch.optim.Adam(model.parameters(), lr=0.025)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.3)
loss_fn = nn.MSELoss()
spread = torch.stack([s for _, _, s in val_set]).std().item()
print(f"{len(train_set)} ratings to learn from, {n_val} held out, std of held-out ratings {spread:.3f}")

for epoch in range(1, 9):
    model.train()
    se = 0.0
    for u, i, r in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(u, i), r)
        loss.backward()
        optimizer.step()
        se += loss.item() * len(r)
    scheduler.step()
    model.eval()
    with torch.no_grad():
        val = sum(((model(u, i) - r) ** 2).sum().item() for u, i, r in val_loader) / n_val
    print(f"epoch {epoch}: train RMSE {math.sqrt(se / len(train_set)):.4f}  val RMSE {math.sqrt(val):.4f}")
print(f"explained variance on held-out ratings: {1 - val / spread ** 2:.3f}")
