# Linear-chain CRF written by hand (forward algorithm in log space + Viterbi), postal addresses
import random, torch
from torch import nn

random.seed(8); torch.manual_seed(8)
TAGS = ["O", "B-STR", "I-STR", "NUM", "ZIP", "CITY"]
T = {t: i for i, t in enumerate(TAGS)}
FIRST = "old north mill green church queen spring oak long castle".split()
KIND = "street road lane way avenue".split()
CITIES = "york leeds bath derby oxford lincoln norwich castle green".split()     # some are ambiguous
TALK = "please send it to my office at we moved from the shop in now".split()


def example():
    toks, tags = [], []
    def put(w, t): toks.append(w); tags.append(T[t])
    for _ in range(random.randint(1, 5)): put(random.choice(TALK), "O")
    num = lambda: put(random.choice("123456789") + random.choice(["", "0", "7"]), "NUM")
    first = random.random() < .5
    if first: num()
    put(random.choice(FIRST), "B-STR")
    if random.random() < .4: put(random.choice(FIRST), "I-STR")
    put(random.choice(KIND), "I-STR")
    if not first: num()
    if random.random() < .7: put("%05d" % random.randint(10000, 10060), "ZIP")
    put(random.choice(CITIES), "CITY")
    for _ in range(random.randint(0, 3)): put(random.choice(TALK), "O")
    return toks, tags


data = [example() for _ in range(900)]
train, dev = data[:700], data[700:]
def norm(w): return "#" * len(w) if w.isdigit() else w
vocab = {w: i for i, w in enumerate(sorted({norm(w) for s, _ in train for w in s}), 1)}


class CRF(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.A = nn.Parameter(torch.zeros(k, k)); self.s = nn.Parameter(torch.zeros(k)); self.e = nn.Parameter(torch.zeros(k))

    def nll(self, U, y, m):                      # U: B,L,K
        a = self.s + U[:, 0]
        gold = self.s[y[:, 0]] + U[:, 0].gather(1, y[:, :1]).squeeze(1)
        for i in range(1, U.size(1)):
            nxt = torch.logsumexp(a.unsqueeze(2) + self.A, 1) + U[:, i]
            a = torch.where(m[:, i:i + 1], nxt, a)
            g = self.A[y[:, i - 1], y[:, i]] + U[:, i].gather(1, y[:, i:i + 1]).squeeze(1)
            gold = gold + g * m[:, i]
        last = y.gather(1, m.sum(1, keepdim=True) - 1).squeeze(1)
        return (torch.logsumexp(a + self.e, 1) - gold - self.e[last]).mean()

    def viterbi(self, u):
        a, back = self.s + u[0], []
        for row in u[1:]:
            best, arg = (a.unsqueeze(1) + self.A).max(0)
            back.append(arg); a = best + row
        path = [int((a + self.e).argmax())]
        for arg in reversed(back): path.append(int(arg[path[-1]]))
        return path[::-1]


emb, rnn, lin = nn.Embedding(len(vocab) + 1, 16, padding_idx=0), nn.GRU(16, 16, batch_first=True, bidirectional=True), nn.Linear(32, len(TAGS))
crf = CRF(len(TAGS))
params = [p for m in (emb, rnn, lin, crf) for p in m.parameters()]
opt = torch.optim.Adam(params, lr=0.01)


def scores(sents):
    lens = torch.tensor([len(s) for s in sents])
    x = nn.utils.rnn.pad_sequence([torch.tensor([vocab.get(norm(w), 0) for w in s]) for s in sents], batch_first=True)
    p = nn.utils.rnn.pack_padded_sequence(emb(x), lens, batch_first=True, enforce_sorted=False)
    h, _ = nn.utils.rnn.pad_packed_sequence(rnn(p)[0], batch_first=True)
    return lin(h), torch.arange(x.size(1)) < lens[:, None]


@torch.no_grad()
def tag_accuracy(rows):
    U, _ = scores([s for s, _ in rows])
    good = n = 0
    for u, (s, t) in zip(U, rows):
        p = crf.viterbi(u[:len(s)])
        good += sum(a == b for a, b in zip(p, t)); n += len(s)
    return good / n


for ep in range(4):
    random.shuffle(train); tot = 0
    for i in range(0, len(train), 25):
        b = train[i:i + 25]
        U, m = scores([s for s, _ in b])
        y = nn.utils.rnn.pad_sequence([torch.tensor(t) for _, t in b], batch_first=True)
        loss = crf.nll(U, y, m)
        opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(params, 5.); opt.step(); tot += loss.item()
    print(f"epoch {ep} nll/sentence {tot / (len(train) / 25):.3f} train {tag_accuracy(train[:200]):.4f} dev {tag_accuracy(dev):.4f}")
