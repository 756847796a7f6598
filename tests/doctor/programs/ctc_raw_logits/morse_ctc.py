# Noisy Morse-like keying -> text, BiGRU with CTC.  Adapted from a speech recogniser tutorial.
import numpy as np
import torch
from torch import nn

np.random.seed(0)
torch.manual_seed(0)

LETTERS = "etainoshr"
CODE = {"e": ".", "t": "-", "a": ".-", "i": "..", "n": "-.", "o": "---", "s": "...", "h": "....", "r": ".-."}
BLANK = 0


def key(word):
    """on/off signal, one sample per time unit, with a second channel for the energy"""
    sig = []
    for ch in word:
        for mark in CODE[ch]:
            sig += [1.0] * (1 if mark == "." else 3) + [0.0]
        sig += [0.0, 0.0]
    sig = np.array(sig + [0.0, 0.0])
    noisy = sig + np.random.normal(0, 0.15, len(sig))
    return np.stack([noisy, np.abs(np.gradient(noisy))], 1).astype("float32")


def dataset(n):
    rows = []
    for _ in range(n):
        word = "".join(np.random.choice(list(LETTERS), np.random.randint(2, 5)))
        rows.append((key(word), word))
    return rows


def collate(rows):
    T = torch.tensor([len(s) for s, _ in rows])
    U = torch.tensor([len(w) for _, w in rows])
    x = torch.zeros(len(rows), int(T.max()), 2)
    for i, (s, _) in enumerate(rows):
        x[i, :len(s)] = torch.from_numpy(s)
    y = torch.tensor([LETTERS.index(c) + 1 for _, w in rows for c in w])
    return x, T, y, U


class Recogniser(nn.Module):
    def __init__(self, hidden=28):
        super().__init__()
        self.proj = nn.Linear(2, 16)
        self.rnn = nn.GRU(16, hidden, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * hidden, len(LETTERS) + 1)

    def forward(self, x, T):
        h = torch.tanh(self.proj(x))
        h = nn.utils.rnn.pack_padded_sequence(h, T, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(h)[0], batch_first=True)
        return self.fc(h)


def edit_distance(a, b):
    d = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, cb in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (ca != cb))
    return d[-1]


@torch.no_grad()
def cer(model, rows):
    model.eval()
    x, T, _, _ = collate(rows)
    best = model(x, T).argmax(-1)
    errs = total = 0
    for path, t, (_, word) in zip(best, T.tolist(), rows):
        p = torch.unique_consecutive(path[:t]).tolist()
        hyp = "".join(LETTERS[k - 1] for k in p if k != BLANK)
        errs += edit_distance(hyp, word)
        total += len(word)
    model.train()
    return errs / total


train, test = dataset(1500), dataset(200)
known = {w for _, w in train}
print("test words never keyed in training: %d of %d" % (sum(w not in known for _, w in test), len(test)))
model = Recogniser()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
ctc = nn.CTCLoss(blank=BLANK)

for epoch in range(4):
    losses = []
    order = np.random.permutation(len(train))
    for i in range(0, len(order), 28):
        x, T, y, U = collate([train[j] for j in order[i:i + 28]])
        logits = model(x, T)
        # fault:
        loss = ctc(logits.transpose(0, 1), y, T, U)
        # mended:
        # loss = ctc(logits.log_softmax(-1).transpose(0, 1), y, T, U)
        # end
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        losses.append(loss.item())
    print("epoch %d  ctc %.4f  test CER %.3f" % (epoch + 1, np.mean(losses), cer(model, test)))
