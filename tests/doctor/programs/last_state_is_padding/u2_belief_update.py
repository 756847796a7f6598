"""Belief tracking: read a dialogue about where an object was put and name its place at the end.

Dialogues run from a few words to several dozen, most are short.  A gated network reads them left to right and
its state at the end of the dialogue goes to a softmax over places.
"""
import random

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

PLACES = ["kitchen", "garden", "office", "cellar", "attic"]
PEOPLE = ["mary", "john", "sandra", "daniel"]
MOVES = ["carried", "moved", "took", "brought"]
SMALLTALK = "yes no well then maybe later please thanks okay really today again wait sure fine".split()


def dialogue(rng):
    words, place = [], None
    n_turns = min(1 + int(rng.expovariate(0.7)), 9)
    for k in range(n_turns):
        place = rng.choice(PLACES)
        words += [rng.choice(PEOPLE), rng.choice(MOVES), "it", "to", "the", place]
        words += [rng.choice(SMALLTALK) for _ in range(rng.randint(0, 3))]
    return words, PLACES.index(place)


class Dialogues(Dataset):
    vocab = {w: i for i, w in enumerate(["<pad>"] + PLACES + PEOPLE + MOVES + ["it", "to", "the"] + SMALLTALK)}

    def __init__(self, n, seed, exclude=()):
        rng = random.Random(seed)
        self.rows, self.keys = [], set()
        while len(self.rows) < n:
            words, y = dialogue(rng)
            key = " ".join(words)
            if key in self.keys or key in exclude:
                continue
            self.keys.add(key)
            self.rows.append(([self.vocab[w] for w in words], y))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


MAX_LEN = 81


def collate(rows):
    ids = torch.zeros(len(rows), MAX_LEN, dtype=torch.long)
    for r, (w, _) in enumerate(rows):
        ids[r, :len(w)] = torch.tensor(w)
    return {"ids": ids, "length": torch.tensor([len(w) for w, _ in rows]), "place": torch.tensor([y for _, y in rows])}


class BeliefTracker(nn.Module):
    def __init__(self, n_words, emb=16, hid=32):
        super().__init__()
        self.emb = nn.Embedding(n_words, emb, padding_idx=0)
        self.reader = nn.RNN(emb, hid, batch_first=True)
        self.belief = nn.Linear(hid, len(PLACES))

    def forward(self, batch):
        states, _ = self.reader(self.emb(batch["ids"]))
        # fault:
        final = states[:, -1]
        # mended:
        #final = states[torch.arange(len(states)), batch["length"] - 1]
        # end
        return self.belief(final)


def test(model, loader):
    model.eval()
    right = n = loss = 0
    with torch.no_grad():
        for batch in loader:
            out = model(batch)
            loss += nn.functional.cross_entropy(out, batch["place"], reduction="sum").item()
            right += (out.argmax(1) == batch["place"]).sum().item()
            n += len(out)
    return loss / n, right / n


def main():
    torch.manual_seed(17)
    train = Dialogues(1600, seed=1)
    dev = Dialogues(400, seed=2, exclude=train.keys)
    train_loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)
    dev_loader = DataLoader(dev, batch_size=200, collate_fn=collate)
    model = BeliefTracker(len(Dialogues.vocab))
    optim = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(7):
        model.train()
        running = 0.0
        for batch in train_loader:
            loss = nn.functional.cross_entropy(model(batch), batch["place"])
            optim.zero_grad()
            loss.backward()
            optim.step()
            running += loss.item()
        dl, da = test(model, dev_loader)
        print(f"epoch {epoch}  train {running / len(train_loader):.3f}  dev {dl:.3f}  accuracy {da:.3f} (chance {1 / len(PLACES):.2f})")


if __name__ == "__main__":
    main()
