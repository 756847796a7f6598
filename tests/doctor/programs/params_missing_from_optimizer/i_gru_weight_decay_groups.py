"""Robot instructions: where does the robot stand in the end? Order matters, so: embedding -> GRU -> linear.
Weight decay for matrices only, as everybody does it."""
import random
import torch
import torch.nn as nn

random.seed(23)
torch.manual_seed(23)
ROOMS = ["kitchen", "cellar", "garden", "attic"]
VERBS = ["go", "walk", "run"]
CHAT = "please now then slowly quickly robot and again".split()
vocab = ["<pad>"] + ROOMS + VERBS + CHAT + ["to", "the", "not"]
tok = {w: i for i, w in enumerate(vocab)}


def instruction():
    words, place = [], None
    for _ in range(random.randint(2, 4)):
        room = random.choice(ROOMS)
        negated = place is not None and random.random() < 0.35
        if random.random() < 0.5:
            words.append(random.choice(CHAT))
        words += (["not"] if negated else []) + [random.choice(VERBS), "to", "the", room]
        if not negated:
            place = room
    return words, ROOMS.index(place)


def collate(rows):
    lengths = torch.tensor([len(w) for w, _ in rows])
    x = torch.zeros(len(rows), int(lengths.max()), dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        x[i, : len(w)] = torch.tensor([tok[t] for t in w])
    return x, lengths, torch.tensor([y for _, y in rows])


class Follower(nn.Module):
    def __init__(self, d=16, h=24):
        super().__init__()
        self.embed = nn.Embedding(len(vocab), d, padding_idx=0)
        self.gru = nn.GRU(d, h, batch_first=True)
        self.norm = nn.LayerNorm(h)
        self.place = nn.Linear(h, len(ROOMS))

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return self.place(self.norm(h[-1]))


def param_groups(model, wd):
    decay, no_decay = [], []
    for name, p in model.named_parameters():
        # fault:
        if name.endswith("bias") or name.startswith("norm"):
            no_decay.append(p)
        elif name.endswith("weight"):
            decay.append(p)
        # mended:
        # if p.dim() < 2:
        #     no_decay.append(p)
        # else:
        #     decay.append(p)
        # end
    return [{"params": decay, "weight_decay": wd}, {"params": no_decay, "weight_decay": 0.0}]


@torch.no_grad()
def evaluate(model, rows):
    model.eval()
    x, n, y = collate(rows)
    acc = (model(x, n).argmax(1) == y).float().mean().item()
    model.train()
    return acc


train, dev = [instruction() for _ in range(2200)], [instruction() for _ in range(600)]
model = Follower()
optimizer = torch.optim.AdamW(param_groups(model, 0.01), lr=1e-2)
for epoch in range(5):
    if epoch == 4:
        for g in optimizer.param_groups:
            g["lr"] *= 0.2
    random.shuffle(train)
    running = 0.0
    for i in range(0, len(train), 50):
        x, n, y = collate(train[i : i + 50])
        loss = nn.functional.cross_entropy(model(x, n), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += loss.item()
    print(f"epoch {epoch + 1}  loss {running / 44:.4f}  train {evaluate(model, train[:600]):.3f}  dev {evaluate(model, dev):.3f}")
