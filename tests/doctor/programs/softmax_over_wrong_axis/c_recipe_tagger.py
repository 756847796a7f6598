# Tag recipe lines: QTY UNIT STATE NAME O  (bi-GRU). Lines are generated from small grammars.
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(8)
torch.manual_seed(8)
TAGS = ["O", "QTY", "UNIT", "STATE", "NAME"]
QTY = "1 2 3 4 half 1/2 1/4 two three dozen".split()
UNIT = "cup cups tbsp tsp clove cloves can cans pinch slice slices stick".split()
STATE = "chopped minced fresh ground dried large melted ripe peeled grated".split()
NAME = ["onion", "garlic", "olive oil", "butter", "ground beef", "black pepper", "can tomatoes", "flour",
        "brown sugar", "clove", "egg", "milk", "lemon juice", "basil", "orange slice", "sea salt", "rice"]
TAIL = ["to taste", "for the pan", ", divided", "at room temperature", "plus more if needed", "( optional )"]

def line():
    toks, tags = [], []
    def add(text, tag):
        for w in text.split():
            toks.append(w); tags.append(TAGS.index(tag))
    if rs.rand() < .85: add(rs.choice(QTY), "QTY")
    if rs.rand() < .6:
        add(rs.choice(UNIT), "UNIT")
        if rs.rand() < .4: add("of", "O")
    if rs.rand() < .5: add(rs.choice(STATE), "STATE")
    add(NAME[rs.randint(len(NAME))], "NAME")
    if rs.rand() < .3: add(",", "O"); add(rs.choice(STATE), "STATE")
    if rs.rand() < .4: add(TAIL[rs.randint(len(TAIL))], "O")
    return toks, tags

corpus = [line() for _ in range(3500)]
tr, te = corpus[:3000], [c for c in corpus[3000:]]
known = {" ".join(t) for t, _ in tr}
te = [c for c in te if " ".join(c[0]) not in known]
vocab = {w: i + 2 for i, w in enumerate(sorted({w for t, _ in tr for w in t}))}
print("train", len(tr), "unseen test lines", len(te), "words", len(vocab))

def batchify(rows):
    T = max(len(t) for t, _ in rows)
    X = np.zeros((len(rows), T), dtype=np.int64); Y = np.full((len(rows), T), -1)
    for i, (t, g) in enumerate(rows):
        X[i, :len(t)] = [vocab.get(w, 1) for w in t]; Y[i, :len(t)] = g
    return torch.as_tensor(X), torch.as_tensor(Y), torch.tensor([len(t) for t, _ in rows])

class Tagger(nn.Module):
    def __init__(self, V, K):
        super().__init__()
        self.lookup = nn.Embedding(V, 20, padding_idx=0)
        self.rnn = nn.GRU(20, 24, bidirectional=True, batch_first=True)
        self.proj = nn.Linear(48, K)
        # fault:
        self.logp = nn.LogSoftmax(dim=1)
        # mended:
        # self.logp = nn.LogSoftmax(dim=2)
        # end

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.lookup(x), n, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(p)[0], batch_first=True)
        return self.logp(self.proj(h))

tagger = Tagger(len(vocab) + 2, len(TAGS))
crit = nn.NLLLoss(ignore_index=-1)
opt = torch.optim.Adam(tagger.parameters(), lr=4e-3)

def evaluate(rows):
    tagger.eval()
    X, Y, n = batchify(rows)
    with torch.no_grad():
        P = tagger(X, n).argmax(-1)
    keep = Y >= 0
    lines = ((P == Y) | ~keep).all(1).float().mean().item()
    return (P[keep] == Y[keep]).float().mean().item(), lines

for ep in range(5):
    tagger.train()
    losses = []
    for ix in np.array_split(rs.permutation(len(tr)), 75):
        X, Y, n = batchify([tr[i] for i in ix])
        loss = crit(tagger(X, n).flatten(0, 1), Y.flatten())
        opt.zero_grad(); loss.backward(); opt.step()
        losses.append(loss.item())
    tok, full = evaluate(te)
    print("epoch %d | nll %.4f | test token acc %.4f | whole lines %.4f" % (ep + 1, np.mean(losses), tok, full))
