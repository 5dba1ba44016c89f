//! Which entry stands for which finding.

use std::collections::HashMap;

use super::Found;
use super::entry::Entry;
use crate::scan::FingerprintKey;

/// For each finding the index of its entry. First come those that name its file; of what is left those that are free, as
/// their file says, are for files that were moved, each for one.
pub(super) fn match_up(
    entries: &[Entry],
    key: &FingerprintKey,
    found: &[Found],
    is_free: &dyn Fn(&str) -> bool,
) -> Vec<Option<usize>> {
    if entries.is_empty() {
        return vec![None; found.len()];
    }
    let mut by_fingerprint: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        by_fingerprint.entry(&entry.fingerprint).or_default().push(index);
    }
    let places: Vec<(String, String)> = found
        .iter()
        .map(|found| (key.fingerprint(found.finding), found.path.to_string_lossy().into_owned()))
        .collect();
    let named = |(fingerprint, path): &(String, String)| {
        let entries_of = by_fingerprint.get(fingerprint.as_str())?;
        entries_of.iter().find(|index| entries[**index].path == *path).copied()
    };
    let mut matched: Vec<Option<usize>> = places.iter().map(named).collect();
    let mut free = by_fingerprint.clone();
    for list in free.values_mut() {
        list.retain(|index| !matched.contains(&Some(*index)) && is_free(&entries[*index].path));
        list.reverse();
    }
    let mut moved: HashMap<&(String, String), usize> = HashMap::new();
    for (place, matched) in places.iter().zip(&mut matched).filter(|(_, matched)| matched.is_none()) {
        *matched = moved.get(place).copied().or_else(|| free.get_mut(place.0.as_str())?.pop());
        moved.extend(matched.map(|index| (place, index)));
    }
    matched
}
