//! ROS 2 nodes of `shaky_steve`.
