# Cyrillic -> Latin. One output slot per input letter (hard alignment, a slot may hold 0-4 letters), the decoder also
# reads its own previous slot. Scheduled sampling in training, beam search at the end.
import random, itertools
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(3); torch.manual_seed(3)
BASE = dict(zip("абвгдезийклмнопрстуфцыэ", "a b v g d e z i y k l m n o p r s t u f ts y e".split()))
BASE.update({'ж': 'zh', 'х': 'kh', 'ч': 'ch', 'ш': 'sh', 'щ': 'shch', 'ю': 'yu', 'я': 'ya', 'ь': '', 'ъ': ''})
VOWELS = "аеиоуыэюя"
CONS = [c for c in BASE if c not in VOWELS + "ьъ"]


def latin(word):                       # е is "ye" at the start and after vowels and signs, as BGN/PCGN has it
    return [('y' + BASE[c]) if c == 'е' and (i == 0 or word[i - 1] in VOWELS + 'йьъ') else BASE[c] for i, c in enumerate(word)]


def word():
    out = ''
    for _ in range(random.randint(1, 4)):
        if random.random() < .8: out += random.choice(CONS)
        if out and out[-1] in CONS and random.random() < .1: out += random.choice('ьъ')
        out += random.choice(VOWELS + 'ее')
    return out + (random.choice(CONS) if random.random() < .5 else '')


words = sorted({word() for _ in range(1300)}); random.shuffle(words)
chars = {c: i + 1 for i, c in enumerate(sorted(BASE))}
slots = ['<pad>', '<s>'] + sorted({s for w in words for s in latin(w)})
s2i = {s: i for i, s in enumerate(slots)}
pairs = [([chars[c] for c in w], [s2i[s] for s in latin(w)]) for w in words]
test, train = pairs[:200], pairs[200:]


class Net(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.src = nn.Embedding(len(chars) + 1, d, padding_idx=0)
        self.enc = nn.Conv1d(d, d, 3, padding=1)
        self.prev = nn.Embedding(len(slots), 16)
        self.cell = nn.GRUCell(d + 16, 48)
        self.out = nn.Linear(48, len(slots))

    def encode(self, x):
        e = self.src(x)
        return e + torch.relu(self.enc(e.transpose(1, 2))).transpose(1, 2)

    def step(self, enc_t, prev, h):
        h = self.cell(torch.cat([enc_t, self.prev(prev)], -1), h)
        return self.out(h), h


def batch(rows):
    T = max(len(a) for a, _ in rows)
    f = lambda k: torch.tensor([r[k] + [0] * (T - len(r[k])) for r in rows])
    return f(0), f(1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
EPOCHS = 4
for ep in range(EPOCHS):
    truth = 1 - .6 * ep / (EPOCHS - 1)              # share of steps that see the reference
    random.shuffle(train); tot = n = 0
    for i in range(0, len(train), 48):
        x, y = batch(train[i:i + 48])
        enc = net.encode(x)
        prev, h, loss = torch.full((len(x),), 1), torch.zeros(len(x), 48), 0.
        for t in range(x.size(1)):
            lg, h = net.step(enc[:, t], prev, h)
            loss = loss + F.cross_entropy(lg, y[:, t], ignore_index=0, reduction='sum')
            own = lg.detach().argmax(-1)
            prev = torch.where(torch.rand(len(x)) < truth, y[:, t], own)
        k = (y > 0).sum()
        opt.zero_grad(); (loss / k).backward(); opt.step()
        tot += loss.item(); n += k.item()
    opt.param_groups[0]['lr'] *= .6
    print(f'epoch {ep + 1}: reference share {truth:.2f}  nll per slot {tot / n:.4f}')


@torch.no_grad()
def beam(ids, width=3):
    enc = net.encode(torch.tensor([ids]))[0]
    beams = [(0., [1], torch.zeros(48))]
    for e in enc:
        lg, h = net.step(e.expand(len(beams), -1), torch.tensor([b[1][-1] for b in beams]), torch.stack([b[2] for b in beams]))
        lp = lg.log_softmax(-1); lp[:, :2] = -1e9
        v, j = lp.topk(width)
        cand = [(b[0] + v[r, c].item(), b[1] + [j[r, c].item()], h[r]) for r, b in enumerate(beams) for c in range(width)]
        beams = sorted(cand, key=lambda b: -b[0])[:width]
    return beams[0][1][1:]


net.eval()
for name, rows in ('train', train[:150]), ('test', test[:150]):
    ok = [beam(a) == b for a, b in rows]
    print(name, 'whole words right: %.3f' % (sum(ok) / len(ok)))
a, b = test[0]
print(words[0], '->', ''.join(slots[i] for i in beam(a)))
