"""Financial PhraseBank: negative / neutral / positive news for the investor.  Bag of words and bigrams, one hidden layer."""
import os
import random
import re
import torch
import torch.nn as nn

random.seed(7)
torch.manual_seed(7)
PATH = os.path.join(os.environ["WORDFIT_DATA"], "sentiment", "financial-phrasebank", "Sentences_50Agree.txt")
LABELS = ["negative", "neutral", "positive"]


def tokens(s):
    t = re.findall(r"[a-z]+|%", re.sub(r"\d[\d,.]*", " ", s.lower()))
    return t + [a + "_" + b for a, b in zip(t, t[1:])]


rows = {}
with open(PATH, encoding="utf-8") as f:
    for line in f:
        s, y = line.strip().rsplit("@", 1)
        rows[s] = (tokens(s), LABELS.index(y))
rows = list(rows.values())
random.shuffle(rows)
train, dev = rows[:4000], rows[4000:]
freq = {}
for t, _ in train:
    for w in set(t):
        freq[w] = freq.get(w, 0) + 1
vocab = {w: i + 1 for i, w in enumerate(w for w, c in freq.items() if c >= 3)}


def ids(t):
    return [vocab[w] for w in t if w in vocab] or [0]


class BagNet(nn.Module):
    def __init__(self, dim=50):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab) + 1, dim, mode="mean")
        self.layers = nn.Sequential(nn.Dropout(0.4), nn.Linear(dim, 40), nn.ReLU(), nn.Dropout(0.3), nn.Linear(40, 3))
        # fault:
        self.log_prob = nn.LogSoftmax(dim=0)
        # mended:
        # self.log_prob = nn.LogSoftmax(dim=1)
        # end

    def forward(self, flat, offsets):
        return self.log_prob(self.layers(self.bag(flat, offsets)))


def predict(model, toks):
    return model(torch.tensor(ids(toks)), torch.tensor([0])).argmax(1).item()


model = BagNet()
nll = nn.NLLLoss()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(8):
    model.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 40):
        part = train[i:i + 40]
        seqs = [ids(t) for t, _ in part]
        off = torch.tensor([0] + [len(s) for s in seqs[:-1]]).cumsum(0)
        loss = nll(model(torch.tensor(sum(seqs, [])), off), torch.tensor([y for _, y in part]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        guess = [predict(model, t) for t, _ in dev]
    acc = sum(g == y for g, (_, y) in zip(guess, dev)) / len(dev)
    share = [round(guess.count(k) / len(dev), 2) for k in range(3)]
    print(f"epoch {epoch + 1}  loss {total / 100:.3f}  dev accuracy {acc:.3f}  share of answers {dict(zip(LABELS, share))}")
