"""Un client qui ne perd rien : il reprend sa session où elle en était, et renvoie ce qui n'est pas acquitté."""

import json
import socket
import time
import uuid


class Client:
    def __init__(self, address, name, password, show=print):
        self.address, self.name, self.password, self.show = address, name, password, show
        self.socket, self.session, self.last, self.seen, self.waiting = None, None, 0, set(), {}
        self.closed = False

    def say(self, content, **where):
        number = str(uuid.uuid4())  # le même à chaque renvoi : le serveur reconnaît le message
        self.waiting[number] = {"type": "message", "id": number, "client_id": number, "content": content, **where}
        self.send(self.waiting[number])

    def send(self, request):
        try:
            self.socket.sendall(json.dumps(request).encode() + b"\n")
        except (OSError, AttributeError):
            pass  # la connexion est perdue : run la refait

    def close(self):
        self.closed = True
        self.socket.shutdown(socket.SHUT_RDWR)

    def run(self):
        while not self.closed:
            try:
                with socket.create_connection(self.address, timeout=10) as self.socket:
                    self.send({"type": "hello", "protocol": 2, "encoding": "utf-8"})
                    for line in self.socket.makefile(encoding="utf-8"):
                        self.heard(json.loads(line))
            except (OSError, ValueError):
                pass
            time.sleep(0.5)

    def heard(self, line):
        kind, code = line["type"], line.get("code")
        if kind == "hello":
            self.socket.settimeout(2 * line.get("heartbeat", 0) or None)  # rien pendant ce temps : le lien est mort
        if kind == "hello" and self.session:
            self.send({"type": "resume", "session": self.session, "after": self.last})
        elif kind == "hello" or code == "bad_token":
            self.send({"type": "login", "username": self.name, "password": self.password})
        elif kind == "login":
            self.session = line["session"]
            self.last = max([self.last] + [each["last_message_id"] for each in line["conversations"]])
        elif kind == "message" and line["message_id"] not in self.seen:
            self.seen.add(line["message_id"])
            self.show(line["from"], line["content"])
        elif kind == "ack":
            self.waiting.pop(line["id"], None)
        self.last = max(self.last, line.get("message_id", 0))
        if kind in ("login", "resume"):
            for message in list(self.waiting.values()):
                self.send(message)
