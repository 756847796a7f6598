"""Radio traffic: each message has chatter and one 'over to CHANNEL' style order.
Time-major model with additive attention; messages are decoded one by one when it is deployed."""
import random
import torch
import torch.nn.functional as F

random.seed(88); torch.manual_seed(88)
CHANNELS = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot"]
CUES = ["switch", "goto", "retune"]
CHATTER = [f"c{i}" for i in range(30)]


def message():
    goal = random.choice(CHANNELS)
    body = random.choices(CHATTER, k=random.randint(5, 10))
    for other in random.choices(CHANNELS, k=random.randint(1, 3)):     # channels that are merely spoken of
        body.insert(random.randint(0, len(body)), other + "/said")
    body.insert(random.randint(0, len(body)), random.choice(CUES) + "/" + goal)
    return body, CHANNELS.index(goal)


def pieces(body):
    for tok in body:
        yield from tok.split("/")


vocab = {w: i for i, w in enumerate(["<p>", "said"] + CUES + CHANNELS + CHATTER)}
corpus = {}
while len(corpus) < 3900:
    b, g = message()
    corpus[tuple(vocab[p] for p in pieces(b))] = g
corpus = list(corpus.items())
fit, held = corpus[:3300], corpus[3300:]

V, D, H = len(vocab), 24, 32


class Radio(torch.nn.Module):
    def __init__(self):
        super().__init__()
        N = lambda *s: torch.nn.Parameter(torch.randn(*s) / s[-1] ** .5)
        self.table = N(V, D)
        self.mix = N(H, 3 * D)                  # the word with its left and right neighbour
        self.mix_b = torch.nn.Parameter(torch.zeros(H))
        self.score = N(1, H)
        self.read = N(len(CHANNELS), H)
        self.read_b = torch.nn.Parameter(torch.zeros(len(CHANNELS)))

    def forward(self, ids):                     # ids: (T, B)
        e = F.embedding(ids, self.table) * (ids > 0).unsqueeze(-1)
        z = torch.zeros_like(e[:1])
        ctx = torch.cat([torch.cat([z, e[:-1]]), e, torch.cat([e[1:], z])], -1)
        h = torch.tanh(F.linear(ctx, self.mix, self.mix_b))             # (T, B, H)
        s = F.linear(h, self.score).squeeze(-1) * 3
        s = s.masked_fill(ids == 0, -1e4)
        # fault:
        a = torch.softmax(s, dim=-1)
        # mended:
        #a = torch.softmax(s, dim=0)
        # end
        pooled = torch.einsum("tb,tbh->bh", a, h)
        return F.linear(pooled, self.read, self.read_b)


def stack(rows):
    T = max(len(r) for r, _ in rows)
    return torch.tensor([list(r) + [0] * (T - len(r)) for r, _ in rows]).t(), torch.tensor([g for _, g in rows])


net = Radio()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)


def deployed(rows):
    right, nll = 0, 0.
    with torch.no_grad():
        for r, g in rows:
            z = net(torch.tensor(r).unsqueeze(1))[0]
            right += int(z.argmax() == g)
            nll -= z.log_softmax(0)[g].item()
    return right / len(rows), nll / len(rows)


for epoch in range(8):
    random.shuffle(fit)
    loss_sum = n = 0
    for i in range(0, len(fit), 50):
        x, y = stack(fit[i:i + 50])
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        loss_sum += loss.item() * len(y)
        n += len(y)
    print(f"epoch {epoch}: loss {loss_sum / n:.4f}  held-out acc %.4f nll %.4f" % deployed(held))
