//! What can end a node.

/// Why a node ended.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The person who started it has to change something: parameters, a file, a command line. Trying again is no use.
    #[error("{0}")]
    Configuration(String),
    /// ROS refused something.
    #[error("{what}: {source}")]
    Ros {
        /// What was being done.
        what: String,
        /// r2r's error.
        source: r2r::Error,
    },
    /// A thread could not be started.
    #[error("cannot start the thread {name}: {source}")]
    Thread {
        /// The thread's name.
        name: String,
        /// The system's error.
        source: std::io::Error,
    },
    /// The ROS context was shut down under us.
    #[error("the ROS context was shut down")]
    ContextLost,
    /// A panic on the spinning thread; the panic hook logged it.
    #[error("a panic on the spinning thread")]
    SpinPanicked,
    /// Hardware or its thread is gone for good.
    #[error("{0}")]
    Hardware(String),
}

impl NodeError {
    /// An error of ROS, with what was being done.
    pub fn ros(what: impl Into<String>, source: r2r::Error) -> Self {
        Self::Ros { what: what.into(), source }
    }

    /// Whether starting the node again may help.
    pub fn is_worth_a_restart(&self) -> bool {
        match self {
            Self::Ros { .. } | Self::SpinPanicked | Self::Thread { .. } => true,
            Self::Configuration(_) | Self::ContextLost | Self::Hardware(_) => false,
        }
    }

    /// The exit code of a process that this error ends: 2 when the person at the keyboard has to change something, else 1.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::Configuration(_)) { 2 } else { 1 }
    }
}
