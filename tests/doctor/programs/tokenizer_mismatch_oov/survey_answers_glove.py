import gzip
import os
import random
import re

import numpy as np
import torch
from torch import nn

# ---------------------------------------------------------------- data
# Short answers of a guest survey as they come out of the web form: no blanks after commas, slashes, exclamation marks.
R = random.Random(99)
GOOD = "great excellent clean friendly comfortable beautiful quiet perfect wonderful nice fresh warm helpful amazing lovely".split()
BAD = "dirty noisy terrible broken cold slow ugly awful rude bad poor expensive dark dangerous worst".split()
THING = "room bed food staff breakfast service view pool bar kitchen street price shower location wine garden".split()
SEP = [",", "/", "!", ";", "...", ",", ","]


def answer():
    y = R.random() < 0.5
    parts = []
    for _ in range(R.randint(3, 6)):
        adj = R.choice(GOOD if (R.random() < 0.87) == y else BAD)
        parts.append(R.choice([f"{R.choice(THING)}:{adj}", f"{adj}-{R.choice(THING)}", f"{adj}"]))
    text = parts[0]
    for p in parts[1:]:
        text += R.choice(SEP) + (" " if R.random() < 0.25 else "") + p
    return text + R.choice(["!", ".", "!!", ""]), int(y)


data = [answer() for _ in range(3000)]


def tokenize(text):
    # fault:
    return text.lower().split()
    # mended:
    # return re.findall(r"[a-z]+|\.\.\.|[^a-z\s]", text.lower())
    # end


# ---------------------------------------------------------------- vectors
def read_glove(path, keep):
    vec = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            word, values = line.split(" ", 1)
            if word in keep:
                vec[word] = np.fromstring(values, sep=" ", dtype=np.float32)
    return vec


tokens = {t for text, _ in data for t in tokenize(text)}
glove = read_glove(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), tokens)
word_to_ix = {w: i + 2 for i, w in enumerate(glove)}
matrix = np.zeros((len(glove) + 2, 50), dtype=np.float32)
for w, i in word_to_ix.items():
    matrix[i] = glove[w]
if glove:
    matrix[1] = np.mean(list(glove.values()), axis=0)


# ---------------------------------------------------------------- model
class GRUSentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.tensor(matrix), padding_idx=0)   # frozen
        self.gru = nn.GRU(50, 24, batch_first=True)
        self.head = nn.Linear(24, 1)

    def forward(self, x, lengths):
        p = nn.utils.rnn.pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(p)
        return self.head(h[-1]).squeeze(1)


def collate(rows):
    s = [torch.tensor([word_to_ix.get(t, 1) for t in tokenize(text)]) for text, _ in rows]
    return (nn.utils.rnn.pad_sequence(s, batch_first=True), torch.tensor([len(i) for i in s]),
            torch.tensor([float(y) for _, y in rows]))


torch.manual_seed(99)
train, valid = data[:2400], data[2400:]
loader = torch.utils.data.DataLoader(train, batch_size=48, shuffle=True, collate_fn=collate)
model = GRUSentiment()
optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=5e-3)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(4):
    model.train()
    seen, total = 0, 0.0
    for x, n, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x, n), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        total += loss.item() * len(y)
        seen += len(y)
    model.eval()
    with torch.no_grad():
        x, n, y = collate(valid)
        logit = model(x, n)
    print(f"{epoch} train_loss={total / seen:.4f} valid_loss={criterion(logit, y):.4f} "
          f"valid_acc={((logit > 0) == (y > 0.5)).float().mean():.4f}")
