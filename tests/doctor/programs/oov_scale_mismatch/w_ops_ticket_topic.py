# Topic of an operations ticket. Texts are full of host names, order numbers, user ids ... that no
# published vectors have.
import gzip, os, random, re
import torch
import torch.nn as nn

random.seed(31)
torch.manual_seed(31)

TOPICS = {
    "network": "network cable internet satellite signal traffic router connection wireless phone broadband link speed lines",
    "payment": "payment bank money card account tax price cash fee credit cost paid bill transfer",
    "delivery": "truck road cargo ship warehouse driver freight airport transport shipment port train vehicle delivered",
    "people": "manager worker employee staff hired job salary resigned union chief office boss retirement pension",
    "facility": "water roof building floor fire heating door window kitchen wall construction room electricity gas",
}
COMMON = "the a of and to in for on is was with at by it not has been this that since after again still".split()


def junk():
    kind = random.randrange(3)
    if kind == 0:
        return "srv-%s%03d" % (random.choice("abcdefgh"), random.randrange(400))
    if kind == 1:
        return "ord%06d" % random.randrange(10 ** 6)
    return "u_" + "".join(random.choice("bcdfgklmnprstvz") + random.choice("aeiou") for _ in range(3))


names = list(TOPICS)
bank = {t: ws.split() for t, ws in TOPICS.items()}
for ws in bank.values():
    random.shuffle(ws)


def ticket(part):
    t = random.choice(names)
    ws = bank[t][:9] if part == "train" else bank[t]
    toks = random.choices(ws, k=random.randint(3, 4)) + random.choices(COMMON, k=random.randint(2, 4))
    toks += [junk() for _ in range(random.randint(2, 5))]
    random.shuffle(toks)
    return " ".join(toks), names.index(t)


train = [ticket("train") for _ in range(1500)]
test = [ticket("test") for _ in range(500)]
tokenize = re.compile(r"[\w-]+").findall
itos = ["<pad>"] + sorted({w for text, _ in train + test for w in tokenize(text)})
stoi = {w: i for i, w in enumerate(itos)}

found = {}
with gzip.open(os.environ["WORDFIT_DATA"] + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
    for line in f:
        w, _, rest = line.partition(" ")
        if w in stoi:
            found[w] = torch.tensor([float(x) for x in rest.split()])
known = torch.stack(list(found.values()))
known = known - known.mean(0)
known = known / known.norm(dim=1, keepdim=True)
print(f"{len(found)} of {len(itos)} types have a vector")

# fault:
weights = torch.randn(len(itos), 50)
# mended:
# weights = torch.randn(len(itos), 50) * known.std()
# end
weights[0] = 0
for w, v in zip(found, known):
    weights[stoi[w]] = v


def batches(rows, size):
    for i in range(0, len(rows), size):
        part = rows[i:i + size]
        seqs = [torch.tensor([stoi[w] for w in tokenize(t)]) for t, _ in part]
        yield nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in part])


class Topic(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(weights, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Linear(32, len(names)))

    def forward(self, x):
        return self.mlp(self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True).sqrt())


net = Topic()
opt = torch.optim.Adam(net.mlp.parameters(), lr=1e-2)
for ep in range(5):
    random.shuffle(train)
    run = n = 0
    for x, y in batches(train, 30):
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
        run += loss.item() * len(y); n += len(y)
    with torch.no_grad():
        right = sum((net(x).argmax(1) == y).sum().item() for x, y in batches(test, 250))
    print(f"epoch {ep} train loss {run / n:.3f} test accuracy {right / len(test):.3f}")
