# CS 5740 - Assignment 3: part-of-speech tagging with a bidirectional LSTM
# Toy grammar version (the treebank may not be redistributed).
import random

import torch
import torch.nn as nn
import torch.optim as optim

random.seed(13)
torch.manual_seed(13)

DET = "the a this that every some".split()
ADJ = ["adj%d" % i for i in range(40)]
NOUN = ["noun%d" % i for i in range(80)]
VERB = ["verb%d" % i for i in range(60)]
BOTH = ["both%d" % i for i in range(40)]      # walk, run, play ...: noun after DET/ADJ, else verb
ADV = ["adv%d" % i for i in range(25)]
TAGS = ["<pad>", "DET", "ADJ", "NOUN", "VERB", "ADV"]


def noun_phrase():
    out = [(random.choice(DET), "DET")]
    while random.random() < 0.35:
        out.append((random.choice(ADJ), "ADJ"))
    out.append((random.choice(NOUN if random.random() < 0.6 else BOTH), "NOUN"))
    return out


def clause():
    out = noun_phrase()
    if random.random() < 0.3:
        out.append((random.choice(ADV), "ADV"))
    out.append((random.choice(VERB if random.random() < 0.5 else BOTH), "VERB"))
    if random.random() < 0.5:
        out += noun_phrase()
    return out


def sentence():
    out = clause()
    if random.random() < 0.03:            # now and then somebody writes like Proust
        for _ in range(9):
            out += clause()
    return out


corpus = [sentence() for _ in range(1500)]
train_data, test_data = corpus[:1200], corpus[1200:]

word2idx = {"<pad>": 0, "<unk>": 1}
for sent in train_data:
    for w, _ in sent:
        word2idx.setdefault(w, len(word2idx))
tag2idx = {t: i for i, t in enumerate(TAGS)}
MAX_LEN = max(len(s) for s in corpus)


def encode(data):
    X = torch.zeros(len(data), MAX_LEN, dtype=torch.long)
    Y = torch.zeros(len(data), MAX_LEN, dtype=torch.long)
    for i, sent in enumerate(data):
        for j, (w, t) in enumerate(sent):
            X[i, j] = word2idx.get(w, 1)
            Y[i, j] = tag2idx[t]
    return X, Y, torch.tensor([len(s) for s in data])


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags):
        super().__init__()
        self.emb = nn.Embedding(n_words, 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 20, bidirectional=True, batch_first=True)
        self.out = nn.Linear(40, n_tags)

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=MAX_LEN)
        return self.out(h)


X_train, Y_train, L_train = encode(train_data)
X_test, Y_test, L_test = encode(test_data)
tagger = Tagger(len(word2idx), len(TAGS))
# fault:
loss_function = nn.CrossEntropyLoss()
# mended:
# loss_function = nn.CrossEntropyLoss(ignore_index=0)
# end
optimizer = optim.SGD(tagger.parameters(), lr=0.3, momentum=0.9)
BATCH = 32

for epoch in range(4):
    tagger.train()
    order = torch.randperm(len(X_train))
    running = 0.0
    for k in range(0, len(order), BATCH):
        idx = order[k:k + BATCH]
        tagger.zero_grad()
        scores = tagger(X_train[idx], L_train[idx])
        loss = loss_function(scores.reshape(-1, len(TAGS)), Y_train[idx].reshape(-1))
        loss.backward()
        optimizer.step()
        running += loss.item() * len(idx)
    tagger.eval()
    with torch.no_grad():
        guess = tagger(X_test, L_test).argmax(-1)
    words = Y_test != 0
    acc = (guess == Y_test)[words].float().mean().item()
    print(f"epoch {epoch + 1}: loss {running / len(X_train):.4f}  test accuracy (words) {acc:.3f}")
