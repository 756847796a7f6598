# %% A little GRU that writes recipe steps; tied tables, locked dropout, label smoothing
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(31)
torch.manual_seed(31)

# %% a small kitchen grammar
VEG = "onion carrot leek potato celery garlic pepper tomato".split()
MEAT = "beef chicken lamb pork turkey".split()
LIQUID = "water stock wine milk cream".split()
SPICE = "salt cumin thyme paprika nutmeg".split()


def pick(words):
    """The first words of every list are the more common ones."""
    return random.choices(words, weights=[1 / (k + 1) for k in range(len(words))])[0]


def step():
    kind = random.random()
    if kind < 0.3:
        return f"{pick(['chop', 'slice', 'dice', 'peel'])} the {pick(VEG)} and the {pick(VEG)} ."
    if kind < 0.5:
        return f"brown the {pick(MEAT)} in {pick(['oil', 'butter', 'lard'])} for {pick(['five', 'ten', 'three'])} minutes ."
    if kind < 0.75:
        return f"{pick(['add', 'pour in', 'stir in'])} the {pick(LIQUID)} and simmer until {pick(['thick', 'soft', 'done'])} ."
    if kind < 0.9:
        return f"season with {pick(SPICE)} and {pick(SPICE)} ."
    return f"serve the {pick(MEAT)} with {pick(['rice', 'bread', 'noodles'])} ."


lines, seen = [], set()
while len(lines) < 900:
    recipe = " ".join(step() for _ in range(random.randint(2, 5)))
    if recipe not in seen:
        seen.add(recipe)
        lines.append(recipe.split())
train_lines, valid_lines = lines[:750], lines[750:]

# %% whole recipes as rows, the loss skips the padding
PAD, START, END = 0, 1, 2
itos = ["<pad>", "<s>", "</s>"] + sorted({w for l in train_lines for w in l})
stoi = {w: i for i, w in enumerate(itos)}


def encode(lines):
    rows = [[START] + [stoi[w] for w in line] + [END] for line in lines]
    width = max(map(len, rows))
    return torch.tensor([r + [PAD] * (width - len(r)) for r in rows])


train_ids, valid_ids = encode(train_lines), encode(valid_lines)
print(f"{len(itos)} words, {(train_ids[:, 1:] != PAD).sum().item()} training positions")


# %%
class LockedDropout(nn.Module):
    """The same units are dropped at every time step of a row."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        mask = torch.empty(x.shape[0], 1, x.shape[2]).bernoulli_(1 - self.p) / (1 - self.p)
        return x * mask


class RecipeWriter(nn.Module):
    def __init__(self, n_words, dim=32, hidden=64):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=PAD)
        with torch.no_grad():
            self.words.weight[1:].normal_(std=dim ** -0.5)
        self.drop = LockedDropout(0.1)
        self.rnn = nn.GRU(dim, hidden, batch_first=True)
        self.back = nn.Linear(hidden, dim)
        self.decoder = nn.Linear(dim, n_words)
        self.decoder.weight = self.words.weight
        nn.init.zeros_(self.decoder.bias)

    def forward(self, ids):
        h, _ = self.rnn(self.drop(self.words(ids)))
        return self.decoder(self.back(self.drop(h)))


@torch.no_grad()
def perplexity(model, ids):
    model.eval()
    logits, wanted = model(ids[:, :-1]), ids[:, 1:]
    real = wanted != PAD
    loss = F.cross_entropy(logits[real], wanted[real]).item()
    return math.exp(loss), (logits.argmax(-1) == wanted)[real].float().mean().item()


# %%
model = RecipeWriter(len(itos))
optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
EPOCHS, BATCH = 12, 25
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS)
for epoch in range(EPOCHS):
    model.train()
    for idx in torch.randperm(len(train_ids)).split(BATCH):
        batch = train_ids[idx]
        logits = model(batch[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten(), ignore_index=PAD, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    scheduler.step()
    if epoch % 2:
        a, _ = perplexity(model, train_ids)
        b, acc = perplexity(model, valid_ids)
        print(f"epoch {epoch + 1:2d}  perplexity train {a:.2f} valid {b:.2f}  next word right {acc:.3f}")

# %%
targets = valid_ids[:, 1:][valid_ids[:, 1:] != PAD]
commonest = torch.bincount(train_ids[:, 1:].flatten())[3:].argmax() + 3
print(f"always '{itos[commonest]}': {(targets == commonest).float().mean().item():.3f}, model {acc:.3f}")
