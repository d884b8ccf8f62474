"""Configurations the lab loads, and what the cluster says about itself."""
import xml.etree.ElementTree as xml

from .bmc import PASSWORD, USER
from .layout import bmc_address, number_of


def nvpairs(prefix, values):
    return "".join(f'<nvpair id="{prefix}-{name}" name="{name}" value="{value}"/>' for name, value in values.items())


def device(node, delay=None):
    values = {"ip": bmc_address(number_of(node)), "username": USER, "password": PASSWORD, "lanplus": "1",
              "cipher": "3", "pcmk_host_list": node, "power_wait": "0", "power_timeout": "10", "login_timeout": "3",
              "shell_timeout": "3"}
    if delay:
        values["pcmk_delay_base"] = delay
    return (f'<primitive id="power-{node}" class="stonith" type="fence_ipmilan">'
            f'<instance_attributes id="power-{node}-ia">{nvpairs(f"power-{node}", values)}</instance_attributes>'
            f'<operations><op id="power-{node}-m" name="monitor" interval="60s" timeout="20s"/></operations>'
            f'</primitive>')


def primitive(name, agent, values=None, interval="10s", meta=None):
    standard, provider, kind = agent.split(":")
    attributes = (f'<instance_attributes id="{name}-ia">{nvpairs(name, values)}</instance_attributes>'
                  if values else "")
    metas = f'<meta_attributes id="{name}-ma">{nvpairs(name + "-meta", meta)}</meta_attributes>' if meta else ""
    return (f'<primitive id="{name}" class="{standard}" provider="{provider}" type="{kind}">{attributes}{metas}'
            f'<operations><op id="{name}-m" name="monitor" interval="{interval}" timeout="20s"/></operations>'
            f'</primitive>')


def configuration(nodes, resources, options=None, constraints="", delay_for=None):
    settings = dict({"stonith-enabled": "true"}, **(options or {}))
    devices = "".join(device(node, "5s" if node == delay_for else None) for node in nodes)
    away = "".join(f'<rsc_location id="away-{node}" rsc="power-{node}" node="{node}" score="-INFINITY"/>'
                   for node in nodes)
    return (f'<configuration><crm_config><cluster_property_set id="cib-bootstrap-options">'
            f'{nvpairs("option", settings)}</cluster_property_set></crm_config><nodes/>'
            f'<resources>{devices}{resources}</resources><constraints>{away}{constraints}</constraints>'
            f'<rsc_defaults><meta_attributes id="defaults"><nvpair id="defaults-stickiness" '
            f'name="resource-stickiness" value="100"/></meta_attributes></rsc_defaults></configuration>')


def witnesses(shared, count=3):
    """Resources that tell if they are ever active twice, and an address."""
    text = "".join(primitive(f"w{number}", "ocf:lab:Witness", {"shared": shared}) for number in range(1, count + 1))
    address = primitive("address", "ocf:heartbeat:IPaddr2", {"ip": "10.77.0.200", "cidr_netmask": "24"})
    return text + f'<group id="service">{address}{primitive("gw", "ocf:lab:Witness", {"shared": shared})}</group>'


class Status:
    """What `crm_mon --output-as xml` says."""

    def __init__(self, text):
        self.root = xml.fromstring(text)

    @property
    def dc(self):
        found = self.root.find("summary/current_dc")
        return found.get("name") if found is not None and found.get("present") == "true" else None

    @property
    def quorate(self):
        found = self.root.find("summary/current_dc")
        return found is not None and found.get("with_quorum") == "true"

    def nodes(self, **wanted):
        """Names of nodes whose attributes are as wanted: online="true"."""
        return {node.get("name") for node in self.root.findall("nodes/node")
                if all(node.get(key) == value for key, value in wanted.items())}

    @property
    def online(self):
        return self.nodes(online="true", unclean="false", pending="false")

    @property
    def unclean(self):
        return self.nodes(unclean="true")

    def active_on(self):
        """For each resource the nodes on which the cluster thinks it is active."""
        active = {}
        for resource in self.root.iter("resource"):
            where = [node.get("name") for node in resource.findall("node")]
            active.setdefault(resource.get("id"), [])
            if resource.get("active") == "true":
                active[resource.get("id")] += where
        return active
