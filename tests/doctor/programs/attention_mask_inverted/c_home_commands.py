"""Smart-home commands -> intent. One self-attention block, masked mean, linear. Batches are dicts, like in HF."""
import random, torch
import torch.nn as nn

random.seed(5); torch.manual_seed(5)
ROOMS = ["kitchen", "bedroom", "living room", "garage", "hall", "office", "bathroom"]
POLITE = ["please", "hey house", "could you", "would you kindly", "ok", ""]
TAIL = ["", "now", "thanks", "when you can", "before i get home", "it is getting late"]
INTENTS = ["light_on", "light_off", "heat_up", "heat_down", "lock", "unlock", "play", "stop"]
SAY = {"light_on": ["turn on the {r} lights", "{r} lights on", "lights on in the {r} not off"],
       "light_off": ["turn off the {r} lights", "{r} lights off", "lights off in the {r} not on"],
       "heat_up": ["make the {r} warmer", "raise the {r} heat", "the {r} is too cold"],
       "heat_down": ["make the {r} cooler", "lower the {r} heat", "the {r} is too warm"],
       "lock": ["lock the {r} door", "close and lock the {r}", "do not leave the {r} open"],
       "unlock": ["unlock the {r} door", "open the {r} door", "do not leave the {r} closed"],
       "play": ["play music in the {r}", "start the {r} radio", "i want a song in the {r}"],
       "stop": ["stop the music in the {r}", "silence the {r} radio", "no more song in the {r}"]}

def sample():
    y = random.randrange(len(INTENTS))
    body = random.choice(SAY[INTENTS[y]]).format(r=random.choice(ROOMS))
    return " ".join([random.choice(POLITE), body, random.choice(TAIL)]).split(), y

data = {tuple(t): y for t, y in (sample() for _ in range(6000))}
data = sorted(data.items()); random.shuffle(data)
cut = int(0.75 * len(data))
vocab = {"[PAD]": 0}
for t, _ in data[:cut]:
    for w in t: vocab.setdefault(w, len(vocab))
MAXLEN = 1 + max(len(t) for t, _ in data)

def collate(rows):
    ids = torch.zeros(len(rows), MAXLEN, dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        ids[i, :len(t)] = torch.tensor([vocab.get(w, 0) for w in t])
    return {"input_ids": ids, "attention_mask": (ids != 0).long(), "labels": torch.tensor([y for _, y in rows])}

class IntentModel(nn.Module):
    def __init__(self, vocab_size, d=32, heads=4):
        super().__init__()
        self.tok = nn.Embedding(vocab_size, d, padding_idx=0)
        self.pos = nn.Embedding(MAXLEN, d)
        self.attn = nn.MultiheadAttention(d, heads, batch_first=True)
        self.norm = nn.LayerNorm(d)
        self.out = nn.Linear(d, len(INTENTS))
        self.query = nn.Parameter(torch.randn(1, 1, d) * 0.1)

    def forward(self, input_ids, attention_mask, labels=None):
        x = self.tok(input_ids) + self.pos.weight[None, :input_ids.shape[1]]
        q = self.query.expand(len(x), 1, -1)
        # fault:
        mask = attention_mask.bool()
        # mended:
        # mask = ~attention_mask.bool()
        # end
        ctx, _ = self.attn(q, x, x, key_padding_mask=mask, need_weights=False)
        logits = self.out(self.norm(q + ctx)[:, 0])
        loss = nn.functional.cross_entropy(logits, labels) if labels is not None else None
        return {"loss": loss, "logits": logits}

model = IntentModel(len(vocab))
opt = torch.optim.AdamW(model.parameters(), lr=5e-3, weight_decay=1e-4)
loader = torch.utils.data.DataLoader(data[:cut], batch_size=64, shuffle=True, collate_fn=collate)
dev = collate(data[cut:])
print(f"train {cut} dev {len(data) - cut} intents {len(INTENTS)} maxlen {MAXLEN}")
for epoch in range(6):
    model.train(); losses = []
    for batch in loader:
        out = model(**batch)
        opt.zero_grad(set_to_none=True); out["loss"].backward(); opt.step()
        losses.append(out["loss"].item())
    model.eval()
    with torch.inference_mode():
        pred = model(dev["input_ids"], dev["attention_mask"])["logits"].argmax(-1)
    print({"epoch": epoch, "loss": round(sum(losses) / len(losses), 4), "dev_acc": round((pred == dev["labels"]).float().mean().item(), 4)})
