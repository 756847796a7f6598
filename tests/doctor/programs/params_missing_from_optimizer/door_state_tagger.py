import random
import torch
import torch.nn as nn

# Smart-lock audit: after every event of the log, is the door open, closed or locked?

torch.manual_seed(99)
rnd = random.Random(99)
STATE = {"closed": 0, "open": 1, "locked": 2}
NOISE = ["battery", "ping", "wifi", "motion", "light", "firmware", "bell", "sync"]
CMD = ["open", "close", "lock", "unlock"]
EVENTS = CMD + NOISE
LEN = 20


def night():
    s, ev, st = "closed", [], []
    for _ in range(LEN):
        e = rnd.choice(CMD) if rnd.random() < 0.3 else rnd.choice(NOISE)
        if e == "open" and s == "closed":
            s = "open"
        elif e == "close" and s == "open":
            s = "closed"
        elif e == "lock" and s == "closed":
            s = "locked"
        elif e == "unlock" and s == "locked":
            s = "closed"
        ev.append(EVENTS.index(e))
        st.append(STATE[s])
    return ev, st


def tensors(n):
    rows = [night() for _ in range(n)]
    return torch.tensor([r[0] for r in rows]).t().contiguous(), torch.tensor([r[1] for r in rows]).t().contiguous()


x_train, y_train = tensors(2500)
x_val, y_val = tensors(400)


class DoorTagger(nn.Module):
    def __init__(self, emb=12, hid=32):
        super().__init__()
        self.event = nn.Embedding(len(EVENTS), emb)
        self.lstm = nn.LSTM(emb, hid)
        self.norm = nn.LayerNorm(hid)
        self.head = nn.Linear(hid, 3)

    def forward(self, x):
        return self.head(self.norm(self.lstm(self.event(x))[0]))


def configure(model, lr, wd):
    # no decay for biases and norms
    # fault:
    decay = [p for n, p in model.named_parameters() if n.endswith(".weight") and "norm" not in n]
    rest = [p for n, p in model.named_parameters() if n.endswith(".bias") or "norm.weight" in n]
    # mended:
    # decay = [p for n, p in model.named_parameters() if p.dim() > 1]
    # rest = [p for n, p in model.named_parameters() if p.dim() <= 1]
    # end
    return torch.optim.AdamW([{"params": decay, "weight_decay": wd}, {"params": rest, "weight_decay": 0.0}], lr=lr)


model = DoorTagger()
optimizer = configure(model, 6e-3, 0.01)
lossfn = nn.CrossEntropyLoss()
BS, EPOCHS = 50, 6
sched = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=EPOCHS * (x_train.shape[1] // BS))

for epoch in range(EPOCHS):
    model.train()
    perm = torch.randperm(x_train.shape[1])
    total = 0.0
    for b in perm.split(BS):
        logits = model(x_train[:, b])
        loss = lossfn(logits.reshape(-1, 3), y_train[:, b].reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        sched.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        out = model(x_val)
        vl = lossfn(out.reshape(-1, 3), y_val.reshape(-1)).item()
        acc = (out.argmax(-1) == y_val).float().mean().item()
        end = (out[-1].argmax(-1) == y_val[-1]).float().mean().item()
    print(f"epoch {epoch + 1}: loss {total / (x_train.shape[1] // BS):.3f} | val loss {vl:.3f}, states right {acc:.3f}, last state right {end:.3f}")
