//! Edges of `shaky_steve`: servo buses, real and simulated, and the one thread that owns a bus; the 3D mouse. No ROS.
//!
//! [`backend::open`] makes a [`servo_bus::ServoBus`]; [`servo_thread::ServoThread::spawn`] gives it to the servo thread
//! and returns the [`servo_thread::ServoHandle`] that everything else talks to. [`mouse::open`] makes a 3D mouse.

pub mod backend;
pub mod faulty;
pub mod gpio;
pub mod hardware_lock;
pub mod leds;
pub mod motion_player;
pub mod mouse;
pub mod pca9685;
pub mod servo_bus;
pub mod servo_thread;
pub mod sim;
pub mod state_file;
