# Blog post code: "Teaching a tiny GRU to read dates" -- "on tue 3 march 1998" -> "1998-03-03"
import datetime as dt
import random
import torch
from torch import nn

random.seed(8)
torch.manual_seed(8)
MONTHS = "january february march april may june july august september october november december".split()
DAYS = "mon tue wed thu fri sat sun".split()


def make_pair(d):
    day, month, year = str(d.day), MONTHS[d.month - 1], str(d.year)
    style = random.randrange(5)
    if style == 0:
        s = [DAYS[d.weekday()], day, month, year]
    elif style == 1:
        s = [month, day, ",", year]
    elif style == 2:
        s = ["the", day, "of", month, year]
    elif style == 3:
        s = [year, month, day]
    else:
        s = ["on", DAYS[d.weekday()], month, day, year]
    return s, list(d.strftime("%y%m%d"))


start = dt.date(1970, 1, 1)
dates = [start + dt.timedelta(days=k) for k in random.sample(range(40 * 365), 3900)]
pairs = [make_pair(d) for d in dates]
train, test = pairs[:3500], pairs[3500:]

src_words = sorted({w for s, _ in train for w in s})
SRC = {w: i + 1 for i, w in enumerate(src_words)}          # 0 = pad
BOS, EOS = 10, 11                                           # digits are 0..9


def encode(part):
    longest = max(len(s) for s, _ in part)
    x = torch.tensor([[SRC[w] for w in s] + [0] * (longest - len(s)) for s, _ in part])
    lengths = torch.tensor([len(s) for s, _ in part])
    y = torch.tensor([[BOS] + [int(c) for c in t] + [EOS] for _, t in part])
    return x, lengths, y


class DateNet(nn.Module):
    def __init__(self, dim=48):
        super().__init__()
        self.src = nn.Embedding(len(SRC) + 1, dim, padding_idx=0)
        self.encoder = nn.GRU(dim, dim, batch_first=True)
        self.tgt = nn.Embedding(12, dim)
        self.decoder = nn.GRU(2 * dim, dim, batch_first=True)
        self.out = nn.Linear(dim, 12)

    def encode(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.src(x), lengths, batch_first=True, enforce_sorted=False)
        return self.encoder(packed)[1]

    def step(self, tokens, h, context):
        emb = self.tgt(tokens)
        o, h = self.decoder(torch.cat([emb, context.transpose(0, 1).expand(-1, emb.size(1), -1)], -1), h)
        return self.out(o), h

    @torch.no_grad()
    def read(self, x, lengths, steps=7):
        self.eval()
        context = h = self.encode(x, lengths)
        tok = torch.full((len(x), 1), BOS)
        result = []
        for _ in range(steps):
            logits, h = self.step(tok, h, context)
            tok = logits.argmax(-1)
            result.append(tok)
        return torch.cat(result, 1)


net = DateNet()
optim = torch.optim.Adam(net.parameters(), lr=1e-2)
EPOCHS = 5
decay = torch.optim.lr_scheduler.LambdaLR(optim, lambda e: 1.0 if e < 3 else 0.3)
xe, ne, ye = encode(test)
xt, nt, yt = encode(train)
for epoch in range(EPOCHS):
    net.train()
    total = 0
    for b in torch.randperm(len(xt)).split(64):
        x, n, y = xt[b], nt[b], yt[b]
        context = net.encode(x, n)
        # fault:
        logits, _ = net.step(y[:, 1:], context, context)
        # mended:
        # logits, _ = net.step(y[:, :-1], context, context)
        # end
        loss = nn.functional.cross_entropy(logits.reshape(-1, 12), y[:, 1:].reshape(-1))
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optim.step()
        total += loss.item() * len(b)
    decay.step()
    pred = net.read(xe, ne)
    exact = (pred == ye[:, 1:]).all(1).float().mean().item()
    digits = (pred == ye[:, 1:]).float().mean().item()
    print(f"epoch {epoch + 1}: loss {total / len(xt):.4f}  test dates right {exact:.3f}  digits right {digits:.3f}")

for (s, t), p in list(zip(test, pred.tolist()))[:3]:
    print(" ".join(s), "->", "".join(map(str, [c for c in p if c < 10])), "expected", "".join(t))
