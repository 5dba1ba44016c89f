//! Annotations in which a tool keeps a whole object: the cluster has them anyway, and in a file they are of no use.

use crate::scan::place::KEEPERS;
use crate::yaml::Segment;

/// Whether an annotation holds an object.
pub(super) fn holds_an_object(key: &str) -> bool {
    KEEPERS.contains(&key)
}

/// Whether a way ends at such an annotation.
pub(super) fn is_last_applied(way: &[Segment]) -> bool {
    matches!(way, [.., Segment::Key(annotations), Segment::Key(key)]
        if annotations == "annotations" && holds_an_object(key))
}
