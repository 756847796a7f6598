"""Mood (calm, angry, afraid) of the paragraphs of a little novel; the annotators gave me a TSV: mood <tab> paragraph."""
import csv
import os
import random
import tempfile
from collections import Counter

import torch
from torch import nn

random.seed(21)
torch.manual_seed(21)

MOODS = ["calm", "angry", "afraid"]
CUES = {
    "calm": "smiled rested slowly warm garden tea breeze gently sleepy content hummed peaceful leaned quiet".split(),
    "angry": "shouted slammed furious liar fist glared cursed spat rage stormed traitor snarled damn hated".split(),
    "afraid": "trembled dark whispered creature hid footsteps pale shivered scream shadow ran fled cold knife".split(),
}
FILLER = ("the a he she they and then there was had been with into upon old house door road man woman night day one two "
          "of it on to from by his her their window table said before after").split()


def make_file(path, n):
    """Books open every paragraph of a running speech with a quotation mark and close only the last one."""
    with open(path, "w", encoding="utf-8") as out:
        for _ in range(n):
            mood = random.choice(MOODS)
            words = random.choices(FILLER, k=random.randint(8, 14))
            for _ in range(random.randint(2, 3)):
                words.insert(random.randrange(len(words) + 1), random.choice(CUES[mood]))
            if random.random() < 0.25:
                words.insert(random.randrange(len(words)), random.choice(CUES[random.choice(MOODS)]))
            text = " ".join(words) + "."
            r = random.random()
            if r < 0.30:
                text = '"' + text
            elif r < 0.34:
                text = '"' + text + '"'
            out.write(f"{mood}\t{text}\n")


def load(path):
    with open(path, encoding="utf-8", newline="") as f:
        # fault:
        return [(row[1], MOODS.index(row[0])) for row in csv.reader(f, delimiter="\t")]
        # mended:
        # return [(row[1], MOODS.index(row[0])) for row in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)]
        # end


with tempfile.TemporaryDirectory() as folder:
    make_file(os.path.join(folder, "train.tsv"), 1800)
    make_file(os.path.join(folder, "heldout.tsv"), 500)
    train_rows, held_rows = load(os.path.join(folder, "train.tsv")), load(os.path.join(folder, "heldout.tsv"))
print("paragraphs:", len(train_rows), "train,", len(held_rows), "held out")
print("moods:", Counter(MOODS[y] for _, y in train_rows).most_common())


def words(text):
    return text.replace('"', " ").replace(".", " ").split()


vocab = {w: i for i, w in enumerate(sorted({w for t, _ in train_rows for w in words(t)}))}


def batch(rows):
    ids = [[vocab[w] for w in words(t) if w in vocab] for t, _ in rows]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return torch.tensor([k for i in ids for k in i]), offsets, torch.tensor([y for _, y in rows])


class MoodNet(nn.Module):
    def __init__(self, dim=24, hidden=32):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab), dim, mode="mean")
        self.body = nn.Sequential(nn.Linear(dim, hidden), nn.Tanh(), nn.Dropout(0.2), nn.Linear(hidden, 3))

    def forward(self, flat, offsets):
        return self.body(self.bag(flat, offsets))


net = MoodNet()
optim = torch.optim.Adam(net.parameters(), lr=8e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(5):
    net.train()
    random.shuffle(train_rows)
    losses = []
    for i in range(0, len(train_rows), 32):
        x, offsets, y = batch(train_rows[i:i + 32])
        optim.zero_grad()
        loss = criterion(net(x, offsets), y)
        loss.backward()
        optim.step()
        losses.append(loss.item())
    net.eval()
    with torch.no_grad():
        x, offsets, y = batch(held_rows)
        acc = (net(x, offsets).argmax(1) == y).float().mean()
    print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}, held-out accuracy {acc:.3f}")
