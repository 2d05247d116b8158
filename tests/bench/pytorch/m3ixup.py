"""GMC and M3ixup on MHD's shapes, with the parameter names of GMC's released code. Both normalise after the shared head."""
import torch

from harness import F, Workload, adam, channels_first, nn, serve

BATCH, COMMON = 64, 64


def picture_features():
    return nn.Sequential(nn.Conv2d(1, 64, 4, 2, 1, bias=False), nn.SiLU(),
                         nn.Conv2d(64, 128, 4, 2, 1, bias=False), nn.SiLU())


def sound_features():
    layers, widths = [], [(1, 128, (1, 128), 1, 0), (128, 128, (4, 1), (2, 1), (1, 0)), (128, 256, (4, 1), (2, 1), (1, 0))]
    for ins, outs, kernel, stride, padding in widths:
        layers += [nn.Conv2d(ins, outs, kernel, stride, padding, bias=False), nn.BatchNorm2d(outs), nn.ReLU()]
    return nn.Sequential(*layers)


def stroke_features():
    return nn.Sequential(nn.Linear(200, 512), nn.SiLU(), nn.Linear(512, 512), nn.SiLU())


class Base(nn.Module):
    """Extractors by name, their features side by side, one projection."""

    def __init__(self, width, **extractors):
        super().__init__()
        self.order = list(extractors)
        for name, extractor in extractors.items():
            setattr(self, name, extractor)
        self.projector = nn.Linear(width, COMMON)

    def forward(self, *observation):
        features = [getattr(self, name)(x).flatten(1) for name, x in zip(self.order, observation)]
        return self.projector(torch.cat(features, 1))


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.feature_extractor = nn.Sequential(nn.Linear(COMMON, 512), nn.SiLU(), nn.Linear(512, 512), nn.SiLU(),
                                               nn.Linear(512, 64))

    def forward(self, h):
        return F.normalize(self.feature_extractor(h), dim=-1)


class GMC(nn.Module):
    def __init__(self):
        super().__init__()
        self.image_processor = Base(6272, image_features=picture_features())
        self.sound_processor = Base(2048, sound_features=sound_features())
        self.trajectory_processor = Base(512, trajectory_features=stroke_features())
        self.joint_processor = Base(6272 + 2048 + 512, img_features=picture_features(), sound_features=sound_features(),
                                    trajectory_features=stroke_features())
        self.encoder = Head()

    def processors(self):
        return self.image_processor, self.sound_processor, self.trajectory_processor

    def alone(self, observation):
        return [self.encoder(f(x)) for f, x in zip(self.processors(), observation)]

    def together(self, observation):
        return self.encoder(self.joint_processor(*observation))


def contrast(alone, together, tau=0.1):
    """Every modality with the joint embedding: NT-Xent over the rows of both."""
    total = 0
    for z in alone:
        rows = torch.cat([together, z])
        scores = (rows @ rows.T / tau).fill_diagonal_(-1e9)
        partner = torch.arange(len(rows)).roll(len(z))
        total = total + F.cross_entropy(scores, partner)
    return total


def soft_contrast(queries, keys, targets, tau=0.1):
    """F.cross_entropy with distributions as targets, in both directions; the columns of `targets` sum to one here."""
    scores = queries @ keys.T / tau
    return (F.cross_entropy(scores, targets) + F.cross_entropy(scores.T, targets.T)) / 2


def slope(logits, alone, together, tau):
    """Unit-length gradient of the mixtures' own objective: alone [batch, modalities, dim]."""
    weights = logits.softmax(1)
    mixture = torch.einsum("bu,bud->bd", weights, alone)
    length = mixture.norm(dim=1, keepdim=True)
    mixture = mixture / length
    pull = ((mixture @ together.T / tau).softmax(1) @ together - together) / tau
    pull = (pull - (pull * mixture).sum(1, keepdim=True) * mixture) / length
    pull = torch.einsum("bud,bd->bu", alone, pull)
    pull = weights * (pull - (weights * pull).sum(1, keepdim=True))
    return pull / (pull.norm(dim=1, keepdim=True) + 1e-12)


def mixtures(alone, together, start, tau=0.1, steps=2, rho=1.0, eta=4.0):
    """Adapted and explored weights of each sample's modalities, constants of the loss."""
    with torch.no_grad():
        for _ in range(steps):
            start = start - rho * slope(start, alone, together, tau)
        explored = start + eta * slope(start, alone, together, tau)
        return start.softmax(1), explored.softmax(1)


def mixture_loss(weights, alone, together, each):
    mixed = F.normalize(torch.einsum("bu,bud->bd", weights, alone), dim=1)
    return soft_contrast(mixed, together, torch.eye(len(mixed)).to(mixed)) + (weights * each).sum(1).mean()


def gmc_loss(model, inputs, draws):
    observation = list(inputs.values())
    return contrast(model.alone(observation), model.together(observation))


def m3ixup_loss(model, inputs, draws, mixes="inputs"):
    observation, partner, share = list(inputs.values()), draws["permutation"].long(), draws["lambda"]
    alone, together = model.alone(observation), model.together(observation)
    mix = lambda x: share * x + (1 - share) * x[partner]
    if mixes == "inputs":
        mixed = model.alone([mix(x) for x in observation])
    else:
        mixed = [model.encoder(mix(f(x))) for f, x in zip(model.processors(), observation)]
    same = torch.eye(len(together)).to(together)
    targets = share * same + (1 - share) * same[partner]
    loss = contrast(alone, together) + sum(soft_contrast(z, together, targets) for z in mixed)
    each = torch.stack([F.cross_entropy(z @ together.T / 0.1, torch.arange(len(z)), reduction="none") for z in alone], 1)
    side = torch.stack(alone, 1)
    for weights in mixtures(side, together, draws["initialWeights"].log()):
        loss = loss + 0.3 * mixture_loss(weights, side, together, each)
    return loss


def draw():
    waits = torch.empty(BATCH, 3).exponential_() + 1e-6
    return {"permutation": torch.randperm(BATCH), "lambda": torch.rand(()),
            "initialWeights": waits / waits.sum(1, keepdim=True)}


def prepare(inputs):
    """In the order of the processors, channels first."""
    return {"image": channels_first(inputs["image"]), "sound": channels_first(inputs["sound"]),
            "trajectory": inputs["trajectory"]}


if __name__ == "__main__":
    serve({
        "gmc-mhd": lambda: Workload(GMC(), gmc_loss, adam(1e-3), prepare=prepare),
        "m3ixup-mhd": lambda: Workload(GMC(), m3ixup_loss, adam(1e-3), draw, prepare),
    })
