//! A folder for a state file, and the warnings that name it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use steve_core::arm::{ArmSnapshot, JointSnapshot};
use steve_core::robot::Robot;
use steve_drivers::state_file::StateFile;
use tempfile::TempDir;

pub const HARDWARE: &str = "pca9685 on i2c-1, address 0x40";

static WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Collector;

impl log::Log for Collector {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        if record.level() <= log::Level::Warn {
            WARNINGS.lock().unwrap().push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// A folder of the test's own, and the warnings that name it.
pub struct Place {
    pub folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        static LOGGER: Once = Once::new();
        LOGGER.call_once(|| {
            log::set_logger(&Collector).unwrap();
            log::set_max_level(log::LevelFilter::Info);
        });
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("arm.json")
    }

    pub fn aside(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("arm.json.bad-{number}"))
    }

    pub fn open(&self, robot: &Robot) -> Vec<Option<f64>> {
        StateFile::open(&self.path(), robot, HARDWARE).unwrap().1
    }

    /// Saves a state and lets the file go.
    pub fn leave(&self, robot: &Robot, joints: Vec<JointSnapshot>) {
        let (mut file, _) = StateFile::open(&self.path(), robot, HARDWARE).unwrap();
        file.save(&arm(joints)).unwrap();
    }

    pub fn warnings(&self) -> Vec<String> {
        let folder = self.folder.path().display().to_string();
        let warnings = WARNINGS.lock().unwrap();
        warnings.iter().filter(|warning| warning.contains(&folder)).cloned().collect()
    }
}

pub fn at(position: f64) -> JointSnapshot {
    JointSnapshot { position: Some(position), ..JointSnapshot::default() }
}

pub fn on_its_way(position: f64) -> JointSnapshot {
    JointSnapshot { moving: true, ..at(position) }
}

pub fn unknown() -> JointSnapshot {
    JointSnapshot::default()
}

pub fn arm(joints: Vec<JointSnapshot>) -> ArmSnapshot {
    ArmSnapshot { joints, ..ArmSnapshot::default() }
}

pub fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
