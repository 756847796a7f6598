"""Next-token model of system log messages (used later to flag unusual lines by their surprise)."""
import random
import torch
from torch import nn

SEED, WIDTH, BATCH, EPOCHS = 11, 48, 50, 4
PAD, BOS, EOS = 0, 1, 2
random.seed(SEED)
torch.manual_seed(SEED)

services = ["sshd", "cron", "nginx", "postfix", "kernel", "dhcpd", "mysqld", "systemd"]
users = ["root", "alice", "bob", "mallory", "deploy", "backup", "guest"]
hosts = [f"10.0.{i}.{j}" for i in range(3) for j in range(20)]


def message():
    s = random.choice(services)
    if s == "sshd":
        verb = random.choice(["accepted", "failed"])
        t = [verb, "password", "for", random.choice(users), "from", random.choice(hosts), "port", random.choice(["22", "2222"])]
    elif s == "cron":
        t = ["(", random.choice(users), ")", "cmd", random.choice(["run-parts", "logrotate", "certbot", "updatedb"])]
    elif s == "nginx":
        code = random.choice(["200", "200", "200", "304", "404", "502"])
        t = [random.choice(hosts), random.choice(["get", "post"]), random.choice(["/", "/login", "/api", "/img"]), code]
        t += ["upstream", "timed", "out"] if code == "502" else []
    elif s == "postfix":
        t = ["to", random.choice(users), "relay", random.choice(hosts), "status", random.choice(["sent", "deferred", "bounced"])]
    elif s == "kernel":
        t = random.choice([["oom-killer", "invoked", "by", random.choice(services)], ["eth0", "link", "is", random.choice(["up", "down"])],
                           ["usb", "device", "disconnected"]])
    elif s == "dhcpd":
        t = ["dhcp" + random.choice(["request", "ack", "offer"]), "on", random.choice(hosts), "via", "eth0"]
    elif s == "mysqld":
        t = ["aborted", "connection", "user", random.choice(users), "host", random.choice(hosts)]
    else:
        t = [random.choice(["started", "stopped", "reloaded"]), "unit", random.choice(services)]
    return [s, ":"] + t


corpus = [list(m) for m in sorted({tuple(message()) for _ in range(4000)})]
random.shuffle(corpus)
vocab = {"<pad>": PAD, "<s>": BOS, "</s>": EOS}
for m in corpus:
    for w in m:
        vocab.setdefault(w, len(vocab))
data = torch.full((len(corpus), WIDTH), PAD)
for i, m in enumerate(corpus):
    ids = [BOS] + [vocab[w] for w in m] + [EOS]
    data[i, :len(ids)] = torch.tensor(ids)
train, dev = data[:-300], data[-300:]


class LogLM(nn.Module):
    def __init__(self, v, d=32, h=48):
        super().__init__()
        self.tok = nn.Embedding(v, d, padding_idx=PAD)
        self.rnn = nn.GRU(d, h, batch_first=True)
        self.dec = nn.Linear(h, v)

    def forward(self, x):
        return self.dec(self.rnn(self.tok(x))[0])


def sequence_loss(logits, target):
    logp = logits.log_softmax(-1)
    nll = -logp.gather(2, target.unsqueeze(2)).squeeze(2)
    # fault:
    return nll.mean()
    # mended:
    # keep = (target != PAD).float()
    # return (nll * keep).sum() / keep.sum()
    # end


lm = LogLM(len(vocab))
opt = torch.optim.SGD(lm.parameters(), lr=0.3, momentum=0.9)
for epoch in range(EPOCHS):
    lm.train()
    for batch in train[torch.randperm(len(train))].split(BATCH):
        loss = sequence_loss(lm(batch[:, :-1]), batch[:, 1:])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
    lm.eval()
    with torch.no_grad():
        z = lm(dev[:, :-1])
        t = dev[:, 1:]
        dl = sequence_loss(z, t).item()
        words = t > EOS
        acc = (z.argmax(-1) == t)[words].float().mean().item()
    print(f"epoch {epoch + 1}: dev loss {dl:.3f} perplexity {2.718281828 ** dl:.2f} | next word right {acc:.3f}")
