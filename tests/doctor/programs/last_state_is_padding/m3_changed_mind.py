# In[1]:
# Which dish does the guest end up with? People change their mind while ordering.
import random
import time

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

random.seed(99)
torch.manual_seed(99)
start = time.time()

# In[2]:
DISHES = ["pizza", "soup", "salad", "burger", "curry", "pasta", "steak", "tofu"]
OPEN = ["i would like", "could i have", "give me", "let me take", "for me", "we want"]
SWITCH = ["no wait rather", "sorry make that", "hmm actually", "oh no better", "on second thought"]
KEEP = ["and no", "but please without", "and on no account", "surely not"]
POLITE = ["please", "thanks", "if possible", "thank you very much", "with extra bread", "and water", ""]


def order():
    dish = random.choice(DISHES)
    s = [random.choice(OPEN), dish]
    for _ in range(random.choice([0, 0, 1, 1, 2])):
        if random.random() < 0.7:
            dish = random.choice(DISHES)
            s += [random.choice(SWITCH), dish]
        else:
            s += [random.choice(KEEP), random.choice(DISHES)]
    s.append(random.choice(POLITE))
    return " ".join(s).split(), DISHES.index(dish)


seen, samples = set(), []
while len(samples) < 4600:
    toks, y = order()
    if tuple(toks) not in seen:
        seen.add(tuple(toks))
        samples.append((toks, y))
train_samples, val_samples = samples[:4000], samples[4000:]
print(train_samples[0], "longest", max(len(t) for t, _ in samples))

# In[3]:
vocab = {"<pad>": 0}
for t, _ in train_samples:
    for w in t:
        vocab.setdefault(w, len(vocab))
MAX_LEN = 48


class Orders(Dataset):
    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        toks, y = self.rows[i]
        ids = [vocab.get(w, 0) for w in toks][:MAX_LEN]
        return torch.tensor(ids + [0] * (MAX_LEN - len(ids))), len(ids), y


train_loader = DataLoader(Orders(train_samples), batch_size=100, shuffle=True)
val_loader = DataLoader(Orders(val_samples), batch_size=200)


# In[4]:
class OrderRNN(nn.Module):
    def __init__(self, vocab_size, emb_dim=32, hidden=64, classes=len(DISHES)):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim, padding_idx=0)
        self.rnn = nn.GRU(emb_dim, hidden, batch_first=True)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(hidden, classes)

    def forward(self, x, lengths):
        out, _ = self.rnn(self.embedding(x))
        # fault:
        last = out[:, -1, :]
        # mended:
        #last = out[torch.arange(len(x)), lengths - 1]
        # end
        return self.fc(self.dropout(last))


model = OrderRNN(len(vocab))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)


def check(loader):
    model.eval()
    ok = n = 0
    with torch.no_grad():
        for x, l, y in loader:
            ok += (model(x, l).argmax(1) == y).sum().item()
            n += len(y)
    return ok / n


# In[5]:
for epoch in range(4):
    model.train()
    total = 0
    for x, l, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x, l), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
    print(f"Epoch {epoch + 1} loss {total / len(train_loader):.4f} val acc {check(val_loader):.4f}")

print(f"train acc {check(train_loader):.4f} val acc {check(val_loader):.4f} ({time.time() - start:.1f} s)")
