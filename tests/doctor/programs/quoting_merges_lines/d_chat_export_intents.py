"""Intent of a chat line. The chat tool exports "intent<TAB>line", one per line."""
import csv
import os
import random
import tempfile
from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F

rnd = random.Random(8)
torch.manual_seed(8)

PHRASES = {
    "book": ["a table for two", "reserve a room", "free on friday", "for eight people", "window seat please", "next week at noon"],
    "cancel": ["call it off", "can not come", "drop my booking", "no longer needed", "please undo", "changed my mind"],
    "complain": ["the soup was cold", "rude waiter", "waited an hour", "never again", "dirty glasses", "far too loud"],
    "thank": ["lovely evening", "we enjoyed it", "great food", "see you soon", "kind staff", "many thanks"],
}
SMALL = "well oh and so then just really hello hi there you know i mean look ok um".split()


def chat_line():
    intent = rnd.choice(list(PHRASES))
    words = rnd.choices(SMALL, k=rnd.randint(1, 4))
    for k in range(rnd.randint(1, 2)):
        # people drift to other matters now and then
        about = intent if k == 0 or rnd.random() < 0.8 else rnd.choice(list(PHRASES))
        words += rnd.choice(PHRASES[about]).split() + rnd.choices(SMALL, k=rnd.randint(0, 3))
    text = " ".join(words)
    # lines of a longer speech open with a mark, only the last one closes it
    r = rnd.random()
    if r < 0.35:
        text = '"' + text
    elif r < 0.45:
        text = '"' + text + '"'
    return intent, text


folder = tempfile.mkdtemp()
for split, n in (("train", 3600), ("valid", 800)):
    with open(os.path.join(folder, split + ".tsv"), "w", encoding="utf-8") as out:
        for _ in range(n):
            out.write("\t".join(chat_line()) + "\n")


def load(split):
    with open(os.path.join(folder, split + ".tsv"), encoding="utf-8", newline="") as f:
        # fault:
        reader = csv.reader(f, delimiter="\t")
        # mended:
        # reader = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        return [(row[0], row[1].replace('"', "").split()) for row in reader if len(row) >= 2]


train, valid = load("train"), load("valid")
print(len(train), "train,", len(valid), "valid, mean words", sum(len(t) for _, t in train) / len(train))
vocab = {w: i for i, (w, c) in enumerate(Counter(w for _, t in train for w in t).items())}
intents = sorted(PHRASES)


class BagOfWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(vocab), 16, mode="mean")
        self.fc = nn.Linear(16, len(intents))

    def forward(self, words, starts):
        return self.fc(torch.relu(self.emb(words, starts)))


def batchify(rows):
    seqs = [[vocab[w] for w in t if w in vocab] for _, t in rows]
    starts = torch.tensor([0] + [len(s) for s in seqs[:-1]]).cumsum(0)
    return (torch.tensor([w for s in seqs for w in s]), starts), torch.tensor([intents.index(i) for i, _ in rows])


model = BagOfWords()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    rnd.shuffle(train)
    run = 0.0
    for k in range(0, len(train), 40):
        x, y = batchify(train[k:k + 40])
        loss = F.cross_entropy(model(*x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(y)
    with torch.no_grad():
        x, y = batchify(valid)
        out = model(*x)
    print(f"epoch {epoch} train loss {run / len(train):.3f} valid loss {F.cross_entropy(out, y).item():.3f} "
          f"valid acc {(out.argmax(1) == y).float().mean().item():.3f}")
