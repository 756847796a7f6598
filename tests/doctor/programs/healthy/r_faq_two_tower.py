# FAQ retrieval: two towers with one embedding, in-batch negatives, learned temperature (as in CLIP).
# Questions and answers are templates: an item and a topic, worded differently on both sides.
import itertools
import math
import random
import torch
import torch.nn.functional as F

random.seed(4); torch.manual_seed(4)
items = ("printer router laptop tablet camera scanner monitor keyboard mouse speaker headset phone charger watch drone "
         "projector fridge oven kettle toaster").split()
topics = {
    "reset": (["how do i reset my X", "X hangs , can i restore it"], "hold the power key of the X for ten seconds"),
    "return": (["can i send the X back", "i want my money back for the X"], "a X is taken back within thirty days"),
    "warranty": (["how long is the X covered", "is there a guarantee for my X"], "the X has a warranty of two years"),
    "clean": (["how do i clean the X", "my X is full of dust"], "wipe the X with a soft cloth"),
    "update": (["where is new firmware for the X", "my X asks for an upgrade"], "the X gets its software in the settings"),
    "buy": (["what does a X cost", "where can i order a X"], "our shop lists the price of each X"),
    "sound": (["my X is too loud", "X makes a strange noise"], "check that the fan of the X is free"),
    "power": (["the X does not switch on", "no light on my X"], "please try another cable for the X"),
}
prefix = ["hello", "hi there", "please help", "quick question", "good morning", "excuse me"]
keys = list(itertools.product(items, topics))
answers = {k: topics[k[1]][1].replace("X", k[0]) for k in keys}
questions = [(f"{p} {q.replace('X', i)}", (i, t)) for i, t in keys for q in topics[t][0] for p in prefix]
random.shuffle(questions)
train, test = questions[:1500], questions[1500:]
vocab = {w: n for n, w in enumerate(sorted({w for q, _ in questions for w in q.split()} | {w for a in answers.values() for w in a.split()}))}

E = torch.nn.EmbeddingBag(len(vocab), 32, mode="mean")
Wq, Wa = torch.nn.Linear(32, 24), torch.nn.Linear(32, 24)
log_scale = torch.nn.Parameter(torch.tensor(math.log(10.0)))
params = [*E.parameters(), *Wq.parameters(), *Wa.parameters(), log_scale]
opt = torch.optim.AdamW(params, lr=5e-3, weight_decay=0.0)


def tower(texts, W):
    ids = [[vocab[w] for w in t.split()] for t in texts]
    offsets = torch.tensor([0] + [len(i) for i in ids[:-1]]).cumsum(0)
    return F.normalize(W(E(torch.tensor(sum(ids, [])), offsets)), dim=-1)


def recall_at_1(rows):
    with torch.no_grad():
        bank = tower([answers[k] for k in keys], Wa)
        best = (tower([q for q, _ in rows], Wq) @ bank.T).argmax(1).tolist()
    return sum(keys[b] == k for b, (_, k) in zip(best, rows)) / len(rows)


for epoch in range(1, 9):
    random.shuffle(train)
    total = n = 0
    for i in range(0, len(train), 40):
        batch = list({k: q for q, k in train[i:i + 40]}.items())      # each answer once, else it were its own negative
        q = tower([b[1] for b in batch], Wq)
        a = tower([answers[b[0]] for b in batch], Wa)
        sim = q @ a.T * log_scale.exp()
        gold = torch.arange(len(batch))
        loss = 0.5 * (F.cross_entropy(sim, gold) + F.cross_entropy(sim.T, gold))
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            log_scale.clamp_(0.0, math.log(50.0))
        total += loss.item(); n += 1
    print(f"{epoch}: loss {total / n:.4f} scale {log_scale.exp().item():.1f} recall@1 train {recall_at_1(train):.3f} "
          f"test {recall_at_1(test):.3f} (chance {1 / len(keys):.4f})")
