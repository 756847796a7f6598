"""Intent detection with a bidirectional LSTM and pretrained vectors."""
import random

import numpy as np
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

SEED = 17
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)

INTENTS = ["play_music", "book_table", "weather"]
PARTS = [["ka", "lo", "mi", "ru", "te", "vi"], ["ban", "dor", "fel", "gim", "hul", "jas"], ["a", "en", "is", "or", "um"]]


def invent_words(n):
    words = set()
    while len(words) < n:
        words.add("".join(random.choice(p) for p in PARTS[: random.choice([2, 3])]) + random.choice(["", "s", "t"]))
    words = sorted(words)
    random.shuffle(words)
    return words


lexicon = invent_words(240)
intent_words = {k: lexicon[i * 50:(i + 1) * 50] for i, k in enumerate(INTENTS)}
common = lexicon[150:]
centres = np.random.normal(0, 0.5, (3, 25))
pretrained = {w: np.random.normal(0, 0.5, 25) for w in common}
for i, k in enumerate(INTENTS):
    for w in intent_words[k]:
        pretrained[w] = centres[i] + np.random.normal(0, 0.35, 25)


def utterances(n, limit):
    rows = []
    for _ in range(n):
        y = random.randrange(3)
        words = [random.choice(common) for _ in range(random.randint(3, 9))]
        for w in random.sample(intent_words[INTENTS[y]][:limit], random.randint(2, 3)):
            words.insert(random.randint(0, len(words)), w)
        rows.append((words, y))
    return rows


train, dev = utterances(270, limit=20), utterances(300, limit=50)


class IntentTagger(nn.Module):
    def __init__(self, num_embeddings, pretrained_weights, hidden=20):
        super().__init__()
        dim = pretrained_weights.shape[1]
        self.word_emb = nn.Embedding(num_embeddings, dim, padding_idx=0)
        # fault:
        self.word_emb.from_pretrained(pretrained_weights, freeze=True, padding_idx=0)
        # mended:
        # self.word_emb = nn.Embedding.from_pretrained(pretrained_weights, freeze=True, padding_idx=0)
        # end
        self.lstm = nn.LSTM(dim, hidden, bidirectional=True, batch_first=True)
        self.classify = nn.Linear(2 * hidden, len(INTENTS))

    def forward(self, tokens, lengths):
        seq = pack_padded_sequence(self.word_emb(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(seq)
        return self.classify(torch.cat([h[0], h[1]], dim=1))


vocab = {"<pad>": 0}
for w in sorted(pretrained):
    vocab[w] = len(vocab)
weights = torch.zeros(len(vocab), 25)
for w, i in vocab.items():
    if i:
        weights[i] = torch.tensor(pretrained[w], dtype=torch.float32)


def to_batch(rows):
    tokens = [torch.tensor([vocab[w] for w in words]) for words, _ in rows]
    return pad_sequence(tokens, batch_first=True), torch.tensor([len(t) for t in tokens]), torch.tensor([y for _, y in rows])


model = IntentTagger(len(vocab), weights)
optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=6e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    random.shuffle(train)
    epoch_loss = []
    for s in range(0, len(train), 18):
        tokens, lengths, y = to_batch(train[s:s + 18])
        loss = ce(model(tokens, lengths), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        epoch_loss.append(loss.item())
    model.eval()
    with torch.no_grad():
        tokens, lengths, y = to_batch(dev)
        acc = (model(tokens, lengths).argmax(1) == y).float().mean()
    print(f"epoch {epoch:02d} | loss {np.mean(epoch_loss):.3f} | dev acc {acc:.3f}")
