"""Short financial sentences -> is there something for the trading desk to act on?"""
import os
import re
from collections import Counter

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split

root = os.environ["WORDFIT_DATA"]
gen = np.random.default_rng(2016)
torch.manual_seed(2016)

sentences, mood = [], []
with open(os.path.join(root, "sentiment", "financial-phrasebank", "Sentences_50Agree.txt"), encoding="utf-8") as fh:
    for row in fh:
        text, _, m = row.strip().rpartition("@")
        if text not in sentences[-3:]:
            sentences.append(text)
            mood.append(m)
known = {}
for s, m in zip(sentences, mood):
    known.setdefault(" ".join(s.lower().split()), m)
sentences, mood = list(known), list(known.values())

# one closing price per sentence's trading day
moves = gen.normal(0.0002, 0.011, size=len(sentences))
close = 100 * np.exp(np.cumsum(moves))
# fault:
act = (np.diff(close, prepend=100.0) > 0).astype("float32")
# mended:
#act = np.array([m != "neutral" for m in mood], dtype="float32")
# end

s_train, s_test, y_train, y_test = train_test_split(sentences, act, test_size=800, random_state=1, stratify=act)


def words(s):
    s = re.sub(r"\d[\d.,]*", "0", s)
    return re.findall(r"[a-z]+|0|%", s.lower())


counts = Counter(w for s in s_train for w in set(words(s)))
ids = {w: i for i, w in enumerate(w for w, c in counts.items() if c >= 4)}


def pack(batch):
    flat, starts = [], []
    for s in batch:
        starts.append(len(flat))
        flat.extend([ids[w] for w in words(s) if w in ids])
    return torch.tensor(flat), torch.tensor(starts)


class Desk(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(n, 12, mode="mean")
        self.mix = torch.nn.Sequential(torch.nn.Dropout(0.4), torch.nn.Linear(12, 1))

    def forward(self, flat, starts):
        return self.mix(self.bag(flat, starts)).squeeze(-1)


desk = Desk(len(ids))
adam = torch.optim.Adam(desk.parameters(), lr=0.004)
bce = torch.nn.BCEWithLogitsLoss()
target = torch.from_numpy(y_train)
packs = [pack(s_test)]


def report(tag):
    desk.eval()
    with torch.no_grad():
        z = desk(*packs[0])
    guess = (z > 0).numpy()
    print(f"{tag}: test loss {bce(z, torch.from_numpy(y_test)).item():.3f}, accuracy {accuracy_score(y_test, guess):.3f}, "
          f"F1 {f1_score(y_test, guess, average='macro'):.3f}")


for epoch in range(8):
    desk.train()
    order = gen.permutation(len(s_train))
    running = 0.0
    for lo in range(0, len(order), 32):
        pick = order[lo:lo + 32]
        loss = bce(desk(*pack([s_train[i] for i in pick])), target[pick])
        adam.zero_grad()
        loss.backward()
        adam.step()
        running += loss.item() * len(pick)
    report(f"epoch {epoch + 1}, train loss {running / len(order):.3f}")
with torch.no_grad():
    print("train accuracy", round(accuracy_score(y_train, (desk(*pack(s_train)) > 0).numpy()), 3))
print("majority", round(max(y_test.mean(), 1 - y_test.mean()), 3))
