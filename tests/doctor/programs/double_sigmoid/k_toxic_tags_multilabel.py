"""Comment tagging (multi-label, 5 tags), after a Kaggle kernel. Micro/macro F1 at 0.5."""
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader
from sklearn.metrics import f1_score

SEED = 1234
np.random.seed(SEED)
torch.manual_seed(SEED)

TAGS = {
    "insult": ["idiot", "fool", "moron", "stupid"],
    "threat": ["kill", "hurt", "destroy", "burn"],
    "spam": ["free", "click", "winner", "casino"],
    "politics": ["senate", "vote", "minister", "party"],
    "sport": ["goal", "coach", "league", "referee"],
}
NEUTRAL = [f"w{i}" for i in range(60)]
VOCAB = ["[PAD]"] + NEUTRAL + [w for ws in TAGS.values() for w in ws]
IDX = {w: i for i, w in enumerate(VOCAB)}
MAXLEN = 20


def make_comment():
    y = (np.random.rand(len(TAGS)) < 0.18).astype(np.float32)
    toks = list(np.random.choice(NEUTRAL, np.random.randint(5, 13)))
    for on, ws in zip(y, TAGS.values()):
        if on:
            toks += list(np.random.choice(ws, 1))
        elif np.random.rand() < 0.01:
            toks += list(np.random.choice(ws, 1))
    np.random.shuffle(toks)
    return toks[:MAXLEN], y


class Comments(Dataset):
    def __init__(self, n):
        self.rows = [make_comment() for _ in range(n)]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        toks, y = self.rows[i]
        ids = [IDX[t] for t in toks] + [0] * (MAXLEN - len(toks))
        return {"ids": torch.tensor(ids), "tags": torch.from_numpy(y)}


class Tagger(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.embedding = nn.Embedding(len(VOCAB), dim, padding_idx=0)
        self.fc1 = nn.Linear(dim, 48)
        self.fc2 = nn.Linear(48, len(TAGS))

    def forward(self, ids):
        h = torch.relu(self.fc1(self.embedding(ids)))
        h = h.masked_fill((ids == 0).unsqueeze(-1), 0).amax(dim=1)
        # fault:
        return torch.sigmoid(self.fc2(h))
        # mended:
        # return self.fc2(h)
        # end


def evaluate(model, loader):
    model.eval()
    ps, ys = [], []
    with torch.no_grad():
        for batch in loader:
            ps.append(torch.sigmoid(model(batch["ids"])))
            ys.append(batch["tags"])
    p, y = torch.cat(ps).numpy(), torch.cat(ys).numpy()
    return f1_score(y, p > 0.5, average="micro", zero_division=0), f1_score(y, p > 0.5, average="macro", zero_division=0), p.mean()


train_loader = DataLoader(Comments(2400), batch_size=48, shuffle=True)
valid_loader = DataLoader(Comments(500), batch_size=250)
model = Tagger()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    model.train()
    running = 0.0
    for batch in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(batch["ids"]), batch["tags"])
        loss.backward()
        optimizer.step()
        running += loss.item()
    micro, macro, mean_p = evaluate(model, valid_loader)
    print(f"Epoch {epoch + 1}: train loss {running / len(train_loader):.4f} | valid micro-F1 {micro:.4f} macro-F1 {macro:.4f} | mean prob {mean_p:.3f}")
