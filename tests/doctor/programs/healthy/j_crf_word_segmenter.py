# Segmentation of text written without blanks, BMES scheme, conv features + linear-chain CRF (forward algorithm and
# Viterbi written out). Port of my old Theano code -> torch. Layout is (T, B) nearly everywhere.
import gzip, os, re
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(8); rs = np.random.RandomState(8)
B_, M_, E_, S_ = range(4)
ALLOWED = torch.full((4, 4), -1e4)
for a, b in [(B_, M_), (B_, E_), (M_, M_), (M_, E_), (E_, B_), (E_, S_), (S_, B_), (S_, S_)]:
    ALLOWED[a, b] = 0.0

sents = []
for line in gzip.open(os.environ["WORDFIT_DATA"] + "/seq2seq/tatoeba-fra-eng/fra.txt.gz", "rt", encoding="utf-8"):
    en = line.split("\t")[0].lower()
    if 12 <= len(en) <= 20:
        w = re.findall(r"[a-z]+", en)
        sents.append(" ".join(w))
    if len(en) > 20:
        break
sents = sorted(set(sents)); rs.shuffle(sents)
train, test = sents[:3800], sents[3800:4100]


def tags(words):
    t = []
    for w in words:
        t += [S_] if len(w) == 1 else [B_] + [M_] * (len(w) - 2) + [E_]
    return t


def pack(batch):
    T = max(len(s.replace(" ", "")) for s in batch)
    x = torch.full((T, len(batch)), 26); y = torch.zeros(T, len(batch), dtype=torch.long); m = torch.zeros(T, len(batch))
    for k, s in enumerate(batch):
        c = s.replace(" ", "")
        x[:len(c), k] = torch.tensor([ord(q) - 97 for q in c])
        y[:len(c), k] = torch.tensor(tags(s.split()))
        m[:len(c), k] = 1
    return x, y, m


class Segmenter(nn.Module):
    def __init__(self, d=16, h=40):
        super().__init__()
        self.emb = nn.Embedding(27, d, padding_idx=26)
        self.conv1, self.conv2 = nn.Conv1d(d, h, 5, padding=2), nn.Conv1d(h, h, 3, padding=1)
        self.score = nn.Linear(h, 4)
        self.trans = nn.Parameter(torch.zeros(4, 4))
        self.start = nn.Parameter(torch.tensor([0., -1e4, -1e4, 0.]))      # M, E cannot begin a sentence

    def emissions(self, x, m):
        h = self.conv1(self.emb(x).permute(1, 2, 0)).relu() * m.t()[:, None]
        h = self.conv2(h).relu()
        return self.score(h.permute(2, 0, 1))

    def nll(self, x, y, m):
        e, A = self.emissions(x, m), self.trans + ALLOWED
        z = self.start + e[0]
        g = self.start[y[0]] + e[0].gather(1, y[:1].t())[:, 0]
        for t in range(1, len(x)):
            nz = (z[:, :, None] + A).logsumexp(1) + e[t]
            z = torch.where(m[t, :, None] > 0, nz, z)
            g = g + (A[y[t - 1], y[t]] + e[t].gather(1, y[t][:, None])[:, 0]) * m[t]
        return (z.logsumexp(1) - g).sum() / m.sum()

    @torch.no_grad()
    def viterbi(self, x, m):
        e, A = self.emissions(x, m), self.trans + ALLOWED
        z, back = self.start + e[0], []
        for t in range(1, len(x)):
            best, arg = (z[:, :, None] + A).max(1)
            keep = m[t, :, None] > 0
            back.append(torch.where(keep, arg, torch.arange(4)))
            z = torch.where(keep, best + e[t], z)
        path = [z.argmax(1)]
        for arg in reversed(back):
            path.append(arg.gather(1, path[-1][:, None])[:, 0])
        return torch.stack(path[::-1])


def spans(t):
    out, a = set(), 0
    for i, k in enumerate(t):
        if k in (E_, S_):
            out.add((a, i)); a = i + 1
    return out


def word_f1(net, rows):
    net.eval(); tp = n = g = 0
    for k in range(0, len(rows), 100):
        x, y, m = pack(rows[k:k + 100]); p = net.viterbi(x, m); L = m.sum(0).int()
        for c in range(x.shape[1]):
            a, b = spans(p[:L[c], c].tolist()), spans(y[:L[c], c].tolist())
            tp += len(a & b); n += len(a); g += len(b)
    return 2 * tp / (n + g)


net = Segmenter()
opt = torch.optim.Adam(net.parameters(), lr=1.2e-2)
sch = torch.optim.lr_scheduler.MultiStepLR(opt, [2, 3], 0.3)
for ep in range(4):
    rs.shuffle(train); net.train(); tot = []
    for k in range(0, len(train), 100):
        loss = net.nll(*pack(train[k:k + 100]))
        opt.zero_grad(); loss.backward(); opt.step(); tot.append(loss.item())
    sch.step()
    print(f"{ep}  nll/char {np.mean(tot):.4f}  word F1 held out {word_f1(net, test):.4f}")
print("word F1: train %.4f held out %.4f" % (word_f1(net, train[:400]), word_f1(net, test)))
