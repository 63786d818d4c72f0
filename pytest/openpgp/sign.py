# SPDX-License-Identifier: GPL-2.0-or-later
"""OpenPGP keys that sign, and their signatures, by the `cryptography` package: apart from the plugin and from GnuPG."""

import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, utils

from openpgp.craft import CREATED, PUBLIC_KEY, PUBLIC_SUBKEY, SIGNATURE, USER_ID, fingerprint, key, keyid, mpi, number, packet, subpacket

HASHES = {1: hashes.MD5, 2: hashes.SHA1, 8: hashes.SHA256, 9: hashes.SHA384, 10: hashes.SHA512, 11: hashes.SHA224,
          12: hashes.SHA3_256, 14: hashes.SHA3_512}
CURVES = {"P-256": (ec.SECP256R1, "2a8648ce3d030107"), "P-384": (ec.SECP384R1, "2b81040022"), "P-521": (ec.SECP521R1, "2b81040023"),
          "secp256k1": (ec.SECP256K1, "2b8104000a"), "brainpoolP256r1": (ec.BrainpoolP256R1, "2b2403030208010107"),
          "brainpoolP384r1": (ec.BrainpoolP384R1, "2b240303020801010b"), "brainpoolP512r1": (ec.BrainpoolP512R1, "2b240303020801010d")}


def _raw(public):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


class Signer:
    """A key pair; kind is RSA, DSA, Ed25519Legacy, Ed25519, Ed448 or a curve of ECDSA."""

    def __init__(self, kind="Ed25519Legacy", created=CREATED, version=4, bits=2048, secret=None):
        self.kind, self.created, self.version = kind, created, version
        self.secret = secret or {
            "RSA": lambda: rsa.generate_private_key(65537, bits), "DSA": lambda: dsa.generate_private_key(bits),
            "Ed25519Legacy": ed25519.Ed25519PrivateKey.generate, "Ed25519": ed25519.Ed25519PrivateKey.generate,
            "Ed448": ed448.Ed448PrivateKey.generate}.get(kind, lambda: ec.generate_private_key(CURVES[kind][0]()))()
        self.algorithm = {"RSA": 1, "DSA": 17, "Ed25519Legacy": 22, "Ed25519": 27, "Ed448": 28}.get(kind, 19)
        self.body = key(self._material(), self.algorithm, version, created)

    def _material(self):
        public = self.secret.public_key()
        if self.kind == "RSA":
            numbers = public.public_numbers()
            return mpi(numbers.n) + mpi(numbers.e)
        if self.kind == "DSA":
            numbers = public.public_numbers()
            of = numbers.parameter_numbers
            return mpi(of.p) + mpi(of.q) + mpi(of.g) + mpi(numbers.y)
        if self.kind == "Ed25519Legacy":
            return bytes.fromhex("092b06010401da470f01") + mpi(b"\x40" + _raw(public))
        if self.kind in ("Ed25519", "Ed448"):
            return _raw(public)
        oid, numbers = bytes.fromhex(CURVES[self.kind][1]), public.public_numbers()
        size = (public.curve.key_size + 7) // 8
        return bytes([len(oid)]) + oid + mpi(b"\4" + number(numbers.x, size) + number(numbers.y, size))

    def _numbers(self, digest, algorithm):
        if self.kind == "RSA":
            return mpi(self.secret.sign(digest, padding.PKCS1v15(), utils.Prehashed(algorithm())))
        if self.kind in ("Ed25519", "Ed448"):
            return self.secret.sign(digest)
        if self.kind == "Ed25519Legacy":
            signed = self.secret.sign(digest)
            return mpi(signed[:32]) + mpi(signed[32:])
        signed = self.secret.sign(digest, utils.Prehashed(algorithm())) if self.kind == "DSA" else \
            self.secret.sign(digest, ec.ECDSA(utils.Prehashed(algorithm())))
        return b"".join(map(mpi, utils.decode_dss_signature(signed)))

    @property
    def issuer(self):
        return subpacket(33, bytes([self.version]) + bytes.fromhex(fingerprint(self.body)))

    def packet(self, tag=PUBLIC_KEY):
        return packet(tag, self.body)

    def sign(self, over, kind, hashed=b"", unhashed=b"", created=None, digest=8, salt=None, literal_head=bytes(6)):
        """A signature packet over what is hashed before the signature itself; of version 5 also over the head of literal data, or zeros."""
        return packet(SIGNATURE, self.signature(over, kind, hashed, unhashed, created, digest, salt, literal_head))

    def signature(self, over, kind, hashed=b"", unhashed=b"", created=None, digest=8, salt=None, literal_head=bytes(6)):
        hashed = subpacket(2, number(self.created + 1 if created is None else created, 4)) + self.issuer + hashed
        size = 4 if self.version == 6 else 2
        if self.version == 6 and salt is None:
            salt = bytes(range({9: 24, 10: 32, 14: 32}.get(digest, 16)))
        head = bytes([self.version, kind, self.algorithm, digest]) + number(len(hashed), size) + hashed
        trailer = bytes([self.version, 0xff]) + number(len(head), 8 if self.version == 5 else 4)
        if self.version == 5 and kind in (0, 1):
            trailer = literal_head + trailer
        hasher = hashlib.new(HASHES[digest].name.replace("-", "_") if digest >= 12 else HASHES[digest].name)
        hasher.update((salt or b"") + over + head + trailer)
        return head + number(len(unhashed), size) + unhashed + hasher.digest()[:2] + \
            (bytes([len(salt)]) + salt if self.version == 6 else b"") + self._numbers(hasher.digest(), HASHES[digest])

    # What is signed

    def hashed_key(self):
        prefix = {4: 0x99, 5: 0x9a, 6: 0x9b}[self.version]
        return bytes([prefix]) + number(len(self.body), 2 if self.version == 4 else 4) + self.body

    def over_user_id(self, name):
        return self.hashed_key() + b"\xb4" + number(len(name), 4) + name

    def over_subkey(self, subkey):
        return self.hashed_key() + subkey.hashed_key()

    # Parts of a key

    def certified(self, name, hashed=b"", created=None, kind=0x13, **options):
        """The user ID with its self-signature."""
        return packet(USER_ID, name) + self.sign(self.over_user_id(name), kind, hashed, created=created, **options)

    def certified_key(self, name):
        return self.packet() + self.certified(name)

    def bound(self, subkey, hashed=b"", created=None, kind=0x18, back=False):
        """The subkey with its binding, with a signature by the subkey within if it may sign."""
        within = subpacket(32, subkey.signature(self.over_subkey(subkey), 0x19, created=created)) if back else b""
        return subkey.packet(PUBLIC_SUBKEY) + self.sign(self.over_subkey(subkey), kind, hashed, within, created)

    def keyid(self):
        return keyid(self.body)


def lasting(seconds):
    """The subpacket that says how long after its creation a key ends."""
    return subpacket(9, number(seconds, 4))
