"""Praise or blame? Notes about products; the test notes use adjectives that no training note has, so GloVe must carry over."""
import gzip, os, random
import torch
from torch import nn

random.seed(31); torch.manual_seed(31)
PRAISE = """good great nice wonderful excellent beautiful perfect amazing brilliant impressive fantastic lovely charming elegant happy
brave clever honest generous talented popular successful strong healthy safe rich fresh pleasant remarkable outstanding favorite
bright smart gentle warm exciting comfortable friendly proud effective valuable reliable powerful creative attractive magnificent
delicious superb terrific beloved ideal inspired sophisticated stunning graceful sweet fine best fun praised""".split()
BLAME = """bad terrible awful horrible poor ugly boring weak dangerous sad angry cruel violent corrupt guilty sick dirty broken wrong
false evil tragic painful nasty dull failed stupid ridiculous worst worse hostile deadly bitter brutal unfair illegal desperate
disappointing fatal bloody toxic useless crazy fake severe negative ill hated lost afraid shameful flawed worried scared
chaotic harsh alarming damaged inadequate""".split()
NOTES = ["this seems {} to us", "a really {} thing", "it was {} and we said so", "they found it {}", "quite {} in the end",
         "how {} it is", "my friend says it is {}", "{} , just {}"]

vectors = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        vectors[w] = rest
known, fresh = [], []
for words in (BLAME, PRAISE):
    words = [w for w in words if w in vectors]
    random.shuffle(words)
    known.append(words[:26]); fresh.append(words[26:])
print("adjectives in training:", sum(map(len, known)), " only in the test:", sum(map(len, fresh)))


def notes(adjectives, n):
    rows = []
    for _ in range(n):
        k = random.randrange(2)
        text = random.choice(NOTES).replace("{}", random.choice(adjectives[k]))
        rows.append(([w for w in text.split() if w in vectors], k))
    return rows


train, test_known, test_fresh = notes(known, 2400), notes(known, 400), notes(fresh, 800)
vocab = sorted({w for part in (train, test_known, test_fresh) for t, _ in part for w in t})
lookup = {w: i for i, w in enumerate(vocab)}
glove = torch.tensor([[float(v) for v in vectors[w].split()] for w in vocab])


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        # fault:
        self.bag = nn.EmbeddingBag.from_pretrained(glove, mode="mean", freeze=False)
        # mended:
        # self.bag = nn.EmbeddingBag.from_pretrained(glove, mode="mean", freeze=True)
        # end
        self.fc = nn.Linear(50, 2)

    def forward(self, flat, offsets):
        return self.fc(self.bag(flat, offsets))


def pack(rows):
    flat = torch.tensor([lookup[w] for t, _ in rows for w in t])
    offsets = torch.tensor([0] + [len(t) for t, _ in rows[:-1]]).cumsum(0)
    return flat, offsets, torch.tensor([k for _, k in rows])


def acc(net, rows):
    flat, offsets, y = pack(rows)
    with torch.no_grad():
        return (net(flat, offsets).argmax(1) == y).float().mean().item()


net = Judge()
opt = torch.optim.Adam([{"params": net.bag.parameters(), "lr": 0.2}, {"params": net.fc.parameters(), "lr": 5e-3}])
for epoch in range(8):
    random.shuffle(train)
    total = 0.
    for i in range(0, len(train), 40):
        flat, offsets, y = pack(train[i:i + 40])
        loss = nn.functional.cross_entropy(net(flat, offsets), y)
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item()
    print(f"epoch {epoch + 1} loss {total / 60:.4f}  train {acc(net, train):.3f}  same adjectives {acc(net, test_known):.3f}  new adjectives {acc(net, test_fresh):.3f}")
