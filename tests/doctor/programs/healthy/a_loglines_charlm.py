"""Character language model over access-log lines (LSTM), one line per row, padded."""
import random, math
import torch, torch.nn as nn, torch.nn.functional as F

random.seed(5); torch.manual_seed(5)
PATHS = ["/", "/index.html", "/login", "/api/v1/users", "/api/v1/items", "/static/app.js", "/static/site.css", "/img/logo.png", "/search?q=tea", "/cart"]
SERV = ["nginx", "gunicorn", "celery", "postgres"]


def line():
    s = random.choice(SERV)
    t = f"{random.randint(0,23):02d}:{random.randint(0,59):02d}"
    if s in ("nginx", "gunicorn"):
        m = random.choice(["GET", "GET", "GET", "POST"])
        p = random.choice(PATHS)
        code = {"/login": "302", "/cart": "401"}.get(p, "200") if m == "GET" else "201"
        return f"{t} {s} {m} {p} {code} {random.randint(1,99)}ms"
    if s == "celery":
        return f"{t} celery task {random.choice(['mail','report','resize','sync'])} {random.choice(['started','succeeded','retried'])} id={random.randint(100,999)}"
    return f"{t} postgres {random.choice(['checkpoint complete','connection received','connection closed','slow query'])} pid={random.randint(10,99)}"


lines = set()
while len(lines) < 2400:
    lines.add(line())
lines = sorted(lines)
random.shuffle(lines)
PAD, BOS, EOS = 0, 1, 2
chars = sorted(set("".join(lines)))
c2i = {c: i + 3 for i, c in enumerate(chars)}
i2c = {i: c for c, i in c2i.items()}
V = len(chars) + 3
enc = [torch.tensor([BOS] + [c2i[c] for c in l] + [EOS]) for l in lines]
data = nn.utils.rnn.pad_sequence(enc, batch_first=True, padding_value=PAD)
train, valid = data[:2000], data[2000:]


class CharLM(nn.Module):
    def __init__(self, V, E=24, H=96):
        super().__init__()
        self.e = nn.Embedding(V, E, padding_idx=PAD)
        self.rnn = nn.LSTM(E, H, batch_first=True)
        self.o = nn.Linear(H, V)

    def forward(self, x, state=None):
        h, state = self.rnn(self.e(x), state)
        return self.o(h), state


def nll(model, batch):
    logits, _ = model(batch[:, :-1])
    return F.cross_entropy(logits.reshape(-1, V), batch[:, 1:].reshape(-1), ignore_index=PAD)


@torch.no_grad()
def sample(model, temperature=0.7, maxlen=60):
    model.eval()
    x, state, out = torch.tensor([[BOS]]), None, []
    for _ in range(maxlen):
        logits, state = model(x, state)
        nxt = torch.multinomial((logits[0, -1] / temperature).softmax(-1), 1)
        if nxt.item() in (EOS, PAD, BOS):
            break
        out.append(i2c[nxt.item()])
        x = nxt.view(1, 1)
    return "".join(out)


model = CharLM(V)
opt = torch.optim.Adam(model.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.StepLR(opt, step_size=3, gamma=0.3)
for epoch in range(6):
    model.train()
    tot = 0.
    for idx in torch.randperm(len(train)).split(50):
        opt.zero_grad()
        loss = nll(model, train[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        tot += loss.item()
    sched.step()
    model.eval()
    with torch.no_grad():
        v = nll(model, valid).item()
    print(f"epoch {epoch}: train nll {tot / math.ceil(len(train) / 50):.4f}  valid nll {v:.4f}  bits/char {v / math.log(2):.3f} (uniform {math.log2(V):.2f})")
for _ in range(3):
    print("  ", sample(model))
