//! The edits within one document.

use super::find::{self, Found};
use super::ink::{Ink, Leaf, New};
use super::insert::Site;
use super::patch::{Patch, Plan};
use super::tree::{self, Data, Node, Style};
use super::write::{self, Around};
use super::{Edit, layout, remove, replace};
use crate::yaml::Segment;
use crate::yaml::error::{Error, Fault};

/// One document of a text under edit.
#[derive(Debug)]
pub struct Document<'e> {
    pub(super) edit: &'e mut Edit,
    pub(super) index: usize,
}

impl Document<'_> {
    /// Makes the value at `path` this text: in place of a single value, in its style where that can hold it; else as
    /// a new key, in alphabetical place where the keys around stand so, or at the end. Missing mappings on the way
    /// are made. Nothing happens where the value is this text already.
    ///
    /// # Errors
    /// Refused, with the place, is what would change more than this value or leave doubt about it: a list or mapping
    /// at `path`, aliases and anchors that are used, keys that stand twice or are no texts, missing keys beside `<<`,
    /// tags other than `!!str`.
    ///
    /// ```
    /// # use sealstrap::yaml::splice::Edit;
    /// let mut edit = Edit::open("a.yaml".as_ref(), "{\"spec\": {\"a\": \"x\"}}")?;
    /// edit.document(0)?.set(&["spec".into(), "b".into()], "yes")?;
    /// assert_eq!(edit.text(), "{\"spec\": {\"a\": \"x\", \"b\": \"yes\"}}");
    /// # Ok::<(), sealstrap::yaml::Error>(())
    /// ```
    pub fn set(&mut self, path: &[Segment], text: &str) -> Result<(), Error> {
        self.planned(|at| {
            let found = find::find(at.document, path)?;
            if found.rest.is_empty() { at.set_there(&found, text) } else { at.add(&found, Leaf::Text(text)) }
        })
    }

    /// Adds a text to the list at `path`, in alphabetical place where there are several items that stand so, else at
    /// the end. A missing or empty list is made. Nothing happens where the list holds it already.
    ///
    /// # Errors
    /// As [`Self::set`]; further what is no list, and a list of mappings or lists.
    ///
    /// ```
    /// # use sealstrap::yaml::splice::Edit;
    /// let mut edit = Edit::open("kustomization.yaml".as_ref(), "resources: # all of them\n- a.yaml\n- c.yaml\n")?;
    /// edit.document(0)?.append(&["resources".into()], "b.yaml")?;
    /// assert_eq!(edit.text(), "resources: # all of them\n- a.yaml\n- b.yaml\n- c.yaml\n");
    /// # Ok::<(), sealstrap::yaml::Error>(())
    /// ```
    pub fn append(&mut self, path: &[Segment], text: &str) -> Result<(), Error> {
        self.planned(|at| {
            let found = find::find(at.document, path)?;
            if found.rest.is_empty() {
                at.append_there(&found, text)
            } else {
                at.add(&found, Leaf::ListOf(text))
            }
        })
    }

    /// Takes out the key or item at `path` with its value, the comment on its line, the comments below that stand
    /// further right, and the comments directly above it in its column. What stays is the heading of a section: a
    /// comment that begins the document, or one set off above several entries. An emptied mapping becomes `{}`,
    /// an emptied list `[]`. Nothing happens where there is no such key.
    ///
    /// # Errors
    /// As [`Self::set`]; further an anchor in what goes that is used in what stays.
    ///
    /// ```
    /// # use sealstrap::yaml::splice::Edit;
    /// let mut edit = Edit::open("a.yaml".as_ref(), "# the file\n\na: 1\n\n# of b\nb: 2 # two\n\nc: 3\n")?;
    /// edit.document(0)?.remove(&["b".into()])?;
    /// assert_eq!(edit.text(), "# the file\n\na: 1\n\n\nc: 3\n");
    /// # Ok::<(), sealstrap::yaml::Error>(())
    /// ```
    pub fn remove(&mut self, path: &[Segment]) -> Result<(), Error> {
        self.planned(|at| {
            let found = find::find(at.document, path)?;
            if found.rest.is_empty() { at.remove_there(&found) } else { Ok(None) }
        })
    }

    /// Gives the key at the end of `path` another name, in its quotes where those can hold it. It stays in its place.
    ///
    /// # Errors
    /// There is no such key; the new one exists; otherwise as [`Self::set`].
    ///
    /// ```
    /// # use sealstrap::yaml::splice::Edit;
    /// let mut edit = Edit::open("a.yaml".as_ref(), "'a'  : 1\n")?;
    /// edit.document(0)?.rename(&["a".into()], "b")?;
    /// assert_eq!(edit.text(), "'b'  : 1\n");
    /// # Ok::<(), sealstrap::yaml::Error>(())
    /// ```
    pub fn rename(&mut self, path: &[Segment], new: &str) -> Result<(), Error> {
        self.planned(|at| {
            let found = find::find(at.document, path)?;
            if let [Segment::Key(name), ..] = found.rest {
                return Err(Fault::new(found.node().spot, format!("there is no key `{name}` here")));
            }
            at.rename_there(&found, new)
        })
    }

    fn planned(&mut self, plan: impl FnOnce(&At) -> Result<Option<Plan>, Fault>) -> Result<(), Error> {
        let index = self.index;
        self.edit.planned(|edit| {
            let document = edit.at(index)?;
            plan(&At { edit, document, index })
        })
    }
}

/// A document, to think about.
pub(super) struct At<'e> {
    pub(super) edit: &'e Edit,
    pub(super) document: &'e tree::Document,
    pub(super) index: usize,
}

impl At<'_> {
    fn set_there(&self, found: &Found, text: &str) -> Result<Option<Plan>, Fault> {
        let Some(patches) = self.scalar(found, text)? else { return Ok(None) };
        Ok(Some(self.plan(found, patches, |node| node.data = Data::Scalar(text.to_owned(), Style::AnyText))))
    }

    /// What puts another text in the place of a scalar; nothing where it holds it already.
    pub(super) fn scalar(&self, found: &Found, text: &str) -> Result<Option<Vec<Patch>>, Fault> {
        let node = found.node();
        find::replaceable(self.document, node)?;
        if find::holds(node, text) {
            return Ok(None);
        }
        let (Some((parent, _)), Data::Scalar(_, style)) = (found.parent(), &node.data) else {
            return Err(not_a_mapping(node));
        };
        let quotes = match &parent.data {
            Data::Map { pairs, .. } => {
                layout::quotes(pairs.iter().map(|pair| &pair.value).filter(|v| !v.is_null()))
            }
            _ => Style::AnyText,
        };
        let around = self.around(&found.nodes[..found.nodes.len() - 1]);
        Ok(Some(replace::scalar(&self.edit.text, node, *style, text, around, quotes)))
    }

    fn append_there(&self, found: &Found, text: &str) -> Result<Option<Plan>, Fault> {
        let node = found.node();
        find::sound(self.document, node)?;
        let new = New { keys: &[], leaf: Leaf::Text(text) };
        let items = match &node.data {
            Data::List { items, .. } => items,
            _ if node.is_null() => return self.fill(found, &new, |node| node.data = new_list(text)),
            _ => {
                let message = format!("{} stands here, not a list", find::kind(node));
                return Err(Fault::new(node.spot, message));
            }
        };
        if items.iter().any(|item| find::holds(&item.node, text)) {
            return Ok(None);
        }
        if items.is_empty() {
            return self.fill(found, &new, |node| node.data = new_list(text));
        }
        let mut names = Vec::new();
        for item in items {
            let Data::Scalar(name, _) = &item.node.data else {
                return Err(Fault::new(item.node.spot, "the list holds more than single values"));
            };
            names.push(name.as_str());
        }
        // One item shows no order.
        let place = if names.len() > 1 { layout::place(&names, text) } else { names.len() };
        let patches = self.site(node, &found.nodes).entry(node, found.trail.is_empty(), place, &new)?;
        Ok(Some(self.plan(found, patches, |node| {
            if let Data::List { items, .. } = &mut node.data {
                items.insert(place, tree::Item { start: 0, node: Node::text(text) });
            }
        })))
    }

    /// Adds what of a path is missing.
    fn add(&self, found: &Found, leaf: Leaf) -> Result<Option<Plan>, Fault> {
        let node = found.node();
        let keys = keys(found, node)?;
        let new = New { keys: &keys, leaf };
        let Data::Map { pairs, .. } = &node.data else {
            return self.fill(found, &new, |node| node.data = new.node(0).data);
        };
        find::no_merge(pairs)?;
        let data = |node: &mut Node, place: usize| {
            if let Data::Map { pairs, .. } = &mut node.data {
                let (key, value) = (Node::text(&keys[0]), new.node(1));
                pairs.insert(place, tree::Pair { key, colon: None, explicit: false, value });
            }
        };
        if pairs.is_empty() {
            return self.fill(found, &new, |node| data(node, 0));
        }
        if let Some(pair) = pairs.iter().find(|pair| pair.explicit) {
            return Err(explicit(pair));
        }
        let names: Vec<_> = pairs.iter().filter_map(|pair| name(&pair.key)).collect();
        let place = layout::place(&names, &keys[0]);
        let patches = self.site(node, &found.nodes).entry(node, found.trail.is_empty(), place, &new)?;
        Ok(Some(self.plan(found, patches, |node| data(node, place))))
    }

    /// Puts a first entry into `{}`, `[]`, `null` or nothing.
    fn fill(&self, found: &Found, new: &New, intend: impl FnOnce(&mut Node)) -> Result<Option<Plan>, Fault> {
        let node = found.node();
        let site = self.site(node, &found.nodes);
        let is_empty_flow = matches!(node.data, Data::Map { .. } | Data::List { .. });
        let in_flow = self.around(&found.nodes[..found.nodes.len() - 1]) != Around::Block;
        let spread = is_empty_flow && self.edit.text[node.content.clone()].len() > 2;
        let patches = match found.parent() {
            Some((parent, index)) if !in_flow && !spread && matches!(parent.data, Data::Map { .. }) => {
                site.below_key(parent, index, new)?
            }
            _ if is_empty_flow => site.fill_flow(node, new),
            Some(_) if in_flow => {
                let is_list = new.keys.is_empty();
                let (open, close) = if is_list { ('[', ']') } else { ('{', '}') };
                let written = format!("{open}{}{close}", site.ink.flow(new, None));
                vec![match node.data {
                    Data::Scalar(_, Style::Nothing) => Patch::insert(node.end(), format!(" {written}")),
                    _ => Patch::replace(node.content.clone(), written),
                }]
            }
            _ => return Err(not_a_mapping(node)),
        };
        Ok(Some(self.plan(found, patches, intend)))
    }

    fn remove_there(&self, found: &Found) -> Result<Option<Plan>, Fault> {
        let node = found.node();
        let Some((parent, index)) = found.parent() else { return Err(not_a_mapping(node)) };
        find::nothing_aliased(self.document, node)?;
        if let Data::Map { pairs, .. } = &parent.data {
            find::no_merge(pairs)?;
            find::nothing_aliased(self.document, &pairs[index].key)?;
            if let Some(pair) = pairs.iter().find(|pair| pair.explicit) {
                return Err(explicit(pair));
            }
        }
        let (text, stream) = (&self.edit.text, &self.edit.stream);
        let is_root = found.trail.len() == 1;
        let patches = if layout::entries(parent).len() > 1 {
            remove::entry(text, stream, parent, is_root, index)
        } else {
            remove::last_entry(text, stream, parent, colon_before(found), is_root)
        };
        let trail = &found.trail[..found.trail.len() - 1];
        Ok(Some(self.plan_at(trail, node, patches, |parent| match &mut parent.data {
            Data::Map { pairs, .. } => drop(pairs.remove(index)),
            Data::List { items, .. } => drop(items.remove(index)),
            _ => {}
        })))
    }

    fn rename_there(&self, found: &Found, new: &str) -> Result<Option<Plan>, Fault> {
        let Some((parent, index)) = found.parent() else { return Err(not_a_mapping(found.node())) };
        let Data::Map { pairs, .. } = &parent.data else {
            return Err(Fault::new(found.node().spot, "an item of a list has no name"));
        };
        let old = &pairs[index].key;
        if name(old) == Some(new) {
            return Ok(None);
        }
        find::no_merge(pairs)?;
        find::not_aliased(self.document, old)?;
        if let Some(there) = find::key(pairs, new)? {
            let message = format!("the key `{new}` is there already");
            return Err(Fault::new(pairs[there].key.spot, message).with_hint("remove it first"));
        }
        let Data::Scalar(_, style @ (Style::Plain | Style::Single | Style::Double)) = &old.data else {
            return Err(Fault::new(old.spot, "this key is not written on one line"));
        };
        let around = self.around(&found.nodes[..found.nodes.len() - 1]);
        let patches = vec![Patch::replace(old.content.clone(), write::scalar(new, *style, around))];
        let trail = &found.trail[..found.trail.len() - 1];
        Ok(Some(self.plan_at(trail, old, patches, |parent| {
            if let Data::Map { pairs, .. } = &mut parent.data {
                pairs[index].key.data = Data::Scalar(new.to_owned(), Style::AnyText);
            }
        })))
    }

    /// What stands around something in these nodes.
    fn around(&self, nodes: &[&Node]) -> Around {
        let is_flow =
            |node: &&Node| matches!(node.data, Data::Map { flow: true, .. } | Data::List { flow: true, .. });
        let root = &self.document.root;
        let is_json = |root: &Node| {
            serde_json::from_str::<serde::de::IgnoredAny>(&self.edit.text[root.content.clone()]).is_ok()
        };
        if is_flow(&root) && is_json(root) {
            Around::Json
        } else if nodes.iter().any(is_flow) {
            Around::Flow
        } else {
            Around::Block
        }
    }

    fn site(&self, node: &Node, nodes: &[&Node]) -> Site<'_> {
        let ink = Ink::of(&self.edit.text, self.document, node, self.around(nodes));
        Site { text: &self.edit.text, stream: &self.edit.stream, ink }
    }

    fn plan(&self, found: &Found, patches: Vec<Patch>, intend: impl FnOnce(&mut Node)) -> Plan {
        self.plan_at(&found.trail, found.node(), patches, intend)
    }

    /// A plan that changes the node at `trail` as `intend` does.
    fn plan_at(
        &self,
        trail: &[usize],
        at: &Node,
        patches: Vec<Patch>,
        intend: impl FnOnce(&mut Node),
    ) -> Plan {
        let mut intended: Vec<_> =
            self.edit.stream.documents.iter().map(|document| document.root.clone()).collect();
        let root = intended.get_mut(self.index);
        let node = trail.iter().try_fold(root, |node, index| Some(node?.child_mut(*index))).flatten();
        if let Some(node) = node {
            intend(node);
        }
        Plan { patches, intended, new_comments: 0, spot: at.spot }
    }
}

/// The colon before the collection that holds what was found.
fn colon_before(found: &Found) -> Option<usize> {
    let above = found.nodes.len().checked_sub(3)?;
    let Data::Map { pairs, .. } = &found.nodes[above].data else { return None };
    pairs.get(*found.trail.get(above)?)?.colon
}

/// The keys that are missing, which must be keys and short enough to stand before a colon.
fn keys(found: &Found, node: &Node) -> Result<Vec<String>, Fault> {
    /// YAML 1.2.2 §7.4.2: a key before a colon ends within 1024 bytes, so that even 253 of Kubernetes fit.
    const LONGEST: usize = 253;
    found
        .rest
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) if key.chars().count() <= LONGEST => Ok(key.clone()),
            Segment::Key(_) => Err(Fault::new(node.spot, "the new key is longer than 253 characters")),
            Segment::Index(index) => Err(Fault::new(node.spot, format!("the list has no item {index}"))),
        })
        .collect()
}

fn new_list(text: &str) -> Data {
    Data::List { flow: false, items: vec![tree::Item { start: 0, node: Node::text(text) }] }
}

fn name(node: &Node) -> Option<&str> {
    match &node.data {
        Data::Scalar(text, _) => Some(text),
        _ => None,
    }
}

fn not_a_mapping(node: &Node) -> Fault {
    let message = format!("the document holds {}, not a mapping", find::kind(node));
    Fault::new(node.spot, message).with_hint("documents that are mappings can be edited")
}

fn explicit(pair: &tree::Pair) -> Fault {
    Fault::new(pair.key.spot, "this key is written with `?`").with_hint("write the mapping as `key: value`")
}
