"""Dual encoder for cross-lingual caption retrieval (Multi30k en<->de), in-batch negatives."""
import argparse, gzip, logging, os, re
from collections import Counter
import torch
import torch.nn as nn
import torch.nn.functional as F

logging.basicConfig(level=logging.INFO, format='[%(levelname)s] %(message)s')
log = logging.getLogger('retrieval')

ap = argparse.ArgumentParser()
ap.add_argument('--pairs', type=int, default=8000)
ap.add_argument('--dim', type=int, default=48)
ap.add_argument('--epochs', type=int, default=5)
ap.add_argument('--batch', type=int, default=128)
ap.add_argument('--lr', type=float, default=1e-2)
ap.add_argument('--word-drop', type=float, default=0.3)
ap.add_argument('--min-count', type=int, default=4)
ap.add_argument('--seed', type=int, default=0)
args = ap.parse_args()
torch.manual_seed(args.seed)


def read(split, lang):
    p = os.path.join(os.environ['WORDFIT_DATA'], 'seq2seq/multi30k', f'{split}.{lang}.gz')
    with gzip.open(p, 'rt', encoding='utf-8') as f:
        return [re.findall(r'\w+', l.lower()) for _, l in zip(range(args.pairs), f)]


class Side:
    def __init__(self, sents):
        c = Counter(w for s in sents for w in s)
        self.index = {w: i for i, w in enumerate(sorted(w for w, n in c.items() if n >= args.min_count))}

    def __len__(self):
        return len(self.index)

    def __call__(self, s):
        return torch.tensor([self.index[w] for w in s if w in self.index])


class Encoder(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.emb = nn.EmbeddingBag(n, args.dim, mode='sum')
        nn.init.normal_(self.emb.weight, std=args.dim ** -0.5)

    def forward(self, batch):
        lens = torch.tensor([len(b) for b in batch])
        off = torch.cat([torch.zeros(1, dtype=torch.long), lens.cumsum(0)[:-1]])
        ids = torch.cat(batch)
        keep = torch.ones(len(ids))
        if self.training:   # word dropout
            keep = (torch.rand(len(ids)) > args.word_drop).float()
        return F.normalize(self.emb(ids, off, per_sample_weights=keep), dim=-1, eps=1e-6)


class Retriever(nn.Module):
    def __init__(self, n_en, n_de):
        super().__init__()
        self.en, self.de = Encoder(n_en), Encoder(n_de)
        self.log_tau = nn.Parameter(torch.tensor(2.5))

    def forward(self, a, b):
        return self.en(a) @ self.de(b).t() * self.log_tau.exp().clamp(max=30)


en, de = read('train', 'en')[:args.pairs], read('train', 'de')[:args.pairs]
ven, vde = Side(en), Side(de)


def pairs(a, b, ban=()):
    out = []
    for s, t in zip(a, b):
        x, y = ven(s), vde(t)
        if len(x) and len(y) and tuple(s) not in ban:
            out.append((x, y))
    return out


train = pairs(en, de)
dev = pairs(read('val', 'en'), read('val', 'de'), set(map(tuple, en)))
log.info('%d train, %d dev pairs; vocabularies %d / %d', len(train), len(dev), len(ven), len(vde))
model = Retriever(len(ven), len(vde))
opt = torch.optim.Adam(model.parameters(), lr=args.lr)
steps = args.epochs * (len(train) // args.batch)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 20, 1 - s / (steps + 1)))


@torch.no_grad()
def recall(data):
    model.eval()
    sim = model([x for x, _ in data], [y for _, y in data])
    rank = (sim > sim.diag().unsqueeze(1)).sum(1)
    return [(rank < k).float().mean().item() for k in (1, 5, 10)]


for epoch in range(args.epochs):
    model.train()
    perm, tot = torch.randperm(len(train)).tolist(), 0.
    n = len(perm) // args.batch
    for i in range(n):
        chunk = [train[j] for j in perm[i * args.batch:(i + 1) * args.batch]]
        sim = model([x for x, _ in chunk], [y for _, y in chunk])
        gold = torch.arange(len(chunk))
        loss = (F.cross_entropy(sim, gold) + F.cross_entropy(sim.t(), gold)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
        warm.step()
        tot += loss.item()
    r = recall(dev)
    t = recall(train[:len(dev)])
    log.info('epoch %d loss %.3f  dev R@1 %.3f R@5 %.3f R@10 %.3f  (train R@1 %.3f R@10 %.3f)', epoch, tot / n, *r, t[0], t[2])
