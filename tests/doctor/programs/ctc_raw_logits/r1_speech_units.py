# %% [markdown]
# # CTC on discrete speech units
# A quantiser (think of HuBERT clusters) turned each recording into a string of unit ids. A syllable lasts a few
# frames, there are pauses, and nobody aligned anything. CTC to the rescue.

# %%
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

random.seed(0)
torch.manual_seed(0)

SYLLABLES = ["ba", "do", "ki", "lu", "me", "sha", "to", "wi"]
BLANK = 0
N_UNITS = 40
SILENCE = 1

# %%
# every syllable: an attack unit and two units that alternate while the vowel lasts
codebook = {s: random.sample(range(2, N_UNITS), 4) for s in SYLLABLES}


def record(word):
    units = []
    for s in word:
        a, b, c, d = codebook[s]
        units += [a] + [random.choice([b, c]) for _ in range(random.randint(1, 2))] + [d]
        if random.random() < 0.3:
            units += [SILENCE] * random.randint(1, 2)
    return [random.randrange(1, N_UNITS) if random.random() < 0.04 else u for u in units]


def sample():
    word = [random.choice(SYLLABLES) for _ in range(random.randint(2, 5))]
    return record(word), [1 + SYLLABLES.index(s) for s in word]


data = {}
while len(data) < 1500:
    units, word = sample()
    data.setdefault(tuple(units), word)
data = list(data.items())
train, test = data[:1250], data[1250:]


def collate(batch):
    n = torch.tensor([len(u) for u, _ in batch])
    m = torch.tensor([len(w) for _, w in batch])
    x = torch.zeros(len(batch), int(n.max()), dtype=torch.long)
    for i, (u, _) in enumerate(batch):
        x[i, :len(u)] = torch.tensor(u)
    y = torch.tensor([s for _, w in batch for s in w])
    return x, n, y, m


# %%
class Acoustic(nn.Module):
    def __init__(self, dim=32, width=48):
        super().__init__()
        self.units = nn.Embedding(N_UNITS, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, width, 3, padding=1)
        self.gru = nn.GRU(width, width, batch_first=True)
        self.proj = nn.Linear(width, len(SYLLABLES) + 1)

    def forward(self, x):
        h = torch.relu(self.conv(self.units(x).transpose(1, 2))).transpose(1, 2)
        h, _ = self.gru(h)
        return self.proj(h)


def greedy(scores, lengths):
    words = []
    for row, n in zip(scores.argmax(-1).tolist(), lengths.tolist()):
        word, last = [], BLANK
        for k in row[:n]:
            if k != BLANK and k != last:
                word.append(k)
            last = k
        words.append(word)
    return words


def edits(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


# %%
model = Acoustic()
ctc = nn.CTCLoss(blank=BLANK, zero_infinity=True)
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
loader = DataLoader(train, batch_size=32, shuffle=True, collate_fn=collate)


def error_rate(rows):
    model.eval()
    with torch.no_grad():
        x, n, y, m = collate(rows)
        heard = greedy(model(x), n)
    return sum(edits(h, w) for h, (_, w) in zip(heard, rows)) / sum(len(w) for _, w in rows), heard


for epoch in range(8):
    model.train()
    total = 0.0
    for x, n, y, m in loader:
        out = model(x)
        # fault:
        loss = ctc(out.transpose(0, 1), y, n, m)
        # mended:
        #loss = ctc(out.log_softmax(-1).transpose(0, 1), y, n, m)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch + 1}: loss {total / len(loader):.3f}  syllable error train {error_rate(train[:300])[0]:.3f}  test {error_rate(test)[0]:.3f}")

# %%
rate, heard = error_rate(test)
for h, (_, w) in list(zip(heard, test))[:4]:
    print("said", "".join(SYLLABLES[k - 1] for k in w), "heard", "".join(SYLLABLES[k - 1] for k in h))
print(f"test syllable error rate {rate:.3f}, whole words right {sum(h == w for h, (_, w) in zip(heard, test)) / len(test):.3f}")
