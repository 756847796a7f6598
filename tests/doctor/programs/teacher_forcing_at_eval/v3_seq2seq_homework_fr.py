"""Assignment 4 - neural machine translation on a toy English/French grammar.

GRU encoder, GRU decoder with dot product attention (Luong), reported by token accuracy and exact match.
"""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(1234)
torch.manual_seed(1234)
PAD, BOS, EOS = 0, 1, 2

PERSON = {'i': ('je', 'e'), 'he': ('il', 'e'), 'she': ('elle', 'e'), 'we': ('nous', 'ons'), 'they': ('ils', 'ent')}
YOU = [('tu', 'es'), ('vous', 'ez')]                      # both are right
VERBS = {'look at': 'regard', 'carry': 'port', 'find': 'trouv', 'draw': 'dessin', 'show': 'montr', 'break': 'cass'}
NOUNS = {'table': ('la', 'table'), 'book': ('le', 'livre'), 'car': ('la', 'voiture'), 'bag': ('le', 'sac'), 'knife': ('le', 'couteau'), 'flower': ('la', 'fleur')}
ADJ = {'red': 'rouge', 'clean': 'propre', 'strange': 'bizarre', 'yellow': 'jaune'}
TIME = {'today': "aujourd'hui", 'often': 'souvent', 'tomorrow': 'demain', 'here': 'ici'}


def sentence():
    who = random.choice(list(PERSON) + ['you', 'you'])
    pron, end = random.choice(YOU) if who == 'you' else PERSON[who]
    v, n = random.choice(list(VERBS)), random.choice(list(NOUNS))
    a = random.choice(list(ADJ) + [None])
    t = random.choice(list(TIME) + [None] * 2)
    en = [who] + v.split() + ['the'] + [a] * bool(a) + [n] + [t] * bool(t)
    fr = [pron, VERBS[v] + end, *NOUNS[n]] + ([ADJ[a]] if a else [])
    if t:                                                # the adverb stands last, or now and then first, in French
        fr = [TIME[t]] + fr if random.random() < 0.3 else fr + [TIME[t]]
    return ' '.join(en), ' '.join(fr)


pairs = {}
while len(pairs) < 2250:
    e, f = sentence()
    pairs.setdefault(e, f)
pairs = list(pairs.items())
train_pairs, dev_pairs = pairs[:2000], pairs[2000:]
src_vocab = {w: i + 3 for i, w in enumerate(sorted({w for e, _ in train_pairs for w in e.split()}))}
tgt_vocab = {w: i + 3 for i, w in enumerate(sorted({w for _, f in pairs for w in f.split()}))}


def to_batch(ps):
    s = [torch.tensor([src_vocab[w] for w in e.split()] + [EOS]) for e, _ in ps]
    t = [torch.tensor([BOS] + [tgt_vocab[w] for w in f.split()] + [EOS]) for _, f in ps]
    return pad_sequence(s, True), torch.tensor([len(x) for x in s]), pad_sequence(t, True)


class NMT(nn.Module):
    def __init__(self, d=32, h=48):
        super().__init__()
        self.src_emb = nn.Embedding(len(src_vocab) + 3, d, padding_idx=PAD)
        self.tgt_emb = nn.Embedding(len(tgt_vocab) + 3, d, padding_idx=PAD)
        self.enc = nn.GRU(d, h, batch_first=True)
        self.dec = nn.GRU(d, h, batch_first=True)
        self.mix = nn.Linear(2 * h, h)
        self.proj = nn.Linear(h, len(tgt_vocab) + 3)

    def encode(self, src, lens):
        out, h = self.enc(pack_padded_sequence(self.src_emb(src), lens, batch_first=True, enforce_sorted=False))
        return pad_packed_sequence(out, batch_first=True)[0], h, (src == PAD).unsqueeze(1)

    def decode(self, memory, mask, tokens, h):
        out, h = self.dec(self.tgt_emb(tokens), h)
        att = (out @ memory.transpose(1, 2)).masked_fill(mask, float('-inf')).softmax(-1)
        return self.proj(torch.tanh(self.mix(torch.cat([out, att @ memory], -1)))), h

    def forward(self, src, lens, tokens):
        memory, h, mask = self.encode(src, lens)
        return self.decode(memory, mask, tokens, h)[0]

    def translate(self, src, lens, steps):
        memory, h, mask = self.encode(src, lens)
        tok, words = torch.full((len(src), 1), BOS), []
        for _ in range(steps):
            logits, h = self.decode(memory, mask, tok, h)
            tok = logits.argmax(-1)
            words.append(tok)
        return torch.cat(words, 1)


model = NMT()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 6 * 50)


def evaluate(ps):
    model.eval()
    src, lens, tgt = to_batch(ps)
    gold = tgt[:, 1:]
    with torch.no_grad():
        # fault:
        hyp = model(src, lens, tgt[:, :-1]).argmax(-1)
        # mended:
        # hyp = model.translate(src, lens, gold.size(1))
        # end
    real = gold != PAD
    return ((hyp == gold) & real).sum().item() / real.sum().item(), ((hyp == gold) | ~real).all(1).float().mean().item()


for epoch in range(1, 7):
    model.train()
    random.shuffle(train_pairs)
    total = 0
    for i in range(0, len(train_pairs), 40):
        src, lens, tgt = to_batch(train_pairs[i:i + 40])
        loss = F.cross_entropy(model(src, lens, tgt[:, :-1]).flatten(0, 1), tgt[:, 1:].flatten(), ignore_index=PAD)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        total += loss.item()
    print('epoch %d  loss %.3f  dev token acc %.3f  exact %.3f' % ((epoch, total / (len(train_pairs) // 40)) + evaluate(dev_pairs)))
