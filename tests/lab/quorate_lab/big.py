"""Large documents: a configuration of many templates, and the status of many nodes that are no more."""
from .cib import nvpairs

# Of one value: what `dense` and `long` mean. Dense is what a large cluster has; long is a few big blobs.
STATE_BYTES = 500_000
VALUE_BYTES = {"dense": 40, "long": 16_000}


def values(prefix, size, kind, mark):
    """nvpairs of about `size` bytes altogether; `mark` tells one generation of them from the next."""
    value = (mark * VALUE_BYTES[kind])[:VALUE_BYTES[kind]]
    names = (f"p{number}" for number in range(max(1, size // (len(prefix) + 60 + len(value)))))
    return nvpairs(prefix, {name: value for name in names})


def templates(size, kind, mark):
    """`size` bytes of resource templates that no resource uses: nothing comes of them but their size."""
    each = 100_000
    return "".join(
        f'<template id="big-{number}" class="ocf" provider="lab" type="Witness">'
        f'<instance_attributes id="big-{number}-ia">{values(f"big-{number}", each, kind, mark)}</instance_attributes>'
        f'</template>' for number in range(size // each))


def states(size, kind, mark):
    """node_state elements of about `size` bytes altogether, of nodes that the cluster doesn't know any more."""
    return [
        f'<node_state id="{1000 + number}" uname="former{number}"><transient_attributes id="{1000 + number}">'
        f'<instance_attributes id="former-{number}">{values(f"former-{number}", STATE_BYTES, kind, mark)}'
        f'</instance_attributes></transient_attributes></node_state>' for number in range(size // STATE_BYTES)]
