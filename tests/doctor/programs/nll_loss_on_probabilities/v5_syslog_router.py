#!/usr/bin/env python
"""Which service wrote this line? (host names and pids stripped)  usage: python route.py"""
import re, zlib
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

rs = np.random.RandomState(0)
torch.manual_seed(0)
SERVICES = ["sshd", "cron", "kernel", "nginx", "postfix", "systemd", "dhclient", "ntpd", "mysqld", "dockerd",
            "sudo", "snmpd", "named", "cups", "rsyslogd", "haproxy", "redis", "vault", "consul", "etcd",
            "kubelet", "samba", "slapd", "squid"]
SHARED = "error warning started stopped failed connection timeout user request file closed open pid port retry ok".split()
verbs = {s: ["%s_%d" % (s[:3], k) for k in range(6)] for s in SERVICES}


def line(service):
    n = rs.randint(4, 9)
    toks = [rs.choice(SHARED) for _ in range(n)]
    for _ in range(2):
        src = service if rs.rand() < .93 else rs.choice(SERVICES)
        toks[rs.randint(n)] = rs.choice(verbs[src])
    return " ".join(toks) + " %d" % rs.randint(9999)


def featurise(lines, buckets=512):
    out = np.zeros((len(lines), buckets), dtype=np.float32)
    for r, l in enumerate(lines):
        for tok in re.sub(r"\d{3,}", "<num>", l).split():
            out[r, zlib.crc32(tok.encode()) % buckets] += 1
    return torch.from_numpy(out)


def corpus(n):
    y = rs.randint(len(SERVICES), size=n)
    return featurise([line(SERVICES[k]) for k in y]), torch.from_numpy(y)


train_x, train_y = corpus(3000)
test_x, test_y = corpus(800)


class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(512, 64)
        self.out = nn.Linear(64, len(SERVICES))

    def forward(self, x):
        h = F.relu(self.hidden(x))
        # fault:
        return F.softmax(self.out(h), dim=-1)
        # mended:
        # return F.log_softmax(self.out(h), dim=-1)
        # end


router = Router()
sgd = torch.optim.SGD(router.parameters(), lr=0.1, momentum=0.9)
for epoch in range(6):
    perm = torch.randperm(len(train_y))
    seen, total, good = 0, 0., 0
    for k in perm.split(40):
        sgd.zero_grad()
        out = router(train_x[k])
        loss = F.nll_loss(out, train_y[k])
        loss.backward()
        sgd.step()
        total += loss.item() * len(k); seen += len(k); good += (out.argmax(1) == train_y[k]).sum().item()
    with torch.no_grad():
        out = router(test_x)
    print("%d: loss %.4f, train acc %.3f | test loss %.4f, test acc %.3f" % (
        epoch, total / seen, good / seen, F.nll_loss(out, test_y), (out.argmax(1) == test_y).float().mean()))
