"""Finding reports that mention an adverse event (about 4 % of the stream).

Attention pooling classifier on token ids; synthetic stream, since the clinical notes cannot be shared.
"""
import collections
import numpy as np
import torch
import torch.nn as nn
from sklearn.metrics import balanced_accuracy_score, f1_score, recall_score
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(17)
VOCAB, CUES = 120, 12           # ids 1..12 are words that go with an event


class Stream(Dataset):
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        self.rows = []
        for _ in range(n):
            event = int(rng.random() < 0.04)
            length = rng.integers(10, 25)
            p_cue = 0.22 if event else 0.07      # cues occur in quiet reports, too
            cue = rng.random(length) < p_cue
            ids = np.where(cue, rng.integers(1, CUES + 1, length), rng.integers(CUES + 1, VOCAB, length))
            self.rows.append((ids.tolist(), event))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    width = max(len(ids) for ids, _ in batch)
    x = torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in batch])
    y = torch.tensor([event for _, event in batch])
    return {"tokens": x, "label": y}


class AttentionPool(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, dim, padding_idx=0)
        self.att = nn.Linear(dim, 1)
        self.cls = nn.Linear(dim, 2)

    def forward(self, tokens):
        h = self.emb(tokens)
        a = self.att(torch.tanh(h)).squeeze(-1).masked_fill(tokens == 0, -1e9)
        return self.cls((a.softmax(-1).unsqueeze(-1) * h).sum(1))


def predict(model, data):
    model.eval()
    y, p = [], []
    with torch.no_grad():
        for batch in DataLoader(data, batch_size=500, collate_fn=collate):
            p += model(batch["tokens"]).argmax(-1).tolist()
            y += batch["label"].tolist()
    return y, p


train, test = Stream(5000, 1), Stream(2000, 2)
print("training labels:", collections.Counter(y for _, y in train.rows))
loader = DataLoader(train, batch_size=100, shuffle=True, collate_fn=collate)
model = AttentionPool()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# share = sum(y for _, y in train.rows) / len(train)
# criterion = nn.CrossEntropyLoss(weight=torch.tensor([0.5 / (1 - share), 0.5 / share]))
# end
opt = torch.optim.Adam(model.parameters(), lr=1.5e-2, weight_decay=1e-4)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, 4)
for epoch in range(5):
    model.train()
    total = 0
    for batch in loader:
        opt.zero_grad()
        loss = criterion(model(batch["tokens"]), batch["label"])
        loss.backward()
        opt.step()
        total += loss.item()
    sched.step()
    yt, pt = predict(model, train)
    y, p = predict(model, test)
    print(f"epoch {epoch}: loss {total / len(loader):.4f}  balanced acc train {balanced_accuracy_score(yt, pt):.3f} "
          f"test {balanced_accuracy_score(y, p):.3f}  recall {recall_score(y, p, zero_division=0):.3f} F1 {f1_score(y, p, zero_division=0):.3f}")
print("reports flagged:", sum(p), "of", len(p), " events:", sum(y))
