"""The command line: lab up 3, lab shell node2, lab cut node3, lab power-loss, lab down."""
import argparse
import sys

from .cluster import Lab, all_labs, missing, take_away
from .layout import MANAGERS, Plan, default_build
from .run import Failed


def parse(arguments):
    parser = argparse.ArgumentParser(prog="lab", description="A real cluster on this machine. Needs root.")
    parser.add_argument("--name", default="lab", help="of the lab; several may run at once")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="bring up a cluster of N nodes and wait until it is idle")
    up.add_argument("nodes", type=int, nargs="?", default=3)
    up.add_argument("--manager", choices=MANAGERS, default="quorate", help="what manages the cluster")
    up.add_argument("--token", type=int, default=5000, help="corosync's token timeout in ms")
    up.add_argument("--two-node", action="store_true", help="corosync's two_node mode")
    up.add_argument("--build", default=default_build(), help="build folder of the daemons")
    for name, text in (("shell", "a shell on a node"), ("cut", "cut a node off the cluster's network"),
                       ("heal", "reconnect a node"), ("kill", "switch a node off at once"),
                       ("start", "switch a node on"), ("stop", "shut a node down in order"), ("log", "a node's log")):
        commands.add_parser(name, help=text).add_argument("node")
    run = commands.add_parser("run", help="run a command on a node")
    run.add_argument("node")
    run.add_argument("words", nargs=argparse.REMAINDER)
    power = commands.add_parser("power", help="what a power switch does")
    power.add_argument("node")
    power.add_argument("state", choices=("on", "off"))
    commands.add_parser("separate", help="cut nodes off together").add_argument("nodes", nargs="+")
    commands.add_parser("join", help="reconnect all nodes")
    commands.add_parser("mend", help="reconnect all, start all, wait for one quorate membership")
    commands.add_parser("power-loss", help="all nodes lose power, with what wasn't synced; they start again")
    commands.add_parser("status", help="nodes and cluster")
    down = commands.add_parser("down", help="take the lab away")
    down.add_argument("--all", action="store_true", help="all labs, whatever state they are in")
    return parser.parse_args(arguments)


def show_status(lab):
    for name, node in lab.nodes.items():
        state = "on" if node.on else "off"
        print(f"{name}: {state}{', cut off' if lab.network.is_cut(name) else ''}")
    for node in lab.nodes.values():
        if node.on:
            print(node.run("crm_mon", "-1", check=False), end="")
            return


def bring_up(options):
    reason = missing()
    if reason:
        raise SystemExit(f"lab: {reason}")
    lab = Lab(Plan(name=options.name, nodes=options.nodes, token_ms=options.token, manager=options.manager,
                   two_node=options.two_node, build=options.build))
    lab.up()
    print(f"The lab is up: {', '.join(lab.nodes)}. Try: lab status, lab shell node1, lab kill node2, lab down")


def carry_out(options):
    if options.command == "up":
        return bring_up(options)
    if options.command == "down":
        for name in all_labs() if options.all else [options.name]:
            take_away(name)
        return None
    lab = Lab.load(options.name)
    node = lab.nodes.get(getattr(options, "node", ""))
    if node is None and hasattr(options, "node"):
        raise SystemExit(f"lab: there is no node \"{options.node}\"; there are {', '.join(lab.nodes)}")
    actions = {
        "shell": lambda: node.shell(),
        "run": lambda: print(node.run(*options.words), end=""),
        "cut": lambda: lab.network.cut(node.name),
        "heal": lambda: lab.network.heal(node.name),
        "kill": lambda: node.power_off(),
        "start": lambda: node.power_on(),
        "stop": lambda: node.shut_down(),
        "log": lambda: print(node.log(), end=""),
        "power": lambda: node.power_on() if options.state == "on" else node.power_off(),
        "separate": lambda: lab.network.separate(options.nodes),
        "join": lambda: lab.network.join(),
        "mend": lambda: lab.mend(),
        "power-loss": lambda: lab.lose_power(),
        "status": lambda: show_status(lab),
    }
    return actions[options.command]()


def main():
    try:
        carry_out(parse(sys.argv[1:]))
    except Failed as error:
        raise SystemExit(f"lab: {error}") from error


if __name__ == "__main__":
    main()
