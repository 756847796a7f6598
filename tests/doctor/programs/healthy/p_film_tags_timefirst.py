"""Several genres per plot line.  Everything is (time, batch): one attention query per genre, additive mask, one score per query."""
import itertools, random
import numpy as np
import torch

rng = random.Random(77); np.random.seed(77); torch.manual_seed(77)
WORDS = {
    "crime": "detective murder heist mafia prison robbery sheriff alibi smuggler verdict".split(),
    "space": "rocket alien galaxy android orbit starship colony mars laser clone".split(),
    "romance": "wedding kiss lover bride heartbreak summer letter divorce proposal dance".split(),
    "war": "soldier trench general bomber sniper battalion invasion treaty tank siege".split(),
    "music": "guitar band singer concert jazz violin tour chorus record piano".split(),
}
GENRES = list(WORDS)
STOP = "a an the young old who must before after with from her his their finds loses returns to small town family and one last night while is".split()


def plot():
    tags = [g for g in GENRES if rng.random() < 0.35]
    words = [w for g in tags for w in rng.sample(WORDS[g], rng.randint(1, 2))] + rng.choices(STOP, k=rng.randint(5, 14))
    if rng.random() < 0.3:
        words.append(rng.choice(WORDS[rng.choice(GENRES)]))      # a poster, a song, a toy soldier
    rng.shuffle(words)
    return words, [float(g in tags) for g in GENRES]


films = [plot() for _ in range(3600)]
train, dev, test = films[:2600], films[2600:3100], films[3100:]
vocab = {w: i for i, w in enumerate(["<blank>"] + sorted(set(itertools.chain(*(w for w, _ in train)))))}


def collate(rows):
    T = max(len(w) for w, _ in rows)
    x = np.zeros((T, len(rows)), dtype=np.int64)
    for j, (w, _) in enumerate(rows):
        x[:len(w), j] = [vocab[t] for t in w]
    return torch.from_numpy(x), torch.tensor([t for _, t in rows])


class GenreAttention(torch.nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.table = torch.nn.Parameter(torch.randn(n, d) * 0.3)
        self.queries = torch.nn.Parameter(torch.randn(len(GENRES), d) * 0.3)
        self.readers = torch.nn.Parameter(torch.randn(len(GENRES), d) * 0.3)
        self.bias = torch.nn.Parameter(torch.zeros(len(GENRES)))

    def forward(self, x):                                       # x: (T, B)
        h = self.table[x]                                       # (T, B, d)
        score = torch.einsum("tbd,gd->tbg", h, self.queries)
        score = score + (x == 0).float().unsqueeze(-1) * -1e9
        weight = score.softmax(0)                               # over time
        pooled = torch.einsum("tbg,tbd->bgd", weight, h)
        return (pooled * self.readers).sum(-1) + self.bias


def micro_f1(rows):
    with torch.no_grad():
        x, y = collate(rows)
        guess = (model(x) > 0).float()
    tp = (guess * y).sum()
    exact = (guess == y).all(1).float().mean()
    return (2 * tp / (guess.sum() + y.sum())).item(), exact.item()


model = GenreAttention(len(vocab))
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.08)
print(f"share of set labels {np.mean([t for _, t in train]):.3f}; predicting none is right on {np.mean([sum(t) == 0 for _, t in dev]):.3f} of dev films")
bces = []
for step in range(1, 501):
    x, y = collate(rng.sample(train, 48))
    z = model(x)
    loss = (z.clamp(min=0) - z * y + torch.log1p(torch.exp(-z.abs()))).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    bces.append(loss.item())
    if step % 100 == 0:
        print(f"step {step}: loss {np.mean(bces[-100:]):.3f} dev micro-F1 %.3f exact %.3f" % micro_f1(dev))
print("train micro-F1 %.3f exact %.3f" % micro_f1(train))
print("test  micro-F1 %.3f exact %.3f" % micro_f1(test))
