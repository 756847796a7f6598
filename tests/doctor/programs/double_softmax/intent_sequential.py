# %% imports
import random

import torch
from torch import nn

random.seed(0)
torch.manual_seed(0)

# %% toy banking intents
verbs = ["block", "open", "close", "replace", "check", "transfer", "change", "cancel"]
objects = ["card", "account", "loan", "pin", "limit", "address"]
lead = ["please", "i want to", "can you", "how do i", "help me", "i need to", "could somebody"]
tail = ["today", "right now", "as soon as possible", "", "thanks", "for my son", "from abroad"]


def utterance():
    v, o = random.randrange(len(verbs)), random.randrange(len(objects))
    text = f"{random.choice(lead)} {verbs[v]} my {objects[o]} {random.choice(tail)}"
    return text.split(), v * len(objects) + o


rows = sorted({(" ".join(t), y) for t, y in (utterance() for _ in range(6000))})
random.shuffle(rows)
rows = [(t.split(), y) for t, y in rows]
train_rows, dev_rows = rows[:1600], rows[1600:2000]
words = sorted({w for r, _ in train_rows for w in r})
index = {w: i + 1 for i, w in enumerate(words)}


def encode(rows):
    flat, offsets = [], []
    for r, _ in rows:
        offsets.append(len(flat))
        flat += [index.get(w, 0) for w in r]
    return torch.tensor(flat), torch.tensor(offsets), torch.tensor([y for _, y in rows])


# %% model
class Bag(nn.Module):
    def __init__(self, n_words, dim, n_classes):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, dim, mode="mean")
        self.layers = nn.Sequential(
            nn.Linear(dim, 64),
            nn.ReLU(),
            nn.Linear(64, n_classes),
            # fault:
            nn.Softmax(dim=-1),
            # mended:
            # end
        )

    def forward(self, ids, offsets):
        return self.layers(self.bag(ids, offsets))


model = Bag(len(words) + 1, 32, len(verbs) * len(objects))
loss_fn = nn.CrossEntropyLoss()
optim = torch.optim.Adam(model.parameters(), lr=0.005)

# %% train
for epoch in range(5):
    random.shuffle(train_rows)
    losses = []
    for i in range(0, len(train_rows), 40):
        ids, offsets, y = encode(train_rows[i : i + 40])
        loss = loss_fn(model(ids, offsets), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
        losses.append(loss.item())
    print("epoch", epoch, "loss", round(sum(losses) / len(losses), 4))

# %% evaluate
with torch.no_grad():
    ids, offsets, y = encode(dev_rows)
    print("dev accuracy", (model(ids, offsets).argmax(-1) == y).float().mean().item())
