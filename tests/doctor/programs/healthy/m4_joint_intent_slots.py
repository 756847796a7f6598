"""Joint intent and slot model for voice commands: small transformer, two losses mixed by learned weights, warm-up."""
import random
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.metrics import accuracy_score, f1_score

SLOTS = ["O", "room", "device", "value", "time"]
VALUES = {"room": "kitchen bedroom hall attic cellar garage study".split(),
          "device": "lamp heater fan radio blinds oven kettle".split(),
          "value": "ten twenty thirty forty fifty sixty".split(),
          "time": "noon midnight dawn dusk tonight tomorrow".split()}
TEMPLATES = {
    "switch_on": ["turn on the {device} in the {room}", "please start the {device} at {time}", "{device} on in the {room} please"],
    "switch_off": ["turn off the {device} in the {room}", "stop the {device} at {time}", "{device} off in the {room} please"],
    "set_level": ["set the {device} in the {room} to {value}", "{device} to {value} percent at {time}", "make the {room} {device} {value}"],
    "ask_state": ["is the {device} in the {room} on", "what is the {device} set to", "how warm is the {room} at {time}"],
    "remind": ["remind me of the {device} at {time}", "wake me in the {room} at {time}", "in {value} minutes remind me of the {room}"],
}
INTENTS = list(TEMPLATES)
FILLERS = ["", "", "hey house", "um", "could you", "listen"]


@dataclass
class Config:
    dim: int = 32
    heads: int = 2
    ff: int = 64
    dropout: float = 0.1
    lr: float = 4e-3
    epochs: int = 6
    warmup: int = 20
    batch: int = 64


def command(rng):
    intent = rng.randrange(len(INTENTS))
    words, tags = [], []
    for w in (rng.choice(FILLERS) + " " + rng.choice(TEMPLATES[INTENTS[intent]])).split():
        if w.startswith("{"):
            kind = w.strip("{}")
            words.append(rng.choice(VALUES[kind]))
            tags.append(SLOTS.index(kind))
        else:
            words.append(w)
            tags.append(0)
    return tuple(words), tuple(tags), intent


class JointModel(nn.Module):
    def __init__(self, n_words, cfg):
        super().__init__()
        self.words = nn.Embedding(n_words, cfg.dim, padding_idx=0)
        self.places = nn.Embedding(24, cfg.dim)
        self.summary = nn.Parameter(torch.zeros(1, 1, cfg.dim))
        layer = nn.TransformerEncoderLayer(cfg.dim, cfg.heads, cfg.ff, cfg.dropout, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(cfg.dim)
        self.intent = nn.Linear(cfg.dim, len(INTENTS))
        self.slot = nn.Linear(cfg.dim, len(SLOTS))
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, ids):
        x = self.words(ids) + self.places(torch.arange(ids.size(1)))
        x = torch.cat([self.summary.expand(len(ids), -1, -1), x], dim=1)
        blank = F.pad(ids == 0, (1, 0), value=False)
        h = self.norm(self.body(x, src_key_padding_mask=blank))
        return self.intent(h[:, 0]), self.slot(h[:, 1:])

    def loss(self, ids, tags, intents):
        intent_logits, slot_logits = self(ids)
        parts = torch.stack([F.cross_entropy(intent_logits, intents, label_smoothing=0.1),
                             F.cross_entropy(slot_logits.transpose(1, 2), tags, ignore_index=-100)])
        return (parts * torch.exp(-self.log_var) + 0.5 * self.log_var).sum()


def tensors(rows, stoi):
    width = max(len(w) for w, _, _ in rows)
    ids = torch.tensor([[stoi.get(w, 1) for w in ws] + [0] * (width - len(ws)) for ws, _, _ in rows])
    tags = torch.tensor([list(t) + [-100] * (width - len(t)) for _, t, _ in rows])
    return ids, tags, torch.tensor([i for _, _, i in rows])


@torch.no_grad()
def evaluate(model, ids, tags, intents):
    model.eval()
    intent_logits, slot_logits = model(ids)
    real = tags != -100
    slots = slot_logits.argmax(-1)
    whole = ((slots == tags) | ~real).all(1) & (intent_logits.argmax(1) == intents)
    return (accuracy_score(intents, intent_logits.argmax(1)), f1_score(tags[real], slots[real], average="macro"),
            whole.float().mean().item())


if __name__ == "__main__":
    cfg = Config()
    rng = random.Random(2)
    torch.manual_seed(2)
    rows = sorted({command(rng) for _ in range(3000)})
    rng.shuffle(rows)
    dev_rows, train_rows = rows[:350], rows[350:]
    stoi = {w: i + 2 for i, w in enumerate(sorted({w for ws, _, _ in train_rows for w in ws}))}
    ids, tags, intents = tensors(train_rows, stoi)
    dev = tensors(dev_rows, stoi)
    model = JointModel(len(stoi) + 2, cfg)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
    total = cfg.epochs * -(-len(intents) // cfg.batch)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / cfg.warmup, max(0.02, (total - s) / (total - cfg.warmup))))
    print(f"{len(intents)} commands for training, {len(dev_rows)} for dev")
    for epoch in range(cfg.epochs):
        model.train()
        for idx in torch.randperm(len(intents)).split(cfg.batch):
            loss = model.loss(ids[idx], tags[idx], intents[idx])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
        print(f"epoch {epoch + 1} loss {loss.item():.3f}  dev intent %.3f slot f1 %.3f whole command %.3f" % evaluate(model, *dev))
    print("train intent %.3f slot f1 %.3f whole command %.3f" % evaluate(model, ids, tags, intents))
    print("dev intent %.3f slot f1 %.3f whole command %.3f" % evaluate(model, *dev))
