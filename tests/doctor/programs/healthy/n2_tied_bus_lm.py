"""The next stop is ...: a GRU language model of bus announcements with tied embeddings.

Three tricks in one small post: tied input and output embeddings, label smoothing, and gradient
accumulation (we pretend that only sixteen journeys fit into memory).
"""
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(12)
torch.manual_seed(12)

STOPS = ("market library cathedral harbour stadium university hospital museum airport zoo theatre castle "
         "brewery cemetery lakeside windmill fairground townhall lighthouse arboretum").split()
ACCUMULATE = 2


def draw_lines(n=8, length=9):
    """Every bus line is a fixed tour through some of the stops."""
    return {f"line{i + 1}": random.sample(STOPS, length) for i in range(n)}


def ride(lines):
    """One journey: the line, then its stops; a request stop is sometimes left out."""
    name, tour = random.choice(list(lines.items()))
    tour = list(reversed(tour)) if random.random() < 0.5 else list(tour)
    first = random.randint(0, 3)
    last = random.randint(6, 9)
    stops = [s for s in tour[first:last] if random.random() > 0.15]
    return (name, *stops, "terminus")


class Vocab:
    def __init__(self, sequences):
        self.itos = sorted({t for s in sequences for t in s})
        self.stoi = {t: i for i, t in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)


class Journeys(Dataset):
    def __init__(self, journeys, vocab):
        self.data = [torch.tensor([vocab.stoi[t] for t in j]) for j in journeys]

    def __len__(self):
        return len(self.data)

    def __getitem__(self, i):
        return self.data[i][:-1], self.data[i][1:]


def collate(batch):
    batch.sort(key=lambda pair: -len(pair[0]))
    xs, ys = zip(*batch)
    return pack_sequence(xs), pack_sequence(ys)


class TiedGRU(nn.Module):
    def __init__(self, n_tokens, dim=48, hidden=96, p=0.2):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, dim)
        nn.init.normal_(self.embedding.weight, std=0.3)
        self.gru = nn.GRU(dim, hidden)
        self.back = nn.Linear(hidden, dim)
        self.decoder = nn.Linear(dim, n_tokens)
        self.decoder.weight = self.embedding.weight
        self.drop = nn.Dropout(p)

    def forward(self, packed):
        x = packed._replace(data=self.drop(self.embedding(packed.data)))
        states, _ = self.gru(x)
        return self.decoder(self.back(self.drop(states.data)))


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    nll = hits = n = 0
    for x, y in loader:
        logits = model(x)
        nll += F.cross_entropy(logits, y.data, reduction="sum").item()
        hits += (logits.argmax(1) == y.data).sum().item()
        n += len(y.data)
    return nll / n, hits / n


lines = draw_lines()
journeys = sorted({ride(lines) for _ in range(3500)})
random.shuffle(journeys)
cut = int(0.8 * len(journeys))
vocab = Vocab(journeys)
train_loader = DataLoader(Journeys(journeys[:cut], vocab), batch_size=16, shuffle=True, collate_fn=collate)
test_loader = DataLoader(Journeys(journeys[cut:], vocab), batch_size=100, collate_fn=collate)
print(f"{cut} journeys for training, {len(journeys) - cut} for testing, {len(vocab)} tokens")

model = TiedGRU(len(vocab))
optimizer = torch.optim.AdamW(model.parameters(), lr=8e-3)
for epoch in range(8):
    model.train()
    optimizer.zero_grad()
    for step, (x, y) in enumerate(train_loader, start=1):
        loss = F.cross_entropy(model(x), y.data, label_smoothing=0.05)
        (loss / ACCUMULATE).backward()
        if step % ACCUMULATE == 0 or step == len(train_loader):
            optimizer.step()
            optimizer.zero_grad()
    train_nll, train_acc = evaluate(model, train_loader)
    test_nll, test_acc = evaluate(model, test_loader)
    print(f"epoch {epoch + 1}: train {train_nll:.3f} ({train_acc:.3f})  test {test_nll:.3f} ({test_acc:.3f})")
