"""Find street, house number and town in free text.  BiGRU over packed sequences, token labels, -100 where
there is no token.  The corpus is generated: names of the test part were never used in training texts."""
import random
import zlib
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence

LABELS = ["O", "STREET", "NO", "TOWN"]
SYL = ["bar", "len", "wick", "ton", "mar", "del", "os", "kir", "han", "vel", "sto", "gra", "pen", "rin"]
LEAD = ["please send it to", "i live at", "we moved from", "the parcel for", "my office is at", "deliver to", "he left"]
TAIL = ["as soon as possible", "", "thanks a lot", "before 5 on monday", "since the 3 of may", "and call 2 times", "tomorrow"]
KIND = ["street", "road", "lane", "avenue"]
rnd = random.Random(12)
torch.manual_seed(12)


def name():
    return "".join(rnd.sample(SYL, rnd.randint(2, 3)))


def sentence(streets, towns):
    toks, tags = [], []

    def put(text, tag):
        for w in text.split():
            toks.append(w)
            tags.append(LABELS.index(tag))
    put(rnd.choice(LEAD), "O")
    number = str(rnd.randint(1, 300))
    street = rnd.choice(streets) + " " + rnd.choice(KIND)
    if rnd.random() < 0.5:
        put(number, "NO"); put(street, "STREET")
    else:
        put(street, "STREET"); put(number, "NO")
    put(rnd.choice(["in", "near", ","]), "O")
    put(rnd.choice(towns), "TOWN")
    put(rnd.choice(TAIL), "O")
    return toks, tags


pool = sorted({name() for _ in range(1200)})
rnd.shuffle(pool)
train = [sentence(pool[:250], pool[250:450]) for _ in range(900)]
test = [sentence(pool[450:550], pool[550:]) for _ in range(250)]


def shape(w):
    """known function words get an id of their own, names fall into 40 buckets"""
    if w.isdigit():
        return "<num%d>" % len(w)
    return w if w in known else "<name%d>" % (zlib.crc32(w.encode()) % 40)


known = {w for part in (LEAD, TAIL, KIND) for t in part for w in t.split()} | {"in", "near", ","}
vocab = {w: i for i, w in enumerate(sorted(known | {"<num1>", "<num2>", "<num3>"} | {"<name%d>" % i for i in range(40)}))}


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 12)
        self.rnn = nn.GRU(12, 16, bidirectional=True)
        self.out = nn.Linear(32, len(LABELS))

    def forward(self, packed):
        # embed the flat data of the packed sequence, order and batch sizes stay as they are
        data = packed._replace(data=self.emb(packed.data))
        h, _ = pad_packed_sequence(self.rnn(data)[0], batch_first=True)
        return self.out(h)


def batches(part, size=30):
    for i in range(0, len(part), size):
        rows = part[i:i + size]
        x = pack_sequence([torch.tensor([vocab[shape(w)] for w in t]) for t, _ in rows], enforce_sorted=False)
        y = pad_sequence([torch.tensor(g) for _, g in rows], batch_first=True, padding_value=-100)
        yield x, y


def exact_and_f1(model, part):
    model.eval()
    exact = n = tp = fp = fn = 0
    with torch.no_grad():
        for x, y in batches(part, 125):
            p = model(x).argmax(-1)
            real = y != -100
            exact += ((p == y) | ~real).all(1).sum().item()
            n += len(y)
            tp += ((p == y) & (y > 0)).sum().item()
            fp += ((p != y) & (p > 0) & real).sum().item()
            fn += ((p != y) & (y > 0)).sum().item()
    return exact / n, 2 * tp / (2 * tp + fp + fn)


model = Tagger()
optimiser = torch.optim.NAdam(model.parameters(), lr=8e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=-100)
for epoch in range(4):
    model.train()
    rnd.shuffle(train)
    tot = k = 0
    for x, y in batches(train):
        loss = loss_fn(model(x).flatten(0, 1), y.flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), 1.0)
        optimiser.step()
        tot += loss.item(); k += 1
    (e1, f1), (e2, f2) = exact_and_f1(model, train), exact_and_f1(model, test)
    print(f"epoch {epoch} loss {tot / k:.4f} | train sentence {e1:.3f} F1 {f1:.3f} | test sentence {e2:.3f} F1 {f2:.3f}")
