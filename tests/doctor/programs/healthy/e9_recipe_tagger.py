"""Tag recipe lines: quantity, unit, food, preparation. BiLSTM, label smoothing."""
import argparse
import random

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--smoothing", type=float, default=0.1)
args = parser.parse_args()
random.seed(17)
torch.manual_seed(17)

LABELS = ["O", "QTY", "UNIT", "FOOD", "PREP"]
QTY = "1 2 3 4 5 6 half quarter one two three some".split()
UNIT = "cup cups spoon spoons gram grams pinch can bunch slice slices jar".split()
ADJ = "red green fresh white dark sweet sour large small smoked".split()
FOOD = "onion onions rice flour butter sugar pepper carrot carrots basil milk cream beans tuna olives corn".split()
PREP = "chopped diced minced peeled grated melted sifted rinsed drained".split()
CAN = ["can"]


def make():
    row = []
    if random.random() < 0.25:
        row += [("you", "O"), ("can", "O"), ("add", "O")]
    row += [(random.choice(QTY), "QTY")]
    if random.random() < 0.7:
        row += [(random.choice(UNIT), "UNIT")]
    if random.random() < 0.3:
        row += [("of", "O")]
    if random.random() < 0.4:
        row += [(random.choice(ADJ), "FOOD")]
    row += [(random.choice(FOOD), "FOOD")]
    if random.random() < 0.6:
        row += [(random.choice(["finely", "freshly", "well"]), "PREP")] if random.random() < 0.4 else []
        row += [(random.choice(PREP), "PREP")]
    if random.random() < 0.3:
        row += [("or", "O"), ("more", "O")]
    if random.random() < 0.2:
        row += [("for", "O"), (random.choice(["the", "a"]), "O"), (random.choice(FOOD), "O"), ("sauce", "O")]
    return tuple(row)


rows = set()
while len(rows) < 1500:
    rows.add(make())
rows = sorted(rows)
random.shuffle(rows)
train, valid = rows[:1200], rows[1200:]
vocab = {"<pad>": 0, "<unk>": 1}
for r in train:
    for w, _ in r:
        vocab.setdefault(w, len(vocab))


def collate(batch):
    batch = sorted(batch, key=len, reverse=True)
    x = [torch.tensor([vocab.get(w, 1) for w, _ in r]) for r in batch]
    y = [torch.tensor([LABELS.index(t) for _, t in r]) for r in batch]
    lens = torch.tensor([len(r) for r in batch])
    return {"words": pad_sequence(x), "tags": pad_sequence(y, padding_value=-100), "lens": lens}


class RecipeTagger(nn.Module):
    def __init__(self, n_words, n_tags, dim=24, hidden=24):
        super().__init__()
        self.embed = nn.Embedding(n_words, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, bidirectional=True)       # time first
        self.dropout = nn.Dropout(0.3)
        self.tag = nn.Linear(2 * hidden, n_tags)

    def forward(self, batch):
        e = self.dropout(self.embed(batch["words"]))
        h, _ = self.lstm(pack_padded_sequence(e, batch["lens"]))
        return self.tag(self.dropout(pad_packed_sequence(h)[0]))


tagger = RecipeTagger(len(vocab), len(LABELS))
loss_fn = nn.CrossEntropyLoss(ignore_index=-100, label_smoothing=args.smoothing)
optimizer = torch.optim.AdamW(tagger.parameters(), lr=args.lr)
train_loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
valid_loader = DataLoader(valid, batch_size=100, collate_fn=collate)

for epoch in range(args.epochs):
    tagger.train()
    losses = []
    for batch in train_loader:
        loss = loss_fn(tagger(batch).flatten(0, 1), batch["tags"].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    tagger.eval()
    good = total = 0
    with torch.no_grad():
        for batch in valid_loader:
            real = batch["tags"] != -100
            guess = tagger(batch).argmax(-1)
            good += (guess == batch["tags"])[real].sum().item()
            total += real.sum().item()
    print(f"epoch {epoch + 1} train loss {sum(losses) / len(losses):.3f} valid tag accuracy {good / total:.3f}")
