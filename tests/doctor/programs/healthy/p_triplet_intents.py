# Sentence encoder for intent matching. "Batch all" triplets (Hermans et al., In Defense of the Triplet Loss).
import random, torch, torch.nn as nn, torch.nn.functional as F

SEED = 21
random.seed(SEED); torch.manual_seed(SEED)

slots = {
    "CITY": "paris rome london oslo madrid vienna lisbon".split(),
    "FOOD": "pizza sushi curry ramen tacos salad".split(),
    "DAY": "monday tuesday friday sunday tomorrow tonight".split(),
    "NAME": "anna tom maria peter lucy sam".split(),
}
intents = [
    ["book a flight to CITY on DAY", "i need a plane ticket to CITY DAY", "get me a seat on the plane to CITY"],
    ["what is the weather in CITY DAY", "will it rain in CITY on DAY", "do i need an umbrella in CITY"],
    ["order FOOD for DAY", "i would like to eat FOOD", "have some FOOD delivered on DAY please"],
    ["call NAME on DAY", "please ring NAME", "i want to phone NAME on DAY"],
    ["set an alarm for DAY", "wake me up on DAY", "i have to get up early DAY"],
    ["play a song by NAME", "put on some music from NAME", "i want to hear the new album of NAME"],
    ["reserve a table in CITY on DAY", "find a restaurant in CITY for FOOD", "where can i have FOOD in CITY"],
    ["send a message to NAME", "write NAME that i am late on DAY", "text NAME please"],
    ["how do i get to CITY by car", "show the route to CITY", "drive me to CITY on DAY"],
    ["transfer money to NAME", "pay NAME for the FOOD", "i owe NAME some cash since DAY"],
]
fill = "hey ok well um hello please now just maybe actually".split()

def utter(k):
    t = random.choice(intents[k]).split()
    t = [random.choice(slots[w]) if w in slots else w for w in t]
    for _ in range(random.randint(0, 3)):
        t.insert(random.randint(0, len(t)), random.choice(fill))
    return tuple(t)

seen, rows = set(), []
while len(rows) < 2400:
    k = random.randrange(len(intents)); u = utter(k)
    if u not in seen:
        seen.add(u); rows.append((u, k))
train, gallery, query = rows[:1700], rows[1700:2050], rows[2050:]
V = {w: i for i, w in enumerate(["<pad>"] + sorted({w for u, _ in train for w in u}))}

def pack(us):
    ids = [torch.tensor([V[w] for w in u if w in V]) for u in us]
    return nn.utils.rnn.pack_sequence(ids, enforce_sorted=False)

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(V), 20, padding_idx=0)
        self.rnn = nn.GRU(20, 32)
        self.out = nn.Linear(32, 16)
    def forward(self, p):
        p = nn.utils.rnn.PackedSequence(self.emb(p.data), p.batch_sizes, p.sorted_indices, p.unsorted_indices)
        _, h = self.rnn(p)
        return F.normalize(self.out(h[-1]), dim=1)

def batch_all(z, y, margin=0.4):
    # every (anchor, positive, negative) of the batch; the mean runs over those that still violate the margin
    # squared chord length on the unit sphere: smooth at zero, no square root needed
    d = 2 - 2 * z @ z.t()
    same = y[:, None] == y[None, :]
    eye = torch.eye(len(y), dtype=torch.bool)
    valid = (same & ~eye)[:, :, None] & ~same[:, None, :]
    viol = F.relu(d[:, :, None] - d[:, None, :] + margin)[valid]
    active = (viol > 0).sum()
    return viol.sum() / active.clamp(min=1), (viol > 0).float().mean().item()

by = {k: [u for u, c in train if c == k] for k in range(len(intents))}
enc = Encoder(); opt = torch.optim.Adam(enc.parameters(), lr=5e-3)
lr = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.1, total_iters=200)

def recall_at_1():
    enc.eval()
    with torch.no_grad():
        g, q = enc(pack([u for u, _ in gallery])), enc(pack([u for u, _ in query]))
    near = (q @ g.t()).argmax(1)
    return sum(gallery[i][1] == query[j][1] for j, i in enumerate(near.tolist())) / len(query)

print("R@1 untrained", round(recall_at_1(), 3))
for step in range(1, 201):
    enc.train()
    ks = random.sample(range(len(intents)), 8)                     # P = 8 intents, K = 5 utterances
    us = [u for k in ks for u in random.sample(by[k], 5)]
    y = torch.tensor([k for k in ks for _ in range(5)])
    loss, active = batch_all(enc(pack(us)), y)
    opt.zero_grad(); loss.backward(); opt.step(); lr.step()
    if step % 40 == 0:
        print(f"step {step:4d} triplet {loss.item():.4f} active {active:.3f}  R@1 {recall_at_1():.3f}")
