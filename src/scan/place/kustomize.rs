//! Generators of kustomizations.

use super::Place;
use super::look::{Look, Scope, Source};
use crate::scan::verdict::Expect;
use crate::yaml::outline::{Id, Outline};

/// `secretGenerator`: each literal is a secret, and so is what the files hold that it names.
pub(super) fn generators(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    for generator in outline.children(id) {
        for (key, is_variables) in [("files", false), ("envs", true)] {
            let list = outline.get(generator, key).into_iter().flat_map(|list| outline.children(list));
            look.sources.extend(list.filter_map(|item| source(&outline.scalar(item)?, is_variables)));
        }
        let env = outline.get(generator, "env").and_then(|env| outline.scalar(env));
        look.sources.extend(env.and_then(|env| source(&env, true)));
    }
    literals(look, outline, id, &scope.at(Place::SecretGenerator), Expect::Secrets);
}

/// `configMapGenerator`: literals are secrets where their names say so.
pub(super) fn plain_generators(look: &mut Look, outline: &Outline, id: Id, scope: &Scope) {
    literals(look, outline, id, &scope.at(Place::ConfigText), Expect::ByName);
}

/// A file that is named as `PATH`, or as `KEY=PATH`.
fn source(named: &str, is_variables: bool) -> Option<Source> {
    let path = named.rsplit('=').next().unwrap_or(named).trim();
    let is_here = !path.is_empty() && !path.starts_with('/');
    is_here.then(|| Source { path: path.to_owned(), is_variables })
}

fn literals(look: &mut Look, outline: &Outline, id: Id, scope: &Scope, expect: Expect) {
    let generators: Vec<Id> = outline.children(id).collect();
    for generator in generators {
        let Some(literals) = outline.get(generator, "literals") else { continue };
        for literal in outline.children(literals) {
            let text = outline.scalar(literal).unwrap_or_default();
            let Some((name, value)) = text.split_once('=') else { continue };
            let value = unquoted(value);
            let start = value.as_ptr() as usize - text.as_ptr() as usize;
            let way = format!("{}.{name}", outline.key(id).unwrap_or_default());
            let verdict = look.word((outline, literal), (name, value, start), way, scope, expect);
            if !verdict.is_leak() {
                look.tell(outline, literal, scope, verdict, value.as_bytes());
            }
        }
    }
}

/// kustomize takes quotes around a value away.
#[must_use]
pub fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}
