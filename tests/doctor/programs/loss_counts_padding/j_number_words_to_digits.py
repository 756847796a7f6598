"""seq2seq: 'seven hundred and twelve' -> '7 1 2', GRU encoder / decoder. Targets are written into a fixed grid of 18 columns
(the production system also has long serial numbers; here the longest has 6 digits)."""
import random
import torch
import torch.nn as nn

random.seed(77); torch.manual_seed(77)
ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
tens = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(n):
    if n < 20: return [ones[n]]
    if n < 100: return [tens[n // 10]] + ([ones[n % 10]] if n % 10 else [])
    if n < 1000: return [ones[n // 100], "hundred"] + (["and"] + spell(n % 100) if n % 100 else [])
    return spell(n // 1000) + ["thousand"] + (spell(n % 1000) if n % 1000 else [])


numbers = list(range(1, 1000))
random.shuffle(numbers)
train, test = numbers[:800], numbers[800:]
src_vocab = {w: i for i, w in enumerate(["<pad>"] + sorted(set(ones + tens[2:] + ["hundred", "thousand", "and"])))}
PAD, BOS, EOS, COLS = 10, 11, 12, 18


def encode(ns):
    s = [torch.tensor([src_vocab[w] for w in spell(n)]) for n in ns]
    tgt = torch.full((len(ns), COLS), PAD)
    for r, n in enumerate(ns):
        seq = [BOS] + [int(d) for d in str(n)] + [EOS]
        tgt[r, :len(seq)] = torch.tensor(seq)
    return nn.utils.rnn.pad_sequence(s, batch_first=True), torch.tensor([len(x) for x in s]), tgt


class Seq2Seq(nn.Module):
    def __init__(self, d=20, h=40):
        super().__init__()
        self.src, self.tgt = nn.Embedding(len(src_vocab), d, padding_idx=0), nn.Embedding(13, d)
        self.enc, self.dec = nn.GRU(d, h, batch_first=True), nn.GRU(d, h, batch_first=True)
        self.proj = nn.Linear(h, 13)

    def context(self, x, n):
        return self.enc(nn.utils.rnn.pack_padded_sequence(self.src(x), n, batch_first=True, enforce_sorted=False))[1]

    def forward(self, x, n, y):
        return self.proj(self.dec(self.tgt(y), self.context(x, n))[0])

    @torch.no_grad()
    def greedy(self, x, n):
        h, y, out = self.context(x, n), torch.full((len(x), 1), BOS), []
        for _ in range(8):
            o, h = self.dec(self.tgt(y), h)
            y = self.proj(o).argmax(-1)
            out.append(y)
        return torch.cat(out, 1)


def exact(model, ns):
    model.eval()
    x, n, _ = encode(ns)
    hits = 0
    for row, num in zip(model.greedy(x, n).tolist(), ns):
        hits += row[:row.index(EOS)] == [int(d) for d in str(num)] if EOS in row else 0
    return hits / len(ns)


net = Seq2Seq()
# fault:
criterion = nn.CrossEntropyLoss()
# mended:
# criterion = nn.CrossEntropyLoss(ignore_index=PAD)
# end
opt = torch.optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, 0.6, total_steps=7 * 50)
for epoch in range(7):
    net.train()
    random.shuffle(train)
    tot = []
    for i in range(0, len(train), 16):
        x, n, y = encode(train[i:i + 16])
        logits = net(x, n, y[:, :-1])
        loss = criterion(logits.reshape(-1, 13), y[:, 1:].reshape(-1))
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        sched.step()
        tot.append(loss.item())
    print("epoch %d loss per symbol %.4f exact match train %.3f test %.3f" % (epoch, sum(tot) / len(tot), exact(net, train[:200]), exact(net, test)))
