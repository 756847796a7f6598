"""Data-to-text generation (restaurant descriptions, E2E style): meaning representation -> sentence, BLEU on unseen MRs."""
import itertools, math, random
from collections import Counter
import torch
from torch import nn

random.seed(3); torch.manual_seed(3)
NAMES = "alimentum aromi bibimbap clowns cocum cotto fitzbillies giraffe strada travellers vaults zizzi".split()
FOODS = "french italian indian japanese english chinese".split()
AREAS = ["riverside", "centre", "suburbs", "station"]
PRICES = ["cheap", "moderate", "expensive"]
TEMPLATES = [
    (5, "{n} is a {p} {f} restaurant in the {a} ."),
    (2, "in the {a} you can find {n} , which serves {p} {f} food ."),
    (1, "if you like {f} food , {n} near the {a} is {p} and nice ."),
    (2, "{n} serves {f} food at {p} prices and lies in the {a} ."),
]


def realise(mr):
    t = random.choices([t for _, t in TEMPLATES], [w for w, _ in TEMPLATES])[0]
    return t.format(n=mr[0], f=mr[1], a=mr[2], p=mr[3]).split()


mrs = list(itertools.product(NAMES, FOODS, AREAS, PRICES))
random.shuffle(mrs)
train = [(mr, realise(mr)) for mr in mrs[:600] for _ in range(3)]       # three references each
test = [(mr, realise(mr)) for mr in mrs[600:]]

slots = {s: i for i, s in enumerate(NAMES + FOODS + AREAS + PRICES)}
itos = ["<pad>", "<s>", "</s>"] + sorted({w for _, s in train for w in s})
stoi = {w: i for i, w in enumerate(itos)}
T = max(len(s) for _, s in train + test) + 1


def tensors(data):
    src = torch.tensor([[slots[v] for v in mr] for mr, _ in data])
    tgt = torch.zeros(len(data), T, dtype=torch.long)
    for i, (_, s) in enumerate(data):
        ids = [stoi[w] for w in s] + [2]
        tgt[i, : len(ids)] = torch.tensor(ids)
    return src, tgt


class Generator(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.slot = nn.EmbeddingBag(len(slots), d, mode="sum")
        self.word = nn.Embedding(len(itos), d, padding_idx=0)
        self.gru = nn.GRU(2 * d, d, batch_first=True)
        self.out = nn.Linear(2 * d, len(itos))

    def forward(self, src, prev, h=None):
        ctx = self.slot(src)
        if h is None:
            h = torch.tanh(ctx)[None]
        ctx = ctx[:, None].expand(-1, prev.size(1), -1)
        o, h = self.gru(torch.cat([self.word(prev), ctx], -1), h)
        return self.out(torch.cat([o, ctx], -1)), h

    @torch.no_grad()
    def generate(self, src):
        word, h, out = torch.ones(len(src), 1, dtype=torch.long), None, []
        for _ in range(T):
            logits, h = self(src, word, h)
            word = logits.argmax(-1)
            out.append(word)
        return torch.cat(out, 1)


def words(row):
    row = row.tolist()
    return [itos[i] for i in (row[: row.index(2)] if 2 in row else row)]


def bleu(hyps, refs, n=4):
    logp, hl, rl = 0.0, sum(map(len, hyps)), sum(map(len, refs))
    for k in range(1, n + 1):
        hit = tot = 0
        for h, r in zip(hyps, refs):
            a, b = (Counter(zip(*[x[i:] for i in range(k)])) for x in (h, r))
            hit += sum((a & b).values())
            tot += max(len(h) - k + 1, 0)
        logp += math.log(max(hit, 1e-9) / max(tot, 1)) / n
    return 100 * math.exp(logp + min(0, 1 - rl / max(hl, 1)))


X, Y = tensors(train)
Xt, Yt = tensors(test)
bos = lambda y: torch.cat([torch.ones(len(y), 1, dtype=torch.long), y[:, :-1]], 1)
net = Generator()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
xent = nn.CrossEntropyLoss(ignore_index=0)
for ep in range(4):
    net.train()
    tot = 0
    for b in torch.randperm(len(X)).split(64):
        logits, _ = net(X[b], bos(Y[b]))
        loss = xent(logits.flatten(0, 1), Y[b].flatten())
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b) / len(X)
    print(f"epoch {ep + 1}: train loss {tot:.3f}")

net.eval()
with torch.no_grad():
    dev = xent(net(Xt, bos(Yt))[0].flatten(0, 1), Yt.flatten())
    # fault:
    hyp = net(Xt, bos(Yt))[0].argmax(-1)
    # mended:
    # hyp = net.generate(Xt)
    # end
hyps, refs = [words(r) for r in hyp], [words(r) for r in Yt]
for h, r in list(zip(hyps, refs))[:3]:
    print("  ref:", " ".join(r), "\n  gen:", " ".join(h))
print(f"test loss {dev:.3f}  BLEU {bleu(hyps, refs):.1f}")
