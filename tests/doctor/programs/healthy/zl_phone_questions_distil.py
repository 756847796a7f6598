# Distil a small GRU (teacher) into a bag-of-embeddings model that fits on my ESP32.
# The student learns from the teacher's soft answers (T=2) plus a bit of the true labels.
import random, torch, torch.nn as nn, torch.nn.functional as F

random.seed(31); torch.manual_seed(31)
INTENTS = {
    "battery": ["how long does the battery last", "battery drains so fast", "charging takes hours", "does it support wireless charging"],
    "camera": ["photos are blurry at night", "how many megapixels", "can i record slow motion video", "the lens has a scratch"],
    "screen": ["display flickers", "is the glass scratch proof", "touch does not react", "how bright is the panel"],
    "price": ["is there a student discount", "how much does it cost", "cheaper somewhere else", "can i pay in rates"],
}
LABELS = list(INTENTS)
BEFORE = "hi|hello there|good morning|hey guys|sorry to ask again|quick question|um".split("|")
AFTER = "thanks|please answer|on the mini model|on the pro|since the update|asking for a friend|cheers from lagos|greetings from lima".split("|")


def question():
    y = random.randrange(4)
    w = random.choice(INTENTS[LABELS[y]]).split()
    if random.random() < .7:
        w.pop(random.randrange(len(w)))               # people forget words
    w = random.sample(BEFORE, random.randint(1, 2)) + w + random.sample(AFTER, random.randint(1, 3))
    return " ".join(w), y


bank = {}
while len(bank) < 1600:
    q, y = question(); bank[q] = y
bank = list(bank.items())
train, test = bank[:1200], bank[1200:]
vocab = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({w for q, _ in train for w in q.split()}))}


def tensorise(part):
    rows = [torch.tensor([vocab.get(w, 1) for w in q.split()]) for q, _ in part]
    return (nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([len(r) for r in rows]),
            torch.tensor([y for _, y in part]))


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), 24, padding_idx=0)
        self.gru = nn.GRU(24, 24, batch_first=True)
        self.fc = nn.Linear(24, 4)

    def forward(self, x, n):
        h, _ = self.gru(self.emb(x))
        inside = torch.arange(x.size(1)) < n[:, None]
        return self.fc(h.masked_fill(~inside[..., None], -1.0).amax(1))   # tanh states are above -1


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(len(vocab), 8, mode="mean", padding_idx=0)
        self.fc = nn.Linear(8, 4)

    def forward(self, x, n=None):
        return self.fc(self.emb(x))


def accuracy(net, data):
    net.eval()
    with torch.no_grad():
        x, n, y = data
        return (net(x, n).argmax(-1) == y).float().mean().item()


def fit(net, loss_fn, lr, epochs, data):
    x, n, y = data
    opt = torch.optim.Adam(net.parameters(), lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs * (len(y) // 40))
    for ep in range(epochs):
        net.train(); s = 0.
        for b in torch.randperm(len(y)).split(40):
            loss = loss_fn(net(x[b], n[b]), x[b], n[b], y[b])
            opt.zero_grad(); loss.backward(); opt.step(); sched.step()
            s += loss.item()
        print(f"  epoch {ep} loss {s / (len(y) / 40):.4f}  train {accuracy(net, data):.3f}  test {accuracy(net, held):.3f}")


data, held = tensorise(train), tensorise(test)
print("teacher")
teacher = Teacher()
fit(teacher, lambda out, x, n, y: F.cross_entropy(out, y), 1e-2, 4, data)
for p in teacher.parameters():
    p.requires_grad_(False)
teacher.eval()

T, ALPHA = 2.0, 0.7


def distil(out, x, n, y):
    soft = F.kl_div(F.log_softmax(out / T, 1), F.log_softmax(teacher(x, n) / T, 1), reduction="batchmean", log_target=True)
    return ALPHA * T * T * soft + (1 - ALPHA) * F.cross_entropy(out, y)


print("student")
student = Student()
fit(student, distil, 3e-2, 4, data)
with torch.no_grad():
    same = (student(held[0]).argmax(1) == teacher(held[0], held[1]).argmax(1)).float().mean().item()
size = lambda m: sum(p.numel() for p in m.parameters())
print(f"parameters {size(teacher)} -> {size(student)}, agreement on test {same:.3f}")
