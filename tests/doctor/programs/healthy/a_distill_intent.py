"""Knowledge distillation: a BiGRU teacher for voice-assistant intents, then a tiny bag-of-words student on soft targets (few labels, many unlabelled utterances)."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9); torch.manual_seed(9)
INTENT = {
    "music": ["play {a} by {n}", "put on some {a}", "i want to hear {n}", "next song please", "turn the {a} up"],
    "timer": ["set a timer for {d} minutes", "wake me in {d} minutes", "how long is left on the timer", "cancel the {d} minute alarm"],
    "weather": ["will it rain in {c}", "what is the forecast for {c}", "is it cold in {c} {w}", "do i need an umbrella {w}"],
    "call": ["call {n}", "ring {n} on the mobile", "phone {n} {w}", "dial the number of {n}"],
    "lights": ["turn the lamp {o} in the {r}", "make the {r} brighter", "switch {o} the light", "dim the {r} a bit"],
}
SLOT = {"a": "jazz rock classical techno folk blues soul".split(), "n": "maria john the_band aunt_may doctor_lee sam olga".split(), "d": "two five ten twelve thirty forty".split(),
        "c": "paris izmir oslo graz lyon bonn".split(), "w": "today tomorrow tonight at_noon".split(), "o": ["on", "off"], "r": "kitchen bedroom hall garage attic".split()}
PRE = ["hey", "please", "could you", "assistant", "um", "okay now", "be so kind and", ""]
POST = ["", "thanks", "right away", "if you can", "will you", "for me", "when i am home"]
names = list(INTENT)


def utt():
    k = random.randrange(5)
    t = random.choice(INTENT[names[k]])
    for s, vs in SLOT.items():
        t = t.replace("{%s}" % s, random.choice(vs))
    if random.random() < .12:                      # recognition error
        w = t.split(); w[random.randrange(len(w))] = random.choice(random.choice(list(SLOT.values()))); t = " ".join(w)
    return " ".join(f"{random.choice(PRE)} {t} {random.choice(POST)}".split()), k


pool = {}
while len(pool) < 4200:
    t, k = utt(); pool.setdefault(t, k)
pool = list(pool.items()); random.shuffle(pool)
labelled, unlabelled, dev = pool[:1200], [t for t, _ in pool[1200:3700]], pool[3700:]
stoi = {}
for t in [t for t, _ in labelled] + unlabelled:
    for w in t.split():
        stoi.setdefault(w, len(stoi) + 1)


def pad(texts):
    rows = [torch.tensor([stoi[w] for w in t.split() if w in stoi]) for t in texts]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True)


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(stoi) + 1, 32, padding_idx=0)
        self.g = nn.GRU(32, 32, batch_first=True, bidirectional=True)
        self.o = nn.Linear(64, 5)

    def forward(self, x):
        m = (x != 0).unsqueeze(-1)
        p = nn.utils.rnn.pack_padded_sequence(self.e(x), (x != 0).sum(1), batch_first=True, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.g(p)[0], batch_first=True, total_length=x.size(1))
        return self.o((h * m).sum(1) / m.sum(1))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.EmbeddingBag(len(stoi) + 1, 8, mode="sum", padding_idx=0)
        self.o = nn.Linear(8, 5)

    def forward(self, x):
        return self.o(self.e(x))


def acc(m):
    m.eval()
    with torch.no_grad():
        return (m(pad([t for t, _ in dev])).argmax(1) == torch.tensor([k for _, k in dev])).float().mean().item()


def strip(rows):      # rows of words the vocabulary knows
    return [r for r in rows if any(w in stoi for w in (r if isinstance(r, str) else r[0]).split())]


labelled, unlabelled, dev = strip(labelled), strip(unlabelled), strip(dev)
teacher = Teacher()
opt = torch.optim.Adam(teacher.parameters(), lr=5e-3)
for ep in range(4):
    teacher.train(); random.shuffle(labelled); s = 0.
    for i in range(0, len(labelled), 30):
        b = labelled[i:i + 30]
        loss = F.cross_entropy(teacher(pad([t for t, _ in b])), torch.tensor([k for _, k in b]), label_smoothing=0.05)
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item()
    print(f"teacher epoch {ep} loss {s / 40:.4f} dev acc {acc(teacher):.4f}")

for p in teacher.parameters():
    p.requires_grad_(False)
teacher.eval()
student, T = Student(), 2.0
opt = torch.optim.Adam(student.parameters(), lr=1e-2)
texts = unlabelled + [t for t, _ in labelled]
with torch.no_grad():
    soft = torch.cat([F.softmax(teacher(pad(texts[i:i + 200])) / T, -1) for i in range(0, len(texts), 200)])
for ep in range(5):
    student.train(); s = 0.
    order = torch.randperm(len(texts))
    for idx in order.split(50):
        logp = F.log_softmax(student(pad([texts[j] for j in idx.tolist()])) / T, -1)
        loss = F.kl_div(logp, soft[idx], reduction="batchmean") * T * T
        opt.zero_grad(); loss.backward(); opt.step(); s += loss.item()
    print(f"student epoch {ep} kd loss {s / len(order.split(50)):.4f} dev acc {acc(student):.4f}")
print("parameters", sum(p.numel() for p in teacher.parameters()), "->", sum(p.numel() for p in student.parameters()))
