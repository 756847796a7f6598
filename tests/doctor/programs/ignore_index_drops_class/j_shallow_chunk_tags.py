"""Tag made-up recipe lines with AMOUNT / FOOD / TOOL / UNIT / VERB / OTHER. GRU tagger, lines of different length."""
import random
from collections import Counter
import torch
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(15)
torch.manual_seed(15)

LEX = {
    "AMOUNT": "one two three four half some several".split(),
    "UNIT": "cups spoons grams pieces slices bowls".split(),
    "FOOD": "flour butter onion garlic rice salt carrot cream orange fish".split(),
    "TOOL": "pan oven whisk knife grater bowl".split(),
    "VERB": "chop stir fry bake slice grate whisk salt fish".split(),
    "OTHER": "the a of in with and slowly then until golden".split(),
}
PATTERNS = ["VERB AMOUNT UNIT of FOOD", "VERB the FOOD in the TOOL", "then VERB FOOD and FOOD with the TOOL", "VERB slowly", "VERB AMOUNT FOOD then VERB the FOOD until golden",
            "in a TOOL VERB AMOUNT UNIT of FOOD and AMOUNT UNIT of FOOD", "AMOUNT FOOD", "take the TOOL then VERB AMOUNT FOOD slowly"]
LEX["OTHER"].append("take")


def line():
    toks, tags = [], []
    for slot in random.choice(PATTERNS).split():
        tag = slot if slot in LEX else "OTHER"
        toks.append(random.choice(LEX[slot]) if slot in LEX else slot)
        tags.append(tag)
    return tuple(toks), tuple(tags)


lines = list(dict.fromkeys(line() for _ in range(2600)))
random.shuffle(lines)
lines = lines[:1600]
dev, train = lines[:300], lines[300:]
tag_names = sorted(LEX)                         # ['AMOUNT', 'FOOD', 'OTHER', 'TOOL', 'UNIT', 'VERB']
tag_id = {t: i for i, t in enumerate(tag_names)}
word_id = {w: i for i, w in enumerate(["<pad>", "<oov>"] + sorted({w for t, _ in train for w in t}))}
print(Counter(g for _, gs in train for g in gs))


def collate(batch):
    x = pad_sequence([torch.tensor([word_id.get(w, 1) for w in t]) for t, _ in batch], batch_first=True)
    # fault:
    y = pad_sequence([torch.tensor([tag_id[g] for g in gs]) for _, gs in batch], batch_first=True, padding_value=0)
    # mended:
    # y = pad_sequence([torch.tensor([tag_id[g] for g in gs]) for _, gs in batch], batch_first=True, padding_value=-1)
    # end
    return x, y, torch.tensor([len(t) for t, _ in batch])


class Tagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Embedding(len(word_id), 24, padding_idx=0)
        self.gru = torch.nn.GRU(24, 24, batch_first=True, bidirectional=True)
        self.drop = torch.nn.Dropout(0.2)
        self.tag = torch.nn.Linear(48, len(tag_names))

    def forward(self, x, n):
        p = pack_padded_sequence(self.embed(x), n, batch_first=True, enforce_sorted=False)
        h, _ = pad_packed_sequence(self.gru(p)[0], batch_first=True)
        return self.tag(self.drop(h))


tagger = Tagger()
adam = torch.optim.Adam(tagger.parameters(), lr=6e-3)
# fault:
criterion = torch.nn.CrossEntropyLoss(ignore_index=0)
# mended:
# criterion = torch.nn.CrossEntropyLoss(ignore_index=-1)
# end


def report(rows):
    tagger.eval()
    good, total = Counter(), Counter()
    with torch.no_grad():
        x, _, n = collate(rows)
        best = tagger(x, n).argmax(-1)
    for b, (_, gs) in enumerate(rows):
        for g, p in zip(gs, best[b].tolist()):
            total[g] += 1
            good[g] += p == tag_id[g]
    return sum(good.values()) / sum(total.values()), {g: round(good[g] / total[g], 3) for g in tag_names}


for epoch in range(4):
    tagger.train()
    random.shuffle(train)
    seen = 0.0
    steps = 0
    for i in range(0, len(train), 32):
        x, y, n = collate(train[i:i + 32])
        loss = criterion(tagger(x, n).flatten(0, 1), y.flatten())
        adam.zero_grad()
        loss.backward()
        adam.step()
        seen += loss.item(); steps += 1
    print(f"epoch {epoch}  loss {seen / steps:.4f}  token accuracy train {report(train[:300])[0]:.4f} dev {report(dev)[0]:.4f}")
print("recall by tag:", report(dev)[1])
