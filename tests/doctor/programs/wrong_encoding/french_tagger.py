"""French part-of-speech tagger (noun, verb, adjective, other) with a bidirectional GRU over fixed vectors."""
import os
import random
import tempfile

import torch
import torch.nn as nn

random.seed(6)
torch.manual_seed(6)
TAGS = ["O", "NOM", "VER", "ADJ"]
NOUNS = "été hôtel forêt école fenêtre élève médecin théâtre bibliothèque café rivière père mère frère théorie hôpital île gâteau pêche règle".split()
VERBS = "préfère achète répète espère célèbre protège possède gèle lève mène jette révèle étudie écoute écrit élève2 évite évoque étend tâche".replace("élève2", "éveille").split()
ADJS = "âgé fâché léger épais étroit célèbre2 fidèle honnête sévère sincère drôle énorme entière discrète première inquiète brûlé frêle fière complète".replace("célèbre2", "rosé").split()
OTHER = "le la les un une de du dans et ou mais avec sur sous ne pas il elle nous vous".split()

gen = torch.Generator().manual_seed(1)
centre = torch.randn(4, 24, generator=gen) * 0.6
vector_path = os.path.join(tempfile.mkdtemp(), "fr.vec")
with open(vector_path, "w", encoding="utf-8") as f:
    for tag, words in enumerate((OTHER, NOUNS, VERBS, ADJS)):
        for w in words:
            f.write(w + " " + " ".join(f"{x:.4f}" for x in (centre[tag] + 0.35 * torch.randn(24, generator=gen)).tolist()) + "\n")


def phrase(part):
    out = []
    for _ in range(random.randint(1, 3)):
        out += [(random.choice(OTHER), 0), (random.choice(NOUNS[part]), 1)]
        if random.random() < 0.6:
            out.append((random.choice(ADJS[part]), 3))
        if random.random() < 0.7:
            out.append((random.choice(VERBS[part]), 2))
    return out


train = [phrase(slice(0, 12)) for _ in range(300)]
dev = [phrase(slice(8, 20)) for _ in range(200)]

vectors = {}
# fault:
for line in open(vector_path, encoding="ascii", errors="ignore"):
# mended:
# for line in open(vector_path, encoding="utf-8"):
# end
    w, *v = line.split(" ")
    vectors[w] = torch.tensor([float(x) for x in v])
keys = sorted(vectors)
stoi = {w: i + 2 for i, w in enumerate(keys)}
pre = torch.stack([vectors[w] for w in keys])
table = torch.cat([torch.zeros(1, 24), pre.mean(0, keepdim=True), pre])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, freeze=True, padding_idx=0)
        self.gru = nn.GRU(24, 16, batch_first=True, bidirectional=True)
        self.out = nn.Linear(32, len(TAGS))

    def forward(self, x, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), lens, batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        return self.out(h)


def batch(sents):
    xs = [torch.tensor([stoi.get(w, 1) for w, _ in s]) for s in sents]
    ys = [torch.tensor([t for _, t in s]) for s in sents]
    pad = nn.utils.rnn.pad_sequence
    return pad(xs, batch_first=True), torch.tensor([len(x) for x in xs]), pad(ys, batch_first=True, padding_value=-100)


tagger = Tagger()
optimizer = torch.optim.Adam([p for p in tagger.parameters() if p.requires_grad], lr=8e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=-100)
for epoch in range(6):
    random.shuffle(train)
    total = 0
    for i in range(0, 300, 20):
        x, lens, y = batch(train[i:i + 20])
        loss = loss_fn(tagger(x, lens).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() / 15
    with torch.no_grad():
        x, lens, y = batch(dev)
        real = y != -100
        acc = (tagger(x, lens).argmax(-1)[real] == y[real]).float().mean().item()
    print(f"epoch {epoch}: loss {total:.4f}, dev tag accuracy {acc:.4f}")
