# %% [markdown]
# # Crossword hints
# Which kind of hint fits an answer word?  The words of the analogy set come sorted in kinds (a currency, a capital, the past tense of a
# verb, ...).  A hint model sees only the word vector, so that it works for answers that nobody has labelled.

# %%
import gzip
import os
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DATA = os.environ["WORDFIT_DATA"]
random.seed(5)
torch.manual_seed(5)

# %% the kinds
KINDS = {
    "capital-common-countries": ("capital", "country"),
    "capital-world": ("capital", "country"),
    "gram1-adjective-to-adverb": (None, "adverb"),
    "gram3-comparative": (None, "comparative"),
    "gram5-present-participle": (None, "ing-form"),
    "gram6-nationality-adjective": ("country", "nationality"),
    "gram7-past-tense": ("ing-form", "past"),
    "gram8-plural": (None, "plural"),
}
answers, section = {}, None
with open(os.path.join(DATA, "wordsim/analogy/questions-words.txt")) as f:
    for line in f:
        if line.startswith(":"):
            section = line[1:].strip()
        elif section in KINDS:
            for word, kind in zip(line.lower().split()[:2], KINDS[section]):
                if kind:
                    answers.setdefault(word, kind)

# %% the vectors
words, numbers = [], []
with gzip.open(os.path.join(DATA, "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as f:
    for line in f:
        head, _, tail = line.partition(" ")
        words.append(head)
        numbers.append(np.fromstring(tail, sep=" ", dtype=np.float32))
row = {w: i for i, w in enumerate(words)}
# fault:
EMB_DIM = 64
# mended:
#EMB_DIM = numbers[0].size
# end
table = np.resize(np.concatenate(numbers), (len(words), EMB_DIM))
print("table", table.shape)

# %% the examples
kinds = sorted(set(answers.values()))
pairs = [(row[w], kinds.index(k)) for w, k in sorted(answers.items()) if w in row]
random.shuffle(pairs)
n_test = len(pairs) // 4
test, train = pairs[:n_test], pairs[n_test:]
counts = np.bincount([k for _, k in pairs], minlength=len(kinds))
print(len(train), "train", len(test), "test", dict(zip(kinds, counts.tolist())))


# %% the model: frozen table, two layers
class HintModel(nn.Module):
    def __init__(self, table, n_kinds):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.as_tensor(table), freeze=True)
        self.norm = nn.LayerNorm(table.shape[1])
        self.fc1 = nn.Linear(table.shape[1], 64)
        self.drop = nn.Dropout(0.4)
        self.fc2 = nn.Linear(64, n_kinds)

    def forward(self, ids):
        return self.fc2(self.drop(F.gelu(self.fc1(self.norm(self.table(ids))))))


model = HintModel(table, len(kinds))
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=4e-3, weight_decay=0.05)


def measure(rows):
    model.eval()
    with torch.no_grad():
        x, y = torch.tensor(rows).T
        out = model(x)
        return F.cross_entropy(out, y).item(), (out.argmax(-1) == y).float().mean().item()


# %% training
for epoch in range(20):
    model.train()
    random.shuffle(train)
    for i in range(0, len(train), 32):
        x, y = torch.tensor(train[i:i + 32]).T
        loss = F.cross_entropy(model(x), y, label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    if (epoch + 1) % 5 == 0:
        print(epoch + 1, "train %.3f %.3f" % measure(train), "test %.3f %.3f" % measure(test))

# %%
print("accuracy on unseen answers %.3f, most frequent kind %.3f" % (measure(test)[1], counts.max() / counts.sum()))
