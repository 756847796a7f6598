# number -> English words ("4207" -> four thousand two hundred seven), greedy decoding
import random
import torch
from torch import nn

random.seed(5); torch.manual_seed(5)
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()

def spell(n):
    out = []
    if n >= 1000: out += [ONES[n // 1000], "thousand"]; n %= 1000
    if n >= 100: out += [ONES[n // 100], "hundred"]; n %= 100
    if n >= 20:
        out.append(TENS[n // 10]); n %= 10
        if n: out.append(ONES[n])
    elif n or not out:
        out.append(ONES[n])
    return out

itos = ["<pad>", "<s>", "</s>"] + ONES + TENS[2:] + ["hundred", "thousand"]
stoi = {w: i for i, w in enumerate(itos)}
PAD, BOS, EOS = 0, 1, 2

numbers = random.sample(range(10000), 4000)
train_n, test_n = numbers[:3500], numbers[3500:]

def batchify(nums):
    digits = torch.tensor([[int(c) for c in f"{n:04d}"] for n in nums])
    # fault:
    seqs = [[BOS] + [stoi[w] for w in spell(n)] for n in nums]
    # mended:
    # seqs = [[BOS] + [stoi[w] for w in spell(n)] + [EOS] for n in nums]
    # end
    width = max(map(len, seqs))
    tgt = torch.tensor([s + [PAD] * (width - len(s)) for s in seqs])
    return digits, tgt[:, :-1], tgt[:, 1:]

class Speller(nn.Module):
    def __init__(self, h=96):
        super().__init__()
        self.digit = nn.Embedding(40, 24)          # one table for the four places
        self.enc = nn.Sequential(nn.Linear(96, h), nn.Tanh())
        self.word = nn.Embedding(len(itos), 32, padding_idx=PAD)
        self.dec = nn.GRU(32 + h, h, batch_first=True)
        self.out = nn.Linear(h, len(itos))

    def encode(self, digits):
        place = torch.arange(4) * 10
        return self.enc(self.digit(digits + place).flatten(1))

    def forward(self, digits, prev):
        c = self.encode(digits)
        x = torch.cat([self.word(prev), c.unsqueeze(1).expand(-1, prev.size(1), -1)], -1)
        y, _ = self.dec(x, c.unsqueeze(0).contiguous())
        return self.out(y)

    @torch.no_grad()
    def spell(self, digits, max_words=9):
        c = self.encode(digits)
        h, tok, said = c.unsqueeze(0).contiguous(), torch.full((len(digits),), BOS), []
        for _ in range(max_words):
            y, h = self.dec(torch.cat([self.word(tok), c], -1).unsqueeze(1), h)
            tok = self.out(y[:, 0]).argmax(-1)
            said.append(tok)
        words = []
        for row in torch.stack(said, 1).tolist():
            words.append([itos[i] for i in (row[:row.index(EOS)] if EOS in row else row)])
        return words

net = Speller()
crit = nn.CrossEntropyLoss(ignore_index=PAD)
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
sch = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.05, total_iters=5 * 55)

for epoch in range(5):
    random.shuffle(train_n)
    net.train(); tot = n_b = 0
    for k in range(0, len(train_n), 64):
        d, prev, gold = batchify(train_n[k:k + 64])
        loss = crit(net(d, prev).transpose(1, 2), gold)
        opt.zero_grad(); loss.backward(); opt.step(); sch.step()
        tot += loss.item(); n_b += 1
    if epoch % 2 == 0:
        net.eval()
        d, prev, gold = batchify(test_n)
        with torch.no_grad(): vl = crit(net(d, prev).transpose(1, 2), gold).item()
        said = net.spell(d)
        em = sum(a == spell(n) for a, n in zip(said, test_n)) / len(test_n)
        print(f"epoch {epoch + 1} loss {tot / n_b:.4f} test loss {vl:.4f} exact match {em:.3f}")
for n, s in list(zip(test_n, said))[:4]:
    print(n, "->", " ".join(s))
