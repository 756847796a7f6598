"""CTC phone recogniser on synthetic frame features. Output frames: about 2-3 per phone plus pauses."""
import random
import torch
import torch.nn as nn

random.seed(4)
torch.manual_seed(4)
PHONES = 12                                   # 1..12, blank is 0
centers = torch.randn(PHONES + 1, 16) * 1.2


def say():
    phones, frames = [], []
    for _ in range(random.randint(2, 6)):
        p = random.randint(1, PHONES)
        phones.append(p)
        frames += [p] * random.randint(2, 3) + [0] * random.randint(1, 2)
    x = centers[torch.tensor(frames)] + 0.8 * torch.randn(len(frames), 16)
    return x, torch.tensor(phones)


corpus = [say() for _ in range(520)]
train, dev = corpus[:400], corpus[400:]


def collate(items):
    xs, ys = zip(*items)
    xlen = torch.tensor([len(x) for x in xs])
    ylen = torch.tensor([len(y) for y in ys])
    return nn.utils.rnn.pad_sequence(xs), xlen, torch.cat(ys), ylen      # time first, targets concatenated


class Recogniser(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.GRU(16, 24, bidirectional=True)
        self.proj = nn.Linear(48, PHONES + 1)

    def forward(self, x, xlen):
        packed = nn.utils.rnn.pack_padded_sequence(x, xlen, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.enc(packed)[0])
        return self.proj(h).log_softmax(-1)


def edit(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


@torch.no_grad()
def per(model, items):
    model.eval()
    x, xlen, _, _ = collate(items)
    best = model(x, xlen).argmax(-1).T
    err = tot = 0
    for path, n, (_, gold) in zip(best, xlen, items):
        path = torch.unique_consecutive(path[:n])
        hyp = [p for p in path.tolist() if p]
        err += edit(hyp, gold.tolist()); tot += len(gold)
    return err / tot


model = Recogniser()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=1e-2, total_steps=5 * 20)
for epoch in range(5):
    model.train()
    random.shuffle(train)
    s = 0
    for k in range(0, 400, 20):
        x, xlen, y, ylen = collate(train[k:k + 20])
        loss = ctc(model(x, xlen), y, xlen, ylen)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step(); sched.step()
        s += loss.item() / 20
    print(f"epoch {epoch} ctc {s:.3f} PER train {per(model, train[:100]):.3f} dev {per(model, dev):.3f}")
