"""The least that switches: one line to the control socket, `bare_on.py SOCKET on|off`.

Started by its path, so that nothing of the agent is imported.
"""

import socket
import sys

LINE = '{"jsonrpc":"2.0","method":"set","params":{"values":{"power_switch":%s}},"id":1}\n'


def main(path: str, move: str) -> None:
    """Send it, and wait for the answer."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall((LINE % ("true" if move == "on" else "false")).encode())
        answer = connection.makefile("rb").readline()
    if b'"result"' not in answer:
        sys.exit(answer.decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
