"""A syslog receiver for tests: octet counting (RFC 6587) over TCP or TLS, each whole message a line of a file.

receiver.py OUT [--port N] [--slow SECONDS] [--most MESSAGES] [--cut MESSAGES TIMES] [--hold] [--cert FILE --key FILE] [--ca FILE]
Prints its port. --slow waits before each read, --most reads nothing more once it has so many messages, --cut resets the first
TIMES connections after so many messages, in the midst of the next one, --hold accepts and never reads.
"""
import argparse
import os
import socket
import ssl
import struct
import sys
import threading
import time

parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--slow", type=float, default=0)
parser.add_argument("--most", type=int)
parser.add_argument("--cut", type=int, nargs=2, default=(0, 0))
parser.add_argument("--hold", action="store_true")
parser.add_argument("--cert")
parser.add_argument("--key")
parser.add_argument("--ca")
options = parser.parse_args()

lock = threading.Lock()
out = open(options.out, "ab", buffering=0)
cuts = options.cut[1]


def serve(connection):
    global cuts
    with lock:
        is_cut = cuts > 0
        cuts -= 1
    if options.hold:
        time.sleep(3600)
    data = b""
    count = 0
    while True:
        if options.slow:
            time.sleep(options.slow)
        part = connection.recv(1000 if is_cut else 4096)
        if not part:
            break
        data += part
        while True:
            space = data.find(b" ")
            if space < 0:
                break
            assert data[:space].isdigit() and not data.startswith(b"0"), data[:20]
            end = space + 1 + int(data[:space])
            if len(data) < end:
                break
            message, data = data[space + 1 : end], data[end:]
            with lock:
                out.write(message + b"\n")
            count += 1
            if is_cut and count >= options.cut[0]:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                return
        if options.most is not None and count >= options.most:
            time.sleep(3600)
    with lock:
        out.write(b"# end with %d bytes over\n" % len(data))
    if options.cert:
        connection = connection.unwrap()
    connection.close()


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", options.port))
listener.listen(16)
print(listener.getsockname()[1], flush=True)
context = None
if options.cert:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    if options.ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(options.ca)


def guarded(connection):
    try:
        serve(context.wrap_socket(connection, server_side=True) if context else connection)
    except (OSError, ssl.SSLError) as error:
        with lock:
            out.write(b"# error " + type(error).__name__.encode() + b"\n")


while True:
    accepted, _ = listener.accept()
    threading.Thread(target=guarded, args=(accepted,), daemon=True).start()
