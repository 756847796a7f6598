# Country of a phone number written by hand, character GRU with packed sequences
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader

random.seed(21)
torch.manual_seed(21)
PREFIX = {"DE": ["+49", "0049"], "TR": ["+90", "0090"], "UK": ["+44", "0044"], "FR": ["+33", "0033"], "US": ["+1", "001"]}
COUNTRIES = list(PREFIX)
CHARS = "0123456789+-/() ."
c2i = {c: i + 1 for i, c in enumerate(CHARS)}


def number():
    c = random.choice(COUNTRIES)
    sep = random.choice([" ", "-", "/", "."])
    s = random.choice(PREFIX[c])
    for _ in range(random.randint(2, 4)):
        s += sep + "".join(random.choices("0123456789", k=random.randint(2, 4)))
    if random.random() < 0.2:
        s = "(" + s + ")"
    return s, COUNTRIES.index(c)


data = [number() for _ in range(3000)]
train, test = data[:2500], data[2500:]


def collate(batch):
    seqs = [torch.tensor([c2i[c] for c in s]) for s, _ in batch]
    labels = torch.tensor([y for _, y in batch])
    lengths = torch.tensor([len(s) for s in seqs])
    lengths, order = lengths.sort(descending=True)
    x = pad_sequence(seqs, batch_first=True)[order]
    # fault:
    return x, lengths, labels
    # mended:
    # return x, lengths, labels[order]
    # end


class CharGRU(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.embed = nn.Embedding(len(CHARS) + 1, 16, padding_idx=0)
        self.gru = nn.GRU(16, hidden, batch_first=True)
        self.out = nn.Linear(hidden, len(COUNTRIES))

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embed(x), lengths, batch_first=True)
        _, h = self.gru(packed)
        return self.out(h[-1])


def train_epoch(model, loader, opt, crit):
    model.train()
    total = 0.0
    for x, n, y in loader:
        opt.zero_grad()
        loss = crit(model(x, n), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def test_epoch(model, loader):
    model.eval()
    good = sum((model(x, n).argmax(1) == y).sum().item() for x, n, y in loader)
    return good / len(loader.dataset)


model = CharGRU()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
tl = DataLoader(train, batch_size=50, shuffle=True, collate_fn=collate)
vl = DataLoader(test, batch_size=100, collate_fn=collate)
for epoch in range(10):
    print("epoch", epoch + 1, "loss %.4f" % train_epoch(model, tl, opt, nn.CrossEntropyLoss()), "test acc %.3f" % test_epoch(model, vl))
