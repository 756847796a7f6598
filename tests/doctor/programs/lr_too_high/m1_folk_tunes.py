"""Jig, reel, waltz or hornpipe? An LSTM that listens to folk tunes in ABC notation.

Notes and bar lines are tokens: "A B c | d2 e f | ...". Tunes of all four dances
share keys and ranges, what differs is how the bars are filled.
"""
import argparse
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

NOTES = "G A B c d e f g a b".split()
BARS = {
    "jig": [("", "", "", "", "", ""), ("2", "", "", "", ""), ("2", "", "2", "")],
    "reel": [("", "", "", "", "", "", "", ""), ("2", "", "", "", "", "", ""), ("2", "2", "", "", "", "")],
    "waltz": [("2", "2", "2"), ("4", "2"), ("3", "", "2")],
    "hornpipe": [(">", "", ">", "", ">", "", ">", ""), ("2", "2", ">", "", ">", ""), (">", "", "2", "2", ">", "")],
}
DANCES = list(BARS)


def compose(dance, rng):
    tune, pitch = [], rng.randrange(len(NOTES))
    for _ in range(rng.randint(1, 3)):
        style = dance if rng.random() > 0.05 else rng.choice(DANCES)
        for length in rng.choice(BARS[style]):
            pitch = min(max(pitch + rng.choice([-2, -1, -1, 0, 1, 1, 2]), 0), len(NOTES) - 1)
            tune.append(NOTES[pitch] + length)
        tune.append("|")
    return tuple(tune)


def tune_book(size, rng):
    book = {}
    while len(book) < size:
        dance = rng.randrange(len(DANCES))
        book.setdefault(compose(DANCES[dance], rng), dance)
    items = list(book.items())
    rng.shuffle(items)
    return items


class TuneDataset(Dataset):
    def __init__(self, items, vocab):
        self.items = [(torch.tensor([vocab.get(t, 1) for t in tune]), dance) for tune, dance in items]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, idx):
        return self.items[idx]


def collate(batch):
    tunes, dances = zip(*batch)
    lengths = torch.tensor([len(t) for t in tunes])
    return pad_sequence(tunes, batch_first=True), lengths, torch.tensor(dances)


class TuneLSTM(nn.Module):
    def __init__(self, vocab_size, n_classes, dim=24, hidden=32):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=0)
        self.lstm = nn.LSTM(dim, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, n_classes)

    def forward(self, tunes, lengths):
        packed = pack_padded_sequence(self.embedding(tunes), lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.fc(h[-1])


def train(model, loader, optimizer, criterion):
    model.train()
    total = 0.0
    for tunes, lengths, dances in loader:
        optimizer.zero_grad()
        loss = criterion(model(tunes, lengths), dances)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(dances)
    return total / len(loader.dataset)


@torch.no_grad()
def evaluate(model, loader, criterion):
    model.eval()
    loss = correct = 0.0
    for tunes, lengths, dances in loader:
        logits = model(tunes, lengths)
        loss += criterion(logits, dances).item() * len(dances)
        correct += (logits.argmax(1) == dances).sum().item()
    return loss / len(loader.dataset), correct / len(loader.dataset)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tunes", type=int, default=2200)
    parser.add_argument("--epochs", type=int, default=7)
    # fault:
    parser.add_argument("--lr", type=float, default=0.8)
    # mended:
    #parser.add_argument("--lr", type=float, default=0.008)
    # end
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    book = tune_book(args.tunes, random.Random(args.seed))
    cut = int(0.8 * len(book))
    vocab = {"<pad>": 0, "<unk>": 1}
    for tune, _ in book[:cut]:
        for token in tune:
            vocab.setdefault(token, len(vocab))
    train_loader = DataLoader(TuneDataset(book[:cut], vocab), batch_size=32, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(TuneDataset(book[cut:], vocab), batch_size=100, collate_fn=collate)

    model = TuneLSTM(len(vocab), len(DANCES))
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(1, args.epochs + 1):
        train_loss = train(model, train_loader, optimizer, criterion)
        test_loss, test_acc = evaluate(model, test_loader, criterion)
        print(f"epoch {epoch} | train loss {train_loss:.3f} | test loss {test_loss:.3f} | test accuracy {test_acc:.3f}")


if __name__ == "__main__":
    main()
