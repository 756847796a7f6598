# Pump station maintenance: which component will be replaced at the next visit?
# Input is the string of event codes that the controller wrote in the last shift.
import random
import torch
import torch.nn.functional as F

random.seed(11)
torch.manual_seed(11)

COMPONENTS = ["seal", "bearing", "impeller", "valve"]
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ"

# each component has codes that show up more often before it fails
HINTS = {"seal": "LPQ", "bearing": "VTM", "impeller": "CKX", "valve": "HZS"}


def new_record():
    comp = random.choice(COMPONENTS)
    n = random.randint(10, 18)
    events = [random.choice(HINTS[comp]) if random.random() < 0.35 else random.choice(ALPHABET) for _ in range(n)]
    serial = "".join(random.choice(ALPHABET) for _ in range(random.randint(10, 18)))
    return {"serial": serial, "events": "".join(events), "replaced": comp}


records = [new_record() for _ in range(2600)]
train_rec, test_rec = records[:2000], records[2000:]

char2id = {c: i + 1 for i, c in enumerate(ALPHABET)}     # 0 = filler
MAXLEN = 18


def to_tensors(recs):
    x = torch.zeros(len(recs), MAXLEN, dtype=torch.long)
    for r, rec in enumerate(recs):
        # fault:
        codes = rec["serial"]
        # mended:
        #codes = rec["events"]
        # end
        for c, ch in enumerate(codes):
            x[r, c] = char2id[ch]
    y = torch.tensor([COMPONENTS.index(rec["replaced"]) for rec in recs])
    return x, y


xtr, ytr = to_tensors(train_rec)
xte, yte = to_tensors(test_rec)

# ---- parameters: plain tensors ----
D, H, C = 12, 24, len(COMPONENTS)


def param(*shape, scale):
    return (torch.randn(*shape) * scale).requires_grad_()


emb = param(len(char2id) + 1, D, scale=0.3)
w1 = param(D, H, scale=D ** -0.5)
b1 = torch.zeros(H, requires_grad=True)
w2 = param(H, C, scale=H ** -0.5)
b2 = torch.zeros(C, requires_grad=True)
params = [emb, w1, b1, w2, b2]


def forward(x):
    keep = (x > 0).float().unsqueeze(-1)
    mean = (F.embedding(x, emb) * keep).sum(1) / keep.sum(1)
    return torch.tanh(mean @ w1 + b1) @ w2 + b2


opt = torch.optim.Adam(params, lr=0.01)
for epoch in range(8):
    order = torch.randperm(len(xtr))
    total = 0.0
    for s in range(0, len(order), 40):
        idx = order[s:s + 40]
        loss = F.cross_entropy(forward(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        out = forward(xte)
        acc = (out.argmax(1) == yte).float().mean().item()
        tl = F.cross_entropy(out, yte).item()
    print(f"epoch {epoch + 1}: train loss {total / len(xtr):.3f}  test loss {tl:.3f}  test accuracy {acc:.3f}")

print("component accuracy on new records: %.3f (guessing: 0.25)" % acc)
