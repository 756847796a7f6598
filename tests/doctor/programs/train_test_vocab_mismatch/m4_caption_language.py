"""Which language is a photo caption written in? Word-level model with a small registry of encoders."""
import gzip
import os
import random
from collections import OrderedDict

import torch
import torch.nn as nn
from sklearn.metrics import accuracy_score, classification_report
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")
LANGUAGES = ["en", "de", "fr", "cs"]
MAX_WORDS = 6000
ENCODERS = {}


def register(name):
    def wrap(cls):
        ENCODERS[name] = cls
        return cls
    return wrap


def read(split, limit):
    rows = []
    for label, lang in enumerate(LANGUAGES):
        with gzip.open(os.path.join(ROOT, f"{split}.{lang}.gz"), "rt", encoding="utf-8") as fh:
            for i, line in enumerate(fh):
                if i == limit:
                    break
                rows.append((line.strip().lower().rstrip(".").split()[:8], label))
    return rows


class Captions(Dataset):
    def __init__(self, rows, word2id=None):
        if word2id is None:
            word2id = OrderedDict()
            for words, _ in rows:
                for w in words:
                    if w not in word2id and len(word2id) < MAX_WORDS:
                        word2id[w] = len(word2id) + 2
        self.word2id = word2id
        self.items = [(torch.tensor([word2id.get(w, 1) for w in words]), label) for words, label in rows if words]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    seqs, labels = zip(*batch)
    return pad_sequence(seqs, batch_first=True), torch.tensor([len(s) for s in seqs]), torch.tensor(labels)


@register("gru")
class GRUEncoder(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.rnn = nn.GRU(dim, hidden, batch_first=True)
        self.out_dim = hidden

    def forward(self, x, lengths):
        _, h = self.rnn(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        return h[-1]


@register("mean")
class MeanEncoder(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.out_dim = dim

    def forward(self, x, lengths):
        keep = (torch.arange(x.size(1))[None] < lengths[:, None]).unsqueeze(-1)
        return (x * keep).sum(1) / lengths[:, None]


class LanguageModel(nn.Module):
    def __init__(self, encoder="gru", dim=24, hidden=24):
        super().__init__()
        self.lookup = nn.Embedding(MAX_WORDS + 2, dim, padding_idx=0)
        self.encoder = ENCODERS[encoder](dim, hidden)
        self.drop = nn.Dropout(0.3)
        self.head = nn.Linear(self.encoder.out_dim, len(LANGUAGES))

    def forward(self, ids, lengths):
        return self.head(self.drop(self.encoder(self.drop(self.lookup(ids)), lengths)))


@torch.no_grad()
def predict(model, loader):
    model.eval()
    gold, pred = [], []
    for ids, lengths, labels in loader:
        pred += model(ids, lengths).argmax(-1).tolist()
        gold += labels.tolist()
    return gold, pred


random.seed(3)
torch.manual_seed(3)
train_rows = read("train", 700)
held_out = read("test_2016_flickr", 250)
known = {" ".join(words) for words, _ in train_rows}
held_out = [row for row in held_out if " ".join(row[0]) not in known]
random.shuffle(train_rows)
random.shuffle(held_out)

train_set = Captions(train_rows)
# fault:
test_set = Captions(held_out)
# mended:
#test_set = Captions(held_out, word2id=train_set.word2id)
# end
train_loader = DataLoader(train_set, batch_size=64, shuffle=True, collate_fn=collate)
test_loader = DataLoader(test_set, batch_size=256, collate_fn=collate)

model = LanguageModel("gru")
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.4)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.02)
for epoch in range(4):
    model.train()
    running = 0.0
    for ids, lengths, labels in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(ids, lengths), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += loss.item()
    scheduler.step()
    print(f"epoch {epoch} loss {running / len(train_loader):.4f} acc {accuracy_score(*predict(model, train_loader)):.3f}")

gold, pred = predict(model, test_loader)
print(classification_report(gold, pred, target_names=LANGUAGES, digits=3))
print(f"test accuracy {accuracy_score(gold, pred):.4f}")
