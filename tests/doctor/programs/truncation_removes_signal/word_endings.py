"""Which grammatical form is the word? Character CNN on the words of the analogy questions."""
import os
import random

import torch
from torch import nn

random.seed(31)
torch.manual_seed(31)
path = os.path.join(os.environ.get("WORDFIT_DATA", "../shared/data"), "wordsim", "analogy", "questions-words.txt")
FORMS = {"gram1-adjective-to-adverb": 0, "gram5-present-participle": 1, "gram4-superlative": 2, "gram3-comparative": 3, "gram8-plural": 4,
         "gram6-nationality-adjective": 5}
CHARS = "\0abcdefghijklmnopqrstuvwxyz"
# fault:
WIDTH = 5
# mended:
# WIDTH = 18
# end


def load():
    form, section = {}, None
    for line in open(path, encoding="utf-8"):
        if line[0] == ":":
            section = FORMS.get(line[2:].strip())
        elif section is not None:
            base, derived = line.lower().split()[:2]
            if derived.isalpha() and derived.isascii():
                form[derived] = section
    words = sorted(form)
    random.shuffle(words)
    return [(w, form[w]) for w in words]


class CharCNN(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Embedding(27, 16, padding_idx=0), Swap(), nn.Conv1d(16, 48, 3, padding=1, bias=False), nn.ReLU(), nn.AdaptiveMaxPool1d(1),
                         nn.Flatten(), nn.Dropout(0.2), nn.Linear(48, 6))


class Swap(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


def tensors(rows):
    x = torch.zeros(len(rows), WIDTH, dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        for j, c in enumerate(w[:WIDTH]):
            x[i, j] = CHARS.index(c)
    return x, torch.tensor([y for _, y in rows])


rows = load()
cut = int(0.7 * len(rows))
x, y = tensors(rows[:cut])
xd, yd = tensors(rows[cut:])
print(len(x), "words to train on,", len(xd), "held out")
model = CharCNN()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(60):
    model.train()
    for b in torch.randperm(len(x)).split(16):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        model.eval()
        print(f"epoch {epoch + 1} loss {loss.item():.4f} dev accuracy {(model(xd).argmax(1) == yd).float().mean().item():.4f}")
