"""CTC on synthetic 'ink strips': every letter is 2-4 columns of a noisy 12-pixel glyph, with gaps. No alignment given."""
import random
import torch
import torch.nn as nn

random.seed(31)
torch.manual_seed(31)
ALPHABET = "-abcdefghij"                 # index 0 is the CTC blank
HEIGHT = 12
GLYPH = (torch.rand(len(ALPHABET), HEIGHT) > 0.5).float()


def draw(word):
    cols = []
    for ch in word:
        cols += [torch.zeros(HEIGHT)] * random.randint(1, 2)
        cols += [GLYPH[ALPHABET.index(ch)]] * random.randint(2, 4)
    cols.append(torch.zeros(HEIGHT))
    return torch.stack(cols) + 0.2 * torch.randn(len(cols), HEIGHT)


def dataset(n):
    words = ["".join(random.choices(ALPHABET[1:], k=random.randint(3, 6))) for _ in range(n)]
    return [(draw(w), w) for w in words]


def collate(rows):
    x = nn.utils.rnn.pad_sequence([r[0] for r in rows])            # T x N x H
    t_len = torch.tensor([len(r[0]) for r in rows])
    y = torch.tensor([ALPHABET.index(c) for r in rows for c in r[1]])
    y_len = torch.tensor([len(r[1]) for r in rows])
    return x, t_len, y, y_len


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(HEIGHT, 32, 5, padding=2)
        self.fc = nn.Linear(32, len(ALPHABET))

    def forward(self, x):
        h = torch.relu(self.conv(x.permute(1, 2, 0)))              # N x C x T
        return self.fc(h.permute(2, 0, 1)).log_softmax(2)          # T x N x A


def greedy(logp, t_len):
    out = []
    for n, t in enumerate(t_len.tolist()):
        best = logp[:t, n].argmax(1).tolist()
        out.append("".join(ALPHABET[b] for i, b in enumerate(best) if b and (i == 0 or best[i - 1] != b)))
    return out


def exact(model, rows):
    model.eval()
    with torch.no_grad():
        x, t_len, _, _ = collate(rows)
        got = greedy(model(x), t_len)
    return sum(g == w for g, (_, w) in zip(got, rows)) / len(rows)


train, valid = dataset(1280), dataset(300)
seen = {w for _, w in train}
valid = [r for r in valid if r[1] not in seen]
model = Reader()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(1, 9):
    model.train()
    random.shuffle(train)
    total = 0
    for i in range(0, len(train), 32):
        x, t_len, y, y_len = collate(train[i:i + 32])
        loss = ctc(model(x), y, t_len, y_len)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        total += loss.item()
    print(f"epoch {epoch}  ctc {total / 40:.4f}  words right: train {exact(model, train[:300]):.3f} valid {exact(model, valid):.3f}")
