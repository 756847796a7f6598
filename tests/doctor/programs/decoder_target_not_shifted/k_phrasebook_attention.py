"""Tourist phrasebook, English to a toy Romance language: adjectives change place, articles agree, verbs agree with the
subject. GRU encoder, GRU decoder with attention; sentences are scored by free greedy decoding."""
import itertools
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(12)
torch.manual_seed(12)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

NOUNS = {"house": ("casa", "f"), "dog": ("can", "m"), "boat": ("nau", "f"), "road": ("via", "f"), "book": ("libre", "m"),
         "garden": ("horto", "m"), "table": ("mesa", "f"), "horse": ("caval", "m")}
ADJ = {"red": "roj", "small": "picol", "old": "vel", "new": "nov", "quiet": "quet", "": None}
SUBJ = {"i": "o", "you": "as", "she": "a", "we": "am"}
VERB = {"see": "ved", "want": "quer", "sell": "vend", "paint": "pint"}


def phrases():
    for s, v, n, a in itertools.product(SUBJ, VERB, NOUNS, ADJ):
        for art in ("the", "a"):
            word, g = NOUNS[n]
            en = [s, v, art] + ([a] if a else []) + [n]
            ro = [VERB[v] + SUBJ[s], {"the": {"f": "la", "m": "lo"}, "a": {"f": "una", "m": "un"}}[art][g], word]
            if a:
                ro.append(ADJ[a] + {"f": "a", "m": "o"}[g])
            yield en, ro


rows = list(phrases())
random.shuffle(rows)
test_rows, train_rows = rows[:250], rows[250:]
SPECIAL = ["<pad>", "<bos>", "<eos>"]
src_v = {w: i for i, w in enumerate(SPECIAL + sorted({w for e, _ in rows for w in e}))}
tgt_v = {w: i for i, w in enumerate(SPECIAL + sorted({w for _, r in rows for w in r}))}


def to_batch(chunk):
    pad = nn.utils.rnn.pad_sequence
    src = pad([torch.tensor([src_v[w] for w in e]) for e, _ in chunk], batch_first=True)
    tgt = pad([torch.tensor([1] + [tgt_v[w] for w in r] + [2]) for _, r in chunk], batch_first=True)
    return src.to(device), tgt.to(device)


class Encoder(nn.Module):
    def __init__(self, n, e=32, h=48):
        super().__init__()
        self.emb = nn.Embedding(n, e, padding_idx=0)
        self.rnn = nn.GRU(e, h, batch_first=True)

    def forward(self, src):
        out, _ = self.rnn(self.emb(src))
        n = (src != 0).sum(1)
        return out, out[torch.arange(len(src)), n - 1].unsqueeze(0)       # state at the last real word


class Decoder(nn.Module):
    def __init__(self, n, e=32, h=48):
        super().__init__()
        self.emb = nn.Embedding(n, e, padding_idx=0)
        self.rnn = nn.GRU(e, h, batch_first=True)
        self.out = nn.Linear(2 * h, n)

    def forward(self, tokens, state, memory, mask):
        o, state = self.rnn(self.emb(tokens), state)
        w = torch.bmm(o, memory.transpose(1, 2)).masked_fill(mask.unsqueeze(1), -1e9).softmax(-1)
        return self.out(torch.cat([o, torch.bmm(w, memory)], -1)), state


enc, dec = Encoder(len(src_v)).to(device), Decoder(len(tgt_v)).to(device)
params = list(enc.parameters()) + list(dec.parameters())
opt = torch.optim.Adam(params, lr=5e-3)


@torch.no_grad()
def exact_match(chunk):
    enc.eval(), dec.eval()
    src, _ = to_batch(chunk)
    mem, st = enc(src)
    tok, got = torch.ones(len(chunk), 1, dtype=torch.long, device=device), []
    for _ in range(7):
        logits, st = dec(tok, st, mem, src == 0)
        tok = logits[:, -1:].argmax(-1)
        got.append(tok)
    inv = list(tgt_v)
    ok = 0
    for ids, (_, ref) in zip(torch.cat(got, 1).tolist(), chunk):
        ok += [inv[i] for i in (ids[: ids.index(2)] if 2 in ids else ids)] == ref
    return ok / len(chunk)


for epoch in range(1, 7):
    enc.train(), dec.train()
    random.shuffle(train_rows)
    total = 0
    for i in range(0, len(train_rows), 32):
        src, tgt = to_batch(train_rows[i : i + 32])
        mem, st = enc(src)
        # fault:
        dec_in, gold = tgt[:, 1:], tgt[:, 1:]
        # mended:
        # dec_in, gold = tgt[:, :-1], tgt[:, 1:]
        # end
        logits, _ = dec(dec_in, st, mem, src == 0)
        loss = F.cross_entropy(logits.reshape(-1, len(tgt_v)), gold.reshape(-1), ignore_index=0)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
        total += loss.item() * len(src)
    print(f"Epoch {epoch}: loss {total / len(train_rows):.4f}  exact match train {exact_match(train_rows[:200]):.3f} test {exact_match(test_rows):.3f}")
