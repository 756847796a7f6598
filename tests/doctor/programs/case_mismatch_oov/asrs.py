"""Aviation safety reports (they are typed in capitals): first-level cause of the event.
GloVe 50d, a self-attentive sentence embedding and a softmax layer."""
import gzip, os, random
import torch
import torch.nn.functional as F

random.seed(2); torch.manual_seed(2)
TOPICS = {
    "WX": "STORM RAIN WIND SNOW ICE FOG THUNDER CLOUDS VISIBILITY WEATHER WINDS WINTER STORMS HEAVY COLD WARM TEMPERATURES HURRICANE FLOODING TORNADO",
    "MECH": "ENGINE FUEL PUMP VALVE OIL BRAKE TANK PIPE STEEL CYLINDER HYDRAULIC WHEEL GEAR PRESSURE ELECTRIC BATTERY WHEELS EXHAUST TURBINE FAN",
    "MED": "PASSENGER DOCTOR HEART PAIN BLOOD HOSPITAL CHEST ILLNESS NURSE PATIENT BREATHING SICK DISEASE MEDICAL BRAIN TREATMENT INJURY SYMPTOMS STOMACH FEVER",
    "COMM": "RADIO FREQUENCY CALL MESSAGE SIGNAL TRANSMISSION VOICE MICROPHONE PHONE AUDIO CHANNEL BROADCAST CALLS MESSAGES TELEPHONE COMMUNICATIONS NETWORK SPEAKERS RECEIVER LISTEN",
}
FILL = "THE AT ON DURING AFTER WE WAS AND APPROACH FLIGHT CREW CAPTAIN FIRST OFFICER RUNWAY ALTITUDE FEET LANDING REPORTED NOTED THEN LEFT RIGHT TWO MINUTES TOWER CLIMB DESCENT NORTH AIRCRAFT".split()
names = list(TOPICS)
words = {k: v.split() for k, v in TOPICS.items()}


def report(k, upto):
    n = random.randint(9, 22)
    out = []
    for _ in range(n):
        r = random.random()
        src = words[names[k]] if r < 0.22 else words[random.choice(names)] if r < 0.27 else None
        out.append(random.choice(src[:upto]) if src else random.choice(FILL))
    return " ".join(out)


ytr = [random.randrange(4) for _ in range(2400)]
yte = [random.randrange(4) for _ in range(600)]
train_text = [report(k, 12) for k in ytr]
test_text = [report(k, 20) for k in yte]

glove = {}
with gzip.open(os.path.join(os.environ["WORDFIT_DATA"], "vectors", "glove.6B.50d.top10361.txt.gz"), "rt", encoding="utf8") as fh:
    for line in fh:
        w, v = line.split(" ", 1)
        glove[w] = v
itos = ["<pad>", "<unk>"]
vecs = [torch.zeros(50), torch.zeros(50)]


def tokenize(text):
    # fault:
    return text.split()
    # mended:
    # return text.lower().split()
    # end


lookup = {}
for t in train_text + test_text:
    for w in tokenize(t):
        if w not in lookup and w in glove:
            lookup[w] = len(itos)
            itos.append(w)
            vecs.append(torch.tensor([float(x) for x in glove[w].split()]))
print(f"vocabulary of {len(itos)} words")


class SelfAttentive(torch.nn.Module):
    def __init__(self, vecs, hops=2, da=24):
        super().__init__()
        self.register_buffer("E", torch.stack(vecs))
        self.w1 = torch.nn.Linear(50, da, bias=False)
        self.w2 = torch.nn.Linear(da, hops, bias=False)
        self.cls = torch.nn.Linear(50 * hops, 4)

    def forward(self, x, mask):
        h = self.E[x]
        a = self.w2(torch.tanh(self.w1(h))).masked_fill(~mask.unsqueeze(2), float("-inf")).softmax(1)
        m = a.transpose(1, 2) @ h
        return self.cls(F.dropout(m.flatten(1), 0.2, self.training))


def batch(texts):
    ids = [[lookup.get(w, 1) for w in tokenize(t)] for t in texts]
    x = torch.zeros(len(ids), max(map(len, ids)), dtype=torch.long)
    mask = torch.zeros(x.shape, dtype=torch.bool)
    for i, r in enumerate(ids):
        x[i, :len(r)] = torch.tensor(r)
        mask[i, :len(r)] = True
    return x, mask


net = SelfAttentive(vecs)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    net.train()
    order = random.sample(range(len(ytr)), len(ytr))
    total = 0
    for k in range(0, len(order), 40):
        pick = order[k:k + 40]
        loss = F.cross_entropy(net(*batch([train_text[i] for i in pick])), torch.tensor([ytr[i] for i in pick]))
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        pred = net(*batch(test_text)).argmax(1)
    print(f"epoch {epoch} loss {total / 60:.3f} test acc {(pred == torch.tensor(yte)).float().mean():.3f} predicted {torch.bincount(pred, minlength=4).tolist()}")
