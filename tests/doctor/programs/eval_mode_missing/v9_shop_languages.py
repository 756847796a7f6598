# %% [markdown]
# # Which shop team answers?  The country shops get messages in five languages and no one fills in the language field.
# Public tweets stand in for the customers' messages.

# %%
import os
from collections import Counter
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

DATA = os.environ["WORDFIT_DATA"]
LANGS = ["italian", "spanish", "portuguese", "french", "german"]
rng = np.random.RandomState(5)
torch.manual_seed(5)

# %%
messages, team = [], []
seen = set()
for y, lang in enumerate(LANGS):
    with open(os.path.join(DATA, "sentiment/umsab-multilingual", lang, "train_text.txt"), encoding="utf-8") as f:
        for line in f.read().split("\n")[:700]:
            toks = [w for w in line.lower().split() if w[0] not in "@#" and w != "http"][:8]
            text = " ".join(toks)
            if len(text) > 12 and text not in seen:
                seen.add(text)
                messages.append(text)
                team.append(y)
order = rng.permutation(len(messages))
messages, team = [messages[i] for i in order], torch.tensor(team)[order]
print(len(messages), "messages", Counter(LANGS[t] for t in team.tolist()))


# %%
def trigrams(text):
    text = " " + text + " "
    return [text[i:i + 3] for i in range(len(text) - 2)]


n_dev = 800
counts = Counter(g for m in messages[n_dev:] for g in set(trigrams(m)))
index = {g: i + 1 for i, g in enumerate(g for g, c in counts.most_common(3000) if c > 2)}
encoded = [[index[g] for g in trigrams(m) if g in index] or [0] for m in messages]


def collate(rows):
    flat = [g for r, _ in rows for g in r]
    starts = np.cumsum([0] + [len(r) for r, _ in rows[:-1]])
    return torch.tensor(flat), torch.tensor(starts), torch.stack([t for _, t in rows])


pairs = list(zip(encoded, team))
train_dl = DataLoader(pairs[n_dev:], batch_size=64, shuffle=True, collate_fn=collate)
dev_dl = DataLoader(pairs[:n_dev], batch_size=200, collate_fn=collate)


# %%
class LanguageNet(nn.Module):
    def __init__(self, n, d=16, hidden=32):
        super().__init__()
        self.grams = nn.EmbeddingBag(n, d, mode="mean")
        self.drop_in = nn.Dropout(0.4)
        self.body = nn.Linear(d, hidden)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(hidden, len(LANGS))

    def forward(self, flat, starts):
        h = torch.relu(self.body(self.drop_in(self.grams(flat, starts))))
        return self.head(self.drop(h))


def score(model, loader):
    # fault:
    # mended:
    #model.eval()
    # end
    hits, loss, n = 0, 0.0, 0
    with torch.no_grad():
        for flat, starts, yb in loader:
            z = model(flat, starts)
            hits += (z.argmax(1) == yb).sum().item()
            loss += nn.functional.cross_entropy(z, yb, reduction="sum").item()
            n += len(yb)
    return hits / n, loss / n


# %%
net = LanguageNet(len(index) + 1)
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(1, 13):
    net.train()
    for flat, starts, yb in train_dl:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(flat, starts), yb).backward()
        optimizer.step()
    if epoch % 2 == 0:
        print("epoch %2d  dev accuracy %.3f  dev loss %.3f" % (epoch, *score(net, dev_dl)))

# %%
print("train %.3f / %.3f" % score(net, train_dl))
print("dev   %.3f / %.3f" % score(net, dev_dl))
