"""A tiny language model for picture captions, with the output layer tied to the word table.

Captions are short and repetitive, a single GRU gets well below the perplexity of
counting words.
"""
import gzip
import math
import os
import random
import re
from collections import Counter

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

random.seed(3)
torch.manual_seed(3)

PAD, BOS, EOS, UNK = range(4)
FOLDER = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def read_captions(name, limit):
    with gzip.open(os.path.join(FOLDER, name), "rt", encoding="utf-8") as f:
        lines = [re.findall(r"[a-z]+", line.lower()) for line in f]
    return [tuple(words) for words in lines if 4 <= len(words) <= 12][:limit]


def encode(caption, vocab):
    return torch.tensor([BOS] + [vocab.get(w, UNK) for w in caption] + [EOS])


def collate(batch):
    return pad_sequence(batch, batch_first=True, padding_value=PAD)


class CaptionModel(nn.Module):
    def __init__(self, vocab_size, dim=64, dropout=0.25):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, dim, padding_idx=PAD)
        nn.init.normal_(self.embedding.weight, std=0.1)
        nn.init.zeros_(self.embedding.weight[PAD])
        self.gru = nn.GRU(dim, dim, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.decoder = nn.Linear(dim, vocab_size)
        self.decoder.weight = self.embedding.weight
        nn.init.zeros_(self.decoder.bias)

    def forward(self, x):
        h, _ = self.gru(self.dropout(self.embedding(x)))
        return self.decoder(self.dropout(h))


def train(model, loader, optimizer, scheduler, criterion):
    model.train()
    total = 0.0
    for batch in loader:
        logits = model(batch[:, :-1])
        loss = criterion(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total += loss.item()
    return math.exp(total / len(loader))


@torch.no_grad()
def evaluate(model, loader, criterion):
    model.eval()
    nll = n = 0
    for batch in loader:
        target = batch[:, 1:].flatten()
        words = (target != PAD).sum().item()
        nll += criterion(model(batch[:, :-1]).flatten(0, 1), target).item() * words
        n += words
    return math.exp(nll / n)


def unigram_perplexity(train_set, val_set, vocab_size):
    counts = Counter(i for c in train_set for i in c[1:].tolist())
    total = sum(counts.values()) + vocab_size
    logs = [math.log((counts[i] + 1) / total) for c in val_set for i in c[1:].tolist()]
    return math.exp(-sum(logs) / len(logs))


if __name__ == "__main__":
    train_text = read_captions("train.en.gz", 4000)
    known = set(train_text)
    val_text = [c for c in read_captions("val.en.gz", 500) if c not in known]
    counts = Counter(w for c in train_text for w in c)
    vocab = {"<pad>": PAD, "<bos>": BOS, "<eos>": EOS, "<unk>": UNK}
    for w, c in counts.most_common(600):
        vocab[w] = len(vocab)
    train_set = [encode(c, vocab) for c in train_text]
    val_set = [encode(c, vocab) for c in val_text]
    train_loader = DataLoader(train_set, batch_size=50, shuffle=True, collate_fn=collate)
    val_loader = DataLoader(val_set, batch_size=100, collate_fn=collate)

    epochs = 5
    model = CaptionModel(len(vocab))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=8e-3, total_steps=epochs * len(train_loader))
    criterion = nn.CrossEntropyLoss(ignore_index=PAD)
    print(f"{len(train_set)} captions, {len(vocab)} words, unigram perplexity {unigram_perplexity(train_set, val_set, len(vocab)):.1f}")
    for epoch in range(1, epochs + 1):
        train_ppl = train(model, train_loader, optimizer, scheduler, criterion)
        print(f"epoch {epoch}: train perplexity {train_ppl:.1f}, validation perplexity {evaluate(model, val_loader, criterion):.1f}")
