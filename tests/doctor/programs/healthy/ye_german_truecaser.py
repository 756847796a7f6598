# Truecasing German: which words of a lower-cased caption want a capital?
# word + suffix embeddings -> packed BiGRU -> one logit per token. First token is never scored.
import gzip, os, random, zlib
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, PackedSequence
import torch as th
from torch import nn

SEED, BATCH, EPOCHS = 77, 40, 4
random.seed(SEED); th.manual_seed(SEED)
base = os.environ["WORDFIT_DATA"] + "/seq2seq/multi30k/"


def read(name, limit):
    rows = []
    for line in gzip.open(base + name, "rt", encoding="utf-8"):
        toks = line.replace(".", " .").replace(",", " ,").split()
        if len(toks) >= 4:
            rows.append(toks)
        if len(rows) == limit:
            break
    return rows


train_rows = read("train.de.gz", 1200)
known = {" ".join(r).lower() for r in train_rows}
test_rows = [r for r in read("val.de.gz", 300) if " ".join(r).lower() not in known]
freq = {}
for r in train_rows:
    for t in r:
        freq[t.lower()] = freq.get(t.lower(), 0) + 1
word2id = {w: k + 1 for k, w in enumerate(sorted(w for w, n in freq.items() if n > 1))}   # 0 = rare word
SUF = 2000


def encode(row):
    low = [t.lower() for t in row]
    ids = th.tensor([[word2id.get(w, 0), zlib.crc32(w[-3:].encode()) % SUF, SUF + min(len(w), 15)] for w in low])
    caps = th.tensor([float(t[0].isupper()) for t in row])
    score = th.ones(len(row)); score[0] = 0.0
    return ids, caps, score


class TrueCaser(nn.Module):
    def __init__(self):
        super().__init__()
        self.word = nn.Embedding(len(word2id) + 1, 32)
        self.shape = nn.Embedding(SUF + 16, 16)
        self.rnn = nn.GRU(64, 32, bidirectional=True)
        self.out = nn.Linear(64, 1)
        self.drop = nn.Dropout(0.25)

    def forward(self, packed):
        d = packed.data
        x = th.cat([self.word(d[:, 0]), self.shape(d[:, 1]), self.shape(d[:, 2])], -1)
        h, _ = self.rnn(PackedSequence(self.drop(x), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices))
        return self.out(self.drop(h.data)).squeeze(-1)       # stays packed


def packs(data):
    for s in range(0, len(data), BATCH):
        part = data[s:s + BATCH]
        yield [pack_sequence([p[k] for p in part], enforce_sorted=False) for k in range(3)]


def f1(net, data):
    net.eval()
    tp = fp = fn = 0
    with th.no_grad():
        for x, y, m in packs(data):
            p = net(x) > 0
            keep, y = m.data > 0, y.data > 0
            tp += (p & y & keep).sum().item(); fp += (p & ~y & keep).sum().item(); fn += (~p & y & keep).sum().item()
    return 2 * tp / (2 * tp + fp + fn)


train, test = [encode(r) for r in train_rows], [encode(r) for r in test_rows]
net = TrueCaser()
opt = th.optim.Adam(net.parameters(), lr=8e-3)
bce = nn.BCEWithLogitsLoss(reduction="none")
sched = th.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for ep in range(EPOCHS):
    random.shuffle(train); net.train(); tot = cnt = 0
    for x, y, m in packs(train):
        l = bce(net(x), y.data) * m.data
        loss = l.sum() / m.data.sum()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += l.sum().item(); cnt += m.data.sum().item()
    sched.step()
    print(f"ep {ep}: loss/token {tot / cnt:.4f}  F1(caps) train {f1(net, train[:300]):.4f}  test {f1(net, test):.4f}")
