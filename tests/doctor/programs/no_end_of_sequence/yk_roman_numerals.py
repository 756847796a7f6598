"""Arabic to Roman numerals with a GRU encoder-decoder: 1984 -> MCMLXXXIV. Greedy decoding on numbers never trained on."""
import random
import torch
from torch import nn

random.seed(0); torch.manual_seed(0)
PAD, BOS, EOS = 0, 1, 2
LETTERS = "IVXLCDM"
OUT = {c: i + 3 for i, c in enumerate(LETTERS)}
MAXLEN = 18


def roman(n):
    s = ""
    for v, r in [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
                 (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]:
        while n >= v:
            s += r
            n -= v
    return s


numbers = list(range(1, 4000))
random.shuffle(numbers)
train_n, test_n = numbers[:3400], numbers[3400:]


def src(ns):
    return torch.tensor([[int(c) + 1 for c in f"{n:04d}"] for n in ns])


def tgt(ns):
    rows = []
    for n in ns:
        body = [OUT[c] for c in roman(n)]
        # fault:
        rows.append([BOS] + body)
        # mended:
        # rows.append([BOS] + body + [EOS])
        # end
    width = max(map(len, rows))
    return torch.tensor([r + [PAD] * (width - len(r)) for r in rows])


class Seq2Seq(nn.Module):
    def __init__(self, d=20, h=80):
        super().__init__()
        self.src = nn.Embedding(11, d)
        self.enc = nn.Linear(4 * d, h)              # four digits, always
        self.tgt = nn.Embedding(10, d, padding_idx=PAD)
        self.dec = nn.GRU(d + h, h, batch_first=True)
        self.out = nn.Linear(h, 10)

    def encode(self, x):
        return torch.tanh(self.enc(self.src(x).flatten(1)))

    def step(self, y, ctx, state):
        c = ctx.unsqueeze(1).expand(-1, y.shape[1], -1)
        o, state = self.dec(torch.cat([self.tgt(y), c], -1), state)
        return self.out(o), state

    def forward(self, x, y):
        ctx = self.encode(x)
        return self.step(y, ctx, ctx.unsqueeze(0))[0]

    @torch.no_grad()
    def greedy(self, x):
        ctx = self.encode(x)
        state, tok, done = ctx.unsqueeze(0), torch.full((len(x), 1), BOS), [False] * len(x)
        words = [""] * len(x)
        for _ in range(MAXLEN):
            logits, state = self.step(tok, ctx, state)
            tok = logits.argmax(-1)
            for i, t in enumerate(tok[:, 0].tolist()):
                if t == EOS:
                    done[i] = True
                elif not done[i] and t >= 3:
                    words[i] += LETTERS[t - 3]
            if all(done):
                break
        return words


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
EPOCHS, BS = 5, 50
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 6e-3, total_steps=EPOCHS * (len(train_n) // BS))
lossf = nn.CrossEntropyLoss(ignore_index=PAD)


def exact(ns):
    model.eval()
    hyp = model.greedy(src(ns))
    return sum(h == roman(n) for h, n in zip(hyp, ns)) / len(ns), sum(map(len, hyp)) / len(ns)


for epoch in range(1, EPOCHS + 1):
    model.train()
    random.shuffle(train_n)
    total = 0.0
    for i in range(0, len(train_n), BS):
        b = train_n[i:i + BS]
        y = tgt(b)
        loss = lossf(model(src(b), y[:, :-1]).flatten(0, 1), y[:, 1:].flatten())
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item()
    acc, length = exact(test_n)
    print(f"epoch {epoch} loss {total / (len(train_n) // BS):.4f}  test exact {acc:.3f}  mean output length {length:.1f}")
model.eval()
for n in test_n[:4]:
    print(n, roman(n), model.greedy(src([n]))[0])
