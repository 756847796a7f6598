# Does the lamp burn at the end? A log of switch events is read by a GRU with an attentive read-out.
# weight decay only on matrices, as usual
import argparse
import random
import torch
import torch.nn as nn

ap = argparse.ArgumentParser()
ap.add_argument("--epochs", type=int, default=6)
ap.add_argument("--bs", type=int, default=64)
ap.add_argument("--lr", type=float, default=1e-2)
ap.add_argument("--wd", type=float, default=1e-4)
ap.add_argument("--hidden", type=int, default=24)
opts = ap.parse_args([])
rnd = random.Random(77)
torch.manual_seed(77)

ROOMS = ["kitchen", "attic", "hall"]
ON = ["light", "ignite", "enable"]
OFF = ["dim", "douse", "disable"]
CHAT = "well okay then so please now maybe right fine sure thanks hello".split()


def story():
    state = {r: 0 for r in ROOMS}
    toks = []
    for _ in range(rnd.randint(3, 6)):
        room = rnd.choice(ROOMS)
        v = rnd.randint(0, 1)
        state[room] = v
        toks += [rnd.choice(ON if v else OFF), room] + rnd.choices(CHAT, k=rnd.randint(0, 2))
    ask = rnd.choice([r for r in ROOMS if r in toks])
    return tuple([ask] + toks), state[ask]


seen = {}
while len(seen) < 3300:
    s, y = story()
    seen[s] = y
data = list(seen.items())
test, train = data[:500], data[500:]
words = sorted({w for s, _ in data for w in s})
w2i = {w: i + 1 for i, w in enumerate(words)}


def batches(rows, shuffle):
    rows = rnd.sample(rows, len(rows)) if shuffle else rows
    for i in range(0, len(rows), opts.bs):
        part = rows[i:i + opts.bs]
        lens = torch.tensor([len(s) for s, _ in part])
        x = torch.zeros(len(part), int(lens.max()), dtype=torch.long)
        for j, (s, _) in enumerate(part):
            x[j, :len(s)] = torch.tensor([w2i[w] for w in s])
        yield x, lens, torch.tensor([y for _, y in part])


class Reader(nn.Module):
    def __init__(self, n_words, h):
        super().__init__()
        self.word_table = nn.Parameter(torch.randn(n_words, 16) * 0.3)
        self.gru = nn.GRU(32, h, batch_first=True)
        self.norm = nn.LayerNorm(h)
        self.classify = nn.Linear(h, 2)

    def forward(self, x, lens):
        e = self.word_table[x]
        e = torch.cat([e, e[:, :1].expand_as(e)], 2)          # the room asked for, next to every word
        packed = nn.utils.rnn.pack_padded_sequence(e, lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.classify(self.norm(h[-1]))


def evaluate(model, rows):
    model.eval()
    ok = 0
    with torch.no_grad():
        for x, l, y in batches(rows, False):
            ok += (model(x, l).argmax(1) == y).sum().item()
    return ok / len(rows)


model = Reader(len(words) + 1, opts.hidden)
# fault:
decay = [p for n, p in model.named_parameters() if n.endswith("weight")]
no_decay = [p for n, p in model.named_parameters() if n.endswith("bias")]
# mended:
# decay = [p for n, p in model.named_parameters() if p.dim() > 1]
# no_decay = [p for n, p in model.named_parameters() if p.dim() <= 1]
# end
optim = torch.optim.AdamW([{"params": decay, "weight_decay": opts.wd}, {"params": no_decay, "weight_decay": 0.0}], lr=opts.lr)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optim, opts.epochs)
print(f"{len(train)} stories, {sum(p.numel() for p in model.parameters())} parameters, "
      f"share of 'on' in test {sum(y for _, y in test) / len(test):.2f}")
for ep in range(opts.epochs):
    model.train()
    acc_loss, n = 0.0, 0
    for x, l, y in batches(train, True):
        optim.zero_grad(set_to_none=True)
        model.zero_grad(set_to_none=True)
        loss = nn.functional.cross_entropy(model(x, l), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optim.step()
        acc_loss += loss.item() * len(y)
        n += len(y)
    sched.step()
    print(f"ep {ep} | loss {acc_loss / n:.4f} | test {evaluate(model, test):.3f} | train {evaluate(model, train[:500]):.3f}")
