#!/usr/bin/env python3
# Which department does a triage note belong to? 12 departments, bag of words. Dr. H. asked for something that runs on
# the ward PC, so: tiny and quick.
import random, torch
import torch.nn as nn
random.seed(2024); torch.manual_seed(2024)

SIGNS = {
    "cardiology": "chest pain palpitations syncope dyspnoea oedema murmur pressure radiating",
    "neurology": "headache seizure numbness aphasia weakness vertigo tremor double-vision",
    "gastro": "vomiting diarrhoea melaena epigastric nausea jaundice bloating cramps",
    "ortho": "fracture fall swelling ankle wrist deformity sprain bruise",
    "derma": "rash itching blister eczema lesion hives scaling redness",
    "ent": "earache hoarse epistaxis tonsils sinus tinnitus snoring swallowing",
    "eye": "blurred photophobia floaters red-eye foreign-body tearing squint glare",
    "uro": "dysuria haematuria flank retention frequency stones catheter testicular",
    "gyn": "bleeding pregnancy pelvic discharge contractions cycle spotting amenorrhoea",
    "psych": "anxiety suicidal insomnia hallucinations panic agitation mood withdrawn",
    "lung": "cough wheeze sputum asthma haemoptysis pleuritic smoker breathless",
    "endo": "thirst polyuria hypoglycaemia thyroid fatigue insulin weight-loss ketones",
}
DEPTS = list(SIGNS)
SIGNS = {k: v.split() for k, v in SIGNS.items()}
FILL = "pt since yesterday reports mild severe no known allergies male female aged bp stable denies history of left right " \
       "for two three days worse at night after meal alert oriented seen by gp".split()


def note():
    d = random.choice(DEPTS)
    words = random.choices(SIGNS[d], k=random.randint(1, 3)) + random.choices(FILL, k=random.randint(6, 14))
    if random.random() < .25:
        words.append(random.choice(SIGNS[random.choice(DEPTS)]))        # secondary complaint
    random.shuffle(words)
    return words, DEPTS.index(d)


notes = [note() for _ in range(3600)]
w2i = {w: i for i, w in enumerate(sorted({w for n, _ in notes for w in n}))}
train, test = notes[:3000], notes[3000:]


def pack(rows):
    ids = [torch.tensor([w2i[w] for w in n]) for n, _ in rows]
    start = torch.tensor([0] + [len(i) for i in ids]).cumsum(0)[:-1]
    return torch.cat(ids), start, torch.tensor([d for _, d in rows])


net = nn.ModuleDict(dict(emb=nn.EmbeddingBag(len(w2i), 32, mode="sum"), hid=nn.Linear(32, 32), out=nn.Linear(32, len(DEPTS))))
nn.init.normal_(net["emb"].weight, std=.1)


def score(ids, start):
    return net["out"](torch.tanh(net["hid"](net["emb"](ids, start))))


opt = torch.optim.Adam(net.parameters(), lr=6e-3)
xent = nn.CrossEntropyLoss(reduction="none")
for ep in range(4):
    random.shuffle(train)
    tot, hit = 0., 0
    for i in range(0, len(train), 50):
        ids, start, dep = pack(train[i:i + 50])
        logits = score(ids, start)
        per_note = xent(logits, dep)
        # fault:
        per_note = per_note.clamp(max=1.8)        # wrongly filed notes should not dominate
        # mended:
        # # wrongly filed notes: few, left as they are
        # end
        loss = per_note.mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item() * len(dep); hit += (logits.argmax(1) == dep).sum().item()
    with torch.no_grad():
        ids, start, dep = pack(test)
        guess = score(ids, start).argmax(1)
    print(f"ep {ep}: loss {tot / len(train):.4f} acc {hit / len(train):.3f} | test acc {(guess == dep).float().mean():.3f}")
print("departments ever named on test:", len(guess.unique()), "of", len(DEPTS))
