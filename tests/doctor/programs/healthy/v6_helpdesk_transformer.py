# Ticket routing with a small transformer encoder. Label smoothing, gradient accumulation, warm-up.
import random

import torch
from torch import nn

torch.manual_seed(4)
random.seed(4)

TOPICS = {
    "network": ["wifi", "router", "vpn", "internet", "lan cable", "firewall"],
    "printer": ["printer", "toner", "paper tray", "scanner", "print queue", "copier"],
    "account": ["password", "login", "user name", "two factor code", "profile", "access rights"],
    "hardware": ["monitor", "mouse", "docking station", "laptop fan", "hard disk", "webcam"],
    "mail": ["inbox", "outlook", "spam filter", "mailing list", "calendar invite", "signature"],
}
FRAMES = ["the {a} stopped working", "since {d} my {a} is very slow", "can somebody look at the {a} in room {n}", "i need help with {a}",
          "{a} shows error {n}", "please replace the {a} in office {n}", "our {a} fails again and again since {d}",
          "it is not the {b} but the {a} that fails", "{b} is fine but {a} is not"]
DAYS = ["monday", "yesterday", "this morning", "last week", "friday"]


def ticket():
    t = random.choice(list(TOPICS))
    other = random.choice([o for o in TOPICS if o != t])
    text = random.choice(FRAMES).format(a=random.choice(TOPICS[t]), b=random.choice(TOPICS[other]), d=random.choice(DAYS),
                                        n=random.choice(["12", "7", "404", "31"]))
    return text, list(TOPICS).index(t)


pool = {}
while len(pool) < 1000:
    text, y = ticket()
    pool[text] = y
rows = list(pool.items())
random.shuffle(rows)
train, valid = rows[:750], rows[750:]
vocab = {"[PAD]": 0, "[CLS]": 1, "[UNK]": 2}
for text, _ in train:
    for w in text.split():
        vocab.setdefault(w, len(vocab))


def batch(rows):
    ids = [[1] + [vocab.get(w, 2) for w in t.split()] for t, _ in rows]
    m = max(map(len, ids))
    return torch.tensor([i + [0] * (m - len(i)) for i in ids]), torch.tensor([y for _, y in rows])


class Router(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.tok = nn.Embedding(len(vocab), dim, padding_idx=0)
        self.pos = nn.Embedding(32, dim)
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, norm=nn.LayerNorm(dim), enable_nested_tensor=False)
        self.cls = nn.Linear(dim, len(TOPICS))

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(x.shape[1]))
        return self.cls(self.enc(h, src_key_padding_mask=(x == 0))[:, 0])


model = Router()
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
ACCUM, EPOCHS = 2, 10
steps = EPOCHS * ((len(train) // 25) // ACCUM)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=4e-3, total_steps=steps + 1, pct_start=0.2)
train_loss = nn.CrossEntropyLoss(label_smoothing=0.1)
for epoch in range(EPOCHS):
    model.train()
    random.shuffle(train)
    running = 0.0
    for k, i in enumerate(range(0, len(train), 25)):
        x, y = batch(train[i:i + 25])
        loss = train_loss(model(x), y)
        (loss / ACCUM).backward()
        running += loss.item()
        if (k + 1) % ACCUM == 0:
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            sched.step()
            opt.zero_grad()
    model.eval()
    with torch.no_grad():
        x, y = batch(valid)
        out = model(x)
    print(f"epoch {epoch + 1} loss {running / (k + 1):.3f} valid loss {nn.functional.cross_entropy(out, y):.3f} "
          f"accuracy {(out.argmax(1) == y).float().mean():.3f}")
