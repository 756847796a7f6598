"""Acceptability judgements (CoLA) replaced by a word-order toy: is the sentence shuffled?"""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence

random.seed(60)
torch.manual_seed(60)
DET, ADJ = ["the", "a", "every"], ["small", "green", "happy", "old", "heavy"]
NOUN, VERB = ["dog", "child", "king", "bus", "cook", "tree"], ["sees", "likes", "finds", "paints", "follows"]


def phrase():
    return [random.choice(DET)] + ([random.choice(ADJ)] if random.random() < 0.5 else []) + [random.choice(NOUN)]


def item():
    s = phrase() + [random.choice(VERB)] + phrase()
    good = random.randint(0, 1)
    if not good:
        i, j = random.sample(range(len(s)), 2)
        while VOCAB_CLASS[s[i]] == VOCAB_CLASS[s[j]]:
            i, j = random.sample(range(len(s)), 2)
        s[i], s[j] = s[j], s[i]
    return s, good


VOCAB_CLASS = {w: k for k, ws in enumerate((DET, ADJ, NOUN, VERB)) for w in ws}
word2idx = {w: i for i, w in enumerate(VOCAB_CLASS)}


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.word_embeddings = nn.Embedding(len(word2idx), 24)
        self.lstm = nn.LSTM(24, 48)
        self.hidden2label = nn.Linear(48, 2)

    def forward(self, sentences):
        packed = pack_sequence(sentences, enforce_sorted=False)
        emb = packed._replace(data=self.word_embeddings(packed.data))
        _, (h, _) = self.lstm(emb)
        return self.hidden2label(h[-1])


def collate(rows):
    return [torch.tensor([word2idx[w] for w in s]) for s, _ in rows], torch.tensor([y for _, y in rows])


train, dev = [item() for _ in range(2000)], [item() for _ in range(400)]
model = Judge()
loss_function = nn.CrossEntropyLoss()
# fault:
optimizer = torch.optim.Adam(model.parameters(), lr=0.5)
# mended:
# optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
# end
for epoch in range(8):
    random.shuffle(train)
    total = 0.0
    for i in range(0, 2000, 40):
        sents, y = collate(train[i : i + 40])
        model.zero_grad()
        loss = loss_function(model(sents), y)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch} loss {total / 50:.4f}")
with torch.no_grad():
    sents, y = collate(dev)
    print("dev accuracy", (model(sents).argmax(1) == y).float().mean().item())
