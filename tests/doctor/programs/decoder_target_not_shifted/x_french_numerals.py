# Sequence-to-sequence warm-up: French numerals -> digits.   quatre vingt dix sept -> 9 7
# Encoder GRU, decoder GRU started from the encoder's last state.  Cho et al. 2014 with toy data.
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence

random.seed(2)
torch.manual_seed(2)

UNITS = ("zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize").split()
TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre vingt"}

def below_100(n):
    if n < 17: return [UNITS[n]]
    if n < 20: return ["dix", UNITS[n - 10]]
    t, u = divmod(n, 10)
    if t in (7, 9):
        return TENS[t - 1].split() + below_100(10 + u)
    return TENS[t].split() + ([] if u == 0 else ["et", "un"] if u == 1 and t != 8 else [UNITS[u]])

def spell(n):
    h, r = divmod(n, 100)
    words = ([] if h == 0 else ["cent"] if h == 1 else [UNITS[h], "cent"])
    return words + (below_100(r) if r or not h else [])

PAD, BOS, EOS = 0, 1, 2
src_vocab = {"<pad>": PAD}
for n in range(1000):
    for w in spell(n): src_vocab.setdefault(w, len(src_vocab))
digit = {str(d): d + 3 for d in range(10)}

pairs = [([src_vocab[w] for w in spell(n)], [digit[c] for c in str(n)]) for n in range(1000)]
random.shuffle(pairs)
test, train = pairs[:150], pairs[150:]

def tensorise(rows):
    def pad(seqs):
        m = max(len(s) for s in seqs)
        return torch.tensor([s + [PAD] * (m - len(s)) for s in seqs])
    return pad([s for s, _ in rows]), torch.tensor([len(s) for s, _ in rows]), pad([[BOS] + t + [EOS] for _, t in rows])

class Numerals(nn.Module):
    def __init__(self, h=80):
        super().__init__()
        self.src_emb = nn.Embedding(len(src_vocab), 32, padding_idx=PAD)
        self.tgt_emb = nn.Embedding(13, 32, padding_idx=PAD)
        self.enc = nn.GRU(32, h, batch_first=True)
        self.dec = nn.GRU(32, h, batch_first=True)
        self.out = nn.Linear(h, 13)

    def encode(self, src, lens):
        p = pack_padded_sequence(self.src_emb(src), lens, batch_first=True, enforce_sorted=False)
        return self.enc(p)[1]

    def decode(self, tokens, state):
        o, state = self.dec(self.tgt_emb(tokens), state)
        return self.out(o), state

net = Numerals()
opt = torch.optim.Adam(net.parameters(), lr=6e-3)
sched = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.15, total_iters=9)
xent = nn.CrossEntropyLoss(ignore_index=PAD)

def greedy_exact(rows):
    net.eval()
    src, lens, tgt = tensorise(rows)
    with torch.no_grad():
        state = net.encode(src, lens)
        tok, outs = torch.full((len(rows), 1), BOS), []
        for _ in range(5):
            logits, state = net.decode(tok, state)
            tok = logits.argmax(-1)
            outs.append(tok)
    net.train()
    ok = 0
    for hyp, gold in zip(torch.cat(outs, 1).tolist(), rows):
        hyp = hyp[:hyp.index(EOS)] if EOS in hyp else hyp
        ok += hyp == gold[1]
    return ok / len(rows)

for epoch in range(10):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), 32):
        src, lens, tgt = tensorise(train[i:i + 32])
        # fault:
        dec_in, gold = tgt, tgt
        # mended:
        # dec_in, gold = tgt[:, :-1], tgt[:, 1:]
        # end
        logits, _ = net.decode(dec_in, net.encode(src, lens))
        loss = xent(logits.reshape(-1, 13), gold.reshape(-1))
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        tot += loss.item() * len(src)
    sched.step()
    print("epoch %2d  loss %.4f  test exact %.3f" % (epoch + 1, tot / len(train), greedy_exact(test)))
print("exact match, greedy: train %.3f test %.3f" % (greedy_exact(train), greedy_exact(test)))
