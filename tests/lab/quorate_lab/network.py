"""Two bridges in a namespace of their own: the cluster's network, which can be cut, and the switches' network."""
from .layout import bmc_address, cluster_address, management_address, number_of
from .run import run


class Network:
    def __init__(self, plan):
        self.plan = plan
        self.space = plan.network_namespace()

    def _ip(self, *words, space=None, check=True):
        return run("ip", "-n", space or self.space, *words, check=check)

    def up(self):
        run("ip", "netns", "add", self.space)
        self._ip("link", "set", "lo", "up")
        for bridge in ("cluster", "switches"):
            self._ip("link", "add", bridge, "type", "bridge")
            self._ip("link", "set", bridge, "up")
        for node in self.plan.names:
            self._connect(node)

    def _connect(self, node):
        number = number_of(node)
        space = self.plan.network_namespace(node)
        run("ip", "netns", "add", space)
        self._ip("link", "set", "lo", "up", space=space)
        self._ip("addr", "add", f"{bmc_address(number)}/24", "dev", "switches")
        ports = (("cluster", "eth0", cluster_address(number)), ("switches", "eth1", management_address(number)))
        for bridge, interface, address in ports:
            port = f"{bridge}-{number}"
            self._ip("link", "add", port, "type", "veth", "peer", "name", interface, "netns", space)
            self._ip("link", "set", port, "master", bridge, "up")
            self._ip("addr", "add", f"{address}/24", "dev", interface, space=space)
            self._ip("link", "set", interface, "up", space=space)

    def forget_addresses(self, node):
        """Of a machine that is off: its network namespace outlives it, what was set up in there must not."""
        self._ip("addr", "flush", "dev", "eth0", space=self.plan.network_namespace(node), check=False)

    def own_address(self, node):
        self._ip("addr", "add", f"{cluster_address(number_of(node))}/24", "dev", "eth0",
                 space=self.plan.network_namespace(node))

    def cut(self, node):
        """Takes the node's port on the cluster's network down; its power switch stays in reach of all."""
        self._ip("link", "set", f"cluster-{number_of(node)}", "down")

    def heal(self, node):
        self._ip("link", "set", f"cluster-{number_of(node)}", "up")

    def is_cut(self, node):
        return "state DOWN" in self._ip("link", "show", f"cluster-{number_of(node)}", check=False)

    def separate(self, nodes):
        """Cuts `nodes` off together: they reach each other, and so do the others. Ports of a bridge without
        forwarding between them would cut too much, so they move to a bridge of their own."""
        self._ip("link", "add", "apart", "type", "bridge", check=False)
        self._ip("link", "set", "apart", "up")
        for node in nodes:
            self._ip("link", "set", f"cluster-{number_of(node)}", "master", "apart")

    def join(self):
        for node in self.plan.names:
            self._ip("link", "set", f"cluster-{number_of(node)}", "master", "cluster", "up")

    def down(self):
        spaces = run("ip", "netns", "list", check=False).split()
        for space in spaces:
            if space == self.space or space.startswith(f"qlab-{self.plan.name}-node"):
                run("ip", "netns", "del", space, check=False)
