"""Which of four languages is this caption in?  Character GRU over packed sequences."""
import gzip
import os
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

random.seed(5); torch.manual_seed(5)
DATA = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq', 'multi30k')
LANGS = ['en', 'de', 'fr', 'cs']


def lines(split, lang, n):
    with gzip.open(os.path.join(DATA, f'{split}.{lang}.gz'), 'rt', encoding='utf8') as fh:
        rows = [x.strip() for x in fh]
    random.shuffle(rows)
    return rows[:n]


def snippets(split, n):
    """a few characters cut out of each caption, so that it does not get too easy"""
    seen, out = set(), []
    for k, lang in enumerate(LANGS):
        for text in lines(split, lang, n):
            size = random.randint(12, 22)
            at = random.randrange(max(1, len(text) - size))
            cut = text[at:at + size].lower()
            if len(cut) > 5 and cut not in seen:
                seen.add(cut)
                out.append((cut, k))
    random.shuffle(out)
    return out


train = snippets('train', 700)
known = {t for t, _ in train}
test = [(t, k) for t, k in snippets('val', 250) if t not in known]
alphabet = sorted({c for t, _ in train for c in t})
code = {c: i + 1 for i, c in enumerate(alphabet)}      # 0 = never seen in training


def encode(rows):
    return [(torch.tensor([code.get(c, 0) for c in t]), k) for t, k in rows]


class LangID(nn.Module):
    def __init__(self, chars, d=16, h=32):
        super().__init__()
        self.chars = nn.Embedding(chars, d)
        self.rnn = nn.GRU(d, h)
        self.out = nn.Linear(h, len(LANGS))

    def forward(self, texts):
        packed = pack_sequence(texts, enforce_sorted=False)
        packed = packed._replace(data=self.chars(packed.data))
        _, last = self.rnn(packed)
        return self.out(last[0])


def batches(rows, size, shuffle):
    rows = random.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), size):
        xs, ys = zip(*rows[i:i + size])
        yield list(xs), torch.tensor(ys)


train, test = encode(train), encode(test)
net = LangID(len(code) + 1)
EPOCHS, BS = 6, 64
opt = torch.optim.Adam(net.parameters())
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.015, total_steps=EPOCHS * -(-len(train) // BS))
for ep in range(EPOCHS):
    net.train()
    run = 0.
    for xs, ys in batches(train, BS, True):
        loss = nn.functional.cross_entropy(net(xs), ys)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        run += loss.item() * len(ys)
    net.eval()
    with torch.inference_mode():
        hits = sum((net(xs).argmax(-1) == ys).sum().item() for xs, ys in batches(test, 200, False))
    print(f'{ep + 1}/{EPOCHS} loss={run / len(train):.3f} test_acc={hits / len(test):.3f}')
