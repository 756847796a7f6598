"""
Section classifier for short news items. We train on last year's items and test on this year's, which are full of
words that last year's did not have; the pretrained vectors are there to bridge that.
"""
import random
import numpy as np
import torch
import torch.nn as nn

random.seed(9); np.random.seed(9); torch.manual_seed(9)

SECTIONS, DIM, PER_SECTION, COMMON = 5, 24, 160, 120
N_TRAIN, N_TEST, EPOCHS, BATCH = 2000, 600, 7, 32

# "pretrained" vectors: words of a section are near to one another
anchors = np.random.randn(SECTIONS, DIM) * 0.35
table = [np.zeros(DIM)]
names = ["<pad>"]
section_words = []
for s in range(SECTIONS):
    section_words.append(list(range(len(table), len(table) + PER_SECTION)))
    for k in range(PER_SECTION):
        table.append(anchors[s] + np.random.randn(DIM) * 0.25)
        names.append(f"s{s}w{k}")
common = list(range(len(table), len(table) + COMMON))
for k in range(COMMON):
    table.append(np.random.randn(DIM) * 0.4)
    names.append(f"c{k}")
vectors = torch.tensor(np.array(table), dtype=torch.float)

# a third of each section's words was in use last year
old = [w[: PER_SECTION // 3] for w in section_words]
new = [w[PER_SECTION // 3:] for w in section_words]


def item(pools):
    y = random.randrange(SECTIONS)
    words = random.choices(pools[y], k=random.randint(3, 4)) + random.choices(common, k=random.randint(4, 7))
    random.shuffle(words)
    return words, y


def make(pools, n):
    rows = [item(pools) for _ in range(n)]
    x = torch.zeros(n, 11, dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        x[i, : len(w)] = torch.tensor(w)
    return x, torch.tensor([y for _, y in rows])


xtr, ytr = make(old, N_TRAIN)
xold, yold = make(old, N_TEST)                    # same words, other items
mixed = [n + o[:10] for n, o in zip(new, old)]
xnew, ynew = make(mixed, N_TEST)                  # this year


class SectionNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(len(vectors), DIM, padding_idx=0)
        self.embed.weight.data.copy_(vectors)
        self.fc = nn.Linear(DIM, SECTIONS)

    def forward(self, x):
        mask = (x > 0).unsqueeze(-1)
        h = (self.embed(x) * mask).sum(1) / mask.sum(1)
        return self.fc(h)


model = SectionNet()
# fault:
optimizer = torch.optim.Adam([
    {"params": model.embed.parameters(), "lr": 3e-3},
    {"params": model.fc.parameters()},
], lr=1e-2, weight_decay=1e-3)
# mended:
# optimizer = torch.optim.Adam([
#     {"params": model.embed.parameters(), "lr": 3e-3, "weight_decay": 0.0},
#     {"params": model.fc.parameters()},
# ], lr=1e-2, weight_decay=1e-3)
# end


def evaluate(x, y):
    model.eval()
    with torch.no_grad():
        out = model(x)
        return nn.functional.cross_entropy(out, y).item(), (out.argmax(1) == y).float().mean().item()


for epoch in range(1, EPOCHS + 1):
    model.train()
    for idx in torch.randperm(N_TRAIN).split(BATCH):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    a, b, c = evaluate(xtr, ytr), evaluate(xold, yold), evaluate(xnew, ynew)
    print("epoch %d  train %.3f/%.3f   last year's words %.3f/%.3f   this year's words %.3f/%.3f" % (epoch, *a, *b, *c))
print("mean length of the vectors of this year's words: %.3f (were %.3f)" % (
    model.embed.weight[sum(new, [])].norm(dim=1).mean().item(), vectors[sum(new, [])].norm(dim=1).mean().item()))
