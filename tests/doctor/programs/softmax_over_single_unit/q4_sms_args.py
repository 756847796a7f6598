#!/usr/bin/env python3
"""SMS filter, my version of the "text classification with a CNN" tutorial."""
import argparse
import random

import torch
import torch.nn as nn

HAM = """see you at home after class mum asked if dinner is late tonight can we meet near the library
sorry i missed your call will ring back later love how was the exam bring milk bus running slow""".split()
SPAM = """win cash prize claim now urgent reply free ringtone txt stop code voucher awarded guaranteed
selected mobile offer expires holiday call landline quid weekly draw""".split()
SHARED = """the a to you your and is for on this now call me we have be of it in that message phone today
just get go will know time with""".split()


def make_sms(rng):
    spam = rng.random() < 0.5
    own, other = (SPAM, HAM) if spam else (HAM, SPAM)
    n = rng.randint(8, 16)
    words = []
    for _ in range(n):
        r = rng.random()
        words.append(rng.choice(SHARED if r < 0.5 else own if r < 0.92 else other))
    return " ".join(words), float(spam)


class TextCNN(nn.Module):
    def __init__(self, vocab_size, emb_dim, n_filters, sizes, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, emb_dim, padding_idx=0)
        self.convs = nn.ModuleList(nn.Conv1d(emb_dim, n_filters, k) for k in sizes)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(n_filters * len(sizes), 1)
        # fault:
        self.act = nn.Softmax(dim=1)
        # mended:
        #self.act = nn.Sigmoid()
        # end

    def forward(self, text):
        x = self.embedding(text).transpose(1, 2)
        feats = [torch.relu(conv(x)).amax(dim=2) for conv in self.convs]
        x = self.dropout(torch.cat(feats, dim=1))
        return self.act(self.fc(x)).squeeze(1)


def binary_accuracy(preds, y):
    return ((preds > 0.5).float() == y).float().mean().item()


def train(model, data, batch_size, optimizer, criterion, rng):
    model.train()
    rng.shuffle(data)
    epoch_loss, epoch_acc, n = 0, 0, 0
    for i in range(0, len(data), batch_size):
        x, y = zip(*data[i:i + batch_size])
        x, y = torch.tensor(x), torch.tensor(y)
        optimizer.zero_grad()
        predictions = model(x)
        loss = criterion(predictions, y)
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
        epoch_acc += binary_accuracy(predictions, y)
        n += 1
    return epoch_loss / n, epoch_acc / n


def evaluate(model, data, criterion):
    model.eval()
    with torch.no_grad():
        x, y = zip(*data)
        x, y = torch.tensor(x), torch.tensor(y)
        predictions = model(x)
        return criterion(predictions, y).item(), binary_accuracy(predictions, y)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--max-len", type=int, default=18)
    parser.add_argument("--seed", type=int, default=1234)
    args = parser.parse_args()

    rng = random.Random(args.seed)
    torch.manual_seed(args.seed)
    messages = {}
    while len(messages) < 2200:
        text, label = make_sms(rng)
        messages[text] = label
    messages = list(messages.items())
    train_raw, valid_raw = messages[:1700], messages[1700:]

    vocab = {"<pad>": 0, "<unk>": 1}
    for text, _ in train_raw:
        for w in text.split():
            vocab.setdefault(w, len(vocab))

    def numericalize(raw):
        out = []
        for text, label in raw:
            ids = [vocab.get(w, 1) for w in text.split()]
            out.append((ids + [0] * (args.max_len - len(ids)), label))
        return out

    train_data, valid_data = numericalize(train_raw), numericalize(valid_raw)
    model = TextCNN(len(vocab), emb_dim=24, n_filters=24, sizes=(1, 2, 3), dropout=0.5)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    criterion = nn.BCELoss()
    for epoch in range(args.epochs):
        tl, ta = train(model, train_data, args.batch_size, optimizer, criterion, rng)
        vl, va = evaluate(model, valid_data, criterion)
        print(f"Epoch: {epoch + 1:02} | Train Loss: {tl:.3f} | Train Acc: {ta * 100:.2f}% | "
              f"Val. Loss: {vl:.3f} | Val. Acc: {va * 100:.2f}%")
