# Translation matching: two bag encoders, in-batch softmax in both directions (as in CLIP), learned temperature.
# Held out: 300 pairs whose English and French sentences are not in train.
import gzip, os, re, random, time
import torch
from torch import nn
import torch.nn.functional as F

random.seed(77); torch.manual_seed(77)
fn = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/tatoeba-fra-eng/fra.txt.gz')
pairs, en_seen, fr_seen = [], set(), set()
with gzip.open(fn, 'rt', encoding='utf-8') as f:
    for n, line in enumerate(f):
        if n < 70000: continue
        if n > 120000: break
        e, fr = line.rstrip('\n').lower().split('\t')[:2]
        if e in en_seen or fr in fr_seen: continue      # one pair per sentence on either side
        en_seen.add(e); fr_seen.add(fr)
        pairs.append((re.findall(r"\w+|[?!]", e), re.findall(r"\w+|[?!]", fr)))
random.shuffle(pairs)
held, train = pairs[:300], pairs[300:6800]

def build(side):
    v = {}
    for p in train:
        for w in p[side]:
            v[w] = v.get(w, 0) + 1
    return {w: i + 2 for i, w in enumerate(w for w, c in v.items() if c > 2)}
vocabs = build(0), build(1)

def bag(side, ps):
    seqs = [torch.tensor([vocabs[side].get(w, 1) for w in p[side]]) for p in ps]
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True)

class Tower(nn.Module):
    def __init__(self, n, d=48):
        super().__init__()
        self.emb = nn.Embedding(n, d, padding_idx=0)
        self.gate = nn.Embedding(n, 1, padding_idx=0)      # how much a word counts
        nn.init.zeros_(self.gate.weight)
        nn.init.normal_(self.emb.weight[2:], std=0.1)
    def forward(self, x):
        m = (x > 0).unsqueeze(-1)
        e = F.dropout(self.emb(x), 0.1, self.training)
        a = self.gate(x).masked_fill(~m, -1e9).softmax(1)
        return F.normalize((a * e).sum(1), dim=-1)

en, fr = Tower(len(vocabs[0]) + 2), Tower(len(vocabs[1]) + 2)
log_t = nn.Parameter(torch.tensor(2.0))
opt = torch.optim.Adam([{'params': [*en.parameters(), *fr.parameters()], 'lr': 1e-2}, {'params': [log_t], 'lr': 1e-2}])
EPOCHS = 5
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)

def recall(ps):
    en.eval(); fr.eval()
    with torch.no_grad():
        sim = en(bag(0, ps)) @ fr(bag(1, ps)).T
    return (sim.argmax(1) == torch.arange(len(ps))).float().mean().item()

for ep in range(EPOCHS):
    en.train(); fr.train(); random.shuffle(train); run = []
    for i in range(0, len(train) - 127, 128):
        chunk = train[i:i + 128]
        logits = en(bag(0, chunk)) @ fr(bag(1, chunk)).T * log_t.exp()
        gold = torch.arange(len(chunk))
        loss = (F.cross_entropy(logits, gold) + F.cross_entropy(logits.T, gold)) / 2
        opt.zero_grad(); loss.backward(); opt.step()
        with torch.no_grad(): log_t.clamp_(max=4.0)
        run.append(loss.item())
    sched.step()
    print('epoch', ep, 'loss %.4f' % (sum(run) / len(run)), 'R@1 of 300: train %.3f held out %.3f' % (recall(train[:300]), recall(held)),
          'scale %.1f' % log_t.exp().item())
