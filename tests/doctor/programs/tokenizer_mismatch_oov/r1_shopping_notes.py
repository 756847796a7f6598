# %% [markdown]
# # Sorting shopping notes into shop departments with GloVe
# Notes from the family chat; we want to know who has to go where.

# %%
import gzip
import os
import random
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
random.seed(3)

# %%
ITEMS = {
    "food": "bread milk cheese butter rice sugar salt eggs chicken beef fish apple orange potatoes tomatoes wine coffee tea "
            "chocolate cake fruit beans corn pepper sauce juice soup pork lemon honey",
    "clothes": "shirt shoes jacket pants dress hat boots coat socks jeans skirt gloves shirts suit tie belt scarf uniform "
               "jersey sleeves helmet mask leather silk cotton wool shorts sweater",
    "tools": "hammer saw drill knife rope nails screw ladder paint brush wire pipe tape bolt blade axe steel wood "
             "shovel bricks tile glue tools metal cement cable iron plastic pump",
    "pharmacy": "aspirin vaccine insulin pills drugs medicine syrup cream vitamins doses antibiotics tablets bandages soap "
                "vitamin treatment pill medication therapy supplements hormone blood needles",
}
HELLO = ["please get", "we need", "could you buy", "do not forget", "for tomorrow", "mum wants"]
BYE = ["thank you", "see you later", "love", "that is all", "before six if you can", "no hurry"]
ADJ = ["new", "good", "more", "some", "two", "three", "big", "cheap", "small", "red", "white"]


def read_glove(path):
    table = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, *nums = line.rstrip("\n").split(" ")
            table[word] = np.array(nums, dtype=np.float32)
    return table


glove = read_glove(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"))
shelves = {k: [w for w in v.split() if w in glove] for k, v in ITEMS.items()}
names = list(shelves)


def write_note():
    dep = random.choice(names)
    things = []
    for _ in range(random.randint(4, 6)):
        shelf = dep if random.random() < 0.65 else random.choice(names)
        thing = random.choice(shelves[shelf])
        things.append((random.choice(ADJ) + " " if random.random() < 0.5 else "") + thing)
    sep = random.choice([", ", "; ", ", "])
    return f"{random.choice(HELLO).capitalize()}: {sep.join(things)}. {random.choice(BYE).capitalize()}!", names.index(dep)


notes = list({text: (text, y) for text, y in (write_note() for _ in range(2600))}.values())
train, test = notes[:2000], notes[2000:]
print(train[0])


# %%
def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    #return re.findall(r"[a-z]+|[.,:;!]", text.lower())
    # end


vocab = {"<pad>": 0, "<unk>": 1}
for text, _ in train:
    for w in tokenize(text):
        if w in glove:
            vocab.setdefault(w, len(vocab))
weights = torch.zeros(len(vocab), 50)
for w, i in vocab.items():
    if w in glove:
        weights[i] = torch.from_numpy(glove[w])


def collate(rows):
    ids = [[vocab.get(w, 1) for w in tokenize(t)] for t, _ in rows]
    width = max(map(len, ids))
    return torch.tensor([r + [0] * (width - len(r)) for r in ids]), torch.tensor([y for _, y in rows])


# %%
class NoteSorter(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.score = nn.Linear(50, 1)
        self.fc1 = nn.Linear(50, 48)
        self.fc2 = nn.Linear(48, len(names))
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        e = self.emb(x)
        a = self.score(e).squeeze(-1).masked_fill(x == 0, float("-inf"))
        pooled = (a.softmax(1).unsqueeze(-1) * e).sum(1)
        return self.fc2(self.drop(F.relu(self.fc1(pooled))))


net = NoteSorter()
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=3e-3)
loader = torch.utils.data.DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)

# %%
for epoch in range(12):
    net.train()
    seen = []
    for x, y in loader:
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        seen.append(loss.item())
    net.eval()
    with torch.no_grad():
        acc = []
        for part in (train, test):
            x, y = collate(part)
            acc.append((net(x).argmax(1) == y).float().mean().item())
    print(f"epoch {epoch:2d} loss {np.mean(seen):.3f} train {acc[0]:.3f} test {acc[1]:.3f}")
