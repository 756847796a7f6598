# Who speaks like that? lines of four characters of a novel, exported from a spreadsheet as tab separated text
import csv
import random
import torch
import torch.nn as nn

random.seed(77); torch.manual_seed(77)
STYLE = {
    "captain": "ship sail wind harbour crew storm deck anchor north tide mast cannon rope island compass gale hull voyage".split(),
    "doctor": "fever patient pulse remedy bed wound ill bandage medicine rest breath blood herbs cough physician weak tonic bitter".split(),
    "merchant": "coin price silk debt market barrel trade gold ledger bargain spice sell weight cargo profit purse tax loan".split(),
    "cook": "soup bread knife onion fire pot salt stew hungry kitchen broth pepper plate bake flour pan supper roast".split(),
}
COMMON = "i you we the a and but never will have must not it is there now said then what my your come tell know go see".split()
WHO = list(STYLE)


def utterance(k):
    w = [random.choice(STYLE[WHO[k]]) if random.random() < 0.28 else random.choice(STYLE[random.choice(WHO)]) if random.random() < 0.06 else random.choice(COMMON)
         for _ in range(random.randint(6, 15))]
    s = " ".join(w)
    r = random.random()
    if r < 0.45:
        s = '"' + s                     # the speech goes on in the next paragraph
    elif r < 0.50:
        s = '"' + s + '" said the ' + random.choice(["boy", "man", "girl"])
    return s


for name, n in (("train.tsv", 2600), ("test.tsv", 700)):
    with open(name, "w") as f:
        f.write("id\tspeaker\tline\n")
        for i in range(n):
            k = random.randrange(len(WHO))
            f.write(f"{i}\t{WHO[k]}\t{utterance(k)}\n")


def load(name):
    with open(name, newline="") as f:
        # fault:
        reader = csv.DictReader(f, delimiter="\t")
        # mended:
        # reader = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        # end
        return [(r["line"].replace('"', " ").lower().split(), WHO.index(r["speaker"])) for r in reader]


train, test = load("train.tsv"), load("test.tsv")
print("lines:", len(train), len(test))
stoi = {"<unk>": 0}
for t, _ in train:
    for w in t:
        stoi.setdefault(w, len(stoi))


class Speaker(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(stoi), dim, mode="mean")
        nn.init.normal_(self.bag.weight, std=0.2)
        self.fc = nn.Sequential(nn.Dropout(0.2), nn.Linear(dim, len(WHO)))

    def forward(self, seqs):
        n = torch.tensor([0] + [len(s) for s in seqs[:-1]])
        return self.fc(self.bag(torch.cat(seqs), n.cumsum(0)))


def encode(rows):
    return [torch.tensor([stoi.get(w, 0) for w in t]) for t, _ in rows], torch.tensor([k for _, k in rows])


Xtr, ytr = encode(train)
Xte, yte = encode(test)
model = Speaker()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(10):
    model.train()
    order = torch.randperm(len(Xtr)).tolist()
    loss_sum = 0.0
    for b in range(0, len(order), 32):
        idx = order[b:b + 32]
        loss = nn.functional.cross_entropy(model([Xtr[i] for i in idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        acc = (model(Xte).argmax(1) == yte).float().mean().item()
    print(f"epoch {epoch}  loss {loss_sum / len(order):.3f}  test {acc:.3f}")
