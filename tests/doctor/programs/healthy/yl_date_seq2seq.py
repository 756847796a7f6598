"""Course exercise 5: normalise dates.  "tuesday the 3rd of march 1987" -> "1987-03-03"
GRU encoder (packed), attention decoder, teacher forcing in training, greedy decoding when we measure."""
import datetime, random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

random.seed(17)
torch.manual_seed(17)
MONTHS = "january february march april may june july august september october november december".split()
DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()

def ordinal(n):
    return f"{n}" + ("th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))

def example():
    d = datetime.date(1950, 1, 1) + datetime.timedelta(days=random.randrange(27000))
    m, day, y = MONTHS[d.month - 1], d.day, d.year
    cc, yy = [str(y)[:2], str(y)[2:]]
    form = random.choice(["{w} the {o} of {m} {c} {y}", "{m} {o} {c} {y}", "{o} {m} {c} {y}", "in {c} {y} on {m} {o}", "{c} {y} {m} {o}", "{w} {m} {o} {c} {y}"])
    src = form.format(w=DAYS[d.weekday()], o=ordinal(day), m=m, c=cc, y=yy)
    return d, src, d.strftime("%Y-%m-%d")

# no calendar day is on both sides of the split
pairs = {}
while len(pairs) < 2700:
    d, s, t = example()
    pairs.setdefault(d, (s, t))
pairs = list(pairs.values())
train, test = pairs[:2400], pairs[2400:]

src_vocab = {w: i + 1 for i, w in enumerate(sorted({w for s, _ in train for w in s.split()}))}
SOS, EOS = 12, 13
tgt_ids = lambda t: ["0123456789-".index(c) + 1 for c in t] + [EOS]
UNK = len(src_vocab) + 1

class Seq2Seq(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.es = nn.Embedding(UNK + 1, d, padding_idx=0)
        self.enc = nn.GRU(d, d // 2, bidirectional=True, batch_first=True)
        self.et = nn.Embedding(14, d)
        self.cell = nn.GRU(d, d, batch_first=True)
        self.q = nn.Linear(d, d)
        self.out = nn.Linear(2 * d, 14)

    def encode(self, x, n):
        h, last = self.enc(pack_padded_sequence(self.es(x), n, batch_first=True, enforce_sorted=False))
        h, _ = pad_packed_sequence(h, batch_first=True)
        return h, torch.cat([last[0], last[1]], -1)[None]

    def decode(self, y, state, mem, mask):
        o, state = self.cell(self.et(y), state)
        a = (self.q(o) @ mem.transpose(1, 2)).masked_fill(mask[:, None, :], -1e9).softmax(-1)
        return self.out(torch.cat([o, a @ mem], -1)), state

def make(rows):
    s = [[src_vocab.get(w, UNK) for w in a.split()] for a, _ in rows]
    n = torch.tensor([len(v) for v in s]); T = int(n.max())
    x = torch.tensor([v + [0] * (T - len(v)) for v in s])
    return x, n, torch.tensor([tgt_ids(b) for _, b in rows])          # every date has the same eleven symbols

model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
EPOCHS, BS = 5, 50
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=EPOCHS * len(train) // BS)

@torch.no_grad()
def exact(rows):
    model.eval()
    x, n, y = make(rows)
    mem, st = model.encode(x, n)
    tok, done = torch.full((len(rows), 1), SOS), []
    for _ in range(y.size(1)):
        logit, st = model.decode(tok, st, mem, x == 0)
        tok = logit[:, -1:].argmax(-1)
        done.append(tok)
    model.train()
    return (torch.cat(done, 1) == y).all(1).float().mean().item()

for ep in range(EPOCHS):
    random.shuffle(train)
    tot = 0
    for i in range(0, len(train), BS):
        x, n, y = make(train[i:i + BS])
        mem, st = model.encode(x, n)
        y_in = torch.cat([torch.full((len(y), 1), SOS), y[:, :-1]], 1)
        logit, _ = model.decode(y_in, st, mem, x == 0)
        loss = nn.functional.cross_entropy(logit.reshape(-1, 14), y.reshape(-1))
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step(); sched.step()
        tot += loss.item()
    print(f"epoch {ep} loss {tot * BS / len(train):.4f} exact: train {exact(train[:400]):.3f} test {exact(test):.3f}")
