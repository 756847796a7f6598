"""Predict the next chord of a song with an LSTM - a gentle introduction to language models."""
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(5)
torch.manual_seed(5)

KEYS = ["C", "D", "E", "F", "G", "A"]
SCALE = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"]
STEPS = {"I": (0, ""), "ii": (2, "m"), "iii": (4, "m"), "IV": (5, ""), "V": (7, "7"), "vi": (9, "m")}
PHRASES = [
    ["I", "V", "vi", "IV"],
    ["I", "vi", "ii", "V"],
    ["I", "IV", "V", "IV"],
    ["vi", "IV", "I", "V"],
    ["ii", "V", "I", "I"],
]


@dataclass
class Config:
    emb_dim: int = 32
    hidden: int = 64
    batch_size: int = 32
    epochs: int = 7
    lr: float = 5e-3


def chord(key, degree):
    step, kind = STEPS[degree]
    return SCALE[(SCALE.index(key) + step) % 12] + kind


def compose():
    key = random.choice(KEYS)
    song = []
    for _ in range(random.randint(3, 6)):
        phrase = random.choice(PHRASES)
        song += [chord(key, d) for d in phrase]
        if random.random() < 0.1:
            key = random.choice(KEYS)
    return ["<s>"] + song + ["</s>"]


class Vocab:
    def __init__(self, songs):
        self.itos = ["<pad>"] + sorted({c for s in songs for c in s})
        self.stoi = {c: i for i, c in enumerate(self.itos)}

    def __len__(self):
        return len(self.itos)

    def encode(self, song):
        return torch.tensor([self.stoi[c] for c in song])


class ChordLM(nn.Module):
    def __init__(self, vocab_size, cfg):
        super().__init__()
        self.emb = nn.Embedding(vocab_size, cfg.emb_dim, padding_idx=0)
        self.lstm = nn.LSTM(cfg.emb_dim, cfg.hidden, batch_first=True)
        self.head = nn.Linear(cfg.hidden, vocab_size)

    def forward(self, x):
        states, _ = self.lstm(self.emb(x))
        return self.head(states)


def collate(batch):
    padded = pad_sequence(batch, batch_first=True, padding_value=0)
    return padded[:, :-1], padded[:, 1:]


def evaluate(model, loader, criterion):
    model.eval()
    hits = total = 0
    nll = 0.0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x)
            keep = y != 0
            hits += (logits.argmax(-1)[keep] == y[keep]).sum().item()
            total += keep.sum().item()
            nll += criterion(logits[keep], y[keep]).item() * keep.sum().item()
    return hits / total, nll / total


def train():
    cfg = Config()
    songs = sorted({tuple(compose()) for _ in range(1300)})
    random.shuffle(songs)
    vocab = Vocab(songs[:1000])
    train_set = [vocab.encode(s) for s in songs[:1000]]
    test_set = [vocab.encode(s) for s in songs[1000:]]
    train_loader = DataLoader(train_set, cfg.batch_size, shuffle=True, collate_fn=collate)
    test_loader = DataLoader(test_set, 64, collate_fn=collate)
    print(f"{len(train_set)} songs, {len(test_set)} held out, {len(vocab)} chords")

    model = ChordLM(len(vocab), cfg)
    criterion = nn.CrossEntropyLoss(ignore_index=0)
    optimizer = torch.optim.Adam(model.parameters(), lr=cfg.lr)
    for epoch in range(cfg.epochs):
        model.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            logits = model(x)
            # fault:
            loss = criterion(logits.flatten(0, 1), y.flatten()).clamp(max=2.5)
            # mended:
            #loss = criterion(logits.flatten(0, 1), y.flatten())
            # end
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        acc, nll = evaluate(model, test_loader, criterion)
        print(f"epoch {epoch + 1}: last loss {loss.item():.3f}  test accuracy {acc:.3f}  test loss {nll:.3f}")
    acc, nll = evaluate(model, train_loader, criterion)
    print(f"training songs: accuracy {acc:.3f}  loss {nll:.3f}")


train()
