# In[1]:
# Which mood has a playlist? Input: sequence of song ids. BiGRU, config dict copied from my last competition.
import random

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

CFG = {
    "seed": 12,
    "emb": 24,
    "hid": 32,
    "bs": 64,
    "epochs": 8,
    # fault:
    "lr": 2e-5,
    # mended:
    #"lr": 4e-3,
    # end
    "patience": 3,
}
random.seed(CFG["seed"])
np.random.seed(CFG["seed"])
torch.manual_seed(CFG["seed"])

# In[2]: playlists: songs have a style, a mood likes some styles more than others
MOODS = ["party", "sleep", "focus", "roadtrip"]
STYLES = 6
songs = {s: list(range(1 + s * 40, 1 + (s + 1) * 40)) for s in range(STYLES)}
N_SONGS = STYLES * 40 + 1
LIKES = {"party": [5, 3, 1, 1, 1, 1], "sleep": [1, 1, 5, 3, 1, 1], "focus": [1, 3, 1, 1, 5, 1], "roadtrip": [3, 1, 1, 1, 1, 5]}


def playlist():
    m = random.choice(MOODS)
    styles = random.choices(range(STYLES), weights=LIKES[m], k=random.randint(8, 16))
    seq = [random.choice(songs[s]) for s in styles]
    return seq, MOODS.index(m)


data, have = [], set()
for _ in range(3800):
    seq, y = playlist()
    if tuple(seq) not in have:
        have.add(tuple(seq))
        data.append((torch.tensor(seq), y))
valid, train = data[:600], data[600:]
print("train", len(train), "valid", len(valid))


# In[3]:
class MoodNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.songs = nn.Embedding(N_SONGS, CFG["emb"], padding_idx=0)
        self.rnn = nn.GRU(CFG["emb"], CFG["hid"], batch_first=True, bidirectional=True)
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(2 * CFG["hid"], len(MOODS)))

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.songs(x), lens, batch_first=True, enforce_sorted=False)
        _, h = self.rnn(packed)
        return self.head(torch.cat([h[0], h[1]], dim=1))


def batches(rows, shuffle):
    idx = list(range(len(rows)))
    if shuffle:
        random.shuffle(idx)
    for i in range(0, len(idx), CFG["bs"]):
        part = [rows[k] for k in idx[i:i + CFG["bs"]]]
        lens = torch.tensor([len(s) for s, _ in part])
        yield pad_sequence([s for s, _ in part], batch_first=True), lens, torch.tensor([y for _, y in part])


model = MoodNet()
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=CFG["lr"], weight_decay=1e-2)


def validate(rows):
    model.eval()
    ls, ok = 0.0, 0
    with torch.no_grad():
        for x, lens, y in batches(rows, False):
            out = model(x, lens)
            ls += loss_fn(out, y).item() * len(y)
            ok += (out.argmax(1) == y).sum().item()
    return ls / len(rows), ok / len(rows)


# In[4]:
best_loss, best_state, waited = float("inf"), None, 0
for epoch in range(1, CFG["epochs"] + 1):
    model.train()
    losses = []
    for x, lens, y in batches(train, True):
        loss = loss_fn(model(x, lens), y)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
    vl, va = validate(valid)
    print(f"epoch {epoch} | train {np.mean(losses):.4f} | valid {vl:.4f} acc {va:.4f}")
    if vl < best_loss:
        best_loss, waited = vl, 0
        best_state = {k: v.clone() for k, v in model.state_dict().items()}
    else:
        waited += 1
        if waited >= CFG["patience"]:
            print("no improvement, stopping")
            break

# In[5]:
model.load_state_dict(best_state)
print("train acc %.4f" % validate(train)[1], "valid acc %.4f" % validate(valid)[1])
