"""Named entities in short news lines, BiLSTM, most tokens are O."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(101)
torch.manual_seed(101)
TAGS = ["O", "B-PER", "I-PER", "B-LOC", "B-ORG", "I-ORG"]
first = "anna peter maria john lena paul ruth simon".split()
last = "meyer jones garcia smith brown lee novak kim".split()
places = "london paris berlin tokyo madrid oslo cairo lima".split()
firms = "acme globex initech umbrella hooli".split()
forms = "inc corp ltd".split()
fill = "said on monday that the new plan would be good for all people after talks in and with a report about prices while".split()


def line():
    out = []
    for _ in range(random.randint(2, 3)):
        out += [(w, 0) for w in random.choices(fill, k=random.randint(2, 6))]
        r = random.random()
        if r < 0.35:
            out += [(random.choice(first), 1)] + ([(random.choice(last), 2)] if random.random() < 0.7 else [])
        elif r < 0.65:
            out += [(random.choice(places), 3)]
        else:
            out += [(random.choice(firms), 4), (random.choice(forms), 5)]
    return tuple(out)


data = sorted({line() for _ in range(1200)})
random.shuffle(data)
word2id = {w: i + 1 for i, w in enumerate(sorted({w for s in data for w, _ in s}))}


def collate(batch):
    x = [torch.tensor([word2id[w] for w, _ in s]) for s in batch]
    y = [torch.tensor([t for _, t in s]) for s in batch]
    return pad_sequence(x, batch_first=True), torch.tensor([len(s) for s in batch]), pad_sequence(y, batch_first=True, padding_value=-100)


class Tagger(nn.Module):
    def __init__(self, dim=32, hidden=32):
        super().__init__()
        self.embed = nn.Embedding(len(word2id) + 1, dim, padding_idx=0)
        self.drop = nn.Dropout(0.3)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, len(TAGS))

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.drop(self.embed(x)), lengths, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(self.drop(h))


model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss(ignore_index=-100)
for epoch in range(6):
    model.train()
    for x, lengths, y in DataLoader(data[:900], batch_size=32, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = criterion(model(x, lengths).transpose(1, 2), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        x, lengths, y = collate(data[900:])
        p = model(x, lengths).argmax(2)
        tp, fp, fn = ((p == y) & (y > 0)).sum(), ((p != y) & (p > 0) & (y >= 0)).sum(), ((p != y) & (y > 0)).sum()
    print(f"epoch {epoch} loss {loss.item():.4f} token F1 {(2 * tp / (2 * tp + fp + fn)).item():.4f}")
