"""LSTM language model over ABC-like tune tokens, input and output embeddings tied (Press & Wolf, 2017)."""
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(21)

PITCHES = list("CDEFGABcdefgab")
LENGTHS = ["", "2", "/2"]
TOKENS = [p + l for p in PITCHES for l in LENGTHS] + ["|"]
V, D = len(TOKENS), 128
BAR = V - 1


def compose(n_bars, g):
    """A four bar motif, each bar from a small stock; the stock is shared by all tunes."""
    seq = []
    for _ in range(n_bars):
        seq += STOCK[int(torch.randint(len(STOCK), (1,), generator=g))]
        seq.append(BAR)
    return seq


g = torch.Generator().manual_seed(5)
STOCK = []
for _ in range(24):
    p, bar = int(torch.randint(14, (1,), generator=g)), []
    for _ in range(6):
        p = max(0, min(13, p + int(torch.randint(-3, 4, (1,), generator=g))))
        bar.append(p * 3 + int(torch.randint(3, (1,), generator=g)))
    STOCK.append(bar)

train = torch.tensor(compose(2600, g))
valid = torch.tensor(compose(500, g))


def batchify(stream, bsz=20):
    n = len(stream) // bsz
    return stream[: n * bsz].view(bsz, n).t().contiguous()     # (time, batch)


class TuneLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(V, D)
        self.rnn = nn.LSTM(D, D)
        self.decoder = nn.Linear(D, V)
        self.decoder.weight = self.encoder.weight
        self.init_weights()

    def init_weights(self):
        nn.init.zeros_(self.decoder.bias)
        # fault:
        nn.init.normal_(self.encoder.weight, std=D ** 0.5)
        # mended:
        # nn.init.normal_(self.encoder.weight, std=D ** -0.5)
        # end

    def forward(self, x, state):
        out, state = self.rnn(self.encoder(x), state)
        return self.decoder(out), state


def run(model, data, bptt=25, opt=None):
    model.train(opt is not None)
    state, total, count = None, 0.0, 0
    with torch.set_grad_enabled(opt is not None):
        for i in range(0, data.size(0) - 1, bptt):
            n = min(bptt, data.size(0) - 1 - i)
            x, y = data[i:i + n], data[i + 1:i + 1 + n]
            if state is not None:
                state = tuple(s.detach() for s in state)
            logits, state = model(x, state)
            loss = F.cross_entropy(logits.reshape(-1, V), y.reshape(-1))
            if opt is not None:
                opt.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                opt.step()
            total, count = total + loss.item() * n, count + n
    return total / count


model = TuneLM()
adam = torch.optim.Adam(model.parameters(), lr=4e-3)
tr, va = batchify(train), batchify(valid)
print(f"vocabulary {V}, uniform {math.log(V):.3f} nats")
print(f"before training: valid {run(model, va):.3f}")
for epoch in range(1, 6):
    loss = run(model, tr, opt=adam)
    v = run(model, va)
    print(f"epoch {epoch} | train {loss:.3f} | valid {v:.3f} | ppl {math.exp(min(v, 50)):.2f}")
