# %%
import random

import torch
import torch.nn as nn

random.seed(105)
torch.manual_seed(105)

# %%
CITY = "berlin oslo lima quito cairo delhi".split()
DAY = "monday tuesday friday sunday today tomorrow".split()
AIR = "lufthansa klm delta qantas".split()


def query():
    toks, tags = ["book"], ["O"]
    if random.random() < 0.5:
        toks += ["a", random.choice(AIR)]
        tags += ["O", "AIR"]
    toks += ["flight", "from", random.choice(CITY), "to", random.choice(CITY)]
    tags += ["O", "O", "FROM", "O", "TO"]
    if random.random() < 0.7:
        toks += ["on", random.choice(DAY)]
        tags += ["O", "DATE"]
    if random.random() < 0.4:
        toks += ["from", random.choice(CITY), "please"]
        tags += ["O", "FROM", "O"]
    return toks, tags


data = [query() for _ in range(1400)]
w2i = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in data for w in t}))}
t2i = {"O": 0, "AIR": 1, "FROM": 2, "TO": 3, "DATE": 4}


def to_batch(rows):
    seqs = [torch.tensor([w2i[w] for w in t]) for t, _ in rows]
    labs = [torch.tensor([t2i[g] for g in tags]) for _, tags in rows]
    return nn.utils.rnn.pad_sequence(seqs), nn.utils.rnn.pad_sequence(labs, padding_value=-100)


# %%
emb = nn.Embedding(len(w2i) + 1, 16, padding_idx=0)
conv = nn.Conv1d(16, 40, 3, padding=1)
out = nn.Linear(40, 5)
params = [*emb.parameters(), *conv.parameters(), *out.parameters()]


def forward(words):  # (T, B)
    h = torch.relu(conv(emb(words).permute(1, 2, 0)))
    scores = out(h.permute(2, 0, 1))
    # fault:
    return torch.softmax(scores, dim=-1)
    # mended:
    # return torch.log_softmax(scores, dim=-1)
    # end


# %%
train = data[:1200]
criterion = nn.NLLLoss(ignore_index=-100)
optimizer = torch.optim.Adam(params, lr=1e-3)
for epoch in range(4):
    random.shuffle(train)
    losses = []
    for i in range(0, 1200, 30):
        words, tags = to_batch(train[i : i + 30])
        loss = criterion(forward(words).reshape(-1, 5), tags.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f}")

# %%
with torch.no_grad():
    words, tags = to_batch(data[1200:])
    guess = forward(words).argmax(-1)
    slots = tags > 0
    print("slot accuracy", round((guess[slots] == tags[slots]).float().mean().item(), 4))
