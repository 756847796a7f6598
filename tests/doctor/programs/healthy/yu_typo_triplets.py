# spelling variants -> dictionary word, character trigrams + batch-hard triplets ("In defense of the triplet loss")
import random, string
import torch, torch.nn as nn, torch.nn.functional as F

R = random.Random(5)
torch.manual_seed(5)
SYL = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
CODA = ["", "n", "r", "s", "l", "t"]

lexicon = set()
while len(lexicon) < 420:
    lexicon.add("".join(R.choice(SYL) for _ in range(R.choice([3, 3, 4]))) + R.choice(CODA))
lexicon = sorted(lexicon)
R.shuffle(lexicon)
train_words, test_words = lexicon[:300], lexicon[300:]


def typo(w):
    w = list(w)
    for _ in range(R.choice([1, 1, 2])):
        i = R.randrange(1, len(w) - 1)
        kind = R.choice("sdra")
        if kind == "s":
            w[i], w[i + 1] = w[i + 1], w[i]
        elif kind == "d" and len(w) > 4:
            del w[i]
        elif kind == "r":
            w[i] = R.choice("aeiou") if w[i] in "aeiou" else R.choice(string.ascii_lowercase)
        else:
            w.insert(i, w[i])
    return "".join(w)


BUCKETS = 30 * 30 * 3


def features(word):
    s = [0] + [ord(c) - 96 for c in word] + [27]
    uni = [c + 30 * (i * 4 // len(s)) + 1800 for i, c in enumerate(s)]     # letter and quarter of the word
    bi = [a * 30 + b for a, b in zip(s, s[1:])]
    skip = [900 + a * 30 + b for a, b in zip(s, s[2:])]
    return uni + bi + skip


class WordNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, 48, mode="mean")
        nn.init.normal_(self.table.weight, std=0.2)
        self.lin = nn.Linear(48, 48)

    def forward(self, words):
        f = [features(w) for w in words]
        off, pos = [], 0
        for x in f:
            off.append(pos)
            pos += len(x)
        h = self.table(torch.tensor(sum(f, [])), torch.tensor(off))
        return F.normalize(self.lin(h), dim=1)


def batch_hard(z, y):
    sim = z @ z.T
    same = y[:, None] == y[None, :]
    me = torch.eye(len(y), dtype=torch.bool)
    hardest_pos = sim.masked_fill(~same | me, 2.0).min(1).values
    hardest_neg = sim.masked_fill(same, -2.0).max(1).values
    return F.softplus(10 * (hardest_neg - hardest_pos)).mean() / 10, (hardest_pos > hardest_neg).float().mean().item()


def recall(net, words):
    state = R.getstate()
    R.seed(99)
    noisy = [typo(w) for w in words for _ in range(3)]
    R.setstate(state)
    net.eval()
    with torch.no_grad():
        hit = (net(noisy) @ net(words).T).argmax(1) == torch.arange(len(words)).repeat_interleave(3)
    net.train()
    return hit.float().mean().item()


net = WordNet()
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=1e-4)
print("recall@1 of new words before:", round(recall(net, test_words), 3))
for epoch in range(16):
    R.shuffle(train_words)
    ls, easy = [], []
    for i in range(0, 300, 30):
        ws = train_words[i:i + 30]
        batch = [v for w in ws for v in (w, typo(w), typo(w), typo(w))]
        y = torch.arange(30).repeat_interleave(4)
        loss, frac = batch_hard(net(batch), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        ls.append(loss.item()); easy.append(frac)
    if epoch % 4 == 3:
        print(f"{epoch + 1:3d} loss {sum(ls) / 10:.3f} solved {sum(easy) / 10:.2f} r@1 seen {recall(net, train_words[:120]):.3f} new {recall(net, test_words):.3f}")
    if epoch == 11:
        opt.param_groups[0]["lr"] *= 0.2
