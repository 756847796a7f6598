"""A very small Transformer encoder on voice-assistant intents. Blog post companion code."""
import random
import torch
import torch.nn as nn


def set_seed(seed=2024):
    random.seed(seed)
    torch.manual_seed(seed)


SLOTS = {"time": ["noon", "six", "midnight", "dawn"], "room": ["kitchen", "garage", "hall", "attic"],
         "song": ["jazz", "polka", "blues", "techno"], "city": ["rome", "oslo", "lima", "cairo"]}
TEMPLATES = {
    "alarm_on": ["wake me at {time}", "set an alarm for {time} please", "alarm at {time}"],
    "alarm_off": ["do not wake me at {time}", "drop the alarm for {time}", "no alarm at {time}"],
    "light_on": ["turn the light in the {room} on", "make it bright in the {room}", "{room} light on"],
    "light_off": ["turn the light in the {room} off", "make it dark in the {room}", "{room} light off"],
    "music": ["play some {song}", "i want to hear {song} in the {room}", "put {song} on"],
    "weather": ["will it rain in {city} at {time}", "weather for {city}", "is it cold in {city}"],
}
FILLERS = ["hey", "um", "please", "now", "listen", "computer", "well", "quickly", "uh", "okay"]
INTENTS = sorted(TEMPLATES)


def utterance():
    intent = random.choice(INTENTS)
    text = random.choice(TEMPLATES[intent]).format(**{k: random.choice(v) for k, v in SLOTS.items()}).split()
    for _ in range(random.randint(1, 4)):
        text.insert(random.choice([0, len(text)]), random.choice(FILLERS))
    return " ".join(text), INTENTS.index(intent)


class TinyTransformer(nn.Module):
    def __init__(self, vocab_size, n_classes, d_model=32, nhead=4, max_len=16):
        super().__init__()
        self.tok = nn.Embedding(vocab_size, d_model, padding_idx=0)
        self.pos = nn.Embedding(max_len, d_model)
        layer = nn.TransformerEncoderLayer(d_model, nhead, dim_feedforward=64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.classifier = nn.Linear(d_model, n_classes)

    def forward(self, ids):
        pad = ids == 0
        h = self.tok(ids) + self.pos(torch.arange(ids.size(1), device=ids.device))
        h = self.encoder(h, src_key_padding_mask=pad)
        h = h.masked_fill(pad.unsqueeze(-1), 0).sum(1) / (~pad).sum(1, keepdim=True)
        return self.classifier(h)


def main():
    set_seed()
    corpus = list(dict(utterance() for _ in range(2600)).items())
    random.shuffle(corpus)
    vocab = {"<pad>": 0}
    for text, _ in corpus:
        for w in text.split():
            vocab.setdefault(w, len(vocab))
    longest = max(len(t.split()) for t, _ in corpus)
    ids = torch.zeros(len(corpus), longest, dtype=torch.long)
    for i, (text, _) in enumerate(corpus):
        toks = [vocab[w] for w in text.split()]
        ids[i, : len(toks)] = torch.tensor(toks)
    labels = torch.tensor([y for _, y in corpus])
    x_val, y_val, x_tr, y_tr = ids[:400], labels[:400], ids[400:2000], labels[400:2000]

    model = TinyTransformer(len(vocab), len(INTENTS))
    # fault:
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.0)
    # mended:
    # optimizer = torch.optim.AdamW(model.parameters(), lr=0.003)
    # end
    criterion = nn.CrossEntropyLoss()
    for epoch in range(4):
        model.train()
        losses, order = [], torch.randperm(len(x_tr))
        for i in range(0, len(x_tr), 32):
            batch = order[i : i + 32]
            loss = criterion(model(x_tr[batch]), y_tr[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        model.eval()
        with torch.no_grad():
            val, tra = model(x_val), model(x_tr[:400])
        print(f"Epoch {epoch + 1}/4  first loss {losses[0]:.3f}  mean loss {sum(losses) / len(losses):.3f}  "
              f"train acc {(tra.argmax(1) == y_tr[:400]).float().mean():.3f}  val acc {(val.argmax(1) == y_val).float().mean():.3f}")


if __name__ == "__main__":
    main()
