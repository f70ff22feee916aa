use std::ffi::OsString;
use std::path::PathBuf;

/// Where the state file of `robot` belongs: the first folder of `$STATE_DIRECTORY` (systemd gives one to a service that
/// asks for it, systemd.exec(5)), else `shaky_steve` in `$XDG_STATE_HOME` or `~/.local/state` (XDG Base Directory
/// Specification, which says not to look at a relative path). None if none of these is set.
pub fn default_path(robot: &str) -> Option<PathBuf> {
    path_in(|name| std::env::var_os(name), robot)
}

fn path_in(variable: impl Fn(&str) -> Option<OsString>, robot: &str) -> Option<PathBuf> {
    let absolute = |path: PathBuf| Some(path).filter(|path| path.is_absolute());
    let of = |name: &str| variable(name).map(PathBuf::from).and_then(absolute);
    let service = variable("STATE_DIRECTORY")
        .and_then(|folders| std::env::split_paths(&folders).next())
        .and_then(absolute);
    let home = || of("HOME").map(|home| home.join(".local/state"));
    let folder = service.or_else(|| {
        let state = of("XDG_STATE_HOME").or_else(home)?;
        Some(state.join("shaky_steve"))
    })?;
    Some(folder.join(format!("{}.json", file_name(robot))))
}

/// A name is for people; a slash in it is no folder.
fn file_name(robot: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | ' ') { c } else { '_' };
    robot.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::path_in;
    use std::path::PathBuf;

    fn path(set: &[(&str, &str)], robot: &str) -> Option<PathBuf> {
        let value = |name: &str| set.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).into());
        path_in(value, robot)
    }

    #[test]
    fn the_service_managers_folder_comes_first_then_xdg_then_home() {
        let home = ("HOME", "/home/u");
        let xdg = ("XDG_STATE_HOME", "/state");
        let service = ("STATE_DIRECTORY", "/var/lib/steve:/var/lib/other");
        let is = |set: &[_], expected: &str| assert_eq!(path(set, "steve"), Some(expected.into()));
        is(&[home, xdg, service], "/var/lib/steve/steve.json");
        is(&[home, xdg], "/state/shaky_steve/steve.json");
        is(&[home], "/home/u/.local/state/shaky_steve/steve.json");
        is(&[home, ("XDG_STATE_HOME", "relative")], "/home/u/.local/state/shaky_steve/steve.json");
        is(&[home, ("STATE_DIRECTORY", "")], "/home/u/.local/state/shaky_steve/steve.json");
        assert_eq!(path(&[], "steve"), None);
    }

    #[test]
    fn a_robots_name_stays_in_the_folder() {
        let file = path(&[("STATE_DIRECTORY", "/s")], "../etc/passwd");
        assert_eq!(file, Some("/s/___etc_passwd.json".into()));
    }
}
