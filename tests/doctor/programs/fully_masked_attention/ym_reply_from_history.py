"""Predict the department a ticket goes to from its text and from the customer's earlier tickets (attention over the history).
About a fifth of the customers write for the first time."""
import numpy as np
import torch
from torch import nn

rs = np.random.RandomState(8)
torch.manual_seed(8)
DEPTS, TOPIC_WORDS, COMMON, MAX_HIST, WORDS = 6, 25, 60, 6, 8
VOCAB = DEPTS * TOPIC_WORDS + COMMON


def text(dept):
    topical = rs.rand(WORDS) < 0.25
    return np.where(topical, dept * TOPIC_WORDS + rs.randint(0, TOPIC_WORDS, WORDS), DEPTS * TOPIC_WORDS + rs.randint(0, COMMON, WORDS))


def customers(n):
    cur = np.zeros((n, WORDS), dtype=np.int64)
    hist = np.zeros((n, MAX_HIST, WORDS), dtype=np.int64)
    size = np.zeros(n, dtype=np.int64)
    dept = rs.randint(0, DEPTS, n)
    for i in range(n):
        cur[i] = text(dept[i])
        size[i] = 0 if rs.rand() < 0.2 else rs.randint(1, MAX_HIST + 1)
        for j in range(size[i]):
            hist[i, j] = text(dept[i] if rs.rand() < 0.7 else rs.randint(DEPTS))
    return [torch.from_numpy(a) for a in (cur, hist, size, dept)]


class Router(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.words = nn.EmbeddingBag(VOCAB, dim, mode="mean")
        self.q, self.k, self.v = (nn.Linear(dim, dim) for _ in range(3))
        self.nothing = nn.Parameter(0.1 * torch.randn(dim))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Sequential(nn.Linear(2 * dim, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, DEPTS))

    def forward(self, cur, hist, size):
        b = len(cur)
        q = self.words(cur)
        memory = self.words(hist.flatten(0, 1)).view(b, MAX_HIST, -1)
        absent = torch.arange(MAX_HIST)[None, :] >= size[:, None]
        # fault:
        # mended:
        # memory = torch.cat([self.nothing.expand(b, 1, -1), memory], 1)
        # absent = torch.cat([torch.zeros(b, 1, dtype=torch.bool), absent], 1)
        # end
        energy = (self.k(memory) @ self.q(q).unsqueeze(-1)).squeeze(-1) / memory.size(-1) ** 0.5
        weight = energy.masked_fill(absent, float("-inf")).softmax(-1)
        ctx = (weight.unsqueeze(-1) * self.v(memory)).sum(1)
        return self.head(torch.cat([q, self.norm(ctx + q)], -1))


train, valid = customers(2600), customers(600)
model = Router()
optimizer = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=1e-2)
EPOCHS, BATCH = 5, 50
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)


def evaluate(data):
    model.eval()
    with torch.no_grad():
        pred = model(*data[:3]).argmax(-1)
    ok = pred == data[3]
    new = data[2] == 0
    return ok.float().mean().item(), ok[new].float().mean().item()


for epoch in range(EPOCHS):
    model.train()
    losses = []
    for idx in torch.randperm(len(train[0])).split(BATCH):
        cur, hist, size, y = (t[idx] for t in train)
        loss = nn.functional.cross_entropy(model(cur, hist, size), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
    a, n = evaluate(valid)
    print(f"epoch {epoch}  loss {np.mean(losses):.4f}  train acc {evaluate(train)[0]:.3f}  valid acc {a:.3f}  (first-time customers {n:.3f})")
