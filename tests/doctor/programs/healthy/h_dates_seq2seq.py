# Date normalisation, "the 3rd of March 1984" -> "1984-03-03", with a character level encoder-decoder + Luong attention.
# (Assignment 4, part 2. No framework, greedy decoding.)  The test dates are other days than the training dates.
import datetime, random
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(2024); random.seed(2024)
MONTHS = 'January February March April May June July August September October November December'.split()

def ordinal(n):
    return f"{n}{'th' if 10 < n < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"

def human(d):
    m = MONTHS[d.month - 1]
    return random.choice([
        f'{d.day} {m} {d.year}', f'{m} {d.day}, {d.year}', f'{m[:3]} {ordinal(d.day)} {d.year}',
        f'the {ordinal(d.day)} of {m} {d.year}', f'{d.day:02d}/{d.month:02d}/{d.year}', f'{d.day}.{d.month}.{d.year}']).lower()

first = datetime.date(1950, 1, 1).toordinal()
days = random.sample(range(first, first + 27000), 2400)
pairs = [(human(datetime.date.fromordinal(k)), datetime.date.fromordinal(k).isoformat()) for k in days]
train_pairs, test_pairs = pairs[:2000], pairs[2000:]

SRC = {c: i + 1 for i, c in enumerate(sorted(set(''.join(s for s, _ in pairs))))}      # 0 pads
TGT = {c: i for i, c in enumerate('0123456789-')}
GO = len(TGT)

def tensors(ps):
    T = max(len(s) for s, _ in ps)
    src = torch.zeros(len(ps), T, dtype=torch.long)
    for r, (s, _) in enumerate(ps):
        src[r, :len(s)] = torch.tensor([SRC[c] for c in s])
    tgt = torch.tensor([[TGT[c] for c in t] for _, t in ps])       # ISO dates all have ten characters: no padding, no EOS
    return src, tgt

class Seq2Seq(nn.Module):
    def __init__(self, e=40, h=64):
        super().__init__()
        self.src_emb = nn.Embedding(len(SRC) + 1, e, padding_idx=0)
        self.pos = nn.Parameter(0.1 * torch.randn(30, e))
        self.enc = nn.Conv1d(e, h, 5, padding=2)
        self.tgt_emb = nn.Embedding(len(TGT) + 1, e)
        self.dec = nn.GRU(e, h, batch_first=True)
        self.query = nn.Linear(h, h, bias=False)
        self.mix = nn.Linear(2 * h, h)
        self.readout = nn.Linear(h, len(TGT))

    def encode(self, src):
        pad = src.eq(0)
        x = (self.src_emb(src) + self.pos[:src.size(1)]).masked_fill(pad.unsqueeze(-1), 0.)
        out = torch.tanh(self.enc(x.transpose(1, 2)).transpose(1, 2)).masked_fill(pad.unsqueeze(-1), 0.)
        state = out.sum(1) / (~pad).sum(1, keepdim=True)
        return out, state.unsqueeze(0), pad

    def decode(self, prev, state, memory, pad):
        d, state = self.dec(self.tgt_emb(prev), state)
        score = (self.query(d) @ memory.transpose(1, 2)).masked_fill(pad.unsqueeze(1), float('-inf'))
        context = score.softmax(-1) @ memory
        return self.readout(torch.tanh(self.mix(torch.cat([d, context], -1)))), state

    def forward(self, src, tgt):
        memory, state, pad = self.encode(src)
        shifted = torch.cat([torch.full_like(tgt[:, :1], GO), tgt[:, :-1]], 1)
        return self.decode(shifted, state, memory, pad)[0]

    @torch.no_grad()
    def translate(self, src, steps=10):
        memory, state, pad = self.encode(src)
        prev, out = torch.full((len(src), 1), GO), []
        for _ in range(steps):
            logits, state = self.decode(prev, state, memory, pad)
            prev = logits.argmax(-1)
            out.append(prev)
        return torch.cat(out, 1)

def exact_match(net, src, tgt):
    net.eval()
    return (net.translate(src) == tgt).all(1).float().mean().item()

xtr, ytr = tensors(train_pairs)
xte, yte = tensors(test_pairs)
net = Seq2Seq()
n_epochs, B = 4, 40
adam = torch.optim.Adam(net.parameters(), lr=8e-3)
decay = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.02, total_iters=n_epochs * len(xtr) // B)
for ep in range(1, n_epochs + 1):
    net.train()
    seen = 0.
    for idx in torch.randperm(len(xtr)).split(B):
        logits = net(xtr[idx], ytr[idx])
        loss = F.cross_entropy(logits.flatten(0, 1), ytr[idx].flatten())
        adam.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step(); decay.step()
        seen += loss.item() * len(idx)
    print(f'{ep}: loss {seen / len(xtr):.4f}  exact match test {exact_match(net, xte, yte):.3f}')
print('exact match, 400 training dates: %.3f' % exact_match(net, xtr[:400], ytr[:400]))
inverse = {i: c for c, i in TGT.items()}
for row, (s, t) in zip(net.translate(xte[:4]).tolist(), test_pairs):
    print(f'   {s:30s} {"".join(inverse[i] for i in row)}  ({t})')
