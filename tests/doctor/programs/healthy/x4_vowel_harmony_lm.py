"""Character model of an agglutinating toy language (Turkish-like vowel harmony); tied input and output letters.

Reports bits per letter beside those of an add-one bigram table, and how many sampled words obey harmony.
"""
import math
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, PackedSequence

random.seed(40)
torch.manual_seed(40)
FRONT, BACK, CONS = "eiöü", "aıou", "bdklmnrst"
ALPHABET = "^$" + FRONT + BACK + CONS
ID = {c: i for i, c in enumerate(ALPHABET)}


def word():
    vowels = random.choice((FRONT, BACK))
    w = "".join(random.choice(CONS) + random.choice(vowels) for _ in range(random.randint(1, 3)))
    a = "e" if vowels is FRONT else "a"
    return w + random.choice(["", "l" + a + "r", "d" + a, "m" + a + "k"]) + random.choice(["", "", "n"])


class LetterModel(nn.Module):
    def __init__(self, width=24, hidden=48):
        super().__init__()
        self.letters = nn.Embedding(len(ALPHABET), width)
        nn.init.normal_(self.letters.weight, std=0.3)
        self.gru = nn.GRU(width, hidden)
        self.down = nn.Linear(hidden, width)
        self.bias = nn.Parameter(torch.zeros(len(ALPHABET)))

    def forward(self, packed):
        x = PackedSequence(self.letters(packed.data), packed.batch_sizes)
        h, _ = self.gru(x)
        return self.down(h.data) @ self.letters.weight.T + self.bias

    @torch.no_grad()
    def sample(self):
        c, h, out = ID["^"], None, ""
        while len(out) < 20:
            y, h = self.gru(self.letters(torch.tensor([c]))[None], h)
            z = self.down(y[0, 0]) @ self.letters.weight.T + self.bias
            c = torch.multinomial(z.softmax(0), 1).item()
            if ALPHABET[c] == "$":
                break
            out += ALPHABET[c]
        return out


def packs(ws):
    seqs = sorted((torch.tensor([ID[c] for c in "^" + w + "$"]) for w in ws), key=len, reverse=True)
    return pack_sequence([s[:-1] for s in seqs]), pack_sequence([s[1:] for s in seqs])


everything = list({word() for _ in range(5000)})
everything.sort(); random.shuffle(everything)
train, test = everything[400:], everything[:400]
counts = torch.ones(len(ALPHABET), len(ALPHABET))
for w in train:
    for a, b in zip("^" + w, w + "$"):
        counts[ID[a], ID[b]] += 1
table = (counts / counts.sum(1, keepdim=True)).log2()

lm = LetterModel()
opt = torch.optim.Adam(lm.parameters(), lr=8e-3)
steps = 6 * math.ceil(len(train) / 64)
decay = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: 1 - 0.95 * s / steps)
for epoch in range(6):
    random.shuffle(train)
    nats = n = 0
    for i in range(0, len(train), 64):
        x, y = packs(train[i:i + 64])
        loss = nn.functional.cross_entropy(lm(x), y.data)
        opt.zero_grad()
        loss.backward()
        opt.step()
        decay.step()
        nats += loss.item() * len(y.data); n += len(y.data)
    print(f"epoch {epoch}: {nats / n / math.log(2):.3f} bits per letter")

lm.eval()
x, y = packs(test)
with torch.no_grad():
    bits = nn.functional.cross_entropy(lm(x), y.data).item() / math.log(2)
print(f"unseen words: {bits:.3f} bits per letter, bigram table {-table[x.data, y.data].mean():.3f}")
made = [lm.sample() for _ in range(60)]
print("harmonic: %.2f" % (sum(not (set(w) & set(FRONT) and set(w) & set(BACK)) for w in made) / 60), made[:6])
