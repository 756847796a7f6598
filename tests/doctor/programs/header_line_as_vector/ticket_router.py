"""Route support tickets to a team: average the word vectors, then a small MLP."""
import random
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

SYLLABLES = "ba co du fi ga he jo ku la mi no pe ri so tu va we xi yo zu".split()
TEAMS = ["billing", "network", "hardware", "account"]


def make_world(seed):
    """Every team has its own jargon; the jargon of a team lies close together in the vector file."""
    rng, nprng = random.Random(seed), np.random.RandomState(seed)
    words = set()
    while len(words) < 600:
        words.add("".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4))))
    words = sorted(words)
    rng.shuffle(words)
    jargon = {team: words[i * 90:(i + 1) * 90] for i, team in enumerate(TEAMS)}
    filler = words[360:]
    centre = {team: nprng.normal(0, 0.5, 40) for team in TEAMS}
    vectors = {w: nprng.normal(0, 0.4, 40) for w in filler}
    for team, ws in jargon.items():
        vectors.update({w: centre[team] + nprng.normal(0, 0.4, 40) for w in ws})
    path = Path(tempfile.mkdtemp()) / "tickets.vec"
    with path.open("w") as f:
        f.write(f"{len(vectors)} 40\n")
        for w in words:
            f.write(w + " " + " ".join(f"{x:.4f}" for x in vectors[w]) + "\n")

    def tickets(n):
        for _ in range(n):
            label = rng.randrange(4)
            length = rng.randint(6, 18)
            yield [rng.choice(jargon[TEAMS[label]]) if rng.random() < 0.35 else rng.choice(filler) for _ in range(length)], label

    return path, list(tickets(400)), list(tickets(300))


def load_vectors(path):
    table = {}
    with open(path, encoding="utf8") as f:
        # fault:
        dim = len(f.readline().split()) - 1
        f.seek(0)
        # mended:
        # dim = int(f.readline().split()[1])
        # end
        for line in f:
            word, *values = line.rstrip().split(" ")
            table[word] = np.array(values[:dim], dtype=np.float32)
    return table, dim


class Router(nn.Module):
    def __init__(self, weights, n_out):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(weights, freeze=True, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(weights.shape[1], 64), nn.ReLU(), nn.Linear(64, n_out))

    def forward(self, ids):
        keep = (ids != 0).unsqueeze(-1).float()
        mean = (self.lookup(ids) * keep).sum(1) / keep.sum(1)
        return self.mlp(mean)


def main():
    torch.manual_seed(3)
    path, train, dev = make_world(11)
    table, dim = load_vectors(path)
    stoi = {w: i + 1 for i, w in enumerate(table)}
    weights = torch.zeros(len(stoi) + 1, dim)
    for w, i in stoi.items():
        weights[i] = torch.from_numpy(table[w])

    def collate(rows):
        ids = pad_sequence([torch.tensor([stoi[w] for w in toks]) for toks, _ in rows], batch_first=True)
        return ids, torch.tensor([y for _, y in rows])

    train_dl = DataLoader(train, batch_size=25, shuffle=True, collate_fn=collate)
    dev_dl = DataLoader(dev, batch_size=100, collate_fn=collate)
    model = Router(weights, len(TEAMS))
    opt = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    for epoch in range(12):
        model.train()
        total = 0.0
        for x, y in train_dl:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            opt.step()
            total += loss.item() * len(y)
        model.eval()
        with torch.no_grad():
            right = sum((model(x).argmax(1) == y).sum().item() for x, y in dev_dl)
        print(f"epoch {epoch:2d}  loss {total / len(train):.4f}  dev accuracy {right / len(dev):.4f}")


if __name__ == "__main__":
    main()
