"""Does a sentence need a question mark? Fixing the punctuation of speech recognition output.

Sentences come from Tatoeba; the final mark is taken off. Roughly one in seven is a question, so questions weigh
more in the loss and we look at F1 instead of accuracy.
"""
import gzip
import os
import random
import re
from collections import Counter

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence
from torch.utils.data import DataLoader, Dataset

random.seed(31)
torch.manual_seed(31)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "tatoeba-fra-eng", "fra.txt.gz")
ACCUMULATE = 2
EPOCHS = 6


def read_sentences(n):
    found = {}
    with gzip.open(PATH, "rt", encoding="utf-8") as f:
        for line in f:
            english = line.split("\t")[0].lower()
            words = tuple(re.findall(r"[a-z']+", english))
            if 4 <= len(words):
                found.setdefault(words, float(english.rstrip(' "').endswith("?")))
    return random.sample(sorted(found.items()), n)


class Sentences(Dataset):
    def __init__(self, rows, vocab):
        self.rows = [(torch.tensor([vocab.get(w, 0) for w in words]), label) for words, label in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(batch):
    ids, labels = zip(*batch)
    return pack_sequence(ids, enforce_sorted=False), torch.tensor(labels)


class QuestionDetector(nn.Module):
    """Only the embedding, the recurrent layer and one unit; id 0 stands for rare words and is trained like any other."""

    def __init__(self, vocab_size, dim=24, hidden=24):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, dim)
        self.drop = nn.Dropout(0.5)
        self.gru = nn.GRU(dim, hidden)
        self.unit = nn.Linear(hidden, 1)

    def forward(self, packed):
        packed = packed._replace(data=self.drop(self.embed(packed.data)))
        _, state = self.gru(packed)
        return self.unit(self.drop(state[-1])).squeeze(-1)


def scores(model, loader):
    model.eval()
    tp = fp = fn = right = total = 0
    with torch.no_grad():
        for packed, labels in loader:
            guess, truth = model(packed) > 0, labels > 0.5
            tp += (guess & truth).sum().item()
            fp += (guess & ~truth).sum().item()
            fn += (~guess & truth).sum().item()
            right += (guess == truth).sum().item()
            total += len(labels)
    return 2 * tp / max(2 * tp + fp + fn, 1), right / total


rows = read_sentences(6000)
train_rows, test_rows = rows[:5000], rows[5000:]
counts = Counter(w for words, _ in train_rows for w in words)
vocab = {w: i for i, w in enumerate((w for w, c in counts.most_common(600) if c > 2), start=1)}
train_loader = DataLoader(Sentences(train_rows, vocab), batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(Sentences(test_rows, vocab), batch_size=200, collate_fn=collate)

share = sum(label for _, label in train_rows) / len(train_rows)
model = QuestionDetector(len(vocab) + 1)
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(((1 - share) / share) ** 0.5))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
updates = EPOCHS * (len(train_loader) // ACCUMULATE + 1)
# a short warm-up, then linearly down to zero
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: min((s + 1) / 30, max(0.0, 1 - s / updates)))

print(f"{share:.1%} questions, {len(vocab)} words")
for epoch in range(1, EPOCHS + 1):
    model.train()
    running = 0.0
    for step, (packed, labels) in enumerate(train_loader, start=1):
        loss = criterion(model(packed), labels)
        (loss / ACCUMULATE).backward()
        running += loss.item()
        if step % ACCUMULATE == 0 or step == len(train_loader):
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    f1, accuracy = scores(model, test_loader)
    print(f"epoch {epoch}  loss {running / len(train_loader):.3f}  test F1 {f1:.3f}  accuracy {accuracy:.3f}")
print("train F1 %.3f, never asking would be right in %.3f" % (scores(model, train_loader)[0], 1 - share))
