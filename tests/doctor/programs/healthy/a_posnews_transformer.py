"""Who did it to whom? TransformerEncoder with key padding mask, learned positions, warm-up then inverse square root."""
import math, random
import torch
import torch.nn as nn

random.seed(21); torch.manual_seed(21)
PEOPLE = "anna boris clara david emma farid greta hugo ines jonas".split()
VERBS = "called helped blamed paid followed thanked warned hired".split()
TIME = "yesterday today again finally twice quietly".split()
PLACE = ["in berlin", "at work", "near the old bridge", "on the train", "at home"]


def make():
    """label 1 when the alphabetically first person is the agent; passives turn the order round"""
    a, b = random.sample(PEOPLE, 2)
    v = random.choice(VERBS)
    s = f"{a} {v} {b}" if random.random() < .5 else f"{b} was {v} by {a}"
    parts = [s]
    if random.random() < .5: parts.insert(0, random.choice(TIME))
    if random.random() < .6: parts.append(random.choice(PLACE))
    return " ".join(parts), int(a < b)


data = {}
while len(data) < 3000:
    s, y = make()
    data[s] = y
data = list(data.items()); random.shuffle(data)
train, dev = data[:2560], data[2560:]
words = sorted({w for s, _ in train for w in s.split()})
stoi = {w: i + 2 for i, w in enumerate(words)}      # 0 = pad, 1 = [CLS]


def collate(rows):
    n = max(len(s.split()) for s, _ in rows) + 1
    ids = torch.zeros(len(rows), n, dtype=torch.long)
    for i, (s, _) in enumerate(rows):
        t = [1] + [stoi[w] for w in s.split() if w in stoi]
        ids[i, :len(t)] = torch.tensor(t)
    return {"input_ids": ids, "attention_mask": ids.ne(0), "labels": torch.tensor([y for _, y in rows])}


class Classifier(nn.Module):
    def __init__(self, d=32, heads=4):
        super().__init__()
        self.tok, self.pos = nn.Embedding(len(words) + 2, d, padding_idx=0), nn.Embedding(24, d)
        layer = nn.TransformerEncoderLayer(d, heads, dim_feedforward=64, dropout=0.1, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, 2)

    def forward(self, input_ids, attention_mask, labels=None):
        x = self.tok(input_ids) + self.pos(torch.arange(input_ids.size(1)))
        x = self.enc(x, src_key_padding_mask=~attention_mask)
        logits = self.head(self.norm(x[:, 0]))
        loss = nn.functional.cross_entropy(logits, labels) if labels is not None else None
        return {"loss": loss, "logits": logits}


model = Classifier()
opt = torch.optim.AdamW(model.parameters(), lr=6e-3, weight_decay=0.0)
warm = 40
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / warm, math.sqrt(warm / (s + 1))))
dev_batch = collate(dev)
for epoch in range(7):
    model.train()
    random.shuffle(train)
    tot = 0.
    for i in range(0, len(train), 64):
        out = model(**collate(train[i:i + 64]))
        opt.zero_grad(set_to_none=True)
        out["loss"].backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step(); sched.step()
        tot += out["loss"].item()
    model.eval()
    with torch.inference_mode():
        out = model(**dev_batch)
    acc = (out["logits"].argmax(-1) == dev_batch["labels"]).float().mean()
    print({"epoch": epoch, "train_loss": round(tot / 40, 4), "dev_loss": round(out["loss"].item(), 4), "dev_acc": round(acc.item(), 4)})
