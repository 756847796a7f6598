"""Tags ingredient lines: quantity, unit, name, preparation. Many words have more than one role, the neighbours decide."""
import random
from collections import defaultdict
from dataclasses import dataclass, field

import torch
import torch.nn as nn

TAGS = ["O", "QTY", "UNIT", "NAME", "PREP"]


@dataclass
class TaggerConfig:
    emb_dim: int = 24
    hidden: int = 32
    dropout: float = 0.1
    lr: float = 5e-3
    batch_size: int = 50
    epochs: int = 4
    seed: int = 71
    tags: list = field(default_factory=lambda: list(TAGS))


QTY = "one two three four half six 1 2 3 200 500".split()
BOTH_UNIT_NAME = "clove can head stick leaf bunch slice ear".split()
UNIT = "cup spoon gram pinch liter".split()
NAME = "garlic tomato lettuce celery corn bread mint rice beans butter".split()
BOTH_NAME_PREP = "ground mash roast mince chop dice".split()
PREP = "peeled softened drained".split()


def line(rng):
    out = []
    if rng.random() < .25:
        out += [("add", "O")]
    form = rng.random()
    if form < .45:      # two cloves garlic
        out += [(rng.choice(QTY), "QTY"), (rng.choice(BOTH_UNIT_NAME + UNIT), "UNIT")]
        if rng.random() < .4:
            out += [("of", "O")]
        out += [(rng.choice(NAME + BOTH_NAME_PREP + BOTH_UNIT_NAME), "NAME")]
    elif form < .8:     # two fresh clove, a leaf
        out += [(rng.choice(QTY), "QTY"), (rng.choice(["fresh", "large", "dried"]), "O"), (rng.choice(BOTH_UNIT_NAME + NAME), "NAME")]
    else:
        out += [(rng.choice(["some", "more"]), "O"), (rng.choice(NAME + BOTH_UNIT_NAME + BOTH_NAME_PREP), "NAME")]
    if rng.random() < .6:
        out += [(rng.choice(["then", "well", "finely"]), "O"), (rng.choice(BOTH_NAME_PREP + PREP), "PREP")]
    return tuple(out)


class IngredientTagger(nn.Module):
    def __init__(self, cfg, n_words):
        super().__init__()
        self.words = nn.Embedding(n_words, cfg.emb_dim)
        self.drop = nn.Dropout(cfg.dropout)
        # fault:
        self.context = nn.LSTM(cfg.emb_dim, cfg.hidden, bidirectional=True)
        # mended:
        #self.context = nn.LSTM(cfg.emb_dim, cfg.hidden, bidirectional=True, batch_first=True)
        # end
        self.score = nn.Linear(2 * cfg.hidden, len(cfg.tags))

    def forward(self, ids):
        states, _ = self.context(self.drop(self.words(ids)))
        return self.score(self.drop(states))


class TaggerTrainer:
    def __init__(self, cfg, model):
        self.cfg = cfg
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr)
        self.criterion = nn.CrossEntropyLoss()

    def run_epoch(self, data):
        self.model.train()
        losses = []
        for x, y in batches(data, self.cfg.batch_size, shuffle=True):
            loss = self.criterion(self.model(x).flatten(0, 1), y.flatten())
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    @torch.no_grad()
    def evaluate(self, data):
        self.model.eval()
        good = total = lines = 0
        for x, y in batches(data, self.cfg.batch_size, shuffle=False):
            ok = self.model(x).argmax(-1) == y
            good += ok.sum().item()
            total += ok.numel()
            lines += ok.all(1).sum().item()
        return good / total, lines / len(data)


def batches(data, size, shuffle):
    """Lines of one length share a batch, so nothing is padded."""
    by_length = defaultdict(list)
    for item in data:
        by_length[len(item[0])].append(item)
    out = []
    for group in by_length.values():
        if shuffle:
            random.shuffle(group)
        out += [group[k:k + size] for k in range(0, len(group), size)]
    if shuffle:
        random.shuffle(out)
    for chunk in out:
        yield torch.tensor([w for w, _ in chunk]), torch.tensor([t for _, t in chunk])


if __name__ == "__main__":
    cfg = TaggerConfig()
    torch.manual_seed(cfg.seed)
    random.seed(cfg.seed)
    rng = random.Random(cfg.seed)
    lines = list(dict.fromkeys(line(rng) for _ in range(3200)))
    rng.shuffle(lines)
    split = len(lines) - 500
    vocab = {w: i for i, w in enumerate(sorted({w for l in lines[:split] for w, _ in l}), 1)}
    encoded = [([vocab.get(w, 0) for w, _ in l], [TAGS.index(t) for _, t in l]) for l in lines]
    train, test = encoded[:split], encoded[split:]
    print(len(train), "training lines,", len(test), "test lines,", len(vocab), "words")
    trainer = TaggerTrainer(cfg, IngredientTagger(cfg, len(vocab) + 1))
    for epoch in range(cfg.epochs):
        loss = trainer.run_epoch(train)
        print("epoch %d loss %.4f token accuracy %.4f whole line %.4f" % (epoch, loss, *trainer.evaluate(test)))
