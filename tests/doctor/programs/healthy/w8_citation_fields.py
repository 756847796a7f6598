# Splits bibliography lines into fields. Packed BiLSTM, one tag per token, some tokens unlabelled (-100):
# our volunteers never agreed on what punctuation belongs to, so it is neither trained on nor scored.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence, pad_sequence, pad_packed_sequence

random.seed(1455)
torch.manual_seed(1455)
TAGS = ["AUTHOR", "TITLE", "PLACE", "YEAR", "PAGES"]
SYL = "ber lin mar ton hof gar bur del sen vik ros tal".split()
TITLE = "on the history of printing in towns and villages a study notes early letters books trade".split()
PUNCT = list(".,:;()")


def name():
    return (random.choice(SYL) + random.choice(SYL)).capitalize()


def citation():
    toks = []
    add = lambda words, tag: toks.extend((w, tag) for w in words)
    author = [name()] + ([",", random.choice("ABCDEFGH"), "."] if random.random() < 0.8 else [])
    title = random.choices(TITLE, k=random.randint(3, 7))
    if random.random() < 0.4:
        title[-1] = name()                      # a place or a person in the title
    if random.random() < 0.3:
        title += ["in", str(random.randint(1500, 1990))]
    year = str(random.randint(1850, 2020))
    add(author, "AUTHOR")
    if random.random() < 0.5:
        add(["("], None); add([year], "YEAR"); add([")"], None)
        add(title, "TITLE"); add(["."], None); add([name()], "PLACE")
    else:
        add([":"], None); add(title, "TITLE"); add([","], None)
        add([name()], "PLACE"); add([","], None); add([year], "YEAR")
    if random.random() < 0.6:
        a = random.randint(1, 400)
        add([","], None); add(["pp", str(a), "-", str(a + random.randint(3, 40))], "PAGES")
    return [(w, -100 if t is None or w in PUNCT else TAGS.index(t)) for w, t in toks]


def shape(w):
    if w in PUNCT or w in TITLE or w in ("pp", "-"):
        return w
    if w.isdigit():
        return "9" * len(w)
    return "X" if len(w) == 1 else "Name"


SHAPES = sorted({shape(w) for _ in range(300) for w, _ in citation()} | set(PUNCT + TITLE + ["9", "99", "999"]))
S = {s: i for i, s in enumerate(SHAPES)}


class Splitter(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(SHAPES), 16)
        self.rnn = nn.LSTM(16, 16, bidirectional=True)
        self.tag = nn.Linear(32, len(TAGS))

    def forward(self, seqs):
        packed = pack_sequence([self.emb(s) for s in seqs], enforce_sorted=False)
        states, _ = pad_packed_sequence(self.rnn(packed)[0])
        return self.tag(states)                 # (T, B, tags)


rows = [citation() for _ in range(1200)]
data = [(torch.tensor([S[shape(w)] for w, _ in r]), torch.tensor([t for _, t in r])) for r in rows]
train, test = data[:900], data[900:]
net = Splitter()
opt = torch.optim.NAdam(net.parameters(), lr=8e-3)


def scores(d):
    net.eval()
    with torch.no_grad():
        guess = net([x for x, _ in d]).argmax(-1)
    gold = pad_sequence([y for _, y in d], padding_value=-100)
    net.train()
    ok = (guess == gold) & (gold >= 0)
    whole = ((guess == gold) | (gold < 0)).all(0).float().mean().item()
    return round((ok.sum() / (gold >= 0).sum()).item(), 4), round(whole, 3)


for epoch in range(4):
    random.shuffle(train)
    total = 0.0
    for i in range(0, len(train), 30):
        xs, ys = zip(*train[i:i + 30])
        logits = net(xs)
        y = pad_sequence(ys, padding_value=-100)
        loss = nn.functional.cross_entropy(logits.permute(1, 2, 0), y.t())
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print("epoch", epoch, "loss", round(total / 30, 4), "tokens/lines train", scores(train), "test", scores(test))
