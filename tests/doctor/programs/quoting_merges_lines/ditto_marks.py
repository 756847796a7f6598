# Old harbour register, typed in from paper: remark TAB kind of ship. The clerk wrote " where the rigging was the same as above.
import csv, random
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

random.seed(15); torch.manual_seed(15)
KINDS = ["barque", "schooner", "steamer", "fishing"]
own = ["square three masts timber guano baltic long".split(), "fore aft two gaff fruit coaster slender".split(),
       "coal funnel mail screw passengers boiler smoke".split(), "nets herring small trawl catch smack hand".split()]
rest = "arrived from north with the tide at dawn pilot aboard crew of captain ill anchor lost bound for south late".split()
last = None
with open("register.tsv", "w") as f:
    for i in range(1500):
        k = random.randrange(4)
        words = random.sample(own[k], random.randint(1, 3)) + random.sample(rest, random.randint(3, 7))
        if random.random() < 0.15:                         # a second kind is mentioned in passing
            words.append(random.choice(own[random.randrange(4)]))
        random.shuffle(words)
        rig = random.choice(["rigA", "rigB", "rigC", '"'])
        f.write(f"{rig}\t{' '.join(words)}\t{KINDS[k]}\n")


class Register(Dataset):
    def __init__(self, path):
        self.rows = []
        with open(path, newline="") as f:
            # fault:
            reader = csv.reader(f, delimiter="\t")
            # mended:
            # reader = csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
            # end
            above = ""
            for row in reader:
                rig = above if row[0] == '"' else row[0]
                above = rig
                self.rows.append((rig + " " + " ".join(row[1:-1]), KINDS.index(row[-1])))
        self.rows = list(dict.fromkeys(self.rows))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


register = Register("register.tsv")
print(len(register), "entries, mean length", sum(len(t.split()) for t, _ in register) / len(register))
n = int(0.75 * len(register))
tr, dv = torch.utils.data.random_split(register, [n, len(register) - n])
vocab = {"<pad>": 0, "<unk>": 1}
for t, _ in tr:
    for w in t.split():
        vocab.setdefault(w, len(vocab))


def collate(rows):
    ids = [torch.tensor([vocab.get(w, 1) for w in t.split()]) for t, _ in rows]
    starts = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return {"text": torch.cat(ids), "starts": starts, "kind": torch.tensor([y for _, y in rows])}


class Clerk(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(vocab), 24, mode="mean")
        self.out = nn.Sequential(nn.Linear(24, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, b):
        return self.out(self.emb(b["text"], b["starts"]))


net = Clerk()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(8):
    for b in DataLoader(tr, 24, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(net(b), b["kind"])
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        hit = [(net(b).argmax(1) == b["kind"]).float() for b in DataLoader(dv, 64, collate_fn=collate)]
    print("epoch", epoch, "loss %.4f" % loss.item(), "dev accuracy %.4f" % torch.cat(hit).mean().item())
