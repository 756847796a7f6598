# Toy translation for the lab course: subject-verb-object "Ruritanian" is subject-object-verb, adjectives follow their noun.
# GRU encoder, Luong attention, teacher forcing while training, greedy decoding for the score.
import random, torch
import torch.nn as nn

random.seed(42); torch.manual_seed(42)
PAD, BOS, EOS = 0, 1, 2
N = {k: v for k, v in zip("king queen dog cat bird ship tree river baker thief".split(), "rel rila dok mau avi nef drev riek panar lotr".split())}
A = {k: v for k, v in zip("old red tall silent hungry blue".split(), "sen rud alt tis glad cyan".split())}
V = {k: v for k, v in zip("sees hates follows likes finds paints".split(), "vidi odi seki ami trovi pinti".split())}
D = {"the": "el", "a": "un", "every": "omni", "this": "kest"}

def phrase():
    d, n = random.choice(list(D)), random.choice(list(N))
    adj = random.sample(list(A), random.choice([0, 1, 1, 2]))
    return [d] + adj + [n], [D[d], N[n]] + [A[a] for a in adj]

def sentence():
    (s, S), (o, O) = phrase(), phrase()
    v = random.choice(list(V))
    return tuple(s + [v] + o), tuple(S + O + [V[v]])

corpus = set()
while len(corpus) < 2700:
    corpus.add(sentence())
corpus = sorted(corpus); random.shuffle(corpus)
src_words = ["<pad>", "<bos>", "<eos>"] + sorted({w for s, _ in corpus for w in s})
tgt_words = ["<pad>", "<bos>", "<eos>"] + sorted({w for _, t in corpus for w in t})
si, ti = ({w: i for i, w in enumerate(ws)} for ws in (src_words, tgt_words))
train, test = corpus[:2400], corpus[2400:]

def tensorize(pairs):
    S, T = [[si[w] for w in s] + [EOS] for s, _ in pairs], [[BOS] + [ti[w] for w in t] + [EOS] for _, t in pairs]
    pad = lambda L: torch.tensor([x + [PAD] * (max(map(len, L)) - len(x)) for x in L])
    return pad(S), torch.tensor([len(s) for s in S]), pad(T)

class Translator(nn.Module):
    def __init__(self, d=32, h=48):
        super().__init__()
        self.es, self.et = nn.Embedding(len(src_words), d, PAD), nn.Embedding(len(tgt_words), d, PAD)
        self.enc = nn.GRU(d, h // 2, batch_first=True, bidirectional=True)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.mix, self.out = nn.Linear(2 * h, h), nn.Linear(h, len(tgt_words))

    def encode(self, src, n):
        p = nn.utils.rnn.pack_padded_sequence(self.es(src), n, batch_first=True, enforce_sorted=False)
        o, hn = self.enc(p)
        mem, _ = nn.utils.rnn.pad_packed_sequence(o, batch_first=True, total_length=src.size(1))
        return mem, torch.cat([hn[0], hn[1]], -1)[None]

    def decode(self, y, state, mem, src):
        o, state = self.dec(self.et(y), state)
        e = (o @ mem.transpose(1, 2)).masked_fill((src == PAD)[:, None], float("-inf"))
        c = e.softmax(-1) @ mem
        return self.out(torch.tanh(self.mix(torch.cat([o, c], -1)))), state

    @torch.no_grad()
    def translate(self, src, n, steps=12):
        mem, st = self.encode(src, n)
        y, out = torch.full((len(src), 1), BOS), []
        for _ in range(steps):
            lg, st = self.decode(y, st, mem, src)
            y = lg.argmax(-1); out.append(y)
        return torch.cat(out, 1)

def exact(net, pairs):
    net.eval()
    src, n, tgt = tensorize(pairs)
    hyp = net.translate(src, n).tolist()
    cut = lambda x: x[:x.index(EOS)] if EOS in x else x
    return sum(cut(h) == cut(g[1:]) for h, g in zip(hyp, tgt.tolist())) / len(pairs)

net = Translator()
opt = torch.optim.Adam(net.parameters())
E, B = 4, 60
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 0.015, total_steps=E * len(train) // B)
ce = nn.CrossEntropyLoss(ignore_index=PAD)
for ep in range(E):
    net.train(); random.shuffle(train); tot = 0
    for i in range(0, len(train), B):
        src, n, tgt = tensorize(train[i:i + B])
        mem, st = net.encode(src, n)
        lg, _ = net.decode(tgt[:, :-1], st, mem, src)
        loss = ce(lg.reshape(-1, lg.size(-1)), tgt[:, 1:].reshape(-1))
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.); opt.step(); sch.step(); tot += loss.item()
    print("epoch", ep, "loss %.4f" % (tot * B / len(train)), "whole sentences right: %.3f" % exact(net, test))
