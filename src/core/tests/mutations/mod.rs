//! Edits that break a file.
#![allow(unreachable_pub, reason = "shared by test binaries")]

use proptest::prelude::*;
use proptest::sample::Index;

/// What may stand anywhere: YAML's own signs, odd numbers, wrong types.
pub const SCRAPS: [&str; 36] = [
    "",
    " ",
    "\n",
    "\t",
    "-",
    ":",
    ": ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    "&a ",
    "*a",
    "!t ",
    "|",
    ">",
    "'",
    "\"",
    "%",
    "@",
    "---\n",
    "...\n",
    "<<: ",
    ".nan",
    "-.inf",
    "1e400",
    "1e-320",
    "-0",
    "0x1F",
    "99999999999999999999999999",
    "~",
    "\u{feff}",
    "\u{0}é\u{85}",
];

#[derive(Debug, Clone)]
pub enum Edit {
    Insert(Index, &'static str),
    Remove(Index, usize),
    ReplaceWord(Index, &'static str),
    DoubleLine(Index),
    DropLine(Index),
    Indent(Index, &'static str),
    CutOff(Index),
}

pub fn any_edit() -> impl Strategy<Value = Edit> {
    let scrap = prop::sample::select(&SCRAPS[..]);
    prop_oneof![
        1 => (any::<Index>(), scrap.clone()).prop_map(|(at, scrap)| Edit::Insert(at, scrap)),
        1 => (any::<Index>(), 1..12_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        4 => (any::<Index>(), scrap).prop_map(|(at, scrap)| Edit::ReplaceWord(at, scrap)),
        1 => any::<Index>().prop_map(Edit::DoubleLine),
        1 => any::<Index>().prop_map(Edit::DropLine),
        1 => (any::<Index>(), prop::sample::select(&["", "  ", "      - "][..])).prop_map(|(at, by)| Edit::Indent(at, by)),
        1 => any::<Index>().prop_map(Edit::CutOff),
    ]
}

pub fn apply(text: &str, edit: &Edit) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    if chars.is_empty() || lines.is_empty() {
        return text.to_owned();
    }
    match edit {
        Edit::Insert(at, scrap) => {
            let (head, tail) = chars.split_at(at.index(chars.len()));
            return head.iter().copied().chain(scrap.chars()).chain(tail.iter().copied()).collect();
        }
        Edit::Remove(at, length) => {
            let from = at.index(chars.len());
            return chars.iter().take(from).chain(chars.iter().skip(from + length)).collect();
        }
        Edit::CutOff(at) => return chars[..at.index(chars.len())].iter().collect(),
        Edit::ReplaceWord(at, scrap) => {
            let words: Vec<&str> = text.split_inclusive([' ', '\n', ',', '[', '{']).collect();
            let at = at.index(words.len());
            let end = words[at].trim_end_matches(|c: char| !" \n,[{".contains(c));
            let end = &end[end.len().saturating_sub(1)..];
            return [&words[..at].concat(), *scrap, end, &words[at + 1..].concat()].concat();
        }
        Edit::DoubleLine(at) => {
            let at = at.index(lines.len());
            lines.insert(at, lines[at].clone());
        }
        Edit::DropLine(at) => {
            lines.remove(at.index(lines.len()));
        }
        Edit::Indent(at, by) => {
            let at = at.index(lines.len());
            lines[at] = format!("{by}{}", lines[at].trim_start());
        }
    }
    lines.join("\n")
}
