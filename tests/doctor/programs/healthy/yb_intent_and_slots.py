# Course "Dialogue systems", exercise 4: joint intent detection and slot filling
# Solution of the teaching staff. Sentences come from a little grammar, test sentences use templates mixed anew.
import random, torch, torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

random.seed(4); torch.manual_seed(4)
CITY = "berlin paris london rome madrid oslo vienna lisbon new_york los_angeles san_francisco hong_kong".split()
DAY = "today tomorrow monday tuesday friday sunday next_week this_evening".split()
ARTIST = "adele queen prince abba the_beatles daft_punk pink_floyd miles_davis".split()
DISH = "pizza sushi ramen curry pad_thai fish_and_chips".split()
FILL = ["please", "hey there", "can you", "i would like you to", "um", "ok", ""]
FRAMES = {
    "weather": ["what is the weather in {city} {day}", "will it rain {day} in {city}", "forecast for {city}"],
    "flight": ["book a flight from {city:from} to {city:to} {day}", "fly me to {city:to} {day}", "i need a ticket from {city:from} to {city:to}"],
    "music": ["play something by {artist}", "put on {artist}", "{artist} songs for {day}"],
    "food": ["order {dish} for {day}", "where can i get {dish} in {city}", "get me some {dish}"],
}
VALUES = {"city": CITY, "day": DAY, "artist": ARTIST, "dish": DISH}

def sample():
    intent = random.choice(list(FRAMES))
    toks, tags = [], []
    for w in random.choice(FILL).split(): toks.append(w); tags.append("O")
    for piece in random.choice(FRAMES[intent]).split():
        if piece[0] != "{": toks.append(piece); tags.append("O"); continue
        kind, _, role = piece[1:-1].partition(":")
        name = kind + ("." + role if role else "")
        for j, w in enumerate(random.choice(VALUES[kind]).split("_")):
            toks.append(w); tags.append(("I-" if j else "B-") + name)
    if random.random() < .3: toks.append("thanks"); tags.append("O")
    return tuple(toks), tuple(tags), intent

data = list({sample() for _ in range(2000)})     # set: each sentence once
data.sort(); random.shuffle(data)
train, test = data[:-300], data[-300:]
w2i = {w: i for i, w in enumerate(["<pad>", "<unk>"] + sorted({w for t, _, _ in train for w in t}))}
t2i = {t: i for i, t in enumerate(sorted({t for _, ts, _ in data for t in ts}))}
i2i = {n: i for i, n in enumerate(FRAMES)}
print(len(train), "training sentences,", len(t2i), "tags,", len(w2i), "words")

class Joint(nn.Module):
    def __init__(self, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(len(w2i), d, padding_idx=0)
        self.rnn = nn.GRU(d, h, bidirectional=True)          # time first!
        self.slot = nn.Linear(2 * h, len(t2i))
        self.intent = nn.Linear(2 * h, len(i2i))
    def forward(self, x, lens):                              # x: T x B
        out, hn = self.rnn(pack_padded_sequence(self.emb(x), lens, enforce_sorted=False))
        out, _ = pad_packed_sequence(out)
        return self.slot(out), self.intent(torch.cat([hn[0], hn[1]], -1))

def tensors(rows):
    x = pad_sequence([torch.tensor([w2i.get(w, 1) for w in t]) for t, _, _ in rows])
    y = pad_sequence([torch.tensor([t2i[g] for g in ts]) for _, ts, _ in rows], padding_value=-1)
    return x, torch.tensor([len(t) for t, _, _ in rows]), y, torch.tensor([i2i[i] for _, _, i in rows])

net = Joint()
optimizer = torch.optim.Adam(net.parameters(), 8e-3)
slot_loss, intent_loss = nn.CrossEntropyLoss(ignore_index=-1), nn.CrossEntropyLoss()

def evaluate(rows):
    net.eval()
    with torch.no_grad():
        x, n, y, z = tensors(rows)
        s, i = net(x, n)
        ok = (s.argmax(-1) == y) | (y == -1)
        b = y.ne(-1) & y.ne(t2i["O"])
        return (i.argmax(-1) == z).float().mean().item(), ok[b].float().mean().item(), ok.all(0).float().mean().item()

for epoch in range(1, 5):
    net.train(); random.shuffle(train); a = b = 0
    for k in range(0, len(train), 32):
        x, n, y, z = tensors(train[k:k + 32])
        s, i = net(x, n)
        l1, l2 = slot_loss(s.flatten(0, 1), y.flatten()), intent_loss(i, z)
        optimizer.zero_grad(); (l1 + 0.5 * l2).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0); optimizer.step()
        a += l1.item(); b += l2.item()
    for g in optimizer.param_groups: g["lr"] *= 0.6
    print("epoch %d slot loss %.3f intent loss %.3f | test: intent %.3f slots %.3f whole frame %.3f" % (epoch, a, b, *evaluate(test)))
print("train: intent %.3f slots %.3f whole frame %.3f" % evaluate(train))
