#!/usr/bin/env python3
"""Writes an initial ramdisk: cpio.py OUT NAME=FILE... makes FILE the program NAME, NAME=>TARGET a symbolic link.

There are /dev with a console, which is there before anything is mounted, /proc and /bin.
"""
import sys

DIRECTORY, PROGRAM, LINK, CONSOLE = 0o040755, 0o100755, 0o120777, 0o020600


def entries(arguments):
    for name in ('dev', 'proc', 'bin'):
        yield name, DIRECTORY, 0, 0, b''
    yield 'dev/console', CONSOLE, 5, 1, b''
    for argument in arguments:
        name, source = argument.split('=', 1)
        if source.startswith('>'):
            yield name, LINK, 0, 0, source[1:].encode()
        else:
            with open(source, 'rb') as f:
                yield name, PROGRAM, 0, 0, f.read()


def record(number, name, mode, major, minor, data):
    fields = [number, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name) + 1, 0]
    head = b'070701' + b''.join(b'%08X' % v for v in fields) + name.encode() + b'\0'
    return head + b'\0' * (-len(head) % 4) + data + b'\0' * (-len(data) % 4)


def main(out, *arguments):
    with open(out, 'wb') as f:
        for number, entry in enumerate(entries(arguments), 1):
            f.write(record(number, *entry))
        f.write(record(0, 'TRAILER!!!', 0, 0, 0, b''))


main(*sys.argv[1:])
