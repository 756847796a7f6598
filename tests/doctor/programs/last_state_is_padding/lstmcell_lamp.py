# A lamp is switched by spoken commands. Is it red, green or off at the end of the log?  (LSTMCell, written out)
import random
import torch
import torch.nn.functional as F

random.seed(33); torch.manual_seed(33)
commands = {"red": 1, "green": 2, "off": 0}
chat = ["hm", "well", "look", "nice", "wait", "yes", "no", "that", "is", "so", "the", "lamp"]
vocab = ["<pad>"] + list(commands) + chat
LEN = 70

def log():
    n = random.choice([5, 8, 12, 20, 35, 50])
    words = random.choices(chat, k=n)
    for _ in range(random.randint(1, 3)):
        words[random.randrange(n)] = random.choice(list(commands))
    last = [w for w in words if w in commands][-1]
    return words, commands[last]

def encode(rows):
    x = torch.zeros(len(rows), LEN, dtype=torch.long)
    for i, (w, _) in enumerate(rows):
        x[i, :len(w)] = torch.tensor([vocab.index(a) for a in w])
    return x, torch.tensor([y for _, y in rows])

train = [log() for _ in range(800)]
dev = [l for l in (log() for _ in range(300)) if l not in train]
X, Y = encode(train); Xd, Yd = encode(dev)

emb = torch.nn.Embedding(len(vocab), 12, padding_idx=0)
cell = torch.nn.LSTMCell(12, 24)
out = torch.nn.Linear(24, 3)
params = [*emb.parameters(), *cell.parameters(), *out.parameters()]
opt = torch.optim.Adam(params, lr=1e-2)

def predict(x):
    e = emb(x)
    h = c = torch.zeros(len(x), 24)
    for t in range(LEN):
        # fault:
        h, c = cell(e[:, t], (h, c))
        # mended:
        # here = (x[:, t] > 0).unsqueeze(1)
        # h2, c2 = cell(e[:, t], (h, c))
        # h, c = torch.where(here, h2, h), torch.where(here, c2, c)
        # end
    return out(h)

for epoch in range(8):
    for b in torch.randperm(len(X)).split(40):
        loss = F.cross_entropy(predict(X[b]), Y[b])
        opt.zero_grad(); loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        opt.step()
    with torch.no_grad():
        print(f"epoch {epoch} loss {loss.item():.4f} dev {(predict(Xd).argmax(1) == Yd).float().mean():.4f}")
