"""A power switch for fence_switch_test.sh: FOLDER CONNECTIONS. Ends after so many connections."""

import os
import socket
import sys

folder, connections = sys.argv[1], int(sys.argv[2])
on = {"node2": True}
server = socket.socket(socket.AF_UNIX)
server.bind(os.path.join(folder, "switch"))
server.listen()
with open(os.path.join(folder, "ready"), "w") as ready:
    ready.write("ready\n")
for _ in range(connections):
    client, _address = server.accept()
    words = client.makefile().readline().split()
    if len(words) == 2 and words[1] != "silent":
        action, node = words
        if node not in on:
            answer = "error no such node"
        elif action == "status":
            answer = "on" if on[node] else "off"
        else:
            on[node] = action != "off"
            answer = "ok"
        client.sendall((answer + "\n").encode())
    client.close()
