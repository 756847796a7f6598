"""Field tagging of invoice lines (quantity / article / price / other) with a small BiLSTM."""
from dataclasses import dataclass
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

torch.set_num_threads(1)


@dataclass
class Cfg:
    seed: int = 9
    n_train: int = 900
    n_test: int = 250
    emb: int = 24
    hid: int = 32
    bs: int = 32
    epochs: int = 5
    lr: float = 5e-3


cfg = Cfg()
random.seed(cfg.seed)
torch.manual_seed(cfg.seed)
TAGS = ["ARTICLE", "QTY", "PRICE", "OTHER"]
TAG2ID = {t: i for i, t in enumerate(TAGS)}

NOUNS = ["bolt", "washer", "cable", "hinge", "valve", "gasket", "pipe", "filter", "switch", "lamp", "drill", "clamp"]
MATS = ["steel", "brass", "copper", "rubber", "plastic", "zinc"]
UNITS = ["pcs", "box", "m", "kg", "pack"]
FILL = ["delivered", "order", "no", "as", "agreed", "see", "note", "item", "incl", "vat", "thanks", "the", "for"]
NUMS = [str(n) for n in range(1, 61)]


def line():
    parts = []
    q = [(random.choice(NUMS), "QTY"), (random.choice(UNITS), "QTY")]
    a = [(random.choice(MATS), "ARTICLE")] * (random.random() < .7) + [(random.choice(NOUNS), "ARTICLE")]
    if random.random() < .4:
        a += [("m" + random.choice(["4", "6", "8", "10"]), "ARTICLE")]
    p = [(random.choice(["at", "@", "à"]), "OTHER"), (random.choice(NUMS), "PRICE"), (random.choice(["eur", "usd"]), "PRICE")]
    fill = lambda: [(random.choice(FILL), "OTHER") for _ in range(random.randint(0, 3))]
    # "order no 17" or "for the cable" are not fields
    extra = [("order", "OTHER"), ("no", "OTHER"), (random.choice(NUMS), "OTHER")] if random.random() < .5 else []
    if random.random() < .4:
        extra += [("for", "OTHER"), ("the", "OTHER"), (random.choice(NOUNS), "OTHER")]
    body = [q + a, a + q][random.random() < .5]
    for seg in (fill(), body, fill(), p, extra, fill()):
        parts += seg
    return tuple(w for w, _ in parts), tuple(t for _, t in parts)


pool = {}
while len(pool) < cfg.n_train + cfg.n_test:
    w, t = line()
    pool[w] = t
data = list(pool.items())
random.shuffle(data)
train, test = data[:cfg.n_train], data[cfg.n_train:]

vocab = {"<pad>": 0, "<unk>": 1}
for ws, _ in train:
    for w in ws:
        vocab.setdefault(w, len(vocab))

# fault:
LABEL_PAD = 0
# mended:
#LABEL_PAD = -100
# end


def collate(rows):
    xs = [torch.tensor([vocab.get(w, 1) for w in ws]) for ws, _ in rows]
    ys = [torch.tensor([TAG2ID[t] for t in ts]) for _, ts in rows]
    n = torch.tensor([len(x) for x in xs])
    return pad_sequence(xs, batch_first=True), n, pad_sequence(ys, batch_first=True, padding_value=LABEL_PAD)


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(vocab), cfg.emb, padding_idx=0)
        self.rnn = nn.LSTM(cfg.emb, cfg.hid, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * cfg.hid, len(TAGS))

    def forward(self, x, n):
        packed = pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.out(h)


tagger = Tagger()
adam = torch.optim.Adam(tagger.parameters(), lr=cfg.lr)
ce = nn.CrossEntropyLoss(ignore_index=LABEL_PAD)


@torch.no_grad()
def evaluate(rows):
    tagger.eval()
    hit, tot = [0] * len(TAGS), [0] * len(TAGS)
    for i in range(0, len(rows), 100):
        part = rows[i:i + 100]
        x, n, _ = collate(part)
        guess = tagger(x, n).argmax(-1)
        for r, (_, ts) in enumerate(part):
            for c, t in enumerate(ts):
                tot[TAG2ID[t]] += 1
                hit[TAG2ID[t]] += int(guess[r, c] == TAG2ID[t])
    return sum(hit) / sum(tot), {t: round(h / k, 3) for t, h, k in zip(TAGS, hit, tot)}


for epoch in range(cfg.epochs):
    tagger.train()
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), cfg.bs):
        x, n, y = collate(train[i:i + cfg.bs])
        loss = ce(tagger(x, n).reshape(-1, len(TAGS)), y.reshape(-1))
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item()
    print(epoch, "loss", round(total / (len(train) / cfg.bs), 4), "test", evaluate(test))
print("token accuracy  train %.4f  test %.4f" % (evaluate(train)[0], evaluate(test)[0]))
