# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP sessions from bytes: a scene of several TCP connections whose packets come in the order they are written down."""

from harness.craft import ethernet, icmp_error, ip, tcp, write_pcap


class Scene:
    """Frames in order, numbered from 1; time goes on by a millisecond a frame and by what wait() says."""

    def __init__(self):
        self.frames = []
        self.clock = 0.0

    def add(self, packet):
        self.clock += 0.001
        self.frames.append((self.clock, ethernet(packet)))
        return len(self.frames)

    def wait(self, seconds):
        self.clock += seconds

    def write(self, path):
        return write_pcap(path, self.frames)

    @property
    def last(self):
        return len(self.frames)


class Tcp:
    """A connection in a scene; every method returns the number of the frame that it has added last."""

    def __init__(self, scene, src, sport, dst, dport, seq=1000, ack=5000):
        self.scene = scene
        self.addresses, self.ports = (src, dst), (sport, dport)
        self.next = [seq, ack]
        self.first = None
        self.sent = []

    def packet(self, side, payload=b"", flags="PA", seq=None):
        segment = tcp(payload, self.ports[side], self.ports[1 - side], self.next[side] if seq is None else seq,
                      self.next[1 - side], flags)
        return ip(segment, self.addresses[side], self.addresses[1 - side])

    def send(self, side, payload=b"", flags="PA", seq=None):
        packet = self.packet(side, payload, flags, seq)
        self.sent.append(packet)
        number = self.scene.add(packet)
        if seq is None:
            self.next[side] += len(payload) + ("S" in flags) + ("F" in flags)
        return number

    def syn(self):
        self.first = self.send(0, flags="S")
        return self.first

    def open(self):
        self.syn()
        self.send(1, flags="SA")
        return self.send(0, flags="A")

    def close(self, side=0):
        self.send(side, flags="FA")
        self.send(1 - side, flags="FA")
        return self.send(side, flags="A")

    def refuse(self):
        self.syn()
        return self.send(1, flags="RA")

    def unreachable(self, quoted_side=0, quoted=8, router=None, kind=3, code=3, packet=None):
        """An ICMP error about the packet that was sent last."""
        return self.scene.add(icmp_error(packet or self.sent[-1], quoted, kind, code, router))


class Control(Tcp):
    """A control connection; lines are given without their ends."""

    def __init__(self, scene, client, server, sport=40000, dport=21, **kwargs):
        super().__init__(scene, client, sport, server, dport, **kwargs)
        self.client, self.server = client, server

    def begin(self, greeting="220 ready", user="anna", password="example"):
        self.open()
        self.reply(greeting)
        if user:
            self.ask(f"USER {user}", "331 password")
            self.ask(f"PASS {password}", "230 welcome")
        return self

    def command(self, *lines):
        return self.send(0, "".join(line + "\r\n" for line in lines).encode())

    def reply(self, *lines):
        return self.send(1, "".join(line + "\r\n" for line in lines).encode())

    def ask(self, command, *replies):
        number = self.command(command)
        for line in replies:
            self.reply(line)
        return number

    def quit(self):
        self.ask("QUIT", "221 bye")
        return self.close()

    def data(self, port, sport=50000, active=False, src=None, dst=None, **kwargs):
        """A data connection to an announced port, not opened yet."""
        if active:
            return Tcp(self.scene, src or self.server, sport, dst or self.client, port, **kwargs)
        return Tcp(self.scene, src or self.client, sport, dst or self.server, port, **kwargs)


def port_text(address, port):
    return ",".join([*address.split("."), str(port >> 8), str(port & 255)])


def pasv(address, port):
    return f"227 Entering Passive Mode ({port_text(address, port)})."


def fetch(control, data, command, content, size=None, code="226 done", sender=1, closed=True):
    """A transfer over a data connection that is opened here; returns the frames of command and final reply."""
    data.open()
    asked = control.command(command)
    control.reply("150 here it comes" + (f" ({size} bytes)." if size is not None else "."))
    for at in range(0, len(content), 1000):
        data.send(sender, content[at:at + 1000])
    if closed:
        data.close(sender)
    return asked, control.reply(code)
