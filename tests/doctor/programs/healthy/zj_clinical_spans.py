"""Find drugs, doses and symptoms in ward notes (BIO tags), small BiLSTM.  Span F1 on unseen notes."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

torch.manual_seed(2); rng = random.Random(2)

TAGS = ["O", "B-DRUG", "B-DOSE", "I-DOSE", "B-SYM", "I-SYM"]
DRUGS = "aspirin metformin ramipril ibuprofen heparin warfarin insulin morphine amoxicillin furosemide".split()
SYMPTOMS = ["chest pain", "dizziness", "shortness of breath", "nausea", "blurred vision", "severe cough", "fever", "night sweats"]
UNITS = "mg units ml micrograms".split()
GLUE = {"open": ["patient reports", "complains of", "presented with", "history of", "overnight had", "family mentions"],
        "give": ["started on", "given", "continue", "increase", "switched to", "stop"],
        "tail": ["per protocol", "and review tomorrow", "with good effect", "before discharge", "bloods pending", "as needed",
                 "pain clinic in may", "vision test booked", "cough reflex intact", "fever chart kept"]}


def note():
    toks, tags = [], []

    def put(text, kind=None):
        for k, w in enumerate(text.split()):
            toks.append(w)
            tags.append("O" if kind is None else ("B-" if k == 0 else "I-") + kind)

    if rng.random() < .8:
        put(rng.choice(GLUE["open"])); put(rng.choice(SYMPTOMS), "SYM")
        if rng.random() < .5:
            put("and"); put(rng.choice(SYMPTOMS), "SYM")
    if rng.random() < .85 or not toks:
        put(rng.choice(GLUE["give"])); put(rng.choice(DRUGS), "DRUG")
        if rng.random() < .7:
            put(f"{rng.choice(['2', '5', '10', '20', '50', '100'])} {rng.choice(UNITS)}", "DOSE")
    if rng.random() < .6:
        put(rng.choice(GLUE["tail"]))
        if rng.random() < .3:
            put(f"room {rng.choice(['2', '5', '10', '20'])}")
    return tuple(toks), tuple(tags)


notes = list(dict.fromkeys(note() for _ in range(2400)))
rng.shuffle(notes)
cut = len(notes) * 4 // 5
train, test = notes[:cut], notes[cut:]
w2i = {"<pad>": 0, "<unk>": 1}
for toks, _ in train:
    for w in toks:
        w2i.setdefault(w, len(w2i))


class SpanTagger(nn.Module):
    def __init__(self, V, emb=24, hid=24):
        super().__init__()
        self.emb = nn.Embedding(V, emb, padding_idx=0)
        self.lstm = nn.LSTM(emb, hid, bidirectional=True)        # time first
        self.fc = nn.Linear(2 * hid, len(TAGS))

    def forward(self, x, lens):
        packed = pack_padded_sequence(self.emb(x), lens, enforce_sorted=False)
        out, _ = pad_packed_sequence(self.lstm(packed)[0])
        return self.fc(out)                                      # (T, B, tags)


def collate(rows):
    x = pad_sequence([torch.tensor([w2i.get(w, 1) for w in t]) for t, _ in rows])
    y = pad_sequence([torch.tensor([TAGS.index(g) for g in g_]) for _, g_ in rows], padding_value=-100)
    return x, torch.tensor([len(t) for t, _ in rows]), y


def spans(tags):
    found, start = set(), None
    for i, t in enumerate(list(tags) + ["O"]):
        if start is not None and not t.startswith("I-"):
            found.add((start, i, tags[start][2:])); start = None
        if t.startswith("B-"):
            start = i
    return found


@torch.no_grad()
def span_f1(net, rows):
    net.eval()
    x, lens, _ = collate(rows)
    best = net(x, lens).argmax(-1).T.tolist()
    tp = fp = fn = 0
    for (toks, gold), p in zip(rows, best):
        a, b = spans(gold), spans([TAGS[k] for k in p[: len(toks)]])
        tp += len(a & b); fp += len(b - a); fn += len(a - b)
    return 2 * tp / (2 * tp + fp + fn)


net = SpanTagger(len(w2i))
optim = torch.optim.Adam(net.parameters(), lr=6e-3)
lossf = nn.CrossEntropyLoss(ignore_index=-100)
for ep in range(3):
    net.train(); rng.shuffle(train); tot = n = 0
    for i in range(0, len(train), 40):
        x, lens, y = collate(train[i:i + 40])
        loss = lossf(net(x, lens).flatten(0, 1), y.flatten())
        optim.zero_grad(); loss.backward(); optim.step()
        tot += loss.item(); n += 1
    print(f"ep {ep}  loss {tot / n:.4f}  test span-F1 {span_f1(net, test):.3f}")
print(f"train span-F1 {span_f1(net, train):.3f}   test span-F1 {span_f1(net, test):.3f}")
