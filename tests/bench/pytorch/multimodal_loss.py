"""MultiModal loss on written and spoken digits, and on the synthetic experiment; proxies are decayed as all else is."""
import torch

from harness import F, Workload, adam, channels_first, nn, serve


class ConvPool(nn.Module):
    def __init__(self, widths, flat, features=128):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths, widths[1:]))
        self.linear = nn.Linear(flat, features)

    def forward(self, x):
        for layer in self.layers:
            x = F.max_pool2d(F.relu(layer(x)), 2)
        return F.relu(self.linear(x.flatten(1)))


class Branch(nn.Module):
    def __init__(self, encoder, classes):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(128, classes)

    def forward(self, x):
        return self.head(self.encoder(x))


class DeepLinear(nn.Module):
    def __init__(self, *widths):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class MultiModal(nn.Module):
    def __init__(self, branches, classes, per_class=20, gamma=0.1):
        super().__init__()
        self.classes, self.gamma = classes, gamma
        self.branches = nn.ModuleList(branches)
        self.proxies = nn.Parameter(torch.empty(len(branches) * classes, classes * per_class))

    def forward(self, x):
        decision = torch.cat([branch(one).softmax(1) for branch, one in zip(self.branches, x)], 1)
        proxies = F.normalize(self.proxies.relu(), dim=0)
        similarity = F.normalize(decision, dim=1) @ proxies
        attended = (similarity / self.gamma).softmax(1) @ proxies.T
        votes = (decision * (1 + attended)).unflatten(1, (len(self.branches), self.classes)).sum(1)
        by_class = similarity.unflatten(1, (self.classes, -1))
        return votes + ((by_class / self.gamma).softmax(1) * by_class).sum(2)


def workload(branches, classes, names, prepare=lambda inputs: inputs):
    loss = lambda model, inputs, draws: F.cross_entropy(model([inputs[name] for name in names]), inputs["labels"].long())
    return Workload(MultiModal(branches, classes), loss, adam(5e-4, 1e-4), prepare=prepare)


def images_first(inputs):
    return {name: channels_first(x) if x.dim() == 4 else x for name, x in inputs.items()}


def digits():
    encoders = [ConvPool([1, 32, 64], 64 * 7 * 7), ConvPool([1, 16, 32, 64], 64 * 8 * 5)]
    return workload([Branch(encoder, 10) for encoder in encoders], 10, ["image", "audio"], images_first)


def synthetic():
    names = ["modality1", "modality2", "modality3"]
    return workload([DeepLinear(200, 100, 40, 20, 2) for _ in names], 2, names)


serve({"multimodal-loss-av": digits, "multimodal-loss-ehh": synthetic})
