# NPC listens to what the player types. Big net is trained offline, the small one ships with the game
# and learns from the big one's soft answers only (temperature 3), on unlabelled chat.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

INTENTS = ["trade", "fight", "quest", "gossip", "leave"]
random.seed(64)
torch.manual_seed(64)
VOC = 200
core = {k: random.sample(range(40 * k, 40 * k + 40), 30) for k in range(len(INTENTS))}


def chat():
    k = random.randrange(len(INTENTS))
    n = random.randint(4, 9)
    return [random.choice(core[k]) if random.random() < 0.65 else random.randrange(VOC) for _ in range(n)], k


class Listener(nn.Module):
    def __init__(self, d, hidden=None, drop=0.0):
        super().__init__()
        self.bag = nn.EmbeddingBag(VOC, d, mode="sum")
        self.drop = nn.Dropout(drop)
        if hidden:
            self.top = nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), nn.Linear(hidden, len(INTENTS)))
        else:
            self.top = nn.Linear(d, len(INTENTS))
        nn.init.normal_(self.bag.weight, std=0.2)

    def forward(self, rows):
        flat = torch.tensor([t for r in rows for t in r])
        lens = torch.tensor([0] + [len(r) for r in rows])
        return self.top(self.drop(self.bag(flat, lens.cumsum(0)[:-1])))


labelled = [chat() for _ in range(4000)]
overheard = [chat()[0] for _ in range(3000)]
test = [chat() for _ in range(800)]


def acc(m, data):
    m.eval()
    with torch.no_grad():
        p = m([r for r, _ in data]).argmax(1)
    m.train()
    return (p == torch.tensor([k for _, k in data])).float().mean().item()


def chunks(seq, n):
    seq = random.sample(seq, len(seq))
    return [seq[i:i + n] for i in range(0, len(seq), n)]


teacher = Listener(16, hidden=32, drop=0.3)
t_opt = torch.optim.AdamW(teacher.parameters(), lr=4e-3, weight_decay=0.05)
for ep in range(4):
    s = 0.0
    for part in chunks(labelled, 80):
        loss = F.cross_entropy(teacher([r for r, _ in part]), torch.tensor([k for _, k in part]), label_smoothing=0.05)
        t_opt.zero_grad(); loss.backward(); t_opt.step()
        s += loss.item()
    print(f"teacher {ep} loss {s / 50:.3f} train {acc(teacher, labelled):.3f} test {acc(teacher, test):.3f}")

teacher.eval().requires_grad_(False)
student = Listener(4)
s_opt = torch.optim.Adam(student.parameters(), lr=2e-2)
T = 3.0
for ep in range(5):
    s, n = 0.0, 0
    for part in chunks(overheard, 60):
        with torch.no_grad():
            soft = F.log_softmax(teacher(part) / T, dim=1)
        loss = T * T * F.kl_div(F.log_softmax(student(part) / T, dim=1), soft, reduction="batchmean", log_target=True)
        s_opt.zero_grad(); loss.backward(); s_opt.step()
        s, n = s + loss.item(), n + 1
    print(f"student {ep} kl {s / n:.4f} labelled {acc(student, labelled):.3f} test {acc(student, test):.3f}")
teacher.eval()
size = lambda m: sum(p.numel() for p in m.parameters())
print(f"parameters {size(teacher)} -> {size(student)}, student test {acc(student, test):.3f}")
