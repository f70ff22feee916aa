use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// spacenavd's configuration, which may name its socket.
const CONFIGURATION: &str = "/etc/spnavrc";

/// Where it is by default (libspnav, spnav.c).
const SOCKET: &str = "/var/run/spnav.sock";

/// Where spacenavd's socket may be.
#[derive(Debug)]
pub(super) struct Places {
    told: Option<PathBuf>,
    environment: Option<PathBuf>,
    configuration: PathBuf,
}

impl Places {
    /// The place that was told, and no other; without one as libspnav looks for it.
    pub(super) fn new(told: Option<PathBuf>) -> Self {
        let environment = env::var_os("SPNAV_SOCKET").filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { told, environment, configuration: CONFIGURATION.into() }
    }

    /// In the order in which they are tried, as it is now.
    pub(super) fn list(&self) -> Vec<PathBuf> {
        if let Some(told) = &self.told {
            return vec![told.clone()];
        }
        let configured = configured(&self.configuration);
        let mut list: Vec<_> =
            [self.environment.clone(), configured, Some(SOCKET.into())].into_iter().flatten().collect();
        list.dedup();
        list
    }
}

/// The first `socket = <path>` of the file.
fn configured(file: &Path) -> Option<PathBuf> {
    let text = fs::read(file).ok()?;
    String::from_utf8_lossy(&text).lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        let value = value.trim();
        (key.trim() == "socket" && !value.is_empty()).then(|| value.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(configuration: &str) -> (tempfile::TempDir, Places) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spnavrc");
        fs::write(&file, configuration).unwrap();
        (folder, Places { told: None, environment: Some("/env".into()), configuration: file })
    }

    #[test]
    fn the_environment_is_tried_before_the_configuration_and_that_before_the_default() {
        let (_folder, places) =
            places("# socket = /no\nsensitivity = 1\n socket =\n\tsocket = /a b \nsocket = /c\n");
        assert_eq!(places.list(), [Path::new("/env"), Path::new("/a b"), Path::new(SOCKET)]);
    }

    #[test]
    fn a_place_that_was_told_is_the_only_one() {
        let (_folder, mut places) = places("socket = /c\n");
        places.told = Some("/told".into());
        assert_eq!(places.list(), [Path::new("/told")]);
    }

    #[test]
    fn without_a_configuration_there_is_the_default() {
        let places = Places { told: None, environment: None, configuration: "/does/not/exist".into() };
        assert_eq!(places.list(), [Path::new(SOCKET)]);
    }
}
