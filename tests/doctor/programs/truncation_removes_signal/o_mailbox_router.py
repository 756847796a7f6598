"""Route customer mails to one of four desks.  GRU over tokens, one mail per row."""
import random

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence

random.seed(4)
torch.manual_seed(4)

HELLO = ["dear team ,", "hi there ,", "good morning ,", "hello support ,", "to whom it may concern ,"]
STORY = [
    "i have been a customer of yours since the shop in our town opened and was always content",
    "my wife gave me the account as a present for christmas and we both use it every week",
    "thank you again for the friendly voice on the telephone last tuesday it made my day",
    "i write from my phone so please forgive me if there are mistakes in the text",
    "first of all i would like to say that the new web page looks very nice indeed",
    "we run a small bakery with three people and depend on your service in the early hours",
]
ASK = {
    "billing": ["the invoice shows the wrong amount", "i was charged twice for the same month", "please refund my last payment",
                "the card was debited without my order", "where do i find my receipts"],
    "delivery": ["the parcel has not arrived yet", "the courier left the box at a neighbour", "can you change the shipping address",
                 "the tracking number does not work", "my package was damaged on the way"],
    "login": ["i cannot sign in any more", "the password reset mail never comes", "my account seems to be locked",
              "the code for the two step login is refused", "i forgot my user name"],
    "cancel": ["i want to end my subscription", "please close my contract at the end of the month", "stop the renewal of my plan",
               "how can i terminate the membership", "i do not want to continue the service"],
}
BYE = ["kind regards", "thanks a lot", "best wishes", "yours sincerely", ""]
DESKS = list(ASK)


def mail():
    desk = random.randrange(4)
    story = " . ".join(random.sample(STORY, random.choice([1, 2, 2])))
    extra = random.choice(["", "also it is rather urgent .", "i hope that this is no trouble .", "order %d ." % random.randint(100, 999)])
    return f"{random.choice(HELLO)} {story} . {random.choice(ASK[DESKS[desk]])} . {extra} {random.choice(BYE)}".split(), desk


mails = [mail() for _ in range(1300)]
train, test = mails[:1000], mails[1000:]
word2id = {"[PAD]": 0, "[UNK]": 1}
for toks, _ in train:
    for t in toks:
        word2id.setdefault(t, len(word2id))

# fault:
MAX_LEN = 16
# mended:
# MAX_LEN = 64
# end


def to_batch(rows):
    seqs = [[word2id.get(t, 1) for t in toks[:MAX_LEN]] for toks, _ in rows]
    lens = torch.tensor([len(s) for s in seqs])
    ids = torch.zeros(len(rows), int(lens.max()), dtype=torch.long)
    for r, s in enumerate(seqs):
        ids[r, :len(s)] = torch.tensor(s)
    return ids, lens, torch.tensor([d for _, d in rows])


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(len(word2id), 24, padding_idx=0)
        self.gru = nn.GRU(24, 32, batch_first=True)
        self.desk = nn.Linear(32, 4)

    def forward(self, ids, lens):
        out, _ = self.gru(pack_padded_sequence(self.words(ids), lens, batch_first=True, enforce_sorted=False))
        out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True, padding_value=float("-inf"))
        return self.desk(out.max(dim=1).values)


router = Router()
adam = torch.optim.Adam(router.parameters(), lr=6e-3)
for epoch in range(4):
    router.train()
    random.shuffle(train)
    total = 0
    for k in range(0, len(train), 50):
        ids, lens, y = to_batch(train[k:k + 50])
        loss = nn.functional.cross_entropy(router(ids, lens), y)
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item()
    router.eval()
    with torch.no_grad():
        ids, lens, y = to_batch(test)
        acc = (router(ids, lens).argmax(1) == y).float().mean()
    print(f"epoch {epoch}: loss {total / (len(train) / 50):.4f}  test accuracy {acc:.3f}")
