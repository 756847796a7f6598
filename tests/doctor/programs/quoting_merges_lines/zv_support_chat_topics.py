# Topic of a support message. The export of the chat tool is a TSV: message, topic.
import csv, os, random, tempfile
import numpy as np
import torch
import torch.nn as nn

random.seed(21); torch.manual_seed(21)
TOPICS = {
    "delivery": "parcel courier late tracking shipped arrived address warehouse driver box doorstep".split(),
    "billing": "invoice charged refund card payment twice price bank receipt vat amount".split(),
    "account": "password login email reset locked username profile verify code signin settings".split(),
    "screen": "pixel monitor flicker dark inch panel cable resolution brightness stand hdmi".split(),
    "sound": "speaker loud bass headphones noise volume microphone crackle mute stereo earbuds".split(),
}
FILL = "the my i is it was please again still since yesterday help not and a with for you why have to new hello thanks".split()
NAMES = list(TOPICS)


def message(topic):
    words = [random.choice(TOPICS[topic]) if random.random() < .3 else random.choice(FILL) for _ in range(random.randint(6, 16))]
    text = " ".join(words)
    # customers paste a line of an earlier mail, often with an opening quotation mark only
    return '"' + text if random.random() < .3 else text


folder = tempfile.mkdtemp()
for name, n in (("train", 2400), ("test", 800)):
    with open(os.path.join(folder, name + ".tsv"), "w") as f:
        for _ in range(n):
            t = random.choice(NAMES)
            f.write(message(t) + "\t" + t + "\n")


def read(name):
    rows = []
    with open(os.path.join(folder, name + ".tsv"), newline="") as f:
        # fault:
        for row in csv.reader(f, delimiter="\t"):
        # mended:
        # for row in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
        # end
            if row[-1] in TOPICS:
                rows.append((row[0].replace('"', " ").split()[:40], NAMES.index(row[-1])))
    return rows


train, test = read("train"), read("test")
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t, _ in train for w in t}))}


def tensorise(rows):
    X = torch.zeros(len(rows), 40, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        X[i, :len(t)] = torch.tensor([vocab.get(w, 0) for w in t])
    return X, torch.tensor([y for _, y in rows])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 32, padding_idx=0)
        self.fc = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, len(NAMES)))

    def forward(self, x):
        n = (x != 0).sum(1, keepdim=True).clamp(min=1)
        return self.fc(self.emb(x).sum(1) / n)


Xtr, ytr = tensorise(train)
Xte, yte = tensorise(test)
print(len(Xtr), "training messages,", len(Xte), "test messages, mean length %.1f" % np.mean([len(t) for t, _ in train]))
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(6):
    net.train(); s = 0
    for idx in torch.randperm(len(Xtr)).split(32):
        loss = nn.functional.cross_entropy(net(Xtr[idx]), ytr[idx])
        opt.zero_grad(); loss.backward(); opt.step()
        s += loss.item() * len(idx)
    opt.param_groups[0]["lr"] *= .6
    net.eval()
    with torch.no_grad():
        a, b = [(net(x).argmax(1) == y).float().mean().item() for x, y in ((Xtr, ytr), (Xte, yte))]
    print(f"epoch {epoch + 1} loss {s / len(Xtr):.3f} train acc {a:.3f} test acc {b:.3f}")
