# -*- coding: utf-8 -*-
"""Sequence to sequence with dot attention on a little made-up pair of languages.
"the red cat sees a big dog" -> articles agree, adjectives go behind the noun, the verb goes last, <eos>."""
import random
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(6); random.seed(6)
PAD, BOS, EOS = 0, 1, 2
NOUNS = {"cat": ("miso", "m"), "dog": ("haro", "m"), "bird": ("pila", "f"), "fish": ("nuda", "f"), "horse": ("kavo", "m"), "cow": ("bera", "f"), "king": ("rego", "m"), "queen": ("rega", "f")}
ADJ = {"red": "roj", "big": "gran", "old": "viel", "fast": "rap", "good": "bon", "sad": "trist"}
VERBS = {"sees": "vidi", "likes": "ami", "hears": "audi", "follows": "seki", "finds": "trovi"}

def phrase():
    n = random.choice(list(NOUNS)); tgt_n, sex = NOUNS[n]
    art = random.choice(["the", "a"])
    src, tgt = [art], [{"the": {"m": "lo", "f": "la"}, "a": {"m": "un", "f": "una"}}[art][sex], tgt_n]
    for a in random.sample(list(ADJ), random.choice([0, 1, 1])):
        src.append(a); tgt.append(ADJ[a] + ("o" if sex == "m" else "a"))
    return src + [n], tgt

def sentence():
    (s1, t1), (s2, t2), v = phrase(), phrase(), random.choice(list(VERBS))
    return s1 + [v] + s2, t1 + t2 + [VERBS[v]]

pool = {}
while len(pool) < 2600:
    s, t = sentence(); pool[" ".join(s)] = (s, t)
pairs = list(pool.values()); random.shuffle(pairs)
train_pairs, valid_pairs, test_pairs = pairs[:2200], pairs[2200:2400], pairs[2400:]

class Lang:
    def __init__(self, sents):
        self.itos = ["<pad>", "<bos>", "<eos>"] + sorted({w for s in sents for w in s})
        self.stoi = {w: i for i, w in enumerate(self.itos)}
    def pad(self, sents):
        T = max(map(len, sents)) + 1
        return torch.tensor([[self.stoi[w] for w in s] + [EOS] + [PAD] * (T - 1 - len(s)) for s in sents])

src_lang, tgt_lang = Lang([p[0] for p in train_pairs]), Lang([p[1] for p in train_pairs])

class Seq2Seq(nn.Module):
    def __init__(self, ns, nt, d=32):
        super().__init__()
        self.es, self.et = nn.Embedding(ns, d, PAD), nn.Embedding(nt, d, PAD)
        self.enc = nn.GRU(d, d, batch_first=True, bidirectional=True)
        self.bridge, self.keys = nn.Linear(2 * d, d), nn.Linear(2 * d, d)
        self.dec = nn.GRU(d, d, batch_first=True)
        self.mix, self.out = nn.Linear(2 * d, d), nn.Linear(d, nt)

    def encode(self, s):
        lens = (s != PAD).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.es(s), lens, batch_first=True, enforce_sorted=False)
        h, last = self.enc(packed)
        h, _ = nn.utils.rnn.pad_packed_sequence(h, batch_first=True)
        return self.keys(h), s == PAD, torch.tanh(self.bridge(torch.cat([last[0], last[1]], 1)))[None]

    def decode(self, t, state, keys, blank):
        o, state = self.dec(self.et(t), state)
        a = (o @ keys.transpose(1, 2)).masked_fill(blank[:, None], -1e9).softmax(-1)
        return self.out(torch.tanh(self.mix(torch.cat([o, a @ keys], -1)))), state

    @torch.no_grad()
    def greedy(self, s, limit=12):
        keys, blank, state = self.encode(s)
        t = torch.full((len(s), 1), BOS); done = torch.zeros(len(s), dtype=torch.bool); result = []
        for _ in range(limit):
            logits, state = self.decode(t, state, keys, blank)
            t = logits.argmax(-1).masked_fill(done[:, None], PAD)
            done |= t[:, 0] == EOS
            result.append(t)
            if done.all(): break
        return [[tgt_lang.itos[i] for i in row if i > EOS] for row in torch.cat(result, 1).tolist()], done

def exact(model, pairs):
    model.eval()
    hyp, done = model.greedy(src_lang.pad([s for s, _ in pairs]))
    return sum(h == t for h, (_, t) in zip(hyp, pairs)) / len(pairs), done.float().mean().item()

model = Seq2Seq(len(src_lang.itos), len(tgt_lang.itos))
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
EPOCHS, BS = 4, 40
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, epochs=EPOCHS, steps_per_epoch=len(train_pairs) // BS, pct_start=.2)
for epoch in range(EPOCHS):
    random.shuffle(train_pairs); model.train(); t0, total, toks = time.process_time(), 0., 0
    for i in range(0, len(train_pairs), BS):
        s, t = src_lang.pad([p[0] for p in train_pairs[i:i + BS]]), tgt_lang.pad([p[1] for p in train_pairs[i:i + BS]])
        inp = torch.cat([torch.full((len(t), 1), BOS), t[:, :-1]], 1).masked_fill(t == PAD, PAD)
        keys, blank, state = model.encode(s)
        logits, _ = model.decode(inp, state, keys, blank)
        loss = F.cross_entropy(logits.transpose(1, 2), t, ignore_index=PAD)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.)
        opt.step(); sched.step()
        n = (t != PAD).sum().item(); total += loss.item() * n; toks += n
    print(f"epoch {epoch} loss/token {total / toks:.4f} valid exact {exact(model, valid_pairs)[0]:.3f} ({time.process_time() - t0:.1f}s)")
print("train exact %.3f (ended %.3f)" % exact(model, train_pairs[:200]))
print("test  exact %.3f (ended %.3f)" % exact(model, test_pairs))
for s, t in test_pairs[:2]:
    print(" ".join(s), "=>", " ".join(model.greedy(src_lang.pad([s]))[0][0]), "| gold:", " ".join(t))
