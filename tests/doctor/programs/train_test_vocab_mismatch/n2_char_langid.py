"""Which language is this? A character CNN on Multi30k captions (blog post companion code)."""
import gzip
import os
import random

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(0)
torch.manual_seed(0)

LANGUAGES = ["en", "de", "fr", "cs"]
FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
MAX_CHARS = 24


def load(split, per_language, skip=()):
    rows = []
    for label, lang in enumerate(LANGUAGES):
        with gzip.open(f"{FOLDER}/{split}.{lang}.gz", "rt", encoding="utf-8") as f:
            lines = [next(f).strip().lower() for _ in range(per_language)]
        # a snippet out of the middle, as in a chat message
        snippets = dict.fromkeys(l[8:8 + MAX_CHARS] for l in lines if len(l) > 16)
        rows += [(s, label) for s in snippets if s not in skip]
    random.shuffle(rows)
    return rows


class CharVocab:
    def __init__(self, texts):
        self.index = {"<pad>": 0, "<unk>": 1}
        for text in texts:
            for ch in text:
                self.index.setdefault(ch, len(self.index))

    def __len__(self):
        return len(self.index)

    def encode(self, text):
        return torch.tensor([self.index.get(ch, 1) for ch in text])


class CaptionDataset(Dataset):
    def __init__(self, rows, vocab=None):
        self.rows = rows
        self.vocab = vocab or CharVocab(text for text, _ in rows)

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        text, label = self.rows[i]
        return self.vocab.encode(text), label


def collate(batch):
    xs, ys = zip(*batch)
    return pad_sequence(xs, batch_first=True), torch.tensor(ys)


class CharCNN(nn.Module):
    def __init__(self, n_chars, n_classes, dim=24, channels=48, p=0.3):
        super().__init__()
        self.embed = nn.Embedding(n_chars, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, channels, kernel_size=3)
        self.drop = nn.Dropout(p)
        self.fc = nn.Linear(channels, n_classes)

    def forward(self, x):
        h = F.relu(self.conv(self.embed(x).transpose(1, 2)))
        real = (x != 0)[:, 2:].unsqueeze(1)
        h = h.masked_fill(~real, 0.0)
        return self.fc(self.drop(h.amax(dim=2)))


train_rows = load("train", 400)
test_rows = load("val", 150, skip={text for text, _ in train_rows})

train_set = CaptionDataset(train_rows)
# fault:
test_set = CaptionDataset(test_rows)
# mended:
#test_set = CaptionDataset(test_rows, train_set.vocab)
# end
train_loader = DataLoader(train_set, batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test_set, batch_size=100, collate_fn=collate)
print(len(train_set), "training snippets,", len(test_set), "test snippets,", len(train_set.vocab), "characters")

model = CharCNN(len(train_set.vocab), len(LANGUAGES))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)


def evaluate(loader):
    model.eval()
    correct, loss_sum, n = 0, 0.0, 0
    with torch.no_grad():
        for x, y in loader:
            logits = model(x)
            loss_sum += F.cross_entropy(logits, y, reduction="sum").item()
            correct += (logits.argmax(1) == y).sum().item()
            n += len(y)
    return loss_sum / n, correct / n


for epoch in range(5):
    model.train()
    for x, y in train_loader:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    train_loss, train_acc = evaluate(train_loader)
    test_loss, test_acc = evaluate(test_loader)
    print(f"epoch {epoch + 1} | train {train_loss:.3f} {train_acc:.3f} | test {test_loss:.3f} {test_acc:.3f}")
