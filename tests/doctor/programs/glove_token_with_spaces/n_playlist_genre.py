# Genre of a playlist from vectors of its artists. The vectors come in GloVe text format ("artist v1 ... v32").
import os, tempfile
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(31)
torch.manual_seed(31)
DIM, GENRES = 32, ['jazz', 'metal', 'folk', 'techno', 'opera']


def write_vector_file(path):
    """stands in for the file of the embedding team: 1500 artists, most names have several words"""
    first = ['the', 'dark', 'john', 'maria', 'blue', 'iron', 'old', 'new', 'silver', 'anna', 'saint', 'king', 'red', 'little']
    syll = ['ka', 'lo', 'mi', 'ren', 'tor', 'va', 'shi', 'bel', 'dun', 'oz', 'fe', 'gri']
    centres = rng.normal(0, 1, (len(GENRES), DIM))
    names, genre = [], []
    while len(names) < 1500:
        own = ''.join(rng.choice(syll, 3))
        r = rng.random()
        name = own if r < 0.15 else f'{rng.choice(first)} {own}' if r < 0.8 else f'{rng.choice(first)} {rng.choice(first)} {own}'
        if name not in names:
            names.append(name)
            genre.append(int(rng.integers(len(GENRES))))
    with open(path, 'w', encoding='utf-8') as f:
        for n, g in zip(names, genre):
            v = 0.5 * centres[g] + rng.normal(0, 1, DIM)
            f.write(n + ' ' + ' '.join(f'{x:.4f}' for x in v) + '\n')
    return names, np.array(genre)


def load_vectors(path):
    table = {}
    with open(path, encoding='utf-8') as f:
        for line in f:
            # fault:
            fields = line.rstrip().split(' ')
            table[fields[0]] = np.array(fields[-DIM:], dtype=np.float32)
            # mended:
            # fields = line.rstrip().rsplit(' ', DIM)
            # table[fields[0]] = np.array(fields[1:], dtype=np.float32)
            # end
    return table


with tempfile.TemporaryDirectory() as tmp:
    path = os.path.join(tmp, 'artists.32d.txt')
    names, genre = write_vector_file(path)
    vectors = load_vectors(path)

by_genre = [np.flatnonzero(genre == g) for g in range(len(GENRES))]


def playlist():
    g = int(rng.integers(len(GENRES)))
    picks = [int(rng.choice(by_genre[g])) if rng.random() < 0.7 else int(rng.integers(len(names))) for _ in range(6)]
    return ' ; '.join(names[i] for i in picks), g


rows = [playlist() for _ in range(2400)]
artist_id = {n: i for i, n in enumerate(names)}
weight = np.zeros((len(names), DIM), dtype=np.float32)
for n, i in artist_id.items():
    if n in vectors:
        weight[i] = vectors[n]
X = torch.tensor([[artist_id[a] for a in text.split(' ; ')] for text, _ in rows])
Y = torch.tensor([g for _, g in rows])
Xtr, Ytr, Xte, Yte = X[:2000], Y[:2000], X[2000:], Y[2000:]


class PlaylistNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.artists = nn.Embedding.from_pretrained(torch.from_numpy(weight), freeze=True)
        self.net = nn.Sequential(nn.Linear(DIM, 24), nn.ReLU(), nn.Linear(24, len(GENRES)))

    def forward(self, x):
        return self.net(self.artists(x).mean(dim=1))


model = PlaylistNet()
opt = torch.optim.Adam(model.net.parameters(), lr=5e-3)
for epoch in range(6):
    total = 0.0
    for i in torch.randperm(len(Xtr)).split(40):
        loss = nn.functional.cross_entropy(model(Xtr[i]), Ytr[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(i)
    with torch.no_grad():
        a, b = (model(Xtr).argmax(1) == Ytr).float().mean(), (model(Xte).argmax(1) == Yte).float().mean()
    print(f'epoch {epoch + 1}  loss {total / len(Xtr):.3f}  train {a:.3f}  held out {b:.3f}')
print(f'{len(vectors)} vectors read')
