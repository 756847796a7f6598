"""Caption language model: LSTM with tied input and output tables, variational-ish dropout, truncated vocabulary."""
import collections, gzip, math, os, random, re
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(42); random.seed(42)
D = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/multi30k")
PAD, BOS, EOS, UNK = 0, 1, 2, 3


def captions(split, limit):
    out = []
    with gzip.open(f"{D}/{split}.en.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w = re.findall(r"[a-z]+", line.lower())
            if 3 <= len(w) <= 9:
                out.append(tuple(w))
            if len(out) == limit:
                break
    return list(dict.fromkeys(out))


train = captions("train", 4000)
have = set(train)
valid = [c for c in captions("val", 400) if c not in have]
freq = collections.Counter(w for c in train for w in c)
itos = ["<pad>", "<s>", "</s>", "<unk>"] + [w for w, _ in freq.most_common(296)]
stoi = {w: i for i, w in enumerate(itos)}


def batches(caps, size, shuffle):
    enc = [[BOS] + [stoi.get(w, UNK) for w in c] + [EOS] for c in caps]
    if shuffle:
        random.shuffle(enc)
    for i in range(0, len(enc), size):
        part = enc[i:i + size]
        width = max(map(len, part))
        t = torch.tensor([s + [PAD] * (width - len(s)) for s in part])
        yield t[:, :-1], t[:, 1:]


class TiedLM(nn.Module):
    def __init__(self, vocab, dim=48, hidden=64, p=0.25):
        super().__init__()
        self.table = nn.Embedding(vocab, dim, padding_idx=PAD)
        nn.init.uniform_(self.table.weight, -0.1, 0.1)
        with torch.no_grad():
            self.table.weight[PAD].zero_()
        self.lstm = nn.LSTM(dim, hidden, batch_first=True)
        self.down = nn.Linear(hidden, dim)
        self.drop = nn.Dropout(p)
        self.bias = nn.Parameter(torch.zeros(vocab))

    def forward(self, x):
        h, _ = self.lstm(self.drop(self.table(x)))
        return F.linear(self.down(self.drop(h)), self.table.weight, self.bias)


@torch.no_grad()
def perplexity(lm, caps):
    lm.eval()
    nll = n = 0
    for x, y in batches(caps, 200, False):
        nll += F.cross_entropy(lm(x).flatten(0, 1), y.flatten(), ignore_index=PAD, reduction="sum").item()
        n += (y != PAD).sum().item()
    lm.train()
    return math.exp(nll / n)


def unigram_perplexity():
    c = collections.Counter()
    for _, y in batches(train, 500, False):
        c.update(y[y != PAD].tolist())
    tot = sum(c.values())
    ys = [t for _, y in batches(valid, 500, False) for t in y[y != PAD].tolist()]
    return math.exp(-sum(math.log((c[t] + 1) / (tot + len(itos))) for t in ys) / len(ys))


lm = TiedLM(len(itos))
opt = torch.optim.AdamW(lm.parameters(), lr=8e-3, weight_decay=1e-4)
EPOCHS = 4
steps = EPOCHS * math.ceil(len(train) / 80)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 8e-3, total_steps=steps, pct_start=0.15)
for epoch in range(EPOCHS):
    for x, y in batches(train, 80, True):
        loss = F.cross_entropy(lm(x).flatten(0, 1), y.flatten(), ignore_index=PAD)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
        sched.step()
    print(f"epoch {epoch + 1}: train ppl {perplexity(lm, train[:800]):.1f}  valid ppl {perplexity(lm, valid):.1f}")
print(f"unigram ppl {unigram_perplexity():.1f}, {len(train)} captions, {len(valid)} validation captions")
