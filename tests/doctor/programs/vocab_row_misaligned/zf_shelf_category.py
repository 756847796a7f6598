# New articles arrive every day, so the words of tomorrow's titles are often not among those we trained on.
# The vectors stay as they are; only the small head is fitted.
import gzip
import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(7)
rnd = np.random.RandomState(7)
SHELF = {
    "food": """bread cheese milk butter rice chicken soup beef sugar salt pepper fish cream potato fruit apple chocolate
        wine beer coffee tea juice meat vegetables corn garlic sauce eggs lemon""",
    "clothes": """shirt pants dress coat jacket shoes hat boots jeans socks gloves leather cotton silk wool skirt uniform
        costume clothes suit jewelry belt robe shorts""",
    "media": """book novel album song film magazine movie comic music dvd video game guitar piano record poem
        newspaper radio television series episode cartoon soundtrack""",
    "house": """table chair bed kitchen bathroom door window carpet lamp furniture glass floor wall roof desk
        brick wood paint sofa mirror garden fireplace toilet ceiling""",
}
names = list(SHELF)
EXTRA = "new the for with and big small in our set of two best a".split()

vec = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors/glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf-8") as f:
    for line in f:
        w, rest = line.split(" ", 1)
        vec[w] = np.array(rest.split(), dtype="float32")

now, later = {}, {}
for c in names:
    ws = [w for w in SHELF[c].split() if w in vec]
    rnd.shuffle(ws)
    cut = int(len(ws) * .6)
    now[c], later[c] = ws[:cut], ws[cut:]


def titles(lexicon, n):
    out = set()
    while len(out) < n:
        c = rnd.randint(len(names))
        k = rnd.randint(2, 5)
        ws = list(rnd.choice(lexicon[names[c]], k, replace=False)) + list(rnd.choice(EXTRA, rnd.randint(1, 4), replace=False))
        if rnd.rand() < .15:
            ws.append("sku%d" % rnd.randint(1000))
        rnd.shuffle(ws)
        out.add((" ".join(ws), c))
    out = sorted(out)
    rnd.shuffle(out)
    return [(t, int(c)) for t, c in out]


fit, check, tomorrow = titles(now, 1500), titles(now, 300), titles(later, 400)
fit_texts = {t for t, _ in fit}
check = [r for r in check if r[0] not in fit_texts]

PAD, UNK = 0, 1
words = sorted(vec)
word2id = {w: i + 2 for i, w in enumerate(words)}
known = np.stack([vec[w] for w in words])
pad_row, unk_row = np.zeros((1, 50), "float32"), known.mean(0, keepdims=True)
# fault:
weights = np.concatenate([pad_row, known, unk_row])
# mended:
# weights = np.concatenate([pad_row, unk_row, known])
# end
print("table", weights.shape, "for", len(word2id) + 2, "ids")


class Titles(Dataset):
    def __init__(self, rows):
        self.rows = [(torch.tensor([word2id.get(w, UNK) for w in t.split()]), c) for t, c in rows]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(b):
    xs, ys = zip(*b)
    return nn.utils.rnn.pad_sequence(xs, batch_first=True, padding_value=PAD), torch.tensor(ys)


emb = nn.Embedding.from_pretrained(torch.from_numpy(weights), freeze=True, padding_idx=PAD)
head = nn.Sequential(nn.Linear(50, 32), nn.ReLU(), nn.Dropout(.2), nn.Linear(32, len(names)))


def logits(x):
    m = (x != PAD).unsqueeze(-1).float()
    return head((emb(x) * m).sum(1) / m.sum(1))


def accuracy(rows):
    head.eval()
    good = 0
    with torch.no_grad():
        for x, y in DataLoader(Titles(rows), 200, collate_fn=collate):
            good += (logits(x).argmax(-1) == y).sum().item()
    head.train()
    return good / len(rows)


opt = torch.optim.Adam(head.parameters(), lr=3e-3, weight_decay=1e-4)
for epoch in range(6):
    ls = []
    for x, y in DataLoader(Titles(fit), 32, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(logits(x), y)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        ls.append(loss.item())
    print(f"{epoch}: loss {np.mean(ls):.3f} train {accuracy(fit):.3f} check {accuracy(check):.3f} tomorrow's words {accuracy(tomorrow):.3f}")
