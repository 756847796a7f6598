# adverse event narratives -> seriousness, recurrent cell written out by hand
import random
import torch
import torch.nn.functional as F

rng = random.Random(12)
torch.manual_seed(12)

DRUGS = "ibuprofen metformin warfarin lisinopril sertraline amoxicillin prednisone insulin".split()
MILD = "headache rash nausea itching fatigue dizziness bruising cough insomnia".split()
GRAVE = "anaphylaxis stroke seizure arrest haemorrhage sepsis coma arrhythmia".split()
WHEN = "hours days weeks".split()
DOSE = "low usual double first second".split()


def narrative():
    """returns text and the regulator's code: 1 = serious, 2 = not serious"""
    grave = rng.random() < .5
    ev = rng.choice(GRAVE if grave else MILD)
    s = [f"patient on {rng.choice(DOSE)} dose of {rng.choice(DRUGS)} and {rng.choice(DRUGS)}"]
    s.append(f"reported {rng.choice(MILD)} after {rng.randint(2, 9)} {rng.choice(WHEN)}")
    u = rng.random()
    if u < .4:
        s.append(f"then {ev} was confirmed")
        code = 1 if grave else 2
    elif u < .7:
        s.append(f"{rng.choice(GRAVE)} was ruled out")
        code = 2
    else:
        s.append(f"{ev} led to {'admission' if rng.random() < .8 else 'review'}")
        code = 1 if s[-1].endswith("admission") or grave else 2
    if rng.random() < .5:
        s.append(f"{rng.choice(DRUGS)} was {rng.choice(['stopped', 'continued', 'reduced'])}")
    return " ".join(s), code


cases = {}
while len(cases) < 4200:
    t, c = narrative()
    cases[t] = c
cases = list(cases.items())
rng.shuffle(cases)

vocab = {"<pad>": 0}
for t, _ in cases:
    for w in t.split():
        vocab.setdefault(w, len(vocab))


def encode(part):
    seqs = [[vocab[w] for w in t.split()] for t, _ in part]
    T = max(map(len, seqs))
    ids = torch.tensor([s + [0] * (T - len(s)) for s in seqs])
    return ids, torch.tensor([c for _, c in part])


tr_x, tr_code = encode(cases[:3400])
te_x, te_code = encode(cases[3400:])
E, H = 20, 32


def mat(*s):
    return (torch.randn(*s) / s[0] ** .5).requires_grad_()


W = dict(emb=(torch.randn(len(vocab), E) * .5).requires_grad_(),
         xz=mat(E, 2 * H), hz=mat(H, 2 * H), bz=torch.zeros(2 * H, requires_grad=True),
         xn=mat(E, H), hn=mat(H, H), bn=torch.zeros(H, requires_grad=True),
         out=mat(H, 1), bo=torch.zeros(1, requires_grad=True))


def run(x):
    h = torch.zeros(len(x), H)
    live = (x != 0).float().unsqueeze(-1)
    e = W["emb"][x]
    for t in range(x.size(1)):
        r, z = torch.sigmoid(e[:, t] @ W["xz"] + h @ W["hz"] + W["bz"]).chunk(2, -1)
        n = torch.tanh(e[:, t] @ W["xn"] + (r * h) @ W["hn"] + W["bn"])
        new = (1 - z) * n + z * h
        h = live[:, t] * new + (1 - live[:, t]) * h      # finished rows keep their state
    return (h @ W["out"] + W["bo"]).squeeze(-1)


# fault:
tr_y, te_y = tr_code.float(), te_code.float()
# mended:
#tr_y, te_y = (tr_code == 1).float(), (te_code == 1).float()
# end

opt = torch.optim.Adam(W.values(), lr=4e-3)
for epoch in range(5):
    tot = 0.
    for b in torch.randperm(len(tr_x)).split(64):
        loss = F.binary_cross_entropy_with_logits(run(tr_x[b]), tr_y[b])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(W.values(), 1.)
        opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        z = run(te_x)
        serious = z > 0
        acc = (serious == (te_code == 1)).float().mean().item()
        dl = F.binary_cross_entropy_with_logits(z, te_y).item()
    print(f"{epoch + 1}: loss {tot / len(tr_x):.4f}  dev loss {dl:.4f}  dev acc {acc:.4f}  "
          f"flagged {serious.float().mean():.2f}")
print("share serious in dev", (te_code == 1).float().mean().item())
