//! Files that are mended as a whole: those of which a generator makes an object, and those that Git is to forget.

use super::cure::List;
use super::draft::Draft;
use super::kustomization::{Chain, NAMES, Named, naming};
use super::refusal::No;
use super::tree::Tree;
use super::work::{Done, Work, leaks};
use super::{Means, Wound, generator, helm_values, proof, untrack};
use crate::external::Push;
use crate::scan::Finding;

/// Mends a file as a whole; nothing where it is none of those.
pub(super) fn mend(
    wound: &Wound,
    tree: &mut Tree,
    pushes: &mut Vec<Push>,
    means: &mut Means,
) -> Option<Done> {
    if tree.is_removed(wound.path) {
        return Some(Done::all(wound, Ok(())));
    }
    let is_kustomization = NAMES.iter().any(|name| wound.path.ends_with(name));
    // `kubectl` reads its own configuration, and no cluster does.
    let is_object = |finding: &Finding| finding.object.as_ref().is_some_and(|object| object.kind != "Config");
    let has_leaks = leaks(wound).next().is_some();
    if is_kustomization || !has_leaks || wound.findings.iter().all(is_object) {
        return None;
    }
    let named = naming(wound.path, tree, means);
    let done = match &named[..] {
        [] => untrack::mend(wound, tree, means)?,
        [one] if one.list == List::ConfigMaps && helm_values::is_taken(wound.path, tree, means) => {
            return None;
        }
        [one] => {
            let known = pushes.len();
            generate(wound, one, tree, pushes, means).inspect_err(|_| pushes.truncate(known))
        }
        [one, other, ..] => Err(No::new(
            format!("{} and {} both make an object of this file", one.file.display(), other.file.display()),
            "have only one of both name it",
        )),
    };
    Some(Done::all(wound, done))
}

/// Keeps what an entry makes of a file elsewhere; the file then goes.
fn generate(
    wound: &Wound,
    named: &Named,
    tree: &mut Tree,
    pushes: &mut Vec<Push>,
    means: &mut Means,
) -> Result<(), No> {
    if named.name.is_empty() {
        return Err(No::new(format!("the entry in {} has no name", named.file.display()), "write one"));
    }
    let text = tree.text(&named.file, means.read).ok_or_else(No::unsafe_place)?;
    let mut work = Work {
        path: &named.file,
        draft: Draft::open(&named.file, &text)?,
        tree: tree.clone(),
        chain: Chain::of(&named.file, means.read),
        pushes,
        means,
    };
    generator::mend(&mut work, named.document, named.list, &named.name)?;
    work.tree.put(&named.file, work.draft.text().to_owned(), work.means.read);
    proof::adds_nothing(tree, &work.tree, work.means)?;
    proof::in_no_comment(tree, &work.tree, leaks(wound).map(|(_, finding)| finding))?;
    *tree = work.tree;
    Ok(())
}
