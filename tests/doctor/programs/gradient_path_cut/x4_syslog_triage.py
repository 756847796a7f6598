#!/usr/bin/env python3
# triage.py -- which team gets the ticket?   log excerpt -> {dba, net, storage, auth, web, k8s}
# usage: triage.py       (demo on generated excerpts)
import zlib
import random
import numpy as np
import torch
import torch.nn.functional as F
from sklearn.preprocessing import normalize

random.seed(5); torch.manual_seed(5)

TEAMS = ["dba", "net", "storage", "auth", "web", "k8s"]
WORDS = {
    "dba": "deadlock replica vacuum tuple wal checkpoint lock rollback postgres mysqld slowquery tablespace index cursor",
    "net": "carrier bgp flap arp mtu vlan eth0 bond unreachable dropped icmp route neighbour switch",
    "storage": "sda1 ext4 journal raid degraded smart sector nvme lvm multipath scsi inode quota readonly",
    "auth": "sshd pam kerberos ldap sudo publickey invalid preauth ticket krb5 shadow uid locked token",
    "web": "nginx upstream 502 504 tls handshake vhost proxy gzip keepalive referer cert backend haproxy",
    "k8s": "kubelet pod evicted cni taint oomkilled liveness sandbox imagepull etcd daemonset cgroup node scheduler",
}
WORDS = {t: w.split() for t, w in WORDS.items()}
CHATTER = ("the for from at error warn info failed retry host kernel systemd service time out connection process "
           "starting stopped session user root daemon cron restarted exit code status of on to in with while").split()
BUCKETS, DIM = 1024, 6


def excerpt():
    team = random.randrange(len(TEAMS))
    toks = random.choices(CHATTER, k=random.randint(6, 12))
    toks += random.choices(WORDS[TEAMS[team]], k=random.randint(3, 5))
    toks += [random.choice(WORDS[random.choice(TEAMS)])]            # a bystander
    toks += ["host%02d" % random.randrange(60), "pid%d" % random.randrange(100)]
    random.shuffle(toks)
    return " ".join(toks), team


def hashed(line):
    return [zlib.crc32(t.encode()) % BUCKETS for t in line.split()]


def collate(rows):
    ids, offs = [], []
    for line, _ in rows:
        offs.append(len(ids)); ids.extend(hashed(line))
    return torch.tensor(ids), torch.tensor(offs), torch.tensor([t for _, t in rows])


table = torch.nn.EmbeddingBag(BUCKETS, DIM, mode="mean")
head = torch.nn.Linear(DIM, len(TEAMS))


def score(ids, offs):
    v = table(ids, offs)
    # unit length, so that long excerpts are no louder than short ones
    # fault:
    v = torch.from_numpy(normalize(v.detach().numpy(), axis=1))
    # mended:
    # v = F.normalize(v, dim=1)
    # end
    return head(v) * 4


rows = [excerpt() for _ in range(3500)]
train, held = rows[:2800], rows[2800:]
opt = torch.optim.Adam(list(table.parameters()) + list(head.parameters()), lr=0.02)

for sweep in range(5):
    random.shuffle(train)
    acc = []
    for i in range(0, len(train), 40):
        ids, offs, team = collate(train[i:i + 40])
        loss = F.cross_entropy(score(ids, offs), team)
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc.append(loss.item())
    print("sweep %d  nll %.3f" % (sweep, np.mean(acc)))

with torch.no_grad():
    ids, offs, team = collate(held)
    guess = score(ids, offs).argmax(1)
print("routed to the right team: %.1f %%" % (100 * (guess == team).float().mean()))
for i, name in enumerate(TEAMS):
    print("   %-8s recall %.2f" % (name, (guess[team == i] == i).float().mean()))
