# Urgency of emergency-room triage notes from term counts (4 levels), deep feed-forward net.
import torch, random
from collections import Counter
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import f1_score

random.seed(8)
torch.manual_seed(8)

complaints = {
    0: ["chest pain", "unresponsive", "stroke signs", "severe bleeding", "anaphylaxis", "no pulse", "seizure ongoing"],
    1: ["shortness of breath", "high fever", "deep laceration", "head injury", "confused", "septic"],
    2: ["abdominal pain", "vomiting", "fracture suspected", "migraine", "dehydrated", "asthma mild"],
    3: ["sprained ankle", "rash", "sore throat", "refill request", "earache", "minor cut", "insect bite"],
}
filler = "pt presents with hx of htn dm2 onset today since am pm denies allergies meds ambulatory bp hr spo2 stable seen by rn family at bedside nkda".split()


def note():
    level = random.choices([0, 1, 2, 3], [.2, .25, .3, .25])[0]
    bits = random.sample(complaints[level], random.choice([1, 2, 2]))
    if random.random() < .25:                      # a side complaint of a milder kind
        bits.append(random.choice(complaints[min(3, level + 1)]))
    bits += random.choices(filler, k=random.randint(6, 16))
    random.shuffle(bits)
    return " ".join(bits), level


notes = [note() for _ in range(1900)]
texts, levels = zip(*notes)
N = 1400
cv = CountVectorizer(binary=True, min_df=2)
Xtr = torch.tensor(cv.fit_transform(texts[:N]).toarray(), dtype=torch.float32)
Xte = torch.tensor(cv.transform(texts[N:]).toarray(), dtype=torch.float32)
ytr, yte = torch.tensor(levels[:N]), torch.tensor(levels[N:])
print("terms", Xtr.shape[1], "levels", Counter(levels))


class TriageNet(torch.nn.Module):
    DEPTH = 9

    def __init__(self, n_terms, hidden=40):
        super().__init__()
        self.inp = torch.nn.Linear(n_terms, hidden)
        self.body = torch.nn.ModuleList([torch.nn.Linear(hidden, hidden) for _ in range(self.DEPTH)])
        self.out = torch.nn.Linear(hidden, 4)

    def forward(self, x):
        h = self.inp(x)
        for layer in self.body:
            # fault:
            h = torch.sigmoid(layer(h))
            # mended:
            # h = h + torch.relu(layer(h))
            # end
        return self.out(h)


net = TriageNet(Xtr.shape[1])
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
B = 40
for ep in range(5):
    perm = torch.randperm(N)
    s = 0
    for k in range(0, N, B):
        idx = perm[k:k + B]
        opt.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(Xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        s += loss.item() * len(idx)
    with torch.no_grad():
        p = net(Xte).argmax(1)
    print("ep %d loss %.4f test acc %.3f macro-F1 %.3f" % (ep, s / N, (p == yte).float().mean(), f1_score(yte, p, average="macro")))
print("predicted levels:", dict(Counter(p.tolist())))
