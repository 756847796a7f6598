# Tag every word of a mixed-language sentence with its language (segments of Multi30k in en / de / fr glued together).
# Words are seen through hashed character n-grams only, so there is no vocabulary to keep.
import gzip, os, random, re, zlib
import torch
from torch import nn

random.seed(31); torch.manual_seed(31)
LANGS = ('en', 'de', 'fr')
PAD_TAG = -100
NB = 3000

def sentences(stem, n):
    per_lang = []
    for l in LANGS:
        with gzip.open(os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/multi30k', f'{stem}.{l}.gz'), 'rt', encoding='utf8') as fh:
            per_lang.append([re.findall(r"\w+", next(fh).lower()) for _ in range(n)])
    return per_lang

def mixture(per_lang, n):
    rows = []
    for _ in range(n):
        words, tags = [], []
        last = -1
        for _ in range(random.randint(1, 3)):
            l = random.choice([k for k in range(3) if k != last]); last = l
            s = random.choice(per_lang[l])
            k = random.randint(2, 6); p = random.randint(0, max(0, len(s) - k))
            words += s[p:p + k]; tags += [l] * len(s[p:p + k])
        if words: rows.append((words, tags))
    return rows

cache = {}
def pieces(w):
    if w not in cache:
        m = f'<{w}>'
        cache[w] = [zlib.adler32(m[i:i + n].encode()) % NB for n in (2, 3, 4) for i in range(len(m) - n + 1)]
    return cache[w]

def make_batch(rows):
    T = max(len(w) for w, _ in rows)
    flat, offsets, slots = [], [], []
    tags = torch.full((len(rows), T), PAD_TAG)
    for r, (words, t) in enumerate(rows):
        tags[r, :len(t)] = torch.tensor(t)
        for c, w in enumerate(words):
            offsets.append(len(flat)); flat += pieces(w); slots.append(r * T + c)
    return (torch.tensor(flat), torch.tensor(offsets), torch.tensor(slots)), torch.tensor([len(w) for w, _ in rows]), tags

class Tagger(nn.Module):
    def __init__(self, d=24, h=24):
        super().__init__()
        self.chars = nn.EmbeddingBag(NB, d, mode='mean')
        self.drop = nn.Dropout(0.25)
        self.ctx = nn.GRU(d, h, bidirectional=True, batch_first=True)
        self.tag = nn.Linear(2 * h, len(LANGS))
    def forward(self, pieces, lengths, shape):
        flat, offsets, slots = pieces
        grid = torch.zeros(shape[0] * shape[1], self.chars.embedding_dim)
        grid = grid.index_copy(0, slots, self.drop(self.chars(flat, offsets))).view(*shape, -1)
        packed = nn.utils.rnn.pack_padded_sequence(grid, lengths, batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(self.ctx(packed)[0], batch_first=True)
        return self.tag(out)

train = mixture(sentences('train', 6000), 1400)
dev = mixture(sentences('val', 600), 300)
test = mixture(sentences('test_2016_flickr', 600), 300)

net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
lossf = nn.CrossEntropyLoss(ignore_index=PAD_TAG)

def run(rows):
    net.eval()
    hit = n = whole = 0
    with torch.no_grad():
        for i in range(0, len(rows), 150):
            p, ln, y = make_batch(rows[i:i + 150])
            g = net(p, ln, y.shape).argmax(-1)
            real = y != PAD_TAG
            hit += ((g == y) & real).sum().item(); n += real.sum().item()
            whole += ((g == y) | ~real).all(1).sum().item()
    return hit / n, whole / len(rows)

print('before training: dev words %.3f' % run(dev)[0])
EPOCHS = 3
for ep in range(EPOCHS):
    for gr in opt.param_groups: gr['lr'] = 8e-3 * (1 - ep / EPOCHS)
    random.shuffle(train); net.train(); tot = cnt = 0
    for i in range(0, len(train), 32):
        p, ln, y = make_batch(train[i:i + 32])
        out = net(p, ln, y.shape)
        loss = lossf(out.flatten(0, 1), y.flatten())
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item(); cnt += 1
    print('epoch %d loss %.4f  dev words %.4f sentences %.3f' % (ep, tot / cnt, *run(dev)))
print('train words %.4f sentences %.3f' % run(train))
print('test  words %.4f sentences %.3f' % run(test))
