"""Recipe or travel text; accents are folded on both sides so that spelling variants meet."""
import random
import unicodedata

import torch
from torch import nn

random.seed(25)
torch.manual_seed(25)


def fold(word):
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


recipe = "pate sale creme sucre puree legume cotelette ete consomme fricassee sauce fume entree saute braise glace roti flan tarte beurre".split()
travel = "cote marche tour porte ile foret gare metro musee quai pont riviere vallee chateau eglise colline village plage port chemin".split()
plain = "we had took made some very nice small day two three first next then after before again with for on".split()
accented = {"a": "áàâ", "e": "éèê", "i": "îï", "o": "ôó", "u": "ûù"}


def respell(word):
    spots = [i for i, c in enumerate(word) if c in accented]
    i = random.choice(spots)
    return word[:i] + random.choice(accented[word[i]]) + word[i + 1:]


entries, centre = [], torch.randn(2, 28) * 0.4
for k, words in enumerate((recipe, travel)):
    entries += [(w, centre[k] + torch.randn(28) * 0.35) for w in words]
entries += [(w, torch.randn(28) * 0.4) for w in plain]
for w in recipe + travel:  # rare respellings from foreign text, seen a few times only
    entries += [(respell(w), torch.randn(28) * 0.6) for _ in range(2)]

vectors = {}
for word, v in entries:
    # fault:
    vectors[fold(word)] = v
    # mended:
    # if fold(word) not in vectors:
    #     vectors[fold(word)] = v
    # end


def make(n, part):
    out = []
    for i in range(n):
        toks = random.choices(plain, k=random.randint(5, 14)) + random.sample((recipe, travel)[i % 2][part], 3)
        random.shuffle(toks)
        out.append((toks, float(i % 2)))
    return out


train, dev = make(240, slice(0, 12)), make(240, slice(8, 20))
ix = {w: i + 1 for i, w in enumerate(vectors)}
emb = nn.Embedding.from_pretrained(torch.vstack([torch.zeros(1, 28), *vectors.values()]), freeze=True, padding_idx=0)
head = nn.Sequential(nn.Dropout(0.1), nn.Linear(28, 1))


def forward(rows):
    total = torch.stack([emb(torch.tensor([ix[fold(w)] for w in toks])).mean(0) for toks, _ in rows])
    return head(total).squeeze(1), torch.tensor([y for _, y in rows])


opt = torch.optim.RMSprop(head.parameters(), lr=0.02)
for epoch in range(10):
    head.train()
    random.shuffle(train)
    agg = 0.0
    for i in range(0, 240, 24):
        out, y = forward(train[i:i + 24])
        loss = nn.functional.binary_cross_entropy_with_logits(out, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        agg += loss.item() / 10
    head.eval()
    with torch.no_grad():
        out, y = forward(dev)
        print(f"epoch {epoch} loss {agg:.4f} dev {((out > 0) == (y > 0)).float().mean().item():.4f}")
