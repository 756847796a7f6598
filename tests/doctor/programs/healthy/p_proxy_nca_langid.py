"""Which language is this tweet in?  Proxy-NCA on hashed character trigrams, judged by nearest neighbours.

The classifier is never used at test time: only the distances between tweets count."""
import os, zlib
import torch
import torch.nn.functional as F

torch.manual_seed(0)
ROOT = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')
LANGS = ['english', 'french', 'german', 'italian', 'portuguese', 'spanish']
BUCKETS = 4096


def read(split, n):
    rows = []
    for k, lang in enumerate(LANGS):
        with open(f'{ROOT}/{lang}/{split}_text.txt', encoding='utf-8') as f:
            for line in list(f)[:n]:
                t = ' '.join(w for w in line.lower().split() if w[0] not in '@#' and not w.startswith('http'))
                if len(t) > 20:
                    rows.append((t[:100], k))
    return rows


def hashed(text):
    s = f' {text} '
    return torch.tensor([zlib.crc32(s[i:i + 3].encode()) % BUCKETS for i in range(len(s) - 2)])


def tensors(rows):
    return [hashed(t) for t, _ in rows], torch.tensor([k for _, k in rows])


train_x, train_y = tensors(read('train', 400))
test_x, test_y = tensors(read('test', 120))
print(len(train_x), 'train', len(test_x), 'test')

table = torch.nn.EmbeddingBag(BUCKETS, 32, mode='mean', sparse=True)
torch.nn.init.normal_(table.weight, std=0.1)
proxies = torch.nn.Parameter(torch.randn(len(LANGS), 32))
opt_table = torch.optim.SparseAdam(list(table.parameters()), lr=5e-3)   # sparse rows
opt_proxy = torch.optim.Adam([proxies], lr=1e-2)                        # dense


def encode(bags):
    off = torch.tensor([0] + [len(b) for b in bags[:-1]]).cumsum(0)
    return F.normalize(table(torch.cat(bags), off), dim=1)


def proxy_nca(z, y, scale=3.0):
    d = torch.cdist(scale * z, scale * F.normalize(proxies, dim=1)).pow(2)
    own = d.gather(1, y[:, None]).squeeze(1)
    rest = d.masked_fill(F.one_hot(y, len(LANGS)).bool(), float('inf'))
    # the own class is left out of the denominator (as in the paper), so this may go below zero
    return (own + torch.logsumexp(-rest, 1)).mean()


@torch.no_grad()
def knn(k=5):
    bank, q = encode(train_x), encode(test_x)
    votes = train_y[(q @ bank.t()).topk(k, 1).indices]
    return (votes.mode(1).values == test_y).float().mean().item()


print(f'5-NN before training {knn():.3f}')
for epoch in range(4):
    total = 0.
    for idx in torch.randperm(len(train_x)).split(48):
        loss = proxy_nca(encode([train_x[i] for i in idx]), train_y[idx])
        opt_table.zero_grad(); opt_proxy.zero_grad()
        loss.backward()
        opt_table.step(); opt_proxy.step()
        total += loss.item() * len(idx)
    print(f'epoch {epoch}: proxy-nca {total / len(train_x):+.4f}   5-NN test accuracy {knn():.3f}')
