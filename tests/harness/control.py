"""control_msgs, which the wheels have not: tests of what stands on it are skipped where it is missing, with the reason.

Imported first by such a test module: it skips the module.
"""

import pathlib

import pytest

from harness.process import executable

pytest.importorskip("control_msgs.action", reason="needs control_msgs: source a ROS 2 that has it, and build there")
if b"libcontrol_msgs__" not in pathlib.Path(executable("arm")).read_bytes():
    pytest.skip("the nodes were built without control_msgs: build again where it is sourced", allow_module_level=True)
