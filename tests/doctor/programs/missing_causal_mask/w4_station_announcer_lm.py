# Tiny word-level Transformer that learns to write station announcements.
import math, random, torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(3)
rng = random.Random(3)

PLATFORM = dict(leeds=4, york=4, hull=2, derby=1, crewe=3, luton=2, bath=5, exeter=5, dover=1, lincoln=3)
OPERATOR = dict(leeds="northern", york="northern", hull="coastal", derby="midland", crewe="midland", luton="coastal",
                bath="western", exeter="western", dover="coastal", lincoln="midland")


def announcement():
    city = rng.choice(list(PLATFORM))
    hour, minute = rng.randint(5, 22), rng.choice(["00", "15", "30", "45"])
    s = f"the {hour} {minute} {OPERATOR[city]} service to {city} "
    r = rng.random()
    if r < .6:
        s += f"leaves from platform {PLATFORM[city]} ."
    elif r < .85:
        s += f"is delayed by {rng.choice([5, 10, 20])} minutes , please go to platform {PLATFORM[city]} ."
    else:
        s += f"is cancelled , the next train to {city} leaves at {hour + 1} {minute} ."
    return s.split()


words = [w for _ in range(3600) for w in announcement()]
itos = sorted(set(words)); stoi = {w: i for i, w in enumerate(itos)}
stream = torch.tensor([stoi[w] for w in words])
cut = int(len(stream) * .9)
train, held = stream[:cut], stream[cut:]
BLOCK, D = 24, 32


class Announcer(nn.Module):
    def __init__(self, V):
        super().__init__()
        self.tok = nn.Embedding(V, D)
        self.pos = nn.Embedding(BLOCK, D)
        block = nn.TransformerEncoderLayer(D, 4, 64, dropout=0.0, batch_first=True)
        self.blocks = nn.TransformerEncoder(block, 2, enable_nested_tensor=False)
        self.out = nn.Linear(D, V)

    def forward(self, ids):
        T = ids.size(1)
        h = self.tok(ids) + self.pos(torch.arange(T))
        # fault:
        h = self.blocks(h)
        # mended:
        # h = self.blocks(h, mask=nn.Transformer.generate_square_subsequent_mask(T))
        # end
        return self.out(h)


def get_batch(source, n):
    start = torch.randint(len(source) - BLOCK - 1, (n,))
    x = torch.stack([source[s:s + BLOCK] for s in start])
    y = torch.stack([source[s + 1:s + BLOCK + 1] for s in start])
    return x, y


model = Announcer(len(itos))
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=0.01)
STEPS = 240
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS, eta_min=1e-4)
for step in range(1, STEPS + 1):
    model.train()
    x, y = get_batch(train, 32)
    logits = model(x)
    loss = F.cross_entropy(logits.reshape(-1, len(itos)), y.reshape(-1))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step(); sched.step()
    if step % 40 == 0:
        print("step", step, "train loss %.3f" % loss.item())

model.eval()
with torch.no_grad():
    x, y = get_batch(held, 256)
    nll = F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item()
    print("held-out loss %.3f  perplexity %.2f  (uniform would be %d)" % (nll, math.exp(nll), len(itos)))
    # what we need it for: the next word after what was said so far
    x, y = get_batch(held, 300)
    said = x[:, :16]
    guess = model(said)[:, -1].argmax(-1)
    print("next word right: %.3f" % (guess == x[:, 16]).float().mean().item())

    text = [stoi["the"]]
    for _ in range(40):
        p = model(torch.tensor([text[-BLOCK:]]))[0, -1].softmax(-1)
        text.append(torch.multinomial(p, 1).item())
    print(" ".join(itos[i] for i in text))
