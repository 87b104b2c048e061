# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes memscope-rs files (layout I) for tests of the command line."""

import struct

NONE = 0xFFFFFFFE


def text (value):
    data = value if isinstance (value, bytes) else value.encode ()
    return struct.pack ("<I", len (data)) + data


def optional_text (value):
    return struct.pack ("<I", NONE) if value is None else text (value)


def optional_number (value):
    return b"\0" if value is None else b"\1" + struct.pack ("<Q", value)


def record (ptr=0x1000, size=64, born=1759300000000000000, died=None, name=None, kind=None, scope=None,
            thread="ThreadId(1)", stack=(), leaked=False):
    value = struct.pack ("<QQQ", ptr, size, born) + optional_number (died)
    value += optional_text (name) + optional_text (kind) + optional_text (scope) + text (thread)
    value += struct.pack ("<I", len (stack)) + b"".join (text (frame) for frame in stack)
    value += struct.pack ("<IB", 0, leaked) + optional_number (None)
    value += bytes (3) + bytes (14)
    return b"\1" + struct.pack ("<I", len (value)) + value


def session (records):
    header = b"MEMSCOPE" + struct.pack ("<IIBHHBHIHH", 3, len (records), 1, 0, 0, 3, 0, 0, 0, 0)
    return header + b"NONE" + bytes (4) + b"".join (records)
