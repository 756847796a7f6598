"""Word sense tagging with a small nn.TransformerEncoder. Only the ambiguous word of a sentence bears a label."""
import math
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset, DataLoader

random.seed(31)
torch.manual_seed(31)

FIELDS = {
    "money": "loan cash deposit clerk interest coin account teller".split(),
    "river": "water boat shore fish mud stream reed ferry".split(),
    "sport": "game pitch score match coach league field referee".split(),
    "animal": "fur wild cave wing zoo hunt nest tail".split(),
    "music": "song tune drum concert choir melody band stage".split(),
    "office": "desk paper memo folder boss letter printer stamp".split(),
}
SENSES = [("bank", "money"), ("bank", "river"), ("bat", "sport"), ("bat", "animal"), ("seal", "animal"), ("seal", "office"),
          ("bass", "music"), ("bass", "river"), ("note", "money"), ("note", "music"), ("note", "office"), ("pitcher", "sport"),
          ("pitcher", "office"), ("bow", "music"), ("bow", "river")]
GLUE = "the a of and then with near while my your we they some that was is had for on at".split()


def sentence():
    k = random.randrange(len(SENSES))
    word, field = SENSES[k]
    toks = random.choices(FIELDS[field], k=random.randint(2, 4)) + random.choices(GLUE, k=random.randint(3, 8))
    if random.random() < 0.3:
        toks.append(random.choice(FIELDS[random.choice(list(FIELDS))]))
    random.shuffle(toks)
    where = random.randint(0, len(toks))
    return toks[:where] + [word] + toks[where:], where, k


class Senses(Dataset):
    def __init__(self, rows, vocab):
        self.rows, self.vocab = rows, vocab

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        toks, where, k = self.rows[i]
        tags = torch.full((len(toks),), -100)
        tags[where] = k
        return torch.tensor([self.vocab[t] for t in toks]), tags


def collate(items):
    xs, ts = zip(*items)
    return pad_sequence(xs, batch_first=True), pad_sequence(ts, batch_first=True, padding_value=-100)


class Tagger(nn.Module):
    def __init__(self, n_words, n_tags, d=40, heads=4, layers=2, max_len=20):
        super().__init__()
        self.scale = math.sqrt(d)
        self.emb = nn.Embedding(n_words, d, padding_idx=0)
        nn.init.normal_(self.emb.weight[1:], std=d ** -0.5)
        self.pos = nn.Parameter(torch.randn(1, max_len, d) * 0.02)
        layer = nn.TransformerEncoderLayer(d, heads, 2 * d, dropout=0.1, batch_first=True, norm_first=True, activation="gelu")
        self.enc = nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.out = nn.Linear(d, n_tags)

    def forward(self, x):
        h = self.emb(x) * self.scale + self.pos[:, :x.size(1)]
        return self.out(self.enc(h, src_key_padding_mask=x.eq(0)))


rows, seen = [], set()
while len(rows) < 2600:
    r = sentence()
    if tuple(r[0]) not in seen:
        seen.add(tuple(r[0]))
        rows.append(r)
vocab = {w: i + 1 for i, w in enumerate(sorted({t for r in rows for t in r[0]}))}
train_dl = DataLoader(Senses(rows[:2100], vocab), batch_size=48, shuffle=True, collate_fn=collate)
test_dl = DataLoader(Senses(rows[2100:], vocab), batch_size=250, collate_fn=collate)

model = Tagger(len(vocab) + 1, len(SENSES))
EPOCHS = 3
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.01)
total, warm = EPOCHS * len(train_dl), 20
scheduler = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda s: min((s + 1) / warm, 0.5 * (1 + math.cos(math.pi * max(0, s - warm) / (total - warm)))))
criterion = nn.CrossEntropyLoss(ignore_index=-100)


@torch.inference_mode()
def accuracy(dl):
    model.eval()
    good = n = 0
    for x, t in dl:
        m = t != -100
        good += (model(x).argmax(-1)[m] == t[m]).sum().item()
        n += m.sum().item()
    return good / n


for epoch in range(EPOCHS):
    model.train()
    s = 0.0
    for x, t in train_dl:
        loss = criterion(model(x).transpose(1, 2), t)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
        s += loss.item()
    print(f"epoch {epoch + 1}/{EPOCHS} loss {s / len(train_dl):.3f} test acc {accuracy(test_dl):.3f}")
print(f"train acc {accuracy(train_dl):.3f}")
