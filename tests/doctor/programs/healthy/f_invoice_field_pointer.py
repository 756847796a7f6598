# Reads a field off a one-line invoice: (question, tokens) -> start and end pointer. Exact match on fresh invoices.
import collections
import random
import torch
from torch import nn

Example = collections.namedtuple("Example", "question tokens start end")
random.seed(1234)
torch.manual_seed(1234)

MONTHS = "january february march april may june july august september october november december".split()
NAMES = "arlo bex cora dilan edda finn gus hana ivo june kira leo mina nils olga per".split()
TOWNS = "lund gent bath york pisa nice graz bern cork oslo riga brno".split()
QUESTIONS = ["number", "date", "total", "buyer", "town"]


def value(kind):
    if kind == "number":
        return random.choice([["no"], ["invoice", "no"], ["ref"]]), [random.choice(["a", "rx", "inv"]), str(random.randint(100, 99999))]
    if kind == "date":
        day, month, year = str(random.randint(1, 28)), random.choice(MONTHS), str(random.randint(1999, 2024))
        return random.choice([["dated"], ["of"], ["issued", "on"]]), random.choice([[day, month], [day, month, year]])
    if kind == "total":
        return random.choice([["total"], ["amount", "due"], ["to", "pay"]]), [str(random.randint(10, 9999)), random.choice(["eur", "usd", "sek"])]
    if kind == "buyer":
        return random.choice([["for"], ["sold", "to"], ["customer"]]), random.sample(NAMES, random.randint(1, 2))
    return random.choice([["ship", "to"], ["delivery"], ["via"]]), [random.choice(TOWNS)] + ["city"] * (random.random() < .3)


def invoice():
    kinds = random.sample(QUESTIONS, random.randint(3, 5))
    toks, spans = [], {}
    for k in kinds:
        cue, val = value(k)
        toks += cue
        spans[k] = (len(toks), len(toks) + len(val) - 1)
        toks += val
        if random.random() < .35:
            toks += random.choice([["items", str(random.randint(1, 30))], ["please", "note"], ["vat", str(random.randint(5, 25))]])
    return toks, spans


def dataset(n, taken):
    out = []
    while len(out) < n:
        toks, spans = invoice()
        if (key := " ".join(toks)) in taken:
            continue
        taken.add(key)
        q = random.choice(list(spans))
        out.append(Example(q, toks, *spans[q]))
    return out


norm = lambda t: f"<{len(t)}d>" if t.isdigit() else t
taken = set()
train_set, dev_set = dataset(1000, taken), dataset(250, taken)
itos = ["<pad>", "<unk>"] + sorted({norm(t) for e in train_set for t in e.tokens})
stoi = {t: i for i, t in enumerate(itos)}


def tensorize(batch):
    width = max(len(e.tokens) for e in batch)
    doc = torch.zeros(len(batch), width, dtype=torch.long)
    for i, e in enumerate(batch):
        for j, t in enumerate(e.tokens):
            doc[i, j] = stoi.get(norm(t), 1)
    return dict(doc=doc, q=torch.tensor([QUESTIONS.index(e.question) for e in batch]),
                lens=torch.tensor([len(e.tokens) for e in batch]),
                span=torch.tensor([[e.start, e.end] for e in batch]))


class Reader(nn.Module):
    def __init__(self, n_words, d=20, h=16):
        super().__init__()
        self.word, self.query = nn.Embedding(n_words, d), nn.Embedding(len(QUESTIONS), 2 * 2 * h)
        self.enc = nn.GRU(d, h, bidirectional=True, batch_first=True)

    def forward(self, doc, q, lens, **_):
        packed = nn.utils.rnn.pack_padded_sequence(self.word(doc), lens, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.enc(packed)[0], batch_first=True)
        both = self.query(q).view(len(q), 2, -1)                       # one query for start, one for end
        scores = torch.einsum("bth,bkh->bkt", states, both)
        gone = torch.arange(doc.shape[1]).expand_as(doc) >= lens[:, None]
        return scores.masked_fill(gone[:, None], float("-inf"))


def best_span(scores, longest=4):
    s, e = scores.log_softmax(-1).unbind(1)
    grid = s[:, :, None] + e[:, None, :]
    ok = torch.ones_like(grid[0], dtype=torch.bool)
    grid = grid.masked_fill(~(ok.triu() & ok.tril(longest - 1)), float("-inf"))
    flat = grid.flatten(1).argmax(1)
    return torch.stack([flat // grid.shape[2], flat % grid.shape[2]], 1)


def exact(model, examples):
    model.eval()
    b = tensorize(examples)
    with torch.no_grad():
        return (best_span(model(**b)) == b["span"]).all(1).float().mean().item()


model = Reader(len(itos))
optimizer = torch.optim.RMSprop(model.parameters(), lr=5e-3)
best, state = 0, None
for epoch in range(1, 4):
    model.train()
    random.shuffle(train_set)
    loss_sum = 0
    for k in range(0, len(train_set), 25):
        b = tensorize(train_set[k:k + 25])
        scores = model(**b)
        loss = nn.functional.cross_entropy(scores[:, 0], b["span"][:, 0]) + nn.functional.cross_entropy(scores[:, 1], b["span"][:, 1])
        model.zero_grad()
        loss.backward()
        nn.utils.clip_grad_value_(model.parameters(), .5)
        optimizer.step()
        loss_sum += loss.item() * len(b["q"])
    em = exact(model, dev_set)
    print("epoch", epoch, "loss %.3f" % (loss_sum / len(train_set)), "dev EM %.3f" % em)
    if em > best:
        best, state = em, {k: v.clone() for k, v in model.state_dict().items()}
model.load_state_dict(state)
print("kept: train EM %.3f, dev EM %.3f" % (exact(model, train_set[:300]), exact(model, dev_set)))
for e in dev_set[:3]:
    s, t = best_span(model(**tensorize([e])))[0].tolist()
    print(e.question, "|", " ".join(e.tokens), "->", " ".join(e.tokens[s:t + 1]))
