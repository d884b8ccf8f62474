"""A real cluster on one machine: nodes are namespaces, their disks loop devices, their power switches ipmi_sim."""
