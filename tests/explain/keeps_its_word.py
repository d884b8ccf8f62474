#!/usr/bin/env python3
"""Hold `quorate explain` to its word: apply the changes it names, see what crm_simulate plans.

keeps_its_word.py QUORATE CRM_SIMULATE SOURCE_DIR [--every N] [--jobs N] [--case NAME]

The clusters are those of the conformance corpus `random`: in the folder named by
QUORATE_CONFORMANCE, else in shared/conformance beside the source tree or one level up. For each resource and each node it doesn't run on, explain names changes or says that nothing simple
would do. Each set of changes is applied to the file, here and not by explain's own code, and
crm_simulate asked for its plan: the resource has to start or migrate there, or to be there and not
to be stopped. Without the corpus the test is skipped (77).
"""
import argparse, concurrent.futures, json, os, subprocess, sys, tempfile
import xml.etree.ElementTree as ET

SKIPPED = 77


def find_corpus(source):
    candidates = [os.environ.get("QUORATE_CONFORMANCE"),
                  os.path.join(source, "..", "shared", "conformance"),
                  os.path.join(source, "..", "..", "shared", "conformance")]
    for folder in filter(None, candidates):
        cases = os.path.join(folder, "random", "cases")
        if os.path.isdir(cases):
            return cases
    return None


def run(command, timeout=300):
    return subprocess.run(command, env=dict(os.environ, LC_ALL="C", TZ="UTC"), timeout=timeout,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")


def select(root, xpath):
    if xpath == "/" + root.tag:
        return [root]
    return root.findall("." + xpath)


def apply(root, edit):
    """Applies one edit; the number of elements it touched."""
    found = select(root, edit["xpath"])
    parents = {child: parent for parent in root.iter() for child in parent}
    for element in found:
        if edit["operation"] == "delete":
            parents[element].remove(element)
        elif edit["operation"] == "create":
            element.append(ET.fromstring(edit["xml"]))
        else:
            for name, value in edit["attributes"].items():
                if value is None:
                    element.attrib.pop(name, None)
                else:
                    element.set(name, value)
    return len(found)


def leaves(root, resource):
    """IDs of the primitives whose place is the resource's place."""
    for element in root.find("configuration/resources").iter():
        if element.get("id") != resource or element.tag == "nvpair":
            continue
        while element.tag in ("clone", "group", "master"):
            children = [c for c in element if c.tag in ("primitive", "group")]
            if not children:
                return set()
            element = children[0]
        if element.tag == "bundle":
            kind = "podman" if element.find("podman") is not None else "docker"
            return {"bundle:" + resource + "-" + kind + "-"}
        return {resource if element.tag == "bundle" else element.get("id")}
    return {resource}


def is_instance(name, names):
    base = name.rsplit(":", 1)[0] if name.rsplit(":", 1)[-1].isdigit() else name
    return any(name == n or base == n or (n.startswith("bundle:") and name.startswith(n[7:]))
               for n in names)


def runs_there(simulate, path, names, node):
    """Does the plan for the file run one of the names on the node? None if it can't be planned."""
    with tempfile.NamedTemporaryFile(suffix=".graph") as graph:
        result = run([simulate, "-x", path, "--save-graph", graph.name, "--output-as", "xml"])
        if result.returncode != 0:
            return None
        planned = {}
        for op in ET.parse(graph.name).getroot().iter("rsc_op"):
            resource = op.find("primitive")
            if resource is None or op.get("on_node") != node:
                continue
            if any(is_instance(resource.get(key, ""), names) for key in ("id", "long-id")):
                planned.setdefault(op.get("operation"), True)
    if "start" in planned or "migrate_from" in planned:
        return True
    if "stop" in planned:
        return False
    document = ET.fromstring(result.stdout)
    before = document.find("cluster_status/resources")
    for resource in before.iter("resource") if before is not None else []:
        if not is_instance(resource.get("id"), names) or resource.get("role") == "Stopped":
            continue
        if any(at.get("name") == node for at in resource.findall("node")):
            return True
    return carries_connection(document, names, node)


def carries_connection(status, names, node):
    """Is one of the names a guest that is up on the node? Its connection isn't listed itself."""
    for guest in status.iterfind("cluster_status/nodes/node"):
        if guest.get("name") in names and guest.get("online") == "true" and guest.get("id_as_resource"):
            for resource in status.iterfind("cluster_status/resources//resource"):
                if resource.get("id") == guest.get("id_as_resource"):
                    return any(at.get("name") == node for at in resource.findall("node"))
    return False


def check_case(arguments, name):
    path = os.path.join(arguments.corpus, name, "input.xml")
    answer = run([arguments.quorate, "explain", "--every-node", "--xml-file", path,
                  "--output-as", "json"])
    counts = {"pairs": 0, "kept": 0, "nothing": 0, "never": 0}
    if answer.returncode != 0:
        return counts, [f"{name}: explain failed: {answer.stderr.strip()}"]
    broken = []
    for resource in json.loads(answer.stdout)["resources"]:
        for verdict in resource["nodes"]:
            if "changes" not in verdict:
                continue
            counts["pairs"] += 1
            if not verdict["changes"]:
                counts["nothing"] += 1
                counts["never"] += any(r["kind"] == "connection" for r in verdict["reasons"])
                if arguments.show_nothing:
                    print(f"{name}: {resource['resource']} on {verdict['node']}: "
                          + "; ".join(r["text"] for r in verdict["reasons"][:4]
                                      + resource["reasons"][:2]))
                continue
            tree = ET.parse(path)
            touched = sum(apply(tree.getroot(), edit)
                          for change in verdict["changes"] for edit in change["edits"])
            texts = "; ".join(change["text"] for change in verdict["changes"])
            what = f"{name}: {resource['resource']} on {verdict['node']}: {texts}"
            with tempfile.NamedTemporaryFile(suffix=".xml") as changed:
                tree.write(changed.name)
                there = runs_there(arguments.simulate, changed.name,
                                   leaves(tree.getroot(), resource["resource"]), verdict["node"])
            if touched and there:
                counts["kept"] += 1
            else:
                broken.append(what + (" -> not accepted" if there is None else " -> not there"))
    return counts, broken


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("quorate")
    parser.add_argument("simulate")
    parser.add_argument("source")
    parser.add_argument("--every", type=int, default=1, help="take each Nth case only")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--case")
    parser.add_argument("--show-nothing", action="store_true")
    arguments = parser.parse_args()
    arguments.corpus = find_corpus(arguments.source)
    if arguments.corpus is None:
        print("skipped: no corpora; set QUORATE_CONFORMANCE to the folder that holds them")
        return SKIPPED
    names = sorted(os.listdir(arguments.corpus))[::arguments.every]
    if arguments.case:
        names = [arguments.case]
    total = {"pairs": 0, "kept": 0, "nothing": 0, "never": 0}
    broken = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for counts, failures in pool.map(lambda name: check_case(arguments, name), names):
            for key, value in counts.items():
                total[key] += value
            broken += failures
    for line in broken:
        print(line)
    claimed = total["pairs"] - total["nothing"]
    print(f"{len(names)} clusters, {total['pairs']} pairs of resource and node: changes named for "
          f"{claimed}, {total['kept']} of them true; nothing simple for {total['nothing']}, "
          f"among them {total['never']} that no configuration allows (connections, fence devices and "
          f"what runs in a container on nodes that need a connection)")
    return 1 if broken or total["pairs"] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
