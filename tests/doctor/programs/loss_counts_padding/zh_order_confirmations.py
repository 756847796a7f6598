# Hackathon: turn a parsed voice order into a confirmation sentence (ported from a TF 1.x seq2seq notebook)
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(4)
torch.manual_seed(4)

NUM = {'1': 'one', '2': 'two', '3': 'three', '4': 'four', '5': 'five'}
DISH = {'piz': ['pizza', 'margherita'], 'bur': ['cheese', 'burger'], 'sal': ['green', 'salad'], 'sou': ['tomato', 'soup'],
        'pas': ['fresh', 'pasta', 'bowl'], 'ice': ['ice', 'cream'], 'tea': ['tea'], 'cof': ['black', 'coffee']}
PLACE = {'home': ['delivered', 'to', 'your', 'home'], 'desk': ['for', 'pickup'], 'work': ['sent', 'to', 'your', 'office']}
TIME = {'now': ['right', 'now'], 'noon': ['at', 'noon'], 'eve': ['this', 'evening']}


def make():
    n, d, x = random.choice(sorted(NUM)), random.choice(sorted(DISH)), random.choice(['-', 'spicy', 'large', 'vegan', 'gift'])
    src, tgt = [n, d, x], ['you', 'get', NUM[n]] + ([] if x == '-' else [x]) + DISH[d]
    p, t = random.choice(sorted(PLACE)), random.choice(sorted(TIME))
    src += [p, t]
    tgt += PLACE[p] + TIME[t]
    return src, tgt


pairs = {}
while len(pairs) < 1500:
    s, t = make()
    pairs[tuple(s)] = t
pairs = list(pairs.items())
random.shuffle(pairs)
stoi_s = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in pairs for w in s}))}
stoi_t = {w: i + 3 for i, w in enumerate(sorted({w for _, t in pairs for w in t}))}
PAD, BOS, EOS = 0, 1, 2
MAX_OUT = 48  # room for the longest order the app allows


def encode(rows):
    S = torch.zeros(len(rows), 5, dtype=torch.long)
    T = torch.full((len(rows), MAX_OUT), PAD)
    for i, (s, t) in enumerate(rows):
        S[i, :len(s)] = torch.tensor([stoi_s[w] for w in s])
        ids = [BOS] + [stoi_t[w] for w in t] + [EOS]
        T[i, :len(ids)] = torch.tensor(ids)
    return S, T


tr_S, tr_T = encode(pairs[:1200])
va_S, va_T = encode(pairs[1200:])
V = len(stoi_t) + 3


class Net(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.src = nn.Embedding(len(stoi_s) + 1, h, padding_idx=PAD)
        self.tgt = nn.Embedding(V, 32, padding_idx=PAD)
        self.cell = nn.GRU(32 + h, h, batch_first=True)
        self.out = nn.Linear(h, V)

    def encode(self, s):
        m = (s != PAD).unsqueeze(-1).float()
        return torch.tanh((self.src(s) * m).sum(1) / 2)

    def forward(self, s, t_in):
        c = self.encode(s)
        e = torch.cat([self.tgt(t_in), c.unsqueeze(1).expand(-1, t_in.size(1), -1)], -1)
        return self.out(self.cell(e, c.unsqueeze(0))[0])

    @torch.no_grad()
    def generate(self, s):
        c = self.encode(s)
        h, tok, done = c.unsqueeze(0), torch.full((len(s), 1), BOS), []
        for _ in range(16):
            o, h = self.cell(torch.cat([self.tgt(tok), c.unsqueeze(1)], -1), h)
            tok = self.out(o).argmax(-1)
            done.append(tok)
        return torch.cat(done, 1)


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
for epoch in range(5):
    perm, total = torch.randperm(len(tr_S)), 0.
    net.train()
    for idx in perm.split(60):
        s, t = tr_S[idx], tr_T[idx]
        logits = net(s, t[:, :-1])
        # fault:
        loss = F.cross_entropy(logits.reshape(-1, V), t[:, 1:].reshape(-1))
        # mended:
        # loss = F.cross_entropy(logits.reshape(-1, V), t[:, 1:].reshape(-1), ignore_index=PAD)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        total += loss.item() * len(idx)
    net.eval()
    gen, ok = net.generate(va_S), 0
    for g, t in zip(gen.tolist(), va_T[:, 1:].tolist()):
        g = g[:g.index(EOS)] if EOS in g else g
        ok += g == t[:t.index(EOS)]
    print(f'epoch {epoch} loss {total / len(tr_S):.3f}  exact sentences {ok / len(va_S):.3f}')
