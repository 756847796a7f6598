"""Read knocked messages: frames of a microphone (synthetic) to letters with CTC."""
import random

import torch
import torch.nn as nn

random.seed(18)
torch.manual_seed(18)
LETTERS = "abcdefgh"
signature = torch.randn(len(LETTERS), 10)


def recording():
    word = [random.randrange(len(LETTERS)) for _ in range(random.randint(3, 6))]
    frames = []
    for ch in word:
        for _ in range(random.randint(2, 4)):
            frames.append(signature[ch] + 0.35 * torch.randn(10))
        frames.append(0.35 * torch.randn(10))
    return torch.stack(frames), [c + 1 for c in word]


def make_batch(n):
    rows = [recording() for _ in range(n)]
    x = nn.utils.rnn.pad_sequence([f for f, _ in rows])  # (T, N, 10)
    return x, torch.tensor([len(f) for f, _ in rows]), torch.tensor([c for _, w in rows for c in w]), torch.tensor([len(w) for _, w in rows])


class Listener(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(10, 32, bidirectional=True)
        self.lin = nn.Linear(64, len(LETTERS) + 1)

    def forward(self, x, n):
        packed = nn.utils.rnn.pack_padded_sequence(x, n, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0])
        return self.lin(h)


def collapse(path):
    out, last = [], 0
    for c in path:
        if c != last and c != 0:
            out.append(c)
        last = c
    return out


ear = Listener()
ctc = nn.CTCLoss(blank=0)
optim = torch.optim.Adam(ear.parameters(), lr=5e-3)
xt, nt, tt, kt = make_batch(120)
answers = [a.tolist() for a in tt.split(kt.tolist())]
for step in range(1, 151):
    x, n, t, k = make_batch(16)
    out = ear(x, n)
    # fault:
    loss = ctc(out, t, n, k)
    # mended:
    # loss = ctc(out.log_softmax(2), t, n, k)
    # end
    optim.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(ear.parameters(), 5.0)
    optim.step()
    if step % 30 == 0:
        with torch.no_grad():
            best = ear(xt, nt).argmax(2).t().tolist()
        exact = sum(collapse(b[:m]) == a for b, m, a in zip(best, nt.tolist(), answers)) / 120
        print(f"step {step} loss {loss.item():.3f} words read exactly {exact:.3f}")
