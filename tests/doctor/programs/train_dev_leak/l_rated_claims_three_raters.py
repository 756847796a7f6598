"""Three raters judged every insurance claim note (pay / check / reject). We keep each rater's vote as a row of its own.

Developed on the dev split; `fresh` are notes that came in a month later.
"""
import random
from collections import Counter
import torch
import torch.nn as nn

random.seed(12)
torch.manual_seed(12)
LABELS = ["pay", "check", "reject"]
CUES = {
    0: "receipt photo witness invoice confirmed insured covered valid paid signed".split(),
    1: "unclear missing partly unknown later estimate claimed copy blurred probably".split(),
    2: "expired excluded fraud denied twice lapsed faked contradicts uninsured staged".split(),
}
NOISE = [f"{a}{b}" for a in ["ka", "lo", "mi", "ru", "ze", "bo", "ti", "pa", "ne", "du"] for b in
         ["rin", "mann", "sen", "ton", "berg", "ford", "ski", "ley", "well", "dal", "nov", "ras", "bach", "gren", "moor", "stad", "by", "hof"]]


def note():
    truth = random.randrange(3)
    mix = [random.choice(CUES[truth if random.random() < .62 else random.randrange(3)]) for _ in range(5)]
    words = mix + random.sample(NOISE, 4)              # names and places
    random.shuffle(words)
    return words, truth


def rate(notes):
    rows = []
    for words, truth in notes:
        for _ in range(3):
            vote = truth if random.random() < .97 else random.randrange(3)
            rows.append((words, vote))
    return rows


notes = [note() for _ in range(1200)]
fresh = rate([note() for _ in range(600)])
# fault:
rows = rate(notes)
random.shuffle(rows)
train, dev = rows[:2700], rows[2700:]
# mended:
# random.shuffle(notes)
# train, dev = rate(notes[:900]), rate(notes[900:])
# random.shuffle(train)
# end

counts = Counter(w for words, _ in train for w in words)
stoi = {w: i + 1 for i, w in enumerate(counts)}


def tensors(rows):
    return torch.tensor([[stoi.get(w, 0) for w in words] for words, _ in rows]), torch.tensor([l for _, l in rows])


class NoteModel(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.table = nn.Embedding(n, d)
        self.mlp = nn.Sequential(nn.Dropout(0.3), nn.Linear(d, 48), nn.ReLU(), nn.Linear(48, 3))

    def forward(self, x):                  # all notes have nine words
        return self.mlp(self.table(x).mean(1))


model = NoteModel(len(stoi) + 1)
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-2)
lossf = nn.CrossEntropyLoss()
parts = {"train": tensors(train), "dev": tensors(dev), "fresh": tensors(fresh)}


@torch.no_grad()
def accuracy(part):
    model.eval()
    x, y = parts[part]
    return (model(x).argmax(1) == y).float().mean().item()


EPOCHS = 3
for epoch in range(EPOCHS):
    model.train()
    x, y = parts["train"]
    run = 0.
    for b in torch.randperm(len(y)).split(32):
        loss = lossf(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(b) / len(y)
    print(f"epoch {epoch}  loss {run:.3f}  train {accuracy('train'):.3f}  dev {accuracy('dev'):.3f}")
print(f"notes of the next month: {accuracy('fresh'):.3f}")
