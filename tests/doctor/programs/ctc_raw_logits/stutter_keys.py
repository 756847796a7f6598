"""Keyboard with a bouncing switch: recover the typed word from repeated key events."""
import random

import torch
from torch import nn

random.seed(1)
torch.manual_seed(1)
WORDS = "lamp river stone music bread cloud tiger plant mouse green happy window table sugar candle".split()
LETTERS = "-" + "abcdefghijklmnopqrstuvwxyz"  # index 0 is the CTC blank


def noisy(word):
    events = []
    for ch in word:
        events += [ch] * random.randint(1, 3)
        if random.random() < 0.5:
            events.append(random.choice("#~^"))
    return events


EVENTS = {c: i + 1 for i, c in enumerate("abcdefghijklmnopqrstuvwxyz#~^")}


def batch(n):
    words = [random.choice(WORDS) for _ in range(n)]
    events = [torch.tensor([EVENTS[c] for c in noisy(w)]) for w in words]
    in_len = torch.tensor([len(e) for e in events])
    out = [torch.tensor([LETTERS.index(c) for c in w]) for w in words]
    out_len = torch.tensor([len(o) for o in out])
    return nn.utils.rnn.pad_sequence(events), in_len, torch.cat(out), out_len, words  # (T, B)


class KeyNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(EVENTS) + 1, 24, padding_idx=0)
        self.gru = nn.GRU(24, 32, bidirectional=True)
        self.out = nn.Linear(64, len(LETTERS))

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lengths, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0])
        return self.out(h)


def greedy(scores, lengths):
    best = scores.argmax(-1)
    texts = []
    for b in range(best.size(1)):
        ids = torch.unique_consecutive(best[: lengths[b], b]).tolist()
        texts.append("".join(LETTERS[i] for i in ids if i))
    return texts


net = KeyNet()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(1, 91):
    x, in_len, y, out_len, _ = batch(24)
    scores = net(x, in_len)
    # fault:
    loss = ctc(scores, y, in_len, out_len)
    # mended:
    # loss = ctc(scores.log_softmax(-1), y, in_len, out_len)
    # end
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    opt.step()
    if step % 15 == 0:
        print("step", step, "ctc", round(loss.item(), 3))

net.eval()
with torch.no_grad():
    x, in_len, _, _, words = batch(200)
    texts = greedy(net(x, in_len), in_len)
print("dev exact", sum(a == b for a, b in zip(texts, words)) / 200)
