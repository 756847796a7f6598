"""Intent classifier for a help desk. The export of the ticket system is a TSV file (id, intent, text), one ticket per line."""
import csv
import os
import random
import tempfile

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(77)
torch.manual_seed(77)

TEMPLATES = {
    "delivery": ["where is my {p}", "the {p} has not arrived", "parcel with the {p} is late", "tracking for the {p} shows nothing", "when will you ship my {p}"],
    "refund": ["i want my money back for the {p}", "please refund the {p}", "returning the {p} how do i get paid back", "you charged me twice for a {p}"],
    "broken": ["the {p} does not switch on", "{p} stopped working", "screen of the {p} cracked", "my {p} makes a strange noise", "{p} is defective"],
    "account": ["cannot log in to see my {p} order", "reset my password please", "change the email of my account", "delete my account after the {p} order"],
    "praise": ["love the {p} thanks", "best {p} i ever had", "great service and a lovely {p}", "just wanted to say the {p} is perfect"],
}
PRODUCTS = "13\" tablet,kettle,toaster,27\" monitor,camera,lamp,55\" tv,phone,drill,heater,fan,6\" reader,printer,radio".split(",")
OPEN = ["hi", "hello", "good morning", "dear team", "hey there", "sorry to bother you", "quick one"]


def export(path, n):
    """what the ticket system writes: no quoting, no escapes"""
    with open(path, "w", encoding="utf-8") as f:
        for i in range(n):
            intent = random.choice(list(TEMPLATES))
            text = random.choice(TEMPLATES[intent]).format(p=random.choice(PRODUCTS))
            if random.random() < .6:
                text = random.choice(OPEN) + " " + text
            if random.random() < .28:
                text = '"' + text            # people paste half a citation
            text += random.choice([" order %d", " customer %d", " invoice %d"]) % random.randint(1000, 99999)
            f.write(f"{i}\t{intent}\t{text}\n")


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        reader = csv.reader(f, delimiter="\t")
        # mended:
        # reader = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        return [(row[2].lower(), row[1]) for row in reader]


with tempfile.TemporaryDirectory() as folder:
    export(os.path.join(folder, "train.tsv"), 3000)
    export(os.path.join(folder, "valid.tsv"), 800)
    train_rows, valid_rows = read(os.path.join(folder, "train.tsv")), read(os.path.join(folder, "valid.tsv"))
print(len(train_rows), "training tickets,", len(valid_rows), "for validation")

intents = sorted(TEMPLATES)
words = {}
for text, _ in train_rows:
    for w in text.split():
        words[w] = words.get(w, 0) + 1
index = {w: i + 1 for i, w in enumerate(w for w, c in words.items() if c >= 3)}


def collate(rows):
    bags = [torch.tensor([index.get(w, 0) for w in t.split()]) for t, _ in rows]
    offsets = torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)
    return torch.cat(bags), offsets, torch.tensor([intents.index(l) for _, l in rows])


class BagClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(index) + 1, 16, mode="mean")
        self.fc = nn.Linear(16, len(intents))

    def forward(self, ids, offsets):
        return self.fc(self.bag(ids, offsets))


model = BagClassifier()
optim = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(5):
    model.train()
    random.shuffle(train_rows)
    seen, total = 0, 0.0
    for i in range(0, len(train_rows), 32):
        ids, off, y = collate(train_rows[i:i + 32])
        loss = F.cross_entropy(model(ids, off), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item() * len(y)
        seen += len(y)
    model.eval()
    with torch.no_grad():
        ids, off, y = collate(valid_rows)
        out = model(ids, off)
    print(f"epoch {epoch} train loss {total / seen:.3f} valid loss {F.cross_entropy(out, y).item():.3f} valid acc {(out.argmax(1) == y).float().mean().item():.3f}")
