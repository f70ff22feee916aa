//! Whatever stands in a URDF: no panic, and either a guard that answers or an error that can be read.

use proptest::prelude::*;
use proptest::sample::Index;
use steve_core::guard::{Guard, Rule};
use steve_core::robot::Robot;

const STEVE: &str = include_str!("../../../config/steve.yaml");
const URDF: &str = include_str!("../../../urdf/steve.urdf");

fn check(text: &str) -> Result<(), TestCaseError> {
    let robot =
        Robot::from_yaml(STEVE, "steve.yaml").map_err(|error| TestCaseError::fail(error.to_string()))?;
    match Guard::from_urdf(text, &robot) {
        Ok(guard) => {
            let mut watch = guard.watch(Rule::default(), &[0.0; 6]);
            prop_assert!(watch.pass(&[0.0; 6]).is_ok(), "where it is it may stay");
            let _ = watch.pass(&[0.1, 0.5, -0.5, 1.0, -1.0, 0.01]);
            let _ = watch.pass(&[]);
        }
        Err(error) => prop_assert!(!error.to_string().is_empty()),
    }
    Ok(())
}

/// The URDF without its looks, so that an edit hits what is read.
fn bare() -> String {
    URDF.lines()
        .filter(|line| !line.contains("<visual>") && !line.contains("<inerti"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What may stand anywhere: XML's own signs, odd numbers, other names.
const SCRAPS: [&str; 24] = [
    "",
    " ",
    "<",
    ">",
    "/>",
    "\"",
    "=",
    "&",
    "&amp;",
    "<!--",
    "]]>",
    "0",
    "-1",
    "nan",
    "inf",
    "1e308",
    "1e-320",
    "fixed",
    "mimic",
    "palm_link",
    "elbow",
    "<link name=\"x\"/>",
    "<mimic joint=\"clamp\"/>",
    "\u{0}é",
];

/// A place in a text, on a character's edge.
fn place(text: &str, index: &Index) -> usize {
    let mut at = index.index(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Words and numbers of the file: what stands between quotes.
fn values(text: &str) -> Vec<std::ops::Range<usize>> {
    let quotes: Vec<_> = text.match_indices('"').map(|(at, _)| at).collect();
    quotes.chunks_exact(2).map(|pair| pair[0] + 1..pair[1]).collect()
}

proptest! {
    #[test]
    fn a_urdf_cut_off_anywhere(index: Index) {
        let text = bare();
        check(&text[..place(&text, &index)])?;
    }

    #[test]
    fn a_urdf_with_scraps_in_it(edits in prop::collection::vec((any::<Index>(), 0..8_usize, any::<Index>()), 1..4)) {
        let mut text = bare();
        for (start, length, scrap) in edits {
            let start = place(&text, &start);
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            text.replace_range(start..end, SCRAPS[scrap.index(SCRAPS.len())]);
        }
        check(&text)?;
    }

    #[test]
    fn a_urdf_with_other_values(edits in prop::collection::vec((any::<Index>(), any::<Index>(), any::<bool>()), 1..4)) {
        let mut text = bare();
        for (value, other, own) in edits {
            let values = values(&text);
            let with = if own {
                text[values[other.index(values.len())].clone()].to_owned()
            } else {
                SCRAPS[other.index(SCRAPS.len())].replace(['<', '"', '&'], "")
            };
            text.replace_range(values[value.index(values.len())].clone(), &with);
        }
        check(&text)?;
    }

    #[test]
    fn a_urdf_with_lines_swapped_or_doubled(from: Index, to: Index, double: bool) {
        let text = bare();
        let mut lines: Vec<_> = text.lines().collect();
        let (from, to) = (from.index(lines.len()), to.index(lines.len()));
        if double { lines.insert(to, lines[from]) } else { lines.swap(from, to) }
        check(&lines.join("\n"))?;
    }
}
