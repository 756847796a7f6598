# %% [markdown]
# # Ticket routing baseline
# EmbeddingBag + linear layer, after the torchtext tutorial. Goal: send a helpdesk ticket to the right team.

# %%
import random
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, classification_report
from torch.utils.data import DataLoader

random.seed(11)
torch.manual_seed(11)

# %%
TEAMS = {
    "network": "vpn wifi router dns proxy firewall latency packet ethernet switch hotspot roaming gateway ping".split(),
    "hardware": "laptop screen keyboard battery charger dock monitor mouse fan noise broken cable headset hinge".split(),
    "accounts": "password login locked reset token mfa username expired role permission sso group denied invite".split(),
    "billing": "invoice charge refund payment card receipt plan renewal tax discount cost quote order currency".split(),
    "printing": "printer toner paper jam queue scanner tray duplex colour driver spool copy staple sheet".split(),
}
FILLER = ("please help my the is not working since yesterday again today i need urgent hello thanks cannot "
          "when it says error after update team office we get still asap and on with new").split()


def make_ticket():
    team = random.choice(list(TEAMS))
    n = random.randint(5, 14)
    words = []
    for _ in range(n):
        r = random.random()
        if r < 0.30:
            words.append(random.choice(TEAMS[team]))
        elif r < 0.38:
            words.append(random.choice(TEAMS[random.choice(list(TEAMS))]))
        else:
            words.append(random.choice(FILLER))
    return " ".join(words), team


tickets = {}
while len(tickets) < 3600:
    t, y = make_ticket()
    tickets[t] = y
tickets = list(tickets.items())
train_rows, test_rows = tickets[:3000], tickets[3000:]
print(len(train_rows), "train", len(test_rows), "test")
print(Counter(y for _, y in train_rows))

# %%
counts = Counter(w for t, _ in train_rows for w in t.split())
vocab = {"<unk>": 0}
for w, _ in counts.most_common():
    vocab[w] = len(vocab)
classes = sorted(TEAMS)
cls2id = {c: i for i, c in enumerate(classes)}


def collate_batch(batch):
    flat, offsets, ys = [], [], []
    for text, label in batch:
        offsets.append(len(flat))
        flat.extend(vocab.get(w, 0) for w in text.split())
        ys.append(cls2id[label])
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor(ys)


# %%
class TicketModel(nn.Module):
    def __init__(self, n_words, dim, n_cls):
        super().__init__()
        # fault:
        self.embedding = nn.EmbeddingBag(n_words, dim, mode="mean", sparse=True)
        # mended:
        #self.embedding = nn.EmbeddingBag(n_words, dim, mode="mean")
        # end
        self.fc = nn.Linear(dim, n_cls)
        self.embedding.weight.data.uniform_(-0.5, 0.5)
        self.fc.weight.data.uniform_(-0.5, 0.5)
        self.fc.bias.data.zero_()

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


model = TicketModel(len(vocab), 24, len(classes))
optimizer = torch.optim.RMSprop(model.parameters(), lr=5e-3)
train_dl = DataLoader(train_rows, batch_size=64, shuffle=True, collate_fn=collate_batch)
test_dl = DataLoader(test_rows, batch_size=256, collate_fn=collate_batch)

# %%
def evaluate(dl):
    model.eval()
    ys, ps, losses = [], [], []
    with torch.no_grad():
        for text, offsets, y in dl:
            out = model(text, offsets)
            losses.append(F.cross_entropy(out, y).item())
            ps += out.argmax(1).tolist()
            ys += y.tolist()
    return ys, ps, sum(losses) / len(losses)


for epoch in range(1, 7):
    model.train()
    running = 0.0
    for text, offsets, y in train_dl:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(text, offsets), y)
        loss.backward()
        nn.utils.clip_grad_value_(model.fc.parameters(), 1.0)
        optimizer.step()
        running += loss.item()
    ys, ps, vloss = evaluate(test_dl)
    print(f"epoch {epoch:2d}  train loss {running / len(train_dl):.3f}  test loss {vloss:.3f}  acc {accuracy_score(ys, ps):.3f}")

# %%
print(classification_report(ys, ps, target_names=classes, digits=3))
