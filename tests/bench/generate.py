#!/usr/bin/env python3
"""Writes the clusters that tests/bench measures: groups, clones, colocations and orders, with a
history of every resource on every node and one node lost.

usage: generate.py NAME [FILE]        NAME is one of those in SIZES; standard output by default
"""
import sys
from dataclasses import dataclass

START = 1700000000  # when everything happened, epoch seconds
RUN = "8c6d4a0e-93a5-4ab7-a1c4-5b1f1b7c3c11"
# Of no parameters, and of a timeout of 20 s: what a recurring operation's digest covers.
DIGEST = "f2317cad3d54cec5d7d7aa7d0bf35cf8"
RECURRING_DIGEST = "4811cef7f7f94e3a35a70be7916cb2fd"


@dataclass(frozen=True)
class Size:
    primitives: int
    groups: int
    clones: int
    colocations: int  # and as many optional orders
    nodes: int
    history: bool = True  # probed everywhere, and running


SIZES = {
    "S": Size(100, 20, 2, 0, 3),
    "M": Size(1000, 200, 10, 100, 16),
    "MF": Size(1000, 200, 10, 100, 16, history=False),
    "L": Size(5000, 1000, 20, 500, 32),
    "XL": Size(10000, 2000, 20, 1000, 64),
}


class Cluster:
    """One size, spelt out: who is called what and runs where."""

    def __init__(self, size):
        self.size = size
        self.nodes = [f"node{i + 1:02}" for i in range(size.nodes)]
        self.lost = self.nodes[-1]
        members = size.primitives // size.groups
        self.groups = [[f"group{g:04}-r{m}" for m in range(members)] for g in range(size.groups)]
        self.clones = [f"agent{c:02}" for c in range(size.clones)]
        self.pairs = [(2 * i, 2 * i + 1) for i in range(size.colocations)]
        self.partner = {b: a for a, b in self.pairs}

    def home(self, group):
        """The node a group runs on: colocated pairs share theirs."""
        leader = self.partner.get(group, group)
        return self.nodes[leader % len(self.nodes)]

    def write(self, out):
        out(f'<cib crm_feature_set="3.19.0" validate-with="pacemaker-3.9" epoch="12" num_updates="7" '
            f'admin_epoch="0" have-quorum="1" dc-uuid="1" execution-date="{START + 7200}">\n'
            '  <configuration>\n')
        self.write_options(out)
        self.write_nodes(out)
        self.write_resources(out)
        self.write_constraints(out)
        out("  </configuration>\n  <status>\n")
        for index, node in enumerate(self.nodes):
            self.write_state(out, index, node)
        out("  </status>\n</cib>\n")

    def write_options(self, out):
        options = {"cluster-infrastructure": "corosync", "cluster-name": "bench",
                   "stonith-enabled": "true", "no-quorum-policy": "stop"}
        out('    <crm_config>\n      <cluster_property_set id="cib-bootstrap-options">\n')
        for name, value in options.items():
            out(f'        <nvpair id="cib-bootstrap-options-{name}" name="{name}" '
                f'value="{value}"/>\n')
        out("      </cluster_property_set>\n    </crm_config>\n")

    def write_nodes(self, out):
        out("    <nodes>\n")
        for index, node in enumerate(self.nodes):
            out(f'      <node id="{index + 1}" uname="{node}"/>\n')
        out("    </nodes>\n")

    def write_resources(self, out):
        out("    <resources>\n")
        out('      <primitive id="fencing" class="stonith" type="fence_ipmilan"/>\n')
        for number, group in enumerate(self.groups):
            out(f'      <group id="group{number:04}">\n')
            for member in group:
                self.write_primitive(out, member)
            out("      </group>\n")
        for agent in self.clones:
            out(f'      <clone id="{agent}-clone">\n')
            self.write_primitive(out, agent)
            out("      </clone>\n")
        out("    </resources>\n")

    @staticmethod
    def write_primitive(out, name):
        out(f'        <primitive id="{name}" class="ocf" provider="pacemaker" type="Dummy">\n'
            f'          <operations>\n            <op id="{name}-monitor-10s" name="monitor" '
            f'interval="10s" timeout="20s"/>\n          </operations>\n        </primitive>\n')

    def write_constraints(self, out):
        out("    <constraints>\n")
        for first, second in self.pairs:
            out(f'      <rsc_colocation id="with-{second:04}" rsc="group{second:04}" '
                f'with-rsc="group{first:04}" score="INFINITY"/>\n'
                f'      <rsc_order id="after-{second:04}" first="group{first:04}" '
                f'then="group{second:04}" kind="Optional"/>\n')
        out("    </constraints>\n")

    def write_state(self, out, index, node):
        member = node != self.lost
        out(f'    <node_state id="{index + 1}" uname="{node}" '
            f'in_ccm="{str(member).lower()}" crmd="{"online" if member else "offline"}" '
            f'join="{"member" if member else "down"}" expected="member" '
            'crm-debug-origin="do_state_transition">\n')
        if self.size.history:
            out(f'      <lrm id="{index + 1}">\n        <lrm_resources>\n')
            call = 1
            fencing_home = self.nodes[1]
            call = self.write_history(out, node, "fencing", call, node == fencing_home,
                                      'class="stonith" type="fence_ipmilan"', recurring=False)
            for number, group in enumerate(self.groups):
                runs = self.home(number) == node
                for resource in group:
                    call = self.write_history(out, node, resource, call, runs)
            for agent in self.clones:
                call = self.write_history(out, node, agent, call, True)
            out("        </lrm_resources>\n      </lrm>\n")
        out("    </node_state>\n")

    @staticmethod
    def write_history(out, node, resource, call, runs,
                      agent='class="ocf" provider="pacemaker" type="Dummy"', recurring=True):
        out(f'<lrm_resource id="{resource}" {agent}>\n')
        entries = [("monitor", 0, 7, "last_0")]
        if runs:
            entries = [("start", 0, 0, "last_0")]
            if recurring:
                entries.append(("monitor", 10000, 0, "monitor_10000"))
        for task, interval, rc, suffix in entries:
            transition = f"{call}:{1 if task == 'monitor' else 2}:{rc}:{RUN}"
            out(f'<lrm_rsc_op id="{resource}_{suffix}" operation_key="{resource}_{task}_{interval}" '
                f'operation="{task}" transition-key="{transition}" '
                f'transition-magic="0:{rc};{transition}" on_node="{node}" call-id="{call}" '
                f'rc-code="{rc}" op-status="0" interval="{interval}" '
                f'last-rc-change="{START + call}" exec-time="12" queue-time="0"'
                f' op-digest="{RECURRING_DIGEST if interval else DIGEST}"/>\n')
            call += 1
        out("</lrm_resource>\n")
        return call


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in SIZES:
        sys.exit(__doc__)
    out = open(sys.argv[2], "w", encoding="ascii") if len(sys.argv) == 3 else sys.stdout
    with out:
        Cluster(SIZES[sys.argv[1]]).write(out.write)


if __name__ == "__main__":
    main()
