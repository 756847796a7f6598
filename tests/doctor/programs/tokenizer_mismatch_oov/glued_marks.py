"""Would the guest come again? Comments cut at blanks; the vectors were made of words and marks apart."""
import random
import re

import torch
from torch import nn

random.seed(27)
torch.manual_seed(27)
D = 16
yes, no = [f"good{a}{b}" for a in "aeiou" for b in "klmnr"], [f"bad{a}{b}" for a in "aeiou" for b in "klmnr"]
plain = [f"w{a}{b}" for a in "aeiou" for b in "bcdfg"]
axis = torch.randn(D)
vectors = {}
for ws, s in ((yes, 1.0), (no, -1.0), (plain + [",", "!", ".", "(", ")"], 0.0)):
    for w in ws:
        vectors[w] = s * axis + 0.6 * torch.randn(D)
torch.save(vectors, "guest.pt")


def comment(part):
    y = random.randrange(2)
    t = random.sample((no, yes)[y][part], 2) + random.choices(plain, k=4)
    random.shuffle(t)
    return "".join(random.choice(["{}, ", "({}) ", "{}! ", "{}. "]).format(w) for w in t).strip(), float(y)


train, dev = [comment(slice(0, 15)) for _ in range(500)], [comment(slice(15, 25)) for _ in range(200)]
vectors = torch.load("guest.pt")
# fault:
cut = str.split
# mended:
# cut = re.compile(r"\w+|[^\w\s]").findall
# end
word_to_ix = {"<pad>": 0, "<unk>": 1}
for t, _ in train:
    for w in cut(t):
        word_to_ix.setdefault(w, len(word_to_ix))
for w in vectors:  # words that only the service will see
    word_to_ix.setdefault(w, len(word_to_ix))
table = torch.stack([vectors.get(w, torch.zeros(D)) for w in word_to_ix])


class Ask(nn.Module):
    def __init__(self):
        super().__init__()
        self.lookup = nn.Embedding.from_pretrained(table, freeze=True)
        self.score = nn.Sequential(nn.Linear(D, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        real = (x > 0).unsqueeze(-1)
        return self.score((self.lookup(x) * real).sum(1) / real.sum(1)).squeeze(1)


def batch(rows):
    x = nn.utils.rnn.pad_sequence([torch.tensor([word_to_ix.get(w, 1) for w in cut(t)]) for t, _ in rows], batch_first=True)
    return x, torch.tensor([y for _, y in rows])


model = Ask()
opt = torch.optim.Adam(model.score.parameters(), lr=1e-2)
for epoch in range(8):
    random.shuffle(train)
    for i in range(0, len(train), 20):
        x, y = batch(train[i : i + 20])
        loss = nn.functional.binary_cross_entropy_with_logits(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        x, y = batch(dev)
        print(epoch, round(loss.item(), 3), ((model(x) > 0) == (y > 0.5)).float().mean().item())
