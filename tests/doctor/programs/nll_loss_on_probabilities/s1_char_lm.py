# %% [markdown]
# # A tiny letter model of newspaper English
# Predict the next character of Brown corpus sentences with a GRU.

# %%
import gzip
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(4)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "corpora", "brown.txt.gz")
LENGTH = 30
EPOCHS = 5

# %%
alphabet = "_ abcdefghijklmnopqrstuvwxyz,.'"
char_id = {c: i for i, c in enumerate(alphabet)}

lines, seen = [], set()
with gzip.open(PATH, "rt", encoding="utf-8") as f:
    for line in f:
        line = line.strip().lower()
        piece = line[:LENGTH + 1]
        if len(piece) == LENGTH + 1 and piece not in seen:
            seen.add(piece)
            lines.append(piece)
        if len(lines) == 2500:
            break

ids = torch.tensor([[char_id.get(c, 0) for c in s] for s in lines])
ids = ids[torch.randperm(len(ids))]
train, valid = ids[:2100], ids[2100:]
train_dl = DataLoader(TensorDataset(train[:, :-1], train[:, 1:]), batch_size=20, shuffle=True)
valid_dl = DataLoader(TensorDataset(valid[:, :-1], valid[:, 1:]), batch_size=100)


# %%
class LetterModel(nn.Module):
    def __init__(self, n_chars, dim=24, hidden=48):
        super().__init__()
        self.embed = nn.Embedding(n_chars, dim)
        self.gru = nn.GRU(dim, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, n_chars)

    def forward(self, x):
        h, _ = self.gru(self.embed(x))
        # fault:
        return F.softmax(self.linear(h), dim=-1)
        # mended:
        #return F.log_softmax(self.linear(h), dim=-1)
        # end


model = LetterModel(len(alphabet))
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters())
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.2e-2,
                                               total_steps=EPOCHS * len(train_dl))


# %%
def validate():
    model.eval()
    hits, loss = 0, 0.0
    with torch.no_grad():
        for x, y in valid_dl:
            out = model(x)
            loss += criterion(out.transpose(1, 2), y).item()
            hits += (out.argmax(-1) == y).sum().item()
    return loss / len(valid_dl), hits / valid[:, 1:].numel()


for epoch in range(EPOCHS):
    model.train()
    total = 0.0
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(x).transpose(1, 2), y)
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item()
    valid_loss, acc = validate()
    print(f"epoch {epoch + 1} train {total / len(train_dl):.4f} valid {valid_loss:.4f} next letter right {acc:.4f}")

# %% what does it say after a beginning?
def most_common():
    counts = torch.bincount(valid[:, 1:].flatten(), minlength=len(alphabet))
    return counts.max().item() / counts.sum().item()


def go_on(text, n=20):
    with torch.no_grad():
        for _ in range(n):
            x = torch.tensor([[char_id.get(c, 0) for c in text]])
            text += alphabet[model(x)[0, -1].argmax().item()]
    return text


print(f"always the commonest letter: {most_common():.4f}")
print(repr(go_on("the man who")))
