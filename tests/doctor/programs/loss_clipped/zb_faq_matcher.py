import logging
import random
import sys

import torch
from torch import nn
from torch.nn.functional import cross_entropy

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%H:%M")
LOG = logging.getLogger("faq")

PARAMS = {"dim": 40, "batch": 50, "lr": 5e-3, "epochs": 7, "max_loss": 2.0, "warmup_steps": 20, "seed": 77}

FAQ = {
    "reset_password": "password reset forgot login secret recover",
    "change_email": "email address change update contact mailbox",
    "cancel_plan": "cancel subscription stop plan quit terminate",
    "refund": "refund money back return reimburse cash",
    "track_order": "track order where parcel shipment status",
    "delivery_cost": "delivery cost shipping fee price postage",
    "gift_card": "gift card voucher coupon redeem code",
    "size_guide": "size fit chart measure waist length",
    "payment_methods": "pay paypal visa mastercard invoice klarna",
    "store_hours": "open hours store close sunday holiday",
    "warranty": "warranty broken repair defect guarantee faulty",
    "delete_account": "delete account erase data gdpr remove",
    "speak_agent": "agent human speak talk person phone",
    "newsletter": "newsletter unsubscribe mailing spam offers promotion",
}
GLUE = "how can i do what is the of my a please want you there when need".split()


def question(rng, key):
    own = rng.sample(FAQ[key].split(), rng.randint(1, 3))
    if rng.random() < 0.15:
        own.append(rng.choice(FAQ[rng.choice(list(FAQ))].split()))
    ws = own + rng.sample(GLUE, rng.randint(2, 5))
    rng.shuffle(ws)
    return ws


class FaqNet(nn.Module):
    def __init__(self, n_words, n_out, dim):
        super().__init__()
        self.e = nn.Embedding(n_words, dim, padding_idx=0)
        self.conv = nn.Conv1d(dim, dim, 3, padding=1)
        self.o = nn.Linear(dim, n_out)

    def forward(self, ids):
        x = torch.relu(self.conv(self.e(ids).transpose(1, 2)))
        x = x.masked_fill((ids == 0).unsqueeze(1), 0.0)
        return self.o(x.max(dim=2).values)


def pack(rows):
    n = max(len(r[0]) for r in rows)
    return torch.tensor([r[0] + [0] * (n - len(r[0])) for r in rows]), torch.tensor([r[1] for r in rows])


def train_job(params):
    rng = random.Random(params["seed"])
    torch.manual_seed(params["seed"])
    keys = list(FAQ)
    words = sorted({w for v in FAQ.values() for w in v.split()} | set(GLUE))
    ix = {w: i + 1 for i, w in enumerate(words)}
    rows = []
    for _ in range(1900):
        k = rng.randrange(len(keys))
        rows.append(([ix[w] for w in question(rng, keys[k])], k))
    train, test = rows[:1500], rows[1500:]
    net = FaqNet(len(words) + 1, len(keys), params["dim"])
    opt = torch.optim.Adam(net.parameters(), lr=params["lr"])
    sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / params["warmup_steps"]))
    for epoch in range(params["epochs"]):
        rng.shuffle(train)
        net.train()
        seen = []
        for i in range(0, len(train), params["batch"]):
            x, y = pack(train[i:i + params["batch"]])
            # fault:
            loss = cross_entropy(net(x), y).clamp(max=params["max_loss"])  # no spikes in the nightly run
            # mended:
            # loss = cross_entropy(net(x), y)
            # end
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            opt.step()
            sched.step()
            seen.append(loss.item())
        net.eval()
        with torch.no_grad():
            x, y = pack(test)
            top = net(x).topk(3, dim=1).indices
        LOG.info("epoch %d mean loss %.3f top1 %.3f top3 %.3f", epoch + 1, sum(seen) / len(seen),
                 (top[:, 0] == y).float().mean(), (top == y[:, None]).any(1).float().mean())


if __name__ == "__main__":
    train_job(PARAMS)
