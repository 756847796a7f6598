"""Two stages. (1) word vectors from ALL texts, labels unused: guess a word from its two neighbours on each side.
(2) a classifier on the labelled training texts starts from these vectors. Where does a sentence come from?"""
import collections, os, random, re
import torch
from torch import nn

D = os.environ["WORDFIT_DATA"]
random.seed(0); torch.manual_seed(0)

def read(path, enc="utf8", cut=lambda s: s):
    with open(os.path.join(D, path), encoding=enc) as f:
        rows = sorted({" ".join(re.findall("[a-z]+", cut(r).lower())[:14]) for r in f})
    random.shuffle(rows)
    return [r.split() for r in rows if r.count(" ") >= 4][:800]

sources = {
    "products": read("sentiment/CR/custrev.pos"),
    "films": read("sentiment/MR/rt-polarity.neg", "latin-1"),
    "business": read("sentiment/financial-phrasebank/Sentences_50Agree.txt", cut=lambda s: s.rsplit("@", 1)[0]),
    "captions": read("glue/SNLI/train_subset8999.tsv", cut=lambda s: s.split("\t")[1]),
}
corpus = [(toks, k) for k, rows in enumerate(sources.values()) for toks in rows]
random.shuffle(corpus)
freq = collections.Counter(w for t, _ in corpus for w in t)
itos = ["<pad>", "<unk>"] + [w for w, c in freq.items() if c >= 4]
stoi = {w: i for i, w in enumerate(itos)}
coded = [[stoi.get(w, 1) for w in t] for t, _ in corpus]
label = torch.tensor([k for _, k in corpus])
V, E = len(itos), 24
emb = nn.Embedding(V, E, padding_idx=0)

# ---- stage 1: all texts, no labels
ctx, mid = [], []
for ids in coded:
    for p in range(2, len(ids) - 2):
        if ids[p] > 1:
            ctx.append(ids[p - 2:p] + ids[p + 1:p + 3]); mid.append(ids[p])
ctx, mid = torch.tensor(ctx), torch.tensor(mid)
proj = nn.Linear(E, V)
opt = torch.optim.Adam([*emb.parameters(), *proj.parameters()], lr=8e-3)
for ep in range(2):
    tot = 0.
    for b in torch.randperm(len(mid)).split(256):
        loss = nn.functional.cross_entropy(proj(emb(ctx[b]).mean(1)), mid[b])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(b)
    print(f"[pretrain] epoch {ep}  {len(mid)} windows, V={V}, loss {tot / len(mid):.3f}")

# ---- stage 2: labelled training texts only
n_train = 2500
head = nn.Linear(E, len(sources))
opt = torch.optim.Adam([{"params": head.parameters(), "lr": 2e-2}, {"params": emb.parameters(), "lr": 6e-3}])

def classify(rows):
    width = max(len(coded[i]) for i in rows)
    ids = torch.tensor([coded[i] + [0] * (width - len(coded[i])) for i in rows])
    n = (ids > 0).sum(1, keepdim=True)
    return head(emb(ids).sum(1) / n)         # padding vector is zero and stays zero

def score(rows):
    with torch.no_grad():
        return (classify(rows).argmax(1) == label[rows]).float().mean().item()

train, test = list(range(n_train)), list(range(n_train, len(coded)))
sched = torch.optim.lr_scheduler.StepLR(opt, 1, gamma=0.6)
for ep in range(5):
    random.shuffle(train)
    tot = 0.
    for s in range(0, n_train, 32):
        rows = train[s:s + 32]
        loss = nn.functional.cross_entropy(classify(rows), label[rows])
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(rows)
    sched.step()
    print(f"[tune] epoch {ep}  loss {tot / n_train:.3f}  train acc {score(train):.3f}  test acc {score(test):.3f}")
