"""Find the town for a name in foreign letters: character n-gram embeddings trained with triplets."""
import random
import torch
import torch.nn.functional as F
from torch import nn, optim

random.seed(1)
torch.manual_seed(1)
SYL = "ba be bo da den der el fen gar ham ing kel lan lo mar mun nor ol pad rin sta ter ton ul ver wick".split()


def town():
    return "".join(random.choice(SYL) for _ in range(random.choice([3, 4])))


towns = sorted({town() for _ in range(700)})
random.shuffle(towns)
train_towns, new_towns = towns[:500], towns[500:580]


GREEK = dict(zip("abcdefghijklmnoprstuvw", "αβκδεφγηιζχλμνοπρσςτυωθψ"))


def foreign(name):
    """the name in foreign letters, one of them lost or doubled"""
    letters = [GREEK.get(c, "ξ") for c in name]
    i = random.randrange(len(letters))
    if random.random() < 0.5:
        del letters[i]
    else:
        letters.insert(i, letters[i])
    return "".join(letters)


def grams(name):
    s = f"^{name}$"
    pieces = [s[i:i + n] for n in (1, 2) for i in range(len(s) - n + 1)]
    return [hash_(p) for p in pieces]


def hash_(p):
    h = 7
    for c in p:
        h = (h * 131 + ord(c)) % 4093
    return h


class NameEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(4093, 32, mode="mean")
        self.lin = nn.Linear(32, 32)

    def forward(self, names):
        g = [grams(n) for n in names]
        off, flat = [], []
        for x in g:
            off.append(len(flat))
            flat += x
        v = self.bag(torch.tensor(flat), torch.tensor(off))
        return F.normalize(v + self.lin(v), dim=1, eps=1e-6)


enc = NameEncoder()
opt = optim.Adam(enc.parameters(), lr=2e-2)
crit = nn.TripletMarginWithDistanceLoss(distance_function=lambda a, b: 1 - (a * b).sum(1), margin=0.4)


@torch.no_grad()
def recall(names, tries=2):
    queries = [(foreign(n), i) for i, n in enumerate(names) for _ in range(tries)]
    sims = enc([q for q, _ in queries]) @ enc(names).t()
    return (sims.argmax(1) == torch.tensor([i for _, i in queries])).float().mean().item()


print(f"before: new towns {recall(new_towns):.3f}")
for epoch in range(14):
    total = 0.0
    random.shuffle(train_towns)
    for i in range(0, len(train_towns), 50):
        anchors = train_towns[i:i + 50]
        pos = enc([foreign(n) for n in anchors])
        anc = enc(anchors)
        with torch.no_grad():                                     # hardest other town of the batch
            s = anc @ pos.t()
            s.fill_diagonal_(-2)
            hard = s.argmax(1)
        loss = crit(anc, pos, pos[hard])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch}: triplet loss {total / 10:.4f}  recall@1 train {recall(train_towns):.3f}  new {recall(new_towns):.3f}")
