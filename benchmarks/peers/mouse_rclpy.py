"""Peer of the node `mouse`: spacenavd's socket to `spacenav/joy` in rclpy, as small as it can be. Argument: the socket."""

import socket
import struct
import sys
import threading

import rclpy
from rclpy.node import Node
from sensor_msgs.msg import Joy

FULL_SCALE = 512.0


def main():
    rclpy.init()
    node = Node("mouse_rclpy")
    publisher = node.create_publisher(Joy, "spacenav/joy", 10)
    mouse = socket.socket(socket.AF_UNIX)
    mouse.connect(sys.argv[1])

    def read():
        while packet := mouse.recv(32, socket.MSG_WAITALL):
            kind, x, y, z, rx, ry, rz, _ = struct.unpack("8i", packet)
            if kind == 0:
                message = Joy(axes=[v / FULL_SCALE for v in (z, -x, y, rz, -rx, ry)], buttons=[0, 0])
                message.header.stamp = node.get_clock().now().to_msg()
                publisher.publish(message)

    threading.Thread(target=read, daemon=True).start()
    rclpy.spin(node)


if __name__ == "__main__":
    main()
