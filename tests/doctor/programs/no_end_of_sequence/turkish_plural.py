"""Turkish inflection: stem -> plural + case (kitap, DAT -> kitaplara) with an attentional character GRU."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(37)
torch.manual_seed(37)
BACK, FRONT = "aıou", "eiöü"
CONS = "bdgklmnprstvyz"
CASES = ["NOM", "DAT", "LOC", "ABL"]


def stem():
    vs = BACK if random.random() < 0.5 else FRONT
    s = random.choice(CONS) + random.choice(vs) + random.choice(CONS)
    if random.random() < 0.5:
        s += random.choice(vs) + random.choice(CONS)
    return s


def inflect(s, case):
    back = [c for c in s if c in BACK + FRONT][-1] in BACK
    a = "a" if back else "e"
    return s + "l" + a + "r" + {"NOM": "", "DAT": a, "LOC": "d" + a, "ABL": "d" + a + "n"}[case]


stems = sorted({stem() for _ in range(900)})
random.shuffle(stems)
SYM = ["<pad>", "<s>", "</s>"] + CASES + sorted(BACK + FRONT + CONS)
S = {c: i for i, c in enumerate(SYM)}
PAD, BOS, EOS = 0, 1, 2


def pairs(ss, n):
    return [(s, c, inflect(s, c)) for s, c in ((random.choice(ss), random.choice(CASES)) for _ in range(n))]


cut = int(0.85 * len(stems))
train, dev = pairs(stems[:cut], 1800), pairs(stems[cut:], 200)


def collate(rows):
    src, dec_in, dec_out = [], [], []
    for s, c, form in rows:
        y = [S[ch] for ch in form]
        src.append(torch.tensor([S[c]] + [S[ch] for ch in s]))
        # fault:
        dec_in.append(torch.tensor([BOS] + y[:-1]))
        dec_out.append(torch.tensor(y))
        # mended:
        # dec_in.append(torch.tensor([BOS] + y))
        # dec_out.append(torch.tensor(y + [EOS]))
        # end
    pad = lambda z: nn.utils.rnn.pad_sequence(z, batch_first=True, padding_value=PAD)
    return pad(src), pad(dec_in), pad(dec_out)


class Inflector(nn.Module):
    def __init__(self, d=32, h=64):
        super().__init__()
        self.emb = nn.Embedding(len(SYM), d, padding_idx=PAD)
        self.enc = nn.GRU(d, h, batch_first=True, bidirectional=True)
        self.bridge = nn.Linear(2 * h, h)
        self.dec = nn.GRUCell(d + 2 * h, h)
        self.att = nn.Linear(h, 2 * h, bias=False)
        self.out = nn.Linear(3 * h, len(SYM))

    def encode(self, src):
        lens = (src != PAD).sum(1)
        p = nn.utils.rnn.pack_padded_sequence(self.emb(src), lens, batch_first=True, enforce_sorted=False)
        o, hn = self.enc(p)
        mem, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True, total_length=src.size(1))
        return mem, torch.tanh(self.bridge(torch.cat([hn[0], hn[1]], 1))), src == PAD

    def step(self, tok, state, mem, pad):
        w = torch.einsum("bh,bth->bt", self.att(state), mem).masked_fill(pad, -1e9).softmax(1)
        ctx = torch.einsum("bt,bth->bh", w, mem)
        state = self.dec(torch.cat([self.emb(tok), ctx], 1), state)
        return self.out(torch.cat([state, ctx], 1)), state

    def forward(self, src, dec_in):
        mem, state, pad = self.encode(src)
        outs = []
        for t in range(dec_in.size(1)):
            o, state = self.step(dec_in[:, t], state, mem, pad)
            outs.append(o)
        return torch.stack(outs, 1)

    @torch.no_grad()
    def generate(self, src, max_len=16):
        mem, state, pad = self.encode(src)
        tok, done, outs = torch.full((len(src),), BOS), torch.zeros(len(src), dtype=torch.bool), []
        for _ in range(max_len):
            o, state = self.step(tok, state, mem, pad)
            tok = o.argmax(1)
            outs.append(tok)
            done |= tok == EOS
            if done.all():
                break
        return torch.stack(outs, 1).tolist()


def text(ids):
    if EOS in ids:
        ids = ids[:ids.index(EOS)]
    return "".join(SYM[i] for i in ids)


net = Inflector()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(7):
    net.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 40):
        src, din, dout = collate(train[i:i + 40])
        loss = F.cross_entropy(net(src, din).flatten(0, 1), dout.flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        opt.step()
        losses.append(loss.item())
    net.eval()
    forms = [text(g) for g in net.generate(collate(dev)[0])]
    acc = sum(f == y for f, (_, _, y) in zip(forms, dev)) / len(dev)
    print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} exact {acc:.3f}  {dev[0][0]}+{dev[0][1]} -> {forms[0]}")
