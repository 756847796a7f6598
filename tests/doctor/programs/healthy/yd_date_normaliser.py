# Translate dates written by people into ISO digits, char encoder -> attention decoder
# (the old deeplearning.ai exercise, here in PyTorch). Decoded greedily for the score.
import random, datetime, calendar
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(7); torch.manual_seed(7)
MONTHS = [m.lower() for m in calendar.month_name[1:]]

def human(d):
    m = MONTHS[d.month - 1]
    sfx = 'th' if 10 < d.day < 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(d.day % 10, 'th')
    return random.choice([f'{d.day} {m} {d.year}', f'{m} {d.day}, {d.year}', f'{d.day}{sfx} of {m} {d.year}', f'{d.day:02d} {m[:3]} {d.year}',
                          f'{m[:3]} {d.day} {d.year}', f'{d.day}.{m[:3]}.{d.year}'])

start = datetime.date(1950, 1, 1)
days = random.sample(range(27000), 2600)          # every date at most once
rows = [(human(d), d.strftime('%y%m%d')) for d in (start + datetime.timedelta(k) for k in days)]
alphabet = {c: i + 1 for i, c in enumerate(sorted({c for s, _ in rows for c in s}))}   # 0 = padding
GO = 10
def tensors(rs):
    L = max(len(s) for s, _ in rs)
    x = torch.zeros(len(rs), L, dtype=torch.long)
    for i, (s, _) in enumerate(rs): x[i, :len(s)] = torch.tensor([alphabet[c] for c in s])
    return x, torch.tensor([[int(c) for c in t] for _, t in rs])
Xtr, Ytr = tensors(rows[:2400]); Xte, Yte = tensors(rows[2400:])

class Reader(nn.Module):
    def __init__(s, h=48):
        super().__init__()
        s.ce = nn.Embedding(len(alphabet) + 1, 24, padding_idx=0)
        s.pos = nn.Embedding(7, 24)
        s.conv1 = nn.Conv1d(24, h, 5, padding=2); s.conv2 = nn.Conv1d(h, h, 3, padding=1)
        s.de = nn.Embedding(11, 24)
        s.cell = nn.GRUCell(24 + 24 + h, h)
        s.q = nn.Linear(h + 24, h)
        s.out = nn.Linear(2 * h, 10)
    def forward(s, x, y=None):
        mask = x == 0
        keep = (~mask).unsqueeze(1).float()
        e = torch.relu(s.conv1(s.ce(x).transpose(1, 2))) * keep
        keys = (e + torch.relu(s.conv2(e)) * keep).transpose(1, 2)             # B L H
        B = x.size(0)
        h = keys.new_zeros(B, keys.size(2)); prev = torch.full((B,), GO); ctx = torch.zeros_like(h)
        logits = []
        for t in range(6):
            p = s.pos(torch.full((B,), t))
            h = s.cell(torch.cat([s.de(prev), p, ctx], 1), h)
            score = (keys @ s.q(torch.cat([h, p], 1)).unsqueeze(2)).squeeze(2) / 7
            a = F.softmax(score.masked_fill(mask, float('-inf')), dim=1)
            ctx = (a.unsqueeze(1) @ keys).squeeze(1)
            o = s.out(torch.cat([h, ctx], 1))
            logits.append(o)
            prev = o.argmax(1) if y is None else y[:, t]
        return torch.stack(logits, 1)

net = Reader(); EP = 4
opt = torch.optim.Adam(net.parameters(), 1e-2)
sch = torch.optim.lr_scheduler.OneCycleLR(opt, 1e-2, total_steps=EP * 48, pct_start=.2)
for ep in range(1, EP + 1):
    net.train(); tl = 0
    for idx in torch.randperm(2400).split(50):
        x, y = Xtr[idx], Ytr[idx]
        loss = F.cross_entropy(net(x, y).reshape(-1, 10), y.reshape(-1))
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.)
        opt.step(); sch.step(); tl += loss.item() / 48
    net.eval()
    with torch.no_grad():
        hit = net(Xte).argmax(2) == Yte
    print(f'epoch {ep} loss {tl:.4f}  held-out digits {hit.float().mean():.3f}  whole dates {hit.all(1).float().mean():.3f}')
