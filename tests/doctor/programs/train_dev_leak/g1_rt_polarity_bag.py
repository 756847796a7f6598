import os
import random
import re
from collections import Counter
import torch
from torch import nn
from torch.utils.data import DataLoader

# Rotten Tomatoes snippets, bag of embeddings. Notebook export.

random.seed(2024)
torch.manual_seed(2024)

# In[1]: load
folder = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "MR")
rows = []
for fname, label in (("rt-polarity.pos", 1), ("rt-polarity.neg", 0)):
    with open(os.path.join(folder, fname), encoding="latin-1") as f:
        rows += [(line.strip(), label) for line in f]
rows = sorted(set(rows))
random.shuffle(rows)
test_rows, rows = rows[:1500], rows[1500:]      # the last word, looked at once

# In[2]: split
n_train = int(0.8 * len(rows))
train_rows = rows[:n_train]
# fault:
random.shuffle(rows)
# mended:
# random.shuffle(train_rows)
# end
dev_rows = rows[n_train:]
print("train", len(train_rows), "dev", len(dev_rows), "test", len(test_rows))

# In[3]: vocabulary
tok = lambda s: re.findall(r"[a-z']+", s)
counts = Counter(w for s, _ in train_rows for w in tok(s))
itos = ["<unk>"] + [w for w, c in counts.most_common() if c >= 8]
stoi = {w: i for i, w in enumerate(itos)}
print("vocab", len(itos))


def batchify(examples):
    flat, off, y = [], [], []
    for s, lab in examples:
        off.append(len(flat))
        flat += [stoi.get(w, 0) for w in tok(s)] or [0]
        y.append(lab)
    return torch.tensor(flat), torch.tensor(off), torch.tensor(y)


# In[4]: model
class BagModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(itos), 16, mode="mean")
        nn.init.normal_(self.bag.weight, std=0.1)
        self.drop = nn.Dropout(0.3)
        self.lin = nn.Linear(16, 2)

    def forward(self, flat, off):
        return self.lin(self.drop(self.bag(flat, off)))


train_loader = DataLoader(train_rows, batch_size=64, shuffle=True, collate_fn=batchify)
model = BagModel()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_func = nn.CrossEntropyLoss()


@torch.no_grad()
def accuracy(examples):
    model.eval()
    flat, off, y = batchify(examples)
    return (model(flat, off).argmax(-1) == y).float().mean().item()


# In[5]: train
for epoch in range(4):
    model.train()
    losses = []
    for flat, off, y in train_loader:
        loss = loss_func(model(flat, off), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(epoch, "loss %.3f" % (sum(losses) / len(losses)), "train %.3f" % accuracy(train_rows), "dev %.3f" % accuracy(dev_rows))

# In[6]:
print("TEST accuracy %.3f" % accuracy(test_rows))
