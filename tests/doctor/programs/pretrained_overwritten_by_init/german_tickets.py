"""IT-Helpdesk: Tickets einer Warteschlange zuordnen (kleiner Transformer, vortrainierte Wortvektoren)."""
import math
import random
import numpy as np
import torch
from torch import nn

random.seed(7)
np.random.seed(7)
torch.manual_seed(7)

QUEUES = ["netzwerk", "drucker", "konto", "hardware"]
D = 48
SILBEN = ["ver", "bin", "dung", "netz", "druck", "kon", "to", "platte", "ge", "rät", "such", "lauf", "werk", "pass",
          "wort", "kabel", "bild", "schirm", "papier", "stau", "an", "mel", "sperr", "über", "last"]


def wort():
    return "".join(random.choice(SILBEN) for _ in range(random.randint(2, 3)))


fach = {}
while len(fach) < 800:
    fach.setdefault(wort(), len(fach) % 4)
fuell = "ich habe seit heute morgen ein problem mit dem und kann nicht mehr bitte um hilfe danke es geht immer noch".split()
centres = np.random.randn(4, D) * 0.6
with open("ticket_vec.txt", "w", encoding="utf-8") as f:
    for w in list(fach) + fuell:
        v = np.random.randn(D) * 0.6 + (centres[fach[w]] if w in fach else 0)
        f.write(w + " " + " ".join(f"{x:.4f}" for x in v) + "\n")

pool = [[w for w, q in fach.items() if q == k] for k in range(4)]


def ticket():
    q = random.randrange(4)
    words = random.choices(fuell, k=random.randint(4, 9)) + random.choices(pool[q], k=random.randint(2, 4))
    if random.random() < 0.4:
        words.append(random.choice(pool[random.randrange(4)]))
    random.shuffle(words)
    return words, q


train, dev = [ticket() for _ in range(500)], [ticket() for _ in range(400)]
vocab = {"<pad>": 0, "<unk>": 1}
for words, _ in train + dev:
    for w in words:
        vocab.setdefault(w, len(vocab))


def read_vectors(path):
    table = np.random.normal(0, 0.6, (len(vocab), D)).astype("float32")
    table[0] = 0
    with open(path, encoding="utf-8") as f:
        for line in f:
            w, *v = line.split()
            if w in vocab:
                table[vocab[w]] = [float(x) for x in v]
    return torch.from_numpy(table)


class TicketFormer(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.tok = nn.Embedding(len(vocab), D, padding_idx=0)
        layer = nn.TransformerEncoderLayer(D, 4, 96, dropout=0.2, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.head = nn.Linear(D, len(QUEUES))
        # fault:
        self.tok.weight.data.copy_(vectors)
        self.apply(self._init_weights)
        # mended:
        # self.apply(self._init_weights)
        # self.tok.weight.data.copy_(vectors)
        # end

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight)
            nn.init.zeros_(m.bias)
        elif isinstance(m, nn.Embedding):
            nn.init.normal_(m.weight, std=0.6)
            with torch.no_grad():
                m.weight[m.padding_idx].zero_()

    def forward(self, ids):
        pad = ids.eq(0)
        h = self.enc(self.tok(ids), src_key_padding_mask=pad)
        keep = (~pad).unsqueeze(-1).float()
        return self.head((h * keep).sum(1) / keep.sum(1))


def batch(rows):
    width = max(len(w) for w, _ in rows)
    return (torch.tensor([[vocab[t] for t in w] + [0] * (width - len(w)) for w, _ in rows]),
            torch.tensor([q for _, q in rows]))


model = TicketFormer(read_vectors("ticket_vec.txt"))
EPOCHS, BS = 14, 20
steps = EPOCHS * math.ceil(len(train) / BS)
opt = torch.optim.AdamW([{"params": [p for n, p in model.named_parameters() if not n.startswith("tok")], "lr": 1.5e-3},
                         {"params": model.tok.parameters(), "lr": 1e-4}], weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 30, (steps - s) / steps + 0.02))
for epoch in range(EPOCHS):
    model.train()
    random.shuffle(train)
    total = 0
    for i in range(0, len(train), BS):
        x, y = batch(train[i:i + BS])
        loss = nn.functional.cross_entropy(model(x), y, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        total += loss.item() * len(y)
    model.eval()
    with torch.no_grad():
        x, y = batch(dev)
        acc = (model(x).argmax(1) == y).float().mean().item()
    print(f"Epoche {epoch + 1:2d}  Verlust {total / len(train):.3f}  Genauigkeit {acc:.3f}")
