/// What is held down or deflected.
mod held;
/// Events on their way to a consumer that may be late.
mod queue;
mod repeater;
/// From the device's counts to -1..1.
pub mod scale;
mod sim;
/// The protocol of spacenavd.
pub mod spnav;

pub use held::Held;
pub use queue::EventQueue;
pub use repeater::{Joy, Repeater};
pub use scale::{FullScale, ScaleError, spacenav_axes};
pub use sim::{SimMouse, SimOptions, SimOptionsError};

/// Six axes x y z rx ry rz as the device gives them (spacenavd's frame), each -1..1.
pub type Axes = [f64; 6];

/// Buttons are numbered below this (the most that a device of spacenavd has).
pub const MAX_BUTTONS: u32 = 64;

/// What a 3D mouse tells.
#[derive(Debug, Clone, PartialEq)]
pub enum MouseEvent {
    /// The puck was moved.
    Motion {
        /// Where it is now.
        axes: Axes,
    },
    /// A button went down or up.
    Button {
        /// Which, from 0, below [`MAX_BUTTONS`].
        button: u32,
        /// Down.
        pressed: bool,
    },
    /// The device came or went. When it goes, nothing is held any more, and no hand has let go of it: [`Held::let_go`].
    Device {
        /// What it calls itself.
        name: String,
        /// It came.
        connected: bool,
    },
}

/// The device, as far as the source knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What it calls itself.
    pub name: String,
    /// How many axes it has; 6 where the source does not tell.
    pub axes: u32,
    /// How many buttons it has; 2 where the source does not tell.
    pub buttons: u32,
    /// spacenavd's number of the type (`SPNAV_DEV_*` in spnav.h); none where it does not tell.
    pub kind: Option<i32>,
}
