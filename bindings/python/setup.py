"""Builds the library and its Python module before the package is put together; everything else is in pyproject.toml.

Nothing is built where DOORSTEP_BUILT names, by its full path, a directory that has both the library and `uniffi-bindgen`, such as target/debug.
"""

import pathlib
import subprocess

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent


class Build(build_py):
    def run(self):
        subprocess.run([HERE / "generate", "--release"], check=True)
        super().run()


class Wheel(bdist_wheel):
    def get_tag(self):
        """For any Python 3 of this platform: the library is loaded by ctypes and knows nothing of Python."""
        return "py3", "none", super().get_tag()[2]


class Native(Distribution):
    def has_ext_modules(self):
        return True


setup(cmdclass={"build_py": Build, "bdist_wheel": Wheel}, distclass=Native)
