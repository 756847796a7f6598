"""Linear-chain CRF written out by hand (forward algorithm + Viterbi) on top of a BiGRU.
Orders such as "please send 3 red lamps to anna berg in oslo before monday" -> BIO tags."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(42)
torch.manual_seed(42)
TAGS = ["O", "B-ITEM", "I-ITEM", "B-PER", "I-PER", "B-CITY", "I-CITY"]
T = {t: i for i, t in enumerate(TAGS)}
syl = ["ka", "lo", "mi", "ren", "tas", "vo", "bel", "dur", "ne", "sha", "pol", "gri"]
coin = lambda n, k: sorted({"".join(random.choices(syl, k=k)) for _ in range(n)})
ADJ, NOUN = coin(20, 2), coin(40, 3)
NAMES = coin(120, 2)                 # people and towns share their words: only the context tells them apart
random.shuffle(NAMES)


def order():
    toks, tags = [], []

    def add(words, lab=None):
        for k, w in enumerate(words):
            toks.append(w)
            tags.append(T["O"] if lab is None else T[("B-" if k == 0 else "I-") + lab])
    add(random.choice([["please"], ["hi", ","], []]))
    add(random.choice([["send"], ["ship"], ["i", "want"]]))
    add([str(random.randint(2, 9))])
    add(random.choices(ADJ, k=random.randint(0, 2)) + [random.choice(NOUN)], "ITEM")
    parts = [(["to", "mr"], "PER"), (["in"], "CITY")]
    if random.random() < .5:
        parts = [(["towards"], "CITY"), (["for"], "PER")]
    for lead, lab in parts:
        add(lead)
        add(random.choices(NAMES, k=random.choice([1, 1, 2])), lab)
    add(random.choice([[], ["before", "monday"], ["thanks"]]))
    return toks, tags


data = [order() for _ in range(1300)]
train, dev = data[:1000], data[1000:]
seen = {tuple(t) for t, _ in train}
dev = [d for d in dev if tuple(d[0]) not in seen]
w2i = {"<pad>": 0, "<unk>": 1}
for toks, _ in train:
    for w in toks:
        w2i.setdefault(w, len(w2i))


def collate(batch):
    xs = [torch.tensor([w2i.get(w, 1) for w in t]) for t, _ in batch]
    ys = [torch.tensor(y) for _, y in batch]
    return pad_sequence(xs, True), pad_sequence(ys, True), torch.tensor([len(x) for x in xs])


class BiGruCrf(nn.Module):
    def __init__(self, v, k, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.gru = nn.GRU(d, h, batch_first=True, bidirectional=True)
        self.emit = nn.Linear(2 * h, k)
        self.trans = nn.Parameter(torch.zeros(k, k))       # [from, to]
        self.start = nn.Parameter(torch.zeros(k))
        self.stop = nn.Parameter(torch.zeros(k))

    def emissions(self, x, n):
        packed = pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        return self.emit(pad_packed_sequence(self.gru(packed)[0], batch_first=True)[0])

    def nll(self, x, y, n):
        e = self.emissions(x, n)
        mask = torch.arange(x.size(1))[None] < n[:, None]
        gold = self.start[y[:, 0]] + (e.gather(2, y[..., None])[..., 0] * mask).sum(1)
        gold = gold + (self.trans[y[:, :-1], y[:, 1:]] * mask[:, 1:]).sum(1)
        gold = gold + self.stop[y.gather(1, n[:, None] - 1)[:, 0]]
        alpha = self.start + e[:, 0]
        for t in range(1, x.size(1)):
            step = torch.logsumexp(alpha[:, :, None] + self.trans, 1) + e[:, t]
            alpha = torch.where(mask[:, t, None], step, alpha)
        return (torch.logsumexp(alpha + self.stop, 1) - gold).mean()

    @torch.no_grad()
    def viterbi(self, x, n):
        out = []
        for e, m in zip(self.emissions(x, n), n.tolist()):
            s, back = self.start + e[0], []
            for t in range(1, m):
                best, arg = (s[:, None] + self.trans).max(0)
                s = best + e[t]
                back.append(arg)
            path = [int((s + self.stop).argmax())]
            for arg in reversed(back):
                path.append(int(arg[path[-1]]))
            out.append(path[::-1])
        return out


net = BiGruCrf(len(w2i), len(TAGS))
adam = torch.optim.Adam(net.parameters(), lr=0.01)
for ep in range(1, 5):
    random.shuffle(train)
    tot = 0.0
    for i in range(0, len(train), 40):
        x, y, n = collate(train[i:i + 40])
        loss = net.nll(x, y, n)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        adam.step()
        tot += loss.item() * len(x)
    x, y, n = collate(dev)
    pred = net.viterbi(x, n)
    right = sum(p == g[1] for p, g in zip(pred, dev)) / len(dev)
    with torch.no_grad():
        print(f"{ep}: nll/sentence train {tot / len(train):.3f} dev {net.nll(x, y, n):.3f}  whole sentences right {right:.3f}")
