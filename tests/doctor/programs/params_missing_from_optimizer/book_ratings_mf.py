# Book ratings: user x book factorisation with a word bag for the blurb.
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader, random_split

np.random.seed(0)
torch.manual_seed(0)
N_USERS, N_BOOKS, N_WORDS, K = 60, 50, 40, 3


class Ratings(Dataset):
    """simulated: tastes and blurbs of low rank, plus noise"""

    def __init__(self, n=5000):
        taste, style = np.random.randn(N_USERS, K), np.random.randn(N_BOOKS, K)
        words = np.random.randn(N_WORDS)
        self.u = np.random.randint(0, N_USERS, n)
        self.b = np.random.randint(0, N_BOOKS, n)
        self.w = np.random.randint(0, N_WORDS, (n, 6))
        score = (taste[self.u] * style[self.b]).sum(1) + words[self.w].mean(1)
        self.r = (3.0 + 0.7 * score + 0.15 * np.random.randn(n)).astype("float32")

    def __len__(self):
        return len(self.r)

    def __getitem__(self, i):
        return {"user": self.u[i], "book": self.b[i], "blurb": self.w[i], "rating": self.r[i]}


class Recommender(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        # fault:
        self.tables = {
            "user": nn.Embedding(N_USERS, dim),
            "book": nn.Embedding(N_BOOKS, dim),
        }
        # mended:
        # self.tables = nn.ModuleDict({
        #     "user": nn.Embedding(N_USERS, dim),
        #     "book": nn.Embedding(N_BOOKS, dim),
        # })
        # end
        for t in self.tables.values():
            nn.init.normal_(t.weight, std=0.3)
        self.user_bias = nn.Embedding(N_USERS, 1)
        self.book_bias = nn.Embedding(N_BOOKS, 1)
        self.blurb = nn.EmbeddingBag(N_WORDS, 1, mode="mean")
        self.mu = nn.Parameter(torch.tensor(3.0))
        for t in (self.user_bias, self.book_bias, self.blurb):
            nn.init.zeros_(t.weight)

    def forward(self, batch):
        inter = (self.tables["user"](batch["user"]) * self.tables["book"](batch["book"])).sum(-1)
        bias = self.user_bias(batch["user"]) + self.book_bias(batch["book"]) + self.blurb(batch["blurb"])
        return self.mu + inter + bias.squeeze(-1)


full = Ratings()
train_set, test_set = random_split(full, [4200, 800])
train_dl = DataLoader(train_set, batch_size=64, shuffle=True)
test_dl = DataLoader(test_set, batch_size=400)

net = Recommender()
opt = torch.optim.Adam(net.parameters(), lr=1.5e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=8)
mse = nn.MSELoss()
for epoch in range(8):
    net.train()
    tl = []
    for batch in train_dl:
        loss = mse(net(batch), batch["rating"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tl.append(loss.item())
    sched.step()
    net.eval()
    with torch.no_grad():
        p = torch.cat([net(b) for b in test_dl])
        t = torch.cat([b["rating"] for b in test_dl])
    r2 = 1 - ((p - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
    print(f"epoch {epoch + 1}  train mse {np.mean(tl):.3f}  test mse {mse(p, t).item():.3f}  R2 {r2.item():.3f}")
