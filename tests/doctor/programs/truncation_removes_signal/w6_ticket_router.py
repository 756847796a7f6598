"""Route helpdesk e-mails to a team. Training job (config dict + logging)."""
import logging, random, sys
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
log = logging.getLogger("router")

CONFIG = {
    "seed": 17,
    "teams": ["billing", "network", "hardware", "accounts", "licences"],
    "n_train": 2600,
    "n_valid": 600,
    # fault:
    "max_tokens": 16,
    # mended:
    # "max_tokens": 56,
    # end
    "emb_dim": 24,
    "filters": 24,
    "kernel": 3,
    "batch_size": 64,
    "lr": 6e-3,
    "epochs": 5,
}
random.seed(CONFIG["seed"]); torch.manual_seed(CONFIG["seed"])

TOPIC = {
    "billing": "invoice charged refund payment card amount twice vat subscription overdue".split(),
    "network": "wifi vpn router connection drops ping dns slow cable firewall".split(),
    "hardware": "laptop screen keyboard battery mouse fan printer dock monitor charger".split(),
    "accounts": "password login locked reset username mfa token email profile access".split(),
    "licences": "licence key activation seats expired version install product renew serial".split(),
}
HEADER = ["from {n} sent {d} to helpdesk subject request number {k} priority normal dear support team",
          "ticket {k} opened {d} by {n} via web form dear helpdesk colleagues good morning",
          "forwarded message original sender {n} date {d} reference {k} hello dear it department"]
POLITE = ["i hope this message finds you well and that you had a nice weekend",
          "sorry to bother you again i know that you are all very busy these days",
          "thank you very much for the quick help last time it was really great"]
FILLER = "the my our is and not since yesterday again please help with it when i try to can you check this".split()
NAMES = "anna ben carla david eva felix greta hans ines jonas".split()
DAYS = "monday tuesday wednesday thursday friday".split()


def compose(team):
    head = random.choice(HEADER).format(n=random.choice(NAMES), d=random.choice(DAYS), k=random.randint(1, 60))
    body = []
    for _ in range(random.randint(10, 20)):
        r = random.random()
        if r < 0.28:
            body.append(random.choice(TOPIC[team]))
        elif r < 0.33:
            body.append(random.choice(TOPIC[random.choice(CONFIG["teams"])]))
        else:
            body.append(random.choice(FILLER))
    return (head + " " + random.choice(POLITE) + " " + " ".join(body)).split()


def make(n):
    ys = [random.randrange(len(CONFIG["teams"])) for _ in range(n)]
    return [compose(CONFIG["teams"][y]) for y in ys], torch.tensor(ys)


train_txt, y_train = make(CONFIG["n_train"])
valid_txt, y_valid = make(CONFIG["n_valid"])
vocab = {"<pad>": 0, "<unk>": 1}
for t in train_txt:
    for w in t:
        vocab.setdefault(w, len(vocab))


def to_ids(texts, n):
    x = torch.zeros(len(texts), n, dtype=torch.long)
    for r, t in enumerate(texts):
        ids = [vocab.get(w, 1) for w in t[:n]]
        x[r, :len(ids)] = torch.tensor(ids)
    return x


L = CONFIG["max_tokens"]
train_dl = DataLoader(TensorDataset(to_ids(train_txt, L), y_train), CONFIG["batch_size"], shuffle=True)
valid_dl = DataLoader(TensorDataset(to_ids(valid_txt, L), y_valid), 200)


class ConvRouter(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.emb = nn.Embedding(len(vocab), c["emb_dim"], padding_idx=0)
        self.conv = nn.Conv1d(c["emb_dim"], c["filters"], c["kernel"], padding=1)
        self.out = nn.Linear(c["filters"], len(c["teams"]))

    def forward(self, x):
        h = torch.relu(self.conv(self.emb(x).transpose(1, 2)))
        h = h.masked_fill((x == 0).unsqueeze(1), 0.0)
        return self.out(h.amax(2))


model = ConvRouter(CONFIG)
optimizer = torch.optim.AdamW(model.parameters(), lr=CONFIG["lr"], weight_decay=0.01)
criterion = nn.CrossEntropyLoss()
log.info("vocab %d, train %d, valid %d", len(vocab), len(y_train), len(y_valid))
for epoch in range(1, CONFIG["epochs"] + 1):
    model.train()
    running = 0.0
    for xb, yb in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(yb)
    model.eval()
    good = 0
    with torch.no_grad():
        for xb, yb in valid_dl:
            good += (model(xb).argmax(1) == yb).sum().item()
    log.info("epoch %d train_loss %.4f valid_accuracy %.4f", epoch, running / len(y_train), good / len(y_valid))
