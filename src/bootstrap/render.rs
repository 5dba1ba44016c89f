//! Expressions in the scalars of a task file, rendered over the settings.
//!
//! Rendering happens on parsed scalars, never on text, so a value cannot change the document's structure. A
//! scalar that is only an expression keeps the expression's type; where that is nothing, its key is dropped, and
//! so are the keys without a value in a mapping that it gives.

use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value as Scope, context};
use serde_json::{Map, Value};

use super::sealing::PINNED;
use super::step::Step;
use crate::settings::Settings;
use crate::yaml::{self, Segment, Tree};

/// Renders expressions over one settings.
pub(super) struct Renderer {
    environment: Environment<'static>,
    settings: Value,
}

impl Renderer {
    /// Takes what expressions may name: the settings as they are written, with `git.url` and `git.title` beside, and
    /// with the defaults of `sealing` that follow from other settings.
    pub(super) fn new(settings: &Settings) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_filter("under", under);
        environment.add_filter("everything", everything);
        environment.add_filter("wrapped", wrapped);
        environment.add_filter("overlaid", overlaid);
        environment.add_filter("needed", needed);
        let mut names = serde_json::to_value(settings).unwrap_or_default();
        names["git"]["url"] = settings.git.url().into();
        names["git"]["title"] = settings.git.title(&settings.cluster.name).into();
        let sealing = &mut names["sealing"];
        if sealing["certificate"].is_null() {
            sealing["certificate"] = PINNED.into();
        }
        if sealing["files"].is_null() {
            sealing["files"] = format!("{}/sealed", settings.git.path).into();
        }
        Self { environment, settings: names }
    }

    /// The steps of a task file's `ensure`.
    ///
    /// # Errors
    /// An expression that does not compile or names what is not there, a step that is no step; with its place.
    pub(super) fn steps(&self, tree: &Tree, entries: &[Value]) -> Result<Vec<Step>, yaml::Error> {
        let mut steps = Vec::new();
        self.entries(tree, entries, &[key("ensure")], &Scope::from(()), &mut steps)?;
        Ok(steps)
    }

    fn entries(
        &self,
        tree: &Tree,
        entries: &[Value],
        at: &[Segment],
        item: &Scope,
        steps: &mut Vec<Step>,
    ) -> Result<(), yaml::Error> {
        for (index, entry) in entries.iter().enumerate() {
            let at = [at, &[Segment::Index(index)]].concat();
            let Value::Object(entry) = entry else {
                return Err(tree.error(&at, "a step is a mapping with one kind of step"));
            };
            let mut entry = entry.clone();
            let items = match entry.remove("forEach") {
                None => vec![item.clone()],
                Some(list) => self.list(tree, &list, &[&at[..], &[key("forEach")]].concat(), item)?,
            };
            for item in &items {
                self.entry(tree, &entry, &at, item, steps)?;
            }
        }
        Ok(())
    }

    fn entry(
        &self,
        tree: &Tree,
        entry: &Map<String, Value>,
        at: &[Segment],
        item: &Scope,
        steps: &mut Vec<Step>,
    ) -> Result<(), yaml::Error> {
        let mut entry = entry.clone();
        if let Some(condition) = entry.remove("when") {
            let at = [at, &[key("when")]].concat();
            if !self.eval(tree, &condition, &at, item)?.is_true() {
                return Ok(());
            }
        }
        if let Some(Value::Array(nested)) = entry.get("ensure") {
            return self.entries(tree, nested, &[at, &[key("ensure")]].concat(), item, steps);
        }
        let rendered = self.render(tree, &Value::Object(entry), at, item)?.unwrap_or_default();
        steps.push(tree.typed(&rendered, at)?);
        Ok(())
    }

    fn list(
        &self,
        tree: &Tree,
        list: &Value,
        at: &[Segment],
        item: &Scope,
    ) -> Result<Vec<Scope>, yaml::Error> {
        let list = self.eval(tree, list, at, item)?;
        if list.is_none() || list.is_undefined() {
            return Ok(Vec::new());
        }
        list.try_iter().map(Iterator::collect).map_err(|_| tree.error(at, "`forEach` wants a list"))
    }

    /// A value with its expressions rendered; nothing where it is only an expression whose value is nothing.
    fn render(
        &self,
        tree: &Tree,
        value: &Value,
        at: &[Segment],
        item: &Scope,
    ) -> Result<Option<Value>, yaml::Error> {
        Ok(Some(match value {
            Value::String(text) if text.contains("{{") => {
                let value = self.eval(tree, value, at, item)?;
                if value.is_none() || value.is_undefined() {
                    return Ok(None);
                }
                without_nothing(
                    serde_json::to_value(&value).map_err(|error| tree.error(at, error.to_string()))?,
                )
            }
            Value::Array(list) => {
                let mut all = Vec::with_capacity(list.len());
                for (index, value) in list.iter().enumerate() {
                    let at = [at, &[Segment::Index(index)]].concat();
                    all.extend(self.render(tree, value, &at, item)?);
                }
                Value::Array(all)
            }
            Value::Object(map) => {
                let mut all = Map::new();
                for (name, value) in map {
                    let at = [at, &[key(name)]].concat();
                    if let Some(value) = self.render(tree, value, &at, item)? {
                        all.insert(name.clone(), value);
                    }
                }
                Value::Object(all)
            }
            plain => plain.clone(),
        }))
    }

    /// The value of a scalar: of its expression where it is only one, of its text otherwise.
    fn eval(&self, tree: &Tree, value: &Value, at: &[Segment], item: &Scope) -> Result<Scope, yaml::Error> {
        let Value::String(text) = value else {
            return Ok(Scope::from(Serde(value)));
        };
        let scope = context! { item => item.clone(), ..Scope::from(Serde(&self.settings)) };
        let only = inside(text).and_then(|text| self.environment.compile_expression(text).ok());
        let result = match only {
            Some(expression) => expression.eval(scope),
            None => self.environment.render_str(text, scope).map(Scope::from),
        };
        result.map_err(|error| {
            tree.error(at, format!("the expression `{}` {}", text.trim(), complaint(&error)))
        })
    }
}

/// A value without the keys that have none.
fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nothing(value)))
            .collect(),
        Value::Array(list) => list.into_iter().map(without_nothing).collect(),
        plain => plain,
    }
}

fn key(name: &str) -> Segment {
    Segment::Key(name.to_owned())
}

/// What stands between the first `{{` and the last `}}` of a scalar that begins and ends with them. Where
/// that compiles, the scalar is only an expression; `{{ a }} {{ b }}` does not.
fn inside(text: &str) -> Option<&str> {
    text.trim().strip_prefix("{{")?.strip_suffix("}}")
}

fn complaint(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("cannot be rendered: {}: {detail}", error.kind()),
        None => format!("cannot be rendered: {}", error.kind()),
    }
}

/// `name | under(folder)`: the name in the folder, or alone where the folder is empty.
fn under(name: &str, folder: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// `folder | everything`: all paths below the folder, for a policy.
fn everything(folder: &str) -> String {
    under("*", folder)
}

/// `value | needed("name")`: the value; where there is none, an error that names the setting.
fn needed(value: &Scope, name: &str) -> Result<Scope, minijinja::Error> {
    if value.is_none() || value.is_undefined() {
        let why = format!("the setting `{name}` is missing");
        return Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, why));
    }
    Ok(value.clone())
}

/// `list | wrapped("path")`: each element as a mapping with that one key.
fn wrapped(list: &Scope, name: &str) -> Result<Vec<Scope>, minijinja::Error> {
    Ok(list.try_iter()?.map(|element| Scope::from_pairs([(name, element)])).collect())
}

/// `mapping | overlaid(other)`: the other's keys laid over it, mappings within mappings likewise.
fn overlaid(base: &Scope, over: &Scope) -> Result<Scope, minijinja::Error> {
    let json = |scope: &Scope| {
        serde_json::to_value(scope)
            .map_err(|error| minijinja::Error::new(minijinja::ErrorKind::BadSerialization, error.to_string()))
    };
    let mut base = json(base)?;
    merge(&mut base, json(over)?);
    Ok(Scope::from(Serde(&base)))
}

fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            over.into_iter().for_each(|(key, value)| merge(base.entry(key).or_insert(Value::Null), value));
        }
        (base, over) => *base = over,
    }
}
