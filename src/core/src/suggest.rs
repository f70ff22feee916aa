//! "Did you mean …?" for names that people type: joints, easings, YAML keys.

/// The candidate nearest to what was typed, if one is near enough to be meant.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer than any name here; comparing costs the product of the lengths.
    if typed.len() > 100 {
        return None;
    }
    let typed = typed.to_lowercase();
    let allowed = (typed.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&typed, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= allowed && distance < candidate.len())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    const JOINTS: [&str; 6] = ["torso", "shoulder", "elbow", "wrist_ud", "wrist_lr", "clamp"];

    #[test]
    fn a_mistyped_joint_finds_its_name() {
        for (typed, meant) in [
            ("tors", "torso"),
            ("sholder", "shoulder"),
            ("Elbow", "elbow"),
            ("wirst_ud", "wrist_ud"),
            ("wrist-lr", "wrist_lr"),
        ] {
            assert_eq!(nearest(typed, JOINTS), Some(meant), "{typed}");
        }
    }

    #[test]
    fn a_word_far_from_all_finds_none() {
        for typed in ["", "x", "gripper", "head", &"torso".repeat(1000)] {
            assert_eq!(nearest(typed, JOINTS), None, "{typed}");
        }
    }
}
