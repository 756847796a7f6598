# Morse decoder. Input: stretched noisy on/off frames as symbols, output: letters without alignment (CTC).
import random
import torch
from torch import nn

random.seed(21)
torch.manual_seed(21)
MORSE = {"e": ".", "t": "-", "a": ".-", "n": "-.", "i": "..", "m": "--", "s": "...", "o": "---"}
ABC = sorted(MORSE)

def key(word):
    # 0 is kept for filling, 1 = silence, 2 = short beep, 3 = long beep
    frames = [1]
    for ch in word:
        frames += [{".": 2, "-": 3}[s] for s in MORSE[ch]] + [1]
        if random.random() < 0.4:
            frames.append(1)
    return frames

words = set()
while len(words) < 1000:
    words.add("".join(random.choices(ABC, k=random.randint(2, 5))))
words = sorted(words)
random.shuffle(words)
train, test = words[:800], words[800:]

def batch(ws):
    xs = [torch.tensor(key(w)) for w in ws]
    n = torch.tensor([len(x) for x in xs])
    return (nn.utils.rnn.pad_sequence(xs), n,
            torch.tensor([ABC.index(c) + 1 for w in ws for c in w]), torch.tensor([len(w) for w in ws]))

class Decoder(nn.Module):
    def __init__(self, h=32):
        super().__init__()
        self.e = nn.Embedding(4, 8, padding_idx=0)
        self.rnn = nn.GRU(8, h, bidirectional=True)
        self.o = nn.Linear(2 * h, len(ABC) + 1)
    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.e(x), n, enforce_sorted=False)
        y, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(p)[0])
        return self.o(y).log_softmax(-1)

net = Decoder()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(net.parameters(), lr=1.2e-2)
plan = torch.optim.lr_scheduler.ExponentialLR(opt, 0.75)

def exact(ws):
    net.eval()
    x, n, _, _ = batch(ws)
    with torch.no_grad():
        best = net(x, n).argmax(-1).T.tolist()
    good = 0
    for w, row, k in zip(ws, best, n.tolist()):
        row = row[:k]
        out = [c for i, c in enumerate(row) if c and (i == 0 or row[i - 1] != c)]
        good += "".join(ABC[c - 1] for c in out) == w
    return good / len(ws)

for epoch in range(5):
    net.train()
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 30):
        x, n, t, m = batch(train[i:i + 30])
        loss = ctc(net(x, n), t, n, m)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        tot += loss.item()
    plan.step()
    print(f"epoch {epoch} ctc {tot / (len(train) / 30):.3f} words right: train {exact(train[:250]):.3f} test {exact(test):.3f}")
