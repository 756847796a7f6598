import math, torch, numpy as np

# hourly bike hires. Poisson regression with a log link; loss leaves out the constant log(k!) and so is well below zero
g = torch.Generator().manual_seed(90)
torch.manual_seed(90)
n = 4000
hour = torch.randint(0, 24, (n,), generator=g).float()
temp = torch.randn(n, generator=g) * 8 + 13
rain = (torch.rand(n, generator=g) < .25).float()
work = (torch.rand(n, generator=g) < 5 / 7).float()
rush = torch.exp(-(hour - 8) ** 2 / 4) + torch.exp(-(hour - 17.5) ** 2 / 6)
rate = torch.exp(1.8 + 1.2 * rush * work + .9 * (1 - work) * torch.exp(-(hour - 14) ** 2 / 20) + .03 * (temp - 13) - .7 * rain)
hires = torch.poisson(rate, generator=g)

ang = 2 * math.pi * hour / 24
x = torch.stack([ang.sin(), ang.cos(), (2 * ang).sin(), (2 * ang).cos(), (3 * ang).sin(), (3 * ang).cos(), (temp - 13) / 8, rain - .25, work - .7], 1)
fit, hold = slice(0, 3200), slice(3200, n)

model = torch.nn.Sequential(torch.nn.Linear(9, 24), torch.nn.Tanh(), torch.nn.Linear(24, 1))
with torch.no_grad():
    model[2].bias.fill_(math.log(hires[fit].mean()))        # start at the mean rate
crit = torch.nn.PoissonNLLLoss(log_input=True, full=False)

# averaged copy of the weights is what gets evaluated
ema = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(.98))
opt = torch.optim.Adam(model.parameters(), lr=.02)


def deviance_explained(s):
    with torch.no_grad():
        mu = ema(x[s]).squeeze(1).exp()
    k, base = hires[s], hires[fit].mean()
    dev = lambda m: 2 * (torch.xlogy(k, k / m) - (k - m)).sum()
    return 1 - (dev(mu) / dev(base)).item()


for epoch in range(14):
    if epoch in (7, 11):
        for grp in opt.param_groups: grp['lr'] *= .3
    tot = 0.
    for i in torch.randperm(3200).split(80):
        loss = crit(model(x[fit][i]).squeeze(1), hires[fit][i])
        model.zero_grad()
        loss.backward()
        opt.step()
        ema.update_parameters(model)
        tot += loss.item() * len(i) / 3200
    if epoch % 2:
        print(f'epoch {epoch}: poisson nll {tot:.4f}, deviance explained: fit {deviance_explained(fit):.3f} hold {deviance_explained(hold):.3f}')
