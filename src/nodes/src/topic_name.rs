//! The full name of a topic, for questions to the graph.
//!
//! rcl resolves names when an entity is created, but its questions about the graph take full names only, and r2r 0.9.7 does not
//! tell what rcl resolved. The rules are those of <https://design.ros2.org/articles/topic_and_service_names.html> and
//! <https://design.ros2.org/articles/static_remapping.html>; the substitutions in braces, which nobody uses on a robot, are not.

use crate::ros_args::SplitArgs;

/// Whose name it is.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Name of the node, after remapping.
    pub node: &'a str,
    /// Its namespace, `/` or `/a/b`.
    pub namespace: &'a str,
}

/// What becomes of `topic` at `place` with the remap rules of `args`: the first that fits counts.
pub fn resolve(topic: &str, place: Place<'_>, args: &SplitArgs) -> String {
    let full = expand(topic, place);
    let remapped = rules(args)
        .filter(|rule| rule.node.is_none_or(|node| node == place.node))
        .find(|rule| expand(rule.from, place) == full)
        .map(|rule| expand(rule.to, place));
    remapped.unwrap_or(full)
}

/// `topic` with namespace and node's name put in.
fn expand(topic: &str, Place { node, namespace }: Place<'_>) -> String {
    let namespace = namespace.trim_end_matches('/');
    match topic.strip_prefix('~') {
        Some(private) => format!("{namespace}/{node}{private}"),
        None if topic.starts_with('/') => topic.to_owned(),
        None => format!("{namespace}/{topic}"),
    }
}

/// `[NODE:][rostopic://]FROM:=TO`
struct Rule<'a> {
    node: Option<&'a str>,
    from: &'a str,
    to: &'a str,
}

/// The rules for topics, in the order in which they were given.
fn rules(args: &SplitArgs) -> impl Iterator<Item = Rule<'_>> {
    args.ros.windows(2).filter(|pair| matches!(pair[0].as_str(), "-r" | "--remap")).filter_map(|pair| {
        let (from, to) = pair[1].split_once(":=")?;
        let (node, from) = match from.split_once(':') {
            // The colon of rostopic://
            Some((_, rest)) if rest.starts_with("//") => (None, from),
            Some((node, from)) => (Some(node), from),
            None => (None, from),
        };
        let from = from.strip_prefix("rostopic://").unwrap_or(from);
        // __ns and __node are no topics; rosservice:// names none.
        (!from.starts_with("__") && !from.contains("://")).then_some(Rule { node, from, to })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(topic: &str, namespace: &str, rules: &[&str]) -> String {
        let rules = rules.iter().flat_map(|rule| ["-r".to_owned(), (*rule).to_owned()]);
        let args = SplitArgs { own: Vec::new(), ros: rules.collect() };
        resolve(topic, Place { node: "leds", namespace }, &args)
    }

    #[test]
    fn relative_private_and_full_names_are_expanded() {
        assert_eq!(resolved("arm/state", "/", &[]), "/arm/state");
        assert_eq!(resolved("arm/state", "/lab/desk", &[]), "/lab/desk/arm/state");
        assert_eq!(resolved("~/state", "/desk", &[]), "/desk/leds/state");
        assert_eq!(resolved("/arm/state", "/desk", &[]), "/arm/state");
    }

    #[test]
    fn the_first_rule_that_fits_is_followed() {
        let rules = ["other:=mine", "arm/state:=left/state", "arm/state:=right/state"];
        assert_eq!(resolved("arm/state", "/desk", &rules), "/desk/left/state");
        assert_eq!(resolved("arm/state", "/", &["/arm/state:=/left/state"]), "/left/state");
        assert_eq!(resolved("arm/state", "/desk", &["/arm/state:=/left/state"]), "/desk/arm/state");
        assert_eq!(resolved("arm/state", "/desk", &["arm/state:=~/arm"]), "/desk/leds/arm");
    }

    #[test]
    fn rules_for_other_nodes_services_and_names_are_left_aside() {
        let rules = ["__ns:=/desk", "__node:=lights", "mouse:arm/state:=a", "rosservice://arm/state:=b"];
        assert_eq!(resolved("arm/state", "/desk", &rules), "/desk/arm/state");
        assert_eq!(resolved("arm/state", "/", &["leds:arm/state:=a"]), "/a");
        assert_eq!(resolved("arm/state", "/", &["rostopic://arm/state:=a"]), "/a");
        assert_eq!(resolved("arm/state", "/", &["leds:rostopic://arm/state:=a"]), "/a");
    }
}
