"""Intent classification for a voice assistant with nn.TransformerEncoder (warm-up + cosine)."""
import math
import random

import torch
import torch.nn as nn

torch.manual_seed(21)
random.seed(21)

SLOTS = {
    "song": "yesterday|blue moon|hey jude|thriller|imagine|africa|waterloo|jolene".split("|"),
    "city": "berlin|ankara|oslo|paris|new york|madrid|rome|cairo|lima|tokyo".split("|"),
    "time": "at seven|at noon|at ten thirty|tomorrow morning|tonight|in an hour|on friday".split("|"),
    "room": "kitchen|bedroom|bathroom|hall|garage|living room|cellar".split("|"),
    "person": "anna|tom|my mother|doctor smith|the office|uncle joe|lisa".split("|"),
    "polite": "please||could you|hey||now|would you".split("|"),
}
TEMPLATES = {
    "play": ["play {song}", "put on {song} in the {room}", "i want to hear {song}", "start the song {song} {time}"],
    "weather": ["will it rain in {city} {time}", "how warm is it in {city}", "forecast for {city} {time}", "do i need a coat in {city}"],
    "light_on": ["turn the light on in the {room}", "switch on the {room} light {time}", "make the {room} brighter"],
    "light_off": ["turn the light off in the {room}", "switch off the {room} light {time}", "make the {room} dark"],
    "call": ["call {person}", "ring {person} {time}", "dial the number of {person}", "get {person} on the phone"],
    "alarm": ["wake me {time}", "set an alarm {time}", "remind me to call {person} {time}", "i must get up {time} in {city}"],
}
LABELS = sorted(TEMPLATES)


def sample():
    lab = random.choice(LABELS)
    s = "{polite} " + random.choice(TEMPLATES[lab]) + random.choice(["", " {polite}", " thanks"])
    return " ".join(s.format(**{k: random.choice(v) for k, v in SLOTS.items()}).split()), LABELS.index(lab)


bank = {}
while len(bank) < 1300:
    s, y = sample()
    bank[s] = y
rows = sorted(bank.items())
random.shuffle(rows)
train, valid = rows[:1000], rows[1000:]
vocab = {"<pad>": 0, "<unk>": 1, "<cls>": 2}
for s, _ in train:
    for w in s.split():
        vocab.setdefault(w, len(vocab))


def make(rows):
    ids = [[2] + [vocab.get(w, 1) for w in s.split()] for s, _ in rows]
    T = max(map(len, ids))
    return torch.tensor([r + [0] * (T - len(r)) for r in ids]), torch.tensor([y for _, y in rows])


class IntentFormer(nn.Module):
    def __init__(self, n_words, d=48, heads=4, layers=2, max_len=32):
        super().__init__()
        self.tok = nn.Embedding(n_words, d, padding_idx=0)
        pos = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
        pe = torch.zeros(max_len, d)
        pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * div), torch.cos(pos * div)
        self.register_buffer("pe", pe)
        layer = nn.TransformerEncoderLayer(d, heads, 96, dropout=0.1, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(d), enable_nested_tensor=False)
        self.head = nn.Linear(d, len(LABELS))

    def forward(self, x):
        h = self.tok(x) + self.pe[: x.size(1)]
        h = self.enc(h, src_key_padding_mask=(x == 0))
        return self.head(h[:, 0])


model = IntentFormer(len(vocab))
EPOCHS, BS = 6, 40
Xtr, ytr = make(train)
Xva, yva = make(valid)
steps = EPOCHS * math.ceil(len(train) / BS)
warm = steps // 10
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(
    opt, lambda s: (s + 1) / warm if s < warm else 0.5 * (1 + math.cos(math.pi * (s - warm) / (steps - warm))))
ce = nn.CrossEntropyLoss()


@torch.no_grad()
def acc(X, y):
    model.eval()
    return (model(X).argmax(1) == y).float().mean().item()


for ep in range(1, EPOCHS + 1):
    model.train()
    tot = 0.0
    for idx in torch.randperm(len(train)).split(BS):
        opt.zero_grad(set_to_none=True)
        loss = ce(model(Xtr[idx]), ytr[idx])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
        tot += loss.item() * len(idx)
    print(f"[{ep}/{EPOCHS}] loss {tot / len(train):.4f} train {acc(Xtr, ytr):.3f} valid {acc(Xva, yva):.3f}")
