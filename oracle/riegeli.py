"""Writes Riegeli files: just what is needed to store a SavedModel in chunks.

The pip packages of TensorFlow can read such files and have nothing to write them
with.
"""
import ctypes
import ctypes.util
import struct

M = (1 << 64) - 1
KEY = struct.unpack("<4Q", b"Riegeli/records\nRiegeli/records\n")
BLOCK, BLOCK_HEADER, CHUNK_HEADER = 1 << 16, 24, 40
FIRST = (0xdbe6d5d5fe4cce2f, 0xa4093822299f31d0, 0x13198a2e03707344,
         0x243f6a8885a308d3)
SECOND = (0x3bd39e10cb0ef593, 0xc0acf169b5f18a8c, 0xbe5466cf34e90c6c,
          0x452821e638d01377)
# Which byte of (odd, even) goes where, low bytes first.
EVEN = (("e", 3), ("o", 4), ("e", 2), ("e", 5), ("o", 6), ("e", 1), ("o", 7),
        ("e", 0))
ODD = (("o", 3), ("e", 4), ("o", 2), ("o", 5), ("o", 1), ("e", 6), ("o", 0),
       ("e", 7))


def swap(x):
    return (x >> 32 | x << 32) & M


def rotate(x, by):
    return (x << by | x >> (32 - by)) & 0xffffffff if by else x


class HighwayHash:
    def __init__(self):
        self.mul0, self.mul1 = list(FIRST), list(SECOND)
        self.v0 = [a ^ k for a, k in zip(FIRST, KEY)]
        self.v1 = [a ^ swap(k) for a, k in zip(SECOND, KEY)]

    def mix(self, lanes):
        v0, v1, mul0, mul1 = self.v0, self.v1, self.mul0, self.mul1
        for i in range(4):
            v1[i] = (v1[i] + mul0[i] + lanes[i]) & M
            mul0[i] ^= (v1[i] & 0xffffffff) * (v0[i] >> 32)
            v0[i] = (v0[i] + mul1[i]) & M
            mul1[i] ^= (v0[i] & 0xffffffff) * (v1[i] >> 32)
        for a, b in ((v1, v0), (v0, v1)):
            for odd, even in ((1, 0), (3, 2)):
                data = {"o": struct.pack("<Q", a[odd]),
                        "e": struct.pack("<Q", a[even])}
                for to, order in ((even, EVEN), (odd, ODD)):
                    more = bytes(data[w][i] for w, i in order)
                    b[to] = (b[to] + struct.unpack("<Q", more)[0]) & M

    def digest(self, data):
        while len(data) >= 32:
            self.mix(struct.unpack("<4Q", data[:32]))
            data = data[32:]
        size = len(data)
        if size:
            for i in range(4):
                self.v0[i] = (self.v0[i] + (size << 32) + size) & M
                self.v1[i] = (rotate(self.v1[i] >> 32, size) << 32
                              | rotate(self.v1[i] & 0xffffffff, size))
            packet = bytearray(32)
            whole, over = size & ~3, size & 3
            packet[:whole] = data[:whole]
            if size & 16:
                packet[28:] = data[-4:]
            elif over:
                packet[16:19] = bytes((data[whole], data[whole + (over >> 1)],
                                       data[-1]))
            self.mix(struct.unpack("<4Q", bytes(packet)))
        for _ in range(4):
            self.mix([swap(self.v0[i]) for i in (2, 3, 0, 1)])
        return (self.v0[0] + self.v1[0] + self.mul0[0] + self.mul1[0]) & M


def digest(data):
    return HighwayHash().digest(data)


def varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


def brotli(data):
    """By the C library, which Debian has."""
    lib = ctypes.CDLL(ctypes.util.find_library("brotlienc"))
    lib.BrotliEncoderMaxCompressedSize.restype = ctypes.c_size_t
    lib.BrotliEncoderMaxCompressedSize.argtypes = [ctypes.c_size_t]
    room = ctypes.c_size_t(lib.BrotliEncoderMaxCompressedSize(len(data)) + 16)
    out = ctypes.create_string_buffer(room.value)
    assert lib.BrotliEncoderCompress(6, 22, 0, ctypes.c_size_t(len(data)), data,
                                     ctypes.byref(room), out)
    return varint(len(data)) + out.raw[:room.value]


def boundary(at):
    into = at % BLOCK
    return at - into + BLOCK_HEADER + 1 if 0 < into <= BLOCK_HEADER else at


def end_of(begin, size, records):
    usable = BLOCK - BLOCK_HEADER
    blocks = (size + (begin + usable - 1) % BLOCK) // usable
    return max(begin + size + blocks * BLOCK_HEADER, boundary(begin + records))


class Writer:
    """A Riegeli file in memory; add() gives the record's number."""

    def __init__(self, compress=True):
        self.data = bytearray()
        self.compress = compress
        self.chunk(b"s", b"", 0, 0)

    def chunk(self, kind, data, records, decoded):
        begin = len(self.data)
        rest = (struct.pack("<QQ", len(data), digest(data)) + kind
                + struct.pack("<Q", records)[:7] + struct.pack("<Q", decoded))
        whole = struct.pack("<Q", digest(rest)) + rest + data
        end = end_of(begin, len(whole), records)
        while whole or len(self.data) < end:
            at = len(self.data)
            if at % BLOCK == 0:
                ends = struct.pack("<QQ", at - begin, end - at)
                self.data += struct.pack("<Q", digest(ends)) + ends
                at += BLOCK_HEADER
            part = min(BLOCK - at % BLOCK, len(whole) or end - at)
            self.data += whole[:part].ljust(part, b"\0")
            whole = whole[part:]
        return begin

    def add(self, *records):
        """Some records in one chunk; gives the number of the first."""
        pack = brotli if self.compress else bytes
        sizes = pack(b"".join(varint(len(r)) for r in records))
        values = b"".join(records)
        return self.chunk(
            b"r", (b"b" if self.compress else b"\0") + varint(len(sizes)) + sizes
            + pack(values), len(records), len(values))
