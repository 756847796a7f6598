# Language id from characters, time-major GRU (T, B), label smoothing, gradient clipping, EMA of the weights at test time.
import os, re, copy
import torch
from torch import nn

torch.manual_seed(99)
base = os.path.join(os.environ['WORDFIT_DATA'], 'sentiment', 'umsab-multilingual')
langs = ('french', 'german', 'italian', 'english')
rows, seen = [], set()
for k, lang in enumerate(langs):
    took = 0
    for tweet in open(f'{base}/{lang}/train_text.txt', encoding='utf-8'):
        t = re.sub(r'https?\S*|[@#]\w+|[^a-zäöüßàâçèéêëìîïòôùû ]', ' ', tweet.lower())
        t = ' '.join(w for w in t.split() if w != 'rt')[:22]
        if len(t) > 14 and t not in seen:
            seen.add(t); rows.append((t, k)); took += 1
        if took == 560: break
chars = sorted({c for t, _ in rows for c in t})
index = {c: i + 1 for i, c in enumerate(chars)}
perm = torch.randperm(len(rows)).tolist()
rows = [rows[i] for i in perm]
train, held = rows[:-400], rows[-400:]


def batches(part, size, shuffle=False):
    order = torch.randperm(len(part)) if shuffle else torch.arange(len(part))
    for chunk in order.split(size):
        seqs = [torch.tensor([index[c] for c in part[i][0]]) for i in chunk.tolist()]
        yield nn.utils.rnn.pad_sequence(seqs), torch.tensor([len(s) for s in seqs]), torch.tensor([part[i][1] for i in chunk.tolist()])


class CharGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(chars) + 1, 16, padding_idx=0)
        self.rnn = nn.GRU(16, 32)
        self.drop = nn.Dropout(0.25)
        self.out = nn.Linear(32, len(langs))

    def forward(self, x, n):                      # x: (T, B)
        h, _ = self.rnn(self.emb(x))
        valid = torch.arange(len(x))[:, None] < n[None]
        h = h.masked_fill(~valid[:, :, None], float('-inf')).amax(0)     # max over real steps only
        return self.out(self.drop(h))


model = CharGRU()
ema = copy.deepcopy(model).requires_grad_(False)
steps, epochs = 0, 6
opt = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.05)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1.2e-2, epochs=epochs, steps_per_epoch=-(-len(train) // 56))
lossf = nn.CrossEntropyLoss(label_smoothing=0.1)


@torch.inference_mode()
def accuracy(net, part):
    net.eval()
    return sum((net(x, n).argmax(1) == y).sum().item() for x, n, y in batches(part, 400)) / len(part)


for ep in range(epochs):
    model.train()
    acc_loss = 0
    for x, n, y in batches(train, 56, True):
        loss = lossf(model(x, n), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        opt.step(); sched.step()
        steps += 1
        decay = min(0.97, (1 + steps) / (10 + steps))
        with torch.no_grad():
            for p, q in zip(ema.parameters(), model.parameters()):
                p.lerp_(q, 1 - decay)
        acc_loss += loss.item() * len(y)
    print(f'ep {ep}  loss {acc_loss / len(train):.3f} (floor with smoothing 0.35)  held-out raw {accuracy(model, held):.3f}  ema {accuracy(ema, held):.3f}')
print(f'train {accuracy(ema, train):.3f}')
