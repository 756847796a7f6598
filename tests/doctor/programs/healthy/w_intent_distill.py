# Shrinks the intent model of the voice line: a wide GRU teacher is fitted first, then a tiny
# bag-of-words student (4-dim embeddings) learns from its soft outputs on unlabelled utterances.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pack_sequence

random.seed(6); torch.manual_seed(6)
PHRASES = {
    "balance": ["how much money", "account balance", "what do i have left"],
    "block": ["lost my card", "block the card", "card was stolen"],
    "transfer": ["send cash to", "wire funds", "transfer to my son"],
    "hours": ["when are you open", "opening hours", "branch closes at"],
    "agent": ["speak to human", "talk with someone", "real person now"],
}
UH = "uh please hello yeah um so well thanks ok hi could you just right".split()
INTENTS = list(PHRASES)


def utterance():
    y = random.randrange(len(INTENTS))
    core = random.choice(PHRASES[INTENTS[y]]).split()
    if len(core) > 2 and random.random() < .5:
        core.pop(random.randrange(len(core)))
    return random.choices(UH, k=random.randint(1, 4)) + core + random.choices(UH, k=random.randint(0, 3)), y


labelled, unlabelled, test = ([utterance() for _ in range(n)] for n in (600, 1200, 400))
words = {w: i for i, w in enumerate(sorted({w for u, _ in labelled for w in u} | {"<unk>"}))}
enc = lambda u: torch.tensor([words.get(w, words["<unk>"]) for w in u])


class Teacher(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.r, self.o = nn.Embedding(len(words), 32), nn.GRU(32, 48), nn.Linear(48, len(INTENTS))

    def forward(self, seqs):
        p = pack_sequence(seqs, enforce_sorted=False)
        _, h = self.r(p._replace(data=self.e(p.data)))
        return self.o(h[0])


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.o = nn.EmbeddingBag(len(words), 4, mode="sum"), nn.Linear(4, len(INTENTS))

    def forward(self, seqs):
        starts = torch.tensor([0] + [len(s) for s in seqs[:-1]]).cumsum(0)
        return self.o(self.e(torch.cat(seqs), starts))


def accuracy(model, rows):
    model.eval()
    with torch.no_grad():
        return (model([enc(u) for u, _ in rows]).argmax(1) == torch.tensor([y for _, y in rows])).float().mean().item()


teacher = Teacher()
opt = torch.optim.Adam(teacher.parameters(), lr=5e-3)
for ep in range(4):
    random.shuffle(labelled)
    for i in range(0, len(labelled), 20):
        part = labelled[i:i + 20]
        loss = F.cross_entropy(teacher([enc(u) for u, _ in part]), torch.tensor([y for _, y in part]))
        opt.zero_grad(); loss.backward(); opt.step()
    print(f"teacher {ep}: loss {loss.item():.4f} test {accuracy(teacher, test):.3f}")

for p in teacher.parameters():
    p.requires_grad_(False)
student, TEMP = Student(), 2.0
opt = torch.optim.Adam(student.parameters(), lr=3e-2)
pool = [enc(u) for u, _ in unlabelled]
for ep in range(5):
    random.shuffle(pool)
    tot = 0
    for i in range(0, len(pool), 30):
        seqs = pool[i:i + 30]
        with torch.no_grad():
            soft = F.softmax(teacher(seqs) / TEMP, dim=1)
        kd = F.kl_div(F.log_softmax(student(seqs) / TEMP, dim=1), soft, reduction="batchmean") * TEMP ** 2
        opt.zero_grad(); kd.backward(); opt.step()
        tot += kd.item() * len(seqs) / len(pool)
    print(f"student {ep}: kd {tot:.4f} pool {accuracy(student, unlabelled):.3f} test {accuracy(student, test):.3f}")
