"""The core's own plugins keep the contracts that it gives to authors."""

import hashlib

import pytest
from roar_core import builtin
from roar_core.plugin.loading import load_object
from roar_core.testing.contracts import FilterContract, HasherContract

SPECS = {spec.name: spec for spec in builtin.roar_register_hashers()}


class _Builtin(HasherContract):
    name: str

    @pytest.fixture
    def hasher(self):
        return load_object(SPECS[self.name].factory)()

    def test_spec_has_the_size(self):
        assert SPECS[self.name].digest_size == self.digest_size


class TestBlake3(_Builtin):
    name, digest_size = "blake3", 32

    def test_digest_of_nothing_is_the_published_one(self, hasher):
        # https://github.com/BLAKE3-team/BLAKE3/blob/master/test_vectors/test_vectors.json
        expected = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
        assert hasher.new().digest().hex() == expected


class TestSha256(_Builtin):
    name, digest_size = "sha256", 32

    def test_digest_is_that_of_hashlib(self, hasher):
        assert hasher.new().digest() == hashlib.sha256().digest()


class TestSha512(_Builtin):
    name, digest_size = "sha512", 64


class TestMd5(_Builtin):
    name, digest_size = "md5", 16


FILTERS = {spec.name: spec for spec in builtin.roar_register_filters()}


class _BuiltinFilter(FilterContract):
    name: str

    @pytest.fixture
    def make_filter(self):
        return load_object(FILTERS[self.name].factory)


class TestSystem(_BuiltinFilter):
    name = "system"
    dropped = ("/usr/share/zoneinfo/UTC", "/etc/hosts", "/proc/self/maps")
    kept = ("/mnt/data/x.csv",)


class TestVersionControl(_BuiltinFilter):
    name = "version-control"
    dropped = ("/home/me/project/.git/HEAD", "/home/me/project/.roar/roar.db")


class TestCompiled(_BuiltinFilter):
    name = "compiled"
    dropped = ("/home/me/project/__pycache__/a.cpython-311.pyc",)


class TestCredentials(_BuiltinFilter):
    name = "credentials"
    dropped = ("/home/me/.ssh/id_ed25519", "/home/me/.aws/credentials")


class TestPackages(_BuiltinFilter):
    name = "packages"
    dropped = ("/usr/lib/python3.11/json/__init__.py",)
