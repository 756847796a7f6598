# slot tagging for a pizza ordering bot (BIO tags), BiLSTM homework
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

random.seed(8); torch.manual_seed(8)
SIZE = ["small", "medium", "large", "family size", "extra large"]
TOP = ["ham", "olives", "fresh basil", "goat cheese", "onions", "hot salami", "corn", "tuna"]
STREET = ["oak street", "king road", "mill lane", "new market square", "station road", "hill street"]
TIME = ["seven", "half past six", "noon", "eight thirty", "five"]
PATTERNS = ["i want a {SIZE} pizza with {TOP} and {TOP}", "please bring one {SIZE} with {TOP} to {STREET} {NUM}",
            "can i get {TOP} on my {SIZE} pizza at {TIME}", "deliver it to {STREET} {NUM} at {TIME} please", "no {TOP} but extra {TOP} please",
            "hi there , one pizza with {TOP} , {TOP} and {TOP} for {TIME}", "{SIZE} one , {STREET} {NUM} , around {TIME}"]
FILL = {"SIZE": SIZE, "TOP": TOP, "STREET": STREET, "TIME": TIME, "NUM": [str(n) for n in range(1, 30)]}


def sentence():
    words, tags = [], []
    for tok in random.choice(PATTERNS).split():
        if tok[0] == "{":
            val = random.choice(FILL[tok[1:-1]]).split()
            words += val
            tags += ["B-" + tok[1:-1]] + ["I-" + tok[1:-1]] * (len(val) - 1)
        else:
            words.append(tok); tags.append("O")
    return tuple(words), tuple(tags)


corpus = sorted({sentence() for _ in range(2600)})
random.shuffle(corpus)
train, test = corpus[:1200], corpus[1200:1600]
w2i = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({w for s, _ in train for w in s}))}
t2i = {t: i for i, t in enumerate(sorted({t for _, ts in train for t in ts}))}


def batches(data, size, shuffle=False):
    data = random.sample(data, len(data)) if shuffle else data
    for i in range(0, len(data), size):
        chunk = data[i:i + size]
        n = max(len(s) for s, _ in chunk)
        x = torch.tensor([[w2i.get(w, 1) for w in s] + [0] * (n - len(s)) for s, _ in chunk])
        y = torch.tensor([[t2i[t] for t in ts] + [-100] * (n - len(ts)) for _, ts in chunk])
        if shuffle:   # word dropout, so that <unk> gets a vector too
            x = torch.where((torch.rand(x.shape) < 0.03) & (x > 0), torch.ones_like(x), x)
        yield x, y, torch.tensor([len(s) for s, _ in chunk])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(w2i), 24, padding_idx=0)
        self.lstm = nn.LSTM(24, 24, batch_first=True, bidirectional=True)
        self.lin = nn.Linear(48, len(t2i))

    def forward(self, x, lens):
        p = pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.lstm(p)[0], batch_first=True)
        return self.lin(h)


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
ce = nn.CrossEntropyLoss(ignore_index=-100)


def evaluate(data):
    model.eval()
    ok = n = whole = 0
    with torch.no_grad():
        for x, y, lens in batches(data, 200):
            pred = model(x, lens).argmax(-1)
            real = y != -100
            ok += ((pred == y) & real).sum().item(); n += real.sum().item()
            whole += ((pred == y) | ~real).all(1).sum().item()
    return ok / n, whole / len(data)


for epoch in range(6):
    model.train()
    for x, y, lens in batches(train, 40, shuffle=True):
        loss = ce(model(x, lens).transpose(1, 2), y)
        opt.zero_grad(); loss.backward(); opt.step()
    print("epoch %d loss %.3f  test token acc %.3f sentence acc %.3f" % (epoch, loss.item(), *evaluate(test)))
o = sum(t == "O" for _, ts in test for t in ts) / sum(len(ts) for _, ts in test)
print("train token acc %.3f sentence acc %.3f" % evaluate(train))
print("test token acc %.3f sentence acc %.3f (all O would be %.3f)" % (*evaluate(test), o))
