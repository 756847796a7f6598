"""Spelled-out numbers to digits: encoder-decoder with Bahdanau attention."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(3)
rng = random.Random(3)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
PAD, SOS, EOS = 0, 1, 2


def spell(n):
    if n < 20: return [ONES[n]]
    if n < 100: return [TENS[n // 10]] + ([ONES[n % 10]] if n % 10 else [])
    if n < 1000: return [ONES[n // 100], "hundred"] + (spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])


src_vocab = {w: i + 3 for i, w in enumerate(ONES + TENS[2:] + ["hundred", "thousand"])}
numbers = rng.sample(range(10, 10000), 3300)
train_numbers, dev_numbers = numbers[:3000], numbers[3000:]


def batch(ns):
    src = [[src_vocab[w] for w in spell(n)] + [EOS] for n in ns]
    tgt = [[int(c) + 3 for c in str(n)] + [EOS] for n in ns]
    pad = lambda rows: torch.tensor([r + [PAD] * (max(map(len, rows)) - len(r)) for r in rows])
    return pad(src), torch.tensor([len(r) for r in src]), pad(tgt)


class Encoder(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.embedding = nn.Embedding(n, d, padding_idx=PAD)
        self.gru = nn.GRU(d, d, batch_first=True)

    def forward(self, src, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lengths, batch_first=True, enforce_sorted=False)
        out, h = self.gru(packed)
        return nn.utils.rnn.pad_packed_sequence(out, batch_first=True)[0], h[0]


class AttnDecoder(nn.Module):
    def __init__(self, n, d):
        super().__init__()
        self.embedding = nn.Embedding(n, d)
        self.Wa, self.Ua, self.Va = nn.Linear(d, d), nn.Linear(d, d), nn.Linear(d, 1)
        self.cell = nn.GRUCell(2 * d, d)
        self.out = nn.Linear(2 * d, n)

    def step(self, token, h, memory, keys, mask):
        scores = self.Va(torch.tanh(self.Wa(h).unsqueeze(1) + keys)).squeeze(-1)
        weights = scores.masked_fill(~mask, float("-inf")).softmax(dim=1)
        context = (weights.unsqueeze(-1) * memory).sum(1)
        h = self.cell(torch.cat([self.embedding(token), context], 1), h)
        return self.out(torch.cat([h, context], 1)), h


encoder, decoder = Encoder(len(src_vocab) + 3, 48), AttnDecoder(13, 48)
params = list(encoder.parameters()) + list(decoder.parameters())
optimizer = torch.optim.Adam(params, lr=5e-3)
EPOCHS = 5
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * 47, eta_min=2e-4)


def train_batch(ns, forcing):
    src, lengths, tgt = batch(ns)
    memory, h = encoder(src, lengths)
    keys, mask = decoder.Ua(memory), src != PAD
    token, loss = torch.full((len(ns),), SOS), 0.0
    for t in range(tgt.size(1)):
        logits, h = decoder.step(token, h, memory, keys, mask)
        loss = loss + F.cross_entropy(logits, tgt[:, t], ignore_index=PAD, reduction="sum")
        token = tgt[:, t] if rng.random() < forcing else logits.argmax(1).detach()
    loss = loss / (tgt != PAD).sum()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(params, 1.0)
    optimizer.step()
    scheduler.step()
    return loss.item()


@torch.no_grad()
def translate(ns, limit=8):
    encoder.eval(); decoder.eval()
    src, lengths, _ = batch(ns)
    memory, h = encoder(src, lengths)
    keys, mask = decoder.Ua(memory), src != PAD
    token, outputs = torch.full((len(ns),), SOS), []
    for _ in range(limit):
        logits, h = decoder.step(token, h, memory, keys, mask)
        token = logits.argmax(1)
        outputs.append(token)
    encoder.train(); decoder.train()
    return ["".join(str(c - 3) if c > 2 else "?" for c in (r[:r.index(EOS)] if EOS in r else r)) for r in torch.stack(outputs, 1).tolist()]


for epoch in range(EPOCHS):
    rng.shuffle(train_numbers)
    losses = [train_batch(train_numbers[i:i + 64], forcing=0.7) for i in range(0, 3000, 64)]
    exact = [sum(p == str(n) for p, n in zip(translate(ns), ns)) / len(ns) for ns in (train_numbers[:300], dev_numbers)]
    print(f"epoch {epoch}  loss {sum(losses) / len(losses):.3f}  exact match (free decoding): train {exact[0]:.3f}  dev {exact[1]:.3f}")
for n, p in list(zip(dev_numbers, translate(dev_numbers)))[:5]:
    print(" ".join(spell(n)), "->", p)
