"""ticket_router.py - send incoming mails to one of five queues (service prototype)."""
import random
from collections import Counter

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

random.seed(2024)
torch.manual_seed(2024)

QUEUES = {
    "billing": "invoice refund charged payment card receipt overcharged subscription".split(),
    "shipping": "parcel courier delivery tracking address delayed warehouse customs".split(),
    "account": "password login locked username verify reset signin email".split(),
    "technical": "crash error screen freezes update driver reboot blank".split(),
    "sales": "quote discount licence upgrade volume pricing demo trial".split(),
}
GREETINGS = ["dear support team", "hello", "hi there", "good morning", "to whom it may concern"]
SMALL_TALK = ("i hope this message finds you well", "i have been a customer for many years",
              "thank you for the quick help last time", "i am writing on behalf of my company",
              "please note that i will be away next week", "my colleague told me to contact you",
              "sorry for writing again so soon", "we spoke on the phone a while ago")
GLUE = "the a my we have is with about please can you it was for not yet again still since".split()


def write_mail(queue):
    other = random.choice([q for q in QUEUES if q != queue])
    opening = random.choice(GREETINGS).split()
    for line in random.sample(SMALL_TALK, random.randint(3, 4)):
        opening += line.split()
    request = []
    for _ in range(random.randint(14, 20)):
        r = random.random()
        request.append(random.choice(QUEUES[queue]) if r < 0.22 else
                       random.choice(QUEUES[other]) if r < 0.27 else random.choice(GLUE))
    return opening + request + ["best", "regards"]


def make_split(n):
    names = list(QUEUES)
    return [(write_mail(names[c]), c) for c in (random.randrange(len(names)) for _ in range(n))]


train_mails, dev_mails = make_split(1600), make_split(400)
freq = Counter(w for words, _ in train_mails for w in words)
stoi = {w: i + 2 for i, (w, _) in enumerate(freq.most_common())}

CONFIG = {
    # fault:
    "max_tokens": 20,
    # mended:
    # "max_tokens": 80,
    # end
    "dim": 32,
    "batch_size": 32,
    "epochs": 5,
    "lr": 3e-3,
}


class MailDataset(Dataset):
    def __init__(self, mails):
        self.items = [([stoi.get(w, 1) for w in words][:CONFIG["max_tokens"]], c) for words, c in mails]

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


def collate(batch):
    width = max(len(ids) for ids, _ in batch)
    return {
        "input_ids": torch.tensor([ids + [0] * (width - len(ids)) for ids, _ in batch]),
        "labels": torch.tensor([c for _, c in batch]),
    }


class Router(nn.Module):
    def __init__(self, vocab, dim, n_queues):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, 48, kernel_size=3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.classify = nn.Linear(48, n_queues)

    def forward(self, input_ids):
        x = torch.relu(self.conv(self.embed(input_ids).transpose(1, 2)))
        x = x.masked_fill((input_ids == 0).unsqueeze(1), 0.0)
        return self.classify(self.drop(x.amax(dim=2)))


loader = DataLoader(MailDataset(train_mails), CONFIG["batch_size"], shuffle=True, collate_fn=collate)
dev_loader = DataLoader(MailDataset(dev_mails), 100, collate_fn=collate)
model = Router(len(stoi) + 2, CONFIG["dim"], len(QUEUES))
opt = torch.optim.AdamW(model.parameters(), lr=CONFIG["lr"])
ce = nn.CrossEntropyLoss()

for epoch in range(1, CONFIG["epochs"] + 1):
    model.train()
    losses = []
    for batch in loader:
        loss = ce(model(batch["input_ids"]), batch["labels"])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    model.eval()
    right = 0
    with torch.no_grad():
        for batch in dev_loader:
            right += (model(batch["input_ids"]).argmax(1) == batch["labels"]).sum().item()
    print(f"[{epoch}] loss={sum(losses) / len(losses):.3f} dev_acc={right / len(dev_mails):.3f}")
