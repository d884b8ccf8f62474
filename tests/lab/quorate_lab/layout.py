"""Where a lab keeps its things and what it calls them; nothing of it is shared between labs of different names."""
import dataclasses
import json
import os
import pathlib

SOURCE = pathlib.Path(__file__).resolve().parents[3]
ROOT = pathlib.Path(os.environ.get("QUORATE_LAB_ROOT", "/var/tmp/quorate-lab"))
MANAGERS = ("quorate", "pacemaker", "none")


def default_build():
    for name in (os.environ.get("QUORATE_BUILD"), SOURCE / "build/release", SOURCE / "build/debug"):
        if name and (pathlib.Path(name) / "bin/quorated").exists():
            return str(name)
    return str(SOURCE / "build/release")


@dataclasses.dataclass
class Plan:
    """What `lab up` was asked for; kept in the lab's folder for the commands that follow."""
    name: str = "lab"
    nodes: int = 3
    token_ms: int = 5000
    manager: str = "quorate"
    two_node: bool = False
    # corosync in realtime, as it is by default. While messages flow its token never rests: on two cores the tokens of
    # three nodes in realtime take 1.3 of them, whatever else there is to do. Without, a busy machine may lose a token.
    realtime: bool = True
    shm_mb: int = 0  # size of each node's /dev/shm; 0: no bound
    build: str = dataclasses.field(default_factory=default_build)

    @property
    def folder(self):
        return ROOT / self.name

    @property
    def names(self):
        return [f"node{number}" for number in range(1, self.nodes + 1)]

    @property
    def bin(self):
        return pathlib.Path(self.build) / "bin"

    def file(self, *parts):
        return self.folder.joinpath(*parts)

    def network_namespace(self, node=""):
        return f"qlab-{self.name}-{node or 'net'}"

    def save(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file("plan.json").write_text(json.dumps(dataclasses.asdict(self)))

    @staticmethod
    def load(name):
        path = ROOT / name / "plan.json"
        if not path.exists():
            raise SystemExit(f"lab: there is no lab \"{name}\"; bring one up with: lab up 3")
        return Plan(**json.loads(path.read_text()))


def cluster_address(number):
    return f"10.77.0.{number}"


def management_address(number):
    return f"10.78.0.{number}"


def bmc_address(number):
    return f"10.78.0.{100 + number}"


def number_of(node):
    return int(node.removeprefix("node"))
