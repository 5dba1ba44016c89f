//! The tasks and runbooks that can be run: the embedded ones, and those of the user's repository over them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::render::Renderer;
use super::task::TaskFile;
use super::{Error, Runbook, Task};
use crate::settings::Settings;
use crate::yaml::{Segment, Tree};

static TASKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tasks");
static RUNBOOKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/bootstrap");

/// The folder of the user's repository that holds tasks and runbooks of its own.
const OWN: &str = ".sealstrap";

/// All tasks and runbooks by name.
pub struct Library {
    tasks: BTreeMap<String, File<TaskFile>>,
    runbooks: BTreeMap<String, File<Runbook>>,
}

struct File<T> {
    tree: Tree,
    content: T,
    own: bool,
}

/// A task or runbook by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its full name.
    pub name: String,
    /// One line on it.
    pub summary: String,
    /// Whether the user's repository has it (and perhaps replaces the embedded one).
    pub own: bool,
}

impl Library {
    /// Embedded files, overlaid by `.sealstrap/tasks` and `.sealstrap/bootstrap` below `root`.
    ///
    /// # Errors
    /// A file that cannot be read, or is no task or runbook; with its place.
    pub fn open(root: &Path) -> Result<Self, Error> {
        Ok(Self { tasks: gather(&TASKS, root, "tasks")?, runbooks: gather(&RUNBOOKS, root, "bootstrap")? })
    }

    /// All tasks, sorted by name.
    #[must_use]
    pub fn tasks(&self) -> Vec<Entry> {
        entries(&self.tasks, |task| &task.summary)
    }

    /// All runbooks, sorted by name.
    #[must_use]
    pub fn runbooks(&self) -> Vec<Entry> {
        entries(&self.runbooks, |runbook| &runbook.summary)
    }

    /// A runbook.
    ///
    /// # Errors
    /// A name that is none.
    pub fn runbook(&self, name: &str) -> Result<Runbook, Error> {
        match self.runbooks.get(name) {
            Some(file) => Ok(file.content.clone()),
            None => Err(unknown("runbook", name, self.runbooks.keys())),
        }
    }

    /// The tasks of a runbook, rendered, in an order that their needs allow.
    ///
    /// # Errors
    /// Names that are none, needs in a circle, expressions and steps that do not hold; with their place.
    pub fn of_runbook(&self, name: &str, settings: &Settings) -> Result<Vec<Task>, Error> {
        self.named(&self.runbook(name)?.tasks, settings)
    }

    /// The named tasks (full name, or last part where it is unique), rendered; a task that stands for a
    /// runbook becomes its tasks.
    ///
    /// # Errors
    /// As [`Library::of_runbook`].
    pub fn named(&self, names: &[String], settings: &Settings) -> Result<Vec<Task>, Error> {
        let mut wanted = Vec::new();
        for name in names {
            let name = self.full_name(name)?;
            match &self.tasks[&name].content.runbook {
                Some(runbook) => {
                    for task in self.runbook(runbook)?.tasks {
                        wanted.push(self.full_name(&task)?);
                    }
                }
                None => wanted.push(name),
            }
        }
        let renderer = Renderer::new(settings);
        self.ordered(&wanted)?.iter().map(|name| self.rendered(name, &renderer)).collect()
    }

    /// The text of a task's or runbook's file and its place below `.sealstrap`, to start an own one from.
    ///
    /// # Errors
    /// A name that is none.
    pub fn text(&self, name: &str) -> Result<(PathBuf, String), Error> {
        if let Some(file) = self.runbooks.get(name) {
            return Ok((Path::new("bootstrap").join(format!("{name}.yaml")), file.tree.text.clone()));
        }
        let name = self.full_name(name)?;
        let place = Path::new("tasks").join(format!("{}.yaml", name.replace(':', "/")));
        Ok((place, self.tasks[&name].tree.text.clone()))
    }

    /// What each of the tasks needs, by full name.
    ///
    /// # Errors
    /// A need that is no task.
    pub fn needs(&self, name: &str) -> Result<Vec<String>, Error> {
        let file = &self.tasks[&self.full_name(name)?];
        file.content.needs.iter().map(|need| self.full_name(need)).collect()
    }

    fn full_name(&self, name: &str) -> Result<String, Error> {
        if self.tasks.contains_key(name) {
            return Ok(name.to_owned());
        }
        let mut fitting = self.tasks.keys().filter(|full| full.rsplit(':').next() == Some(name));
        match (fitting.next(), fitting.next()) {
            (Some(full), None) => Ok(full.clone()),
            (Some(first), Some(second)) => {
                Err(unknown("single task", name, [first, second].into_iter().chain(fitting)))
            }
            (None, _) => Err(unknown("task", name, self.tasks.keys())),
        }
    }

    fn rendered(&self, name: &str, renderer: &Renderer) -> Result<Task, Error> {
        let File { tree, content, .. } = &self.tasks[name];
        Ok(Task {
            name: name.to_owned(),
            summary: content.summary.clone(),
            needs: self.needs(name)?,
            steps: renderer.steps(tree, &content.ensure)?,
        })
    }

    /// The wanted names once each, each after its needs, otherwise in the given order.
    fn ordered(&self, wanted: &[String]) -> Result<Vec<String>, Error> {
        let chosen: BTreeSet<&String> = wanted.iter().collect();
        let mut done = Vec::new();
        for name in wanted {
            self.visit(name, &chosen, &mut Vec::new(), &mut done)?;
        }
        Ok(done)
    }

    fn visit(
        &self,
        name: &String,
        chosen: &BTreeSet<&String>,
        way: &mut Vec<String>,
        done: &mut Vec<String>,
    ) -> Result<(), Error> {
        if done.contains(name) {
            return Ok(());
        }
        if let Some(start) = way.iter().position(|passed| passed == name) {
            return Err(Error::Circle(way[start..].iter().chain([name]).cloned().collect()));
        }
        way.push(name.clone());
        for need in self.needs(name)? {
            self.visit(&need, chosen, way, done)?;
        }
        way.pop();
        if chosen.contains(name) {
            done.push(name.clone());
        }
        Ok(())
    }
}

fn entries<T>(files: &BTreeMap<String, File<T>>, summary: impl Fn(&T) -> &String) -> Vec<Entry> {
    let entry = |(name, file): (&String, &File<T>)| Entry {
        name: name.clone(),
        summary: summary(&file.content).clone(),
        own: file.own,
    };
    files.iter().map(entry).collect()
}

fn unknown<'a>(what: &'static str, name: &str, all: impl Iterator<Item = &'a String>) -> Error {
    let mut known: Vec<String> = all.cloned().collect();
    let short = |full: &str| strsim::normalized_levenshtein(full.rsplit(':').next().unwrap_or(full), name);
    known.sort_by(|a, b| short(b).total_cmp(&short(a)));
    Error::Unknown { what, within: "", name: name.to_owned(), known }
}

fn gather<T: serde::de::DeserializeOwned>(
    embedded: &Dir<'_>,
    root: &Path,
    folder: &str,
) -> Result<BTreeMap<String, File<T>>, Error> {
    let mut texts = BTreeMap::new();
    embedded_texts(embedded, folder, &mut texts);
    let own = root.join(OWN).join(folder);
    if own.is_dir() {
        own_texts(&own, &own, &mut texts)?;
    }
    let read = |(name, (file, text, own)): (String, (PathBuf, String, bool))| {
        let tree = Tree::parse(&file, &text)?;
        let content = tree.typed(&tree.value, &[] as &[Segment])?;
        Ok((name, File { tree, content, own }))
    };
    texts.into_iter().map(read).collect()
}

type Texts = BTreeMap<String, (PathBuf, String, bool)>;

fn embedded_texts(dir: &Dir<'_>, folder: &str, texts: &mut Texts) {
    for file in dir.files() {
        if let (Some(name), Some(text)) = (name_of(file.path()), file.contents_utf8()) {
            texts.insert(name, (Path::new(folder).join(file.path()), text.to_owned(), false));
        }
    }
    dir.dirs().for_each(|dir| embedded_texts(dir, folder, texts));
}

fn own_texts(top: &Path, dir: &Path, texts: &mut Texts) -> Result<(), Error> {
    let complaint = |source| Error::File { file: dir.to_owned(), source };
    for entry in std::fs::read_dir(dir).map_err(complaint)? {
        let path = entry.map_err(complaint)?.path();
        if path.is_dir() {
            own_texts(top, &path, texts)?;
        } else if let Some(name) = path.strip_prefix(top).ok().and_then(name_of) {
            let text = std::fs::read_to_string(&path)
                .map_err(|source| Error::File { file: path.clone(), source })?;
            texts.insert(name, (path, text, true));
        }
    }
    Ok(())
}

/// `k8s/bootstrap/create-namespaces.yaml` is `k8s:bootstrap:create-namespaces`.
fn name_of(path: &Path) -> Option<String> {
    let stem = path.to_str()?.strip_suffix(".yaml")?;
    Some(stem.replace(std::path::MAIN_SEPARATOR, ":"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::bootstrap::step::Step;

    const EXAMPLE: &str = include_str!("../../examples/homelab/sealstrap.yaml");

    fn settings(change: impl FnOnce(&mut serde_json::Value)) -> Settings {
        let mut tree = Tree::parse(Path::new("sealstrap.yaml"), EXAMPLE).unwrap();
        change(&mut tree.value);
        tree.typed(&tree.value, &[]).unwrap()
    }

    fn tasks(settings: &Settings) -> Vec<Task> {
        Library::open(Path::new("/nonexistent")).unwrap().of_runbook("flux-vault", settings).unwrap()
    }

    fn task<'a>(tasks: &'a [Task], name: &str) -> &'a Task {
        tasks.iter().find(|task| task.short_name() == name).unwrap()
    }

    #[test]
    fn the_runbook_renders_with_the_names_of_the_reference_flow() {
        let tasks = tasks(&settings(|_| ()));
        let Step::DeployKey(key) = &task(&tasks, "generate-deploy-key").steps[0] else {
            panic!("a deploy key")
        };
        assert!(
            matches!(&key.keep, crate::bootstrap::key_pair::Keep::Vault(path) if path == "k8s/github-deploy")
        );
        assert_eq!(task(&tasks, "create-namespaces").steps.len(), 4);
        let Step::VaultSecret(token) = &task(&tasks, "generate-webhook-token").steps[0] else {
            panic!("a secret")
        };
        assert_eq!(
            (token.path.as_str(), token.keys.contains_key("token")),
            ("k8s/github-webhook-token", true)
        );
        assert_eq!(task(&tasks, "create-vault-token-secret").steps.len(), 2, "policy and token");
    }

    #[test]
    fn each_task_comes_after_its_needs() {
        let tasks = tasks(&settings(|_| ()));
        for (index, task) in tasks.iter().enumerate() {
            let later: Vec<&String> = tasks[index..].iter().map(|task| &task.name).collect();
            assert!(!task.needs.iter().any(|need| later.contains(&need)), "{} comes too early", task.name);
        }
    }

    #[test]
    fn what_the_settings_leave_out_is_left_out() {
        let tasks = tasks(&settings(|file| {
            file.as_object_mut().unwrap().remove("webhook");
            file.as_object_mut().unwrap().remove("secrets");
            file["vault"].as_object_mut().unwrap().remove("ca");
        }));
        for name in
            ["generate-webhook-token", "add-github-webhook", "store-cf-api-token", "create-vault-ca-secret"]
        {
            assert!(task(&tasks, name).steps.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_login_by_service_account_needs_no_token() {
        let tasks = tasks(&settings(|file| {
            file["externalSecrets"] = serde_json::json!({"login": {"kubernetes": {
                "mount": "homelab", "role": "external-secrets",
                "serviceAccount": "external-secrets", "namespace": "external-secrets"}}});
        }));
        let steps = &task(&tasks, "create-vault-token-secret").steps;
        assert!(matches!(steps.as_slice(), [Step::VaultPolicy(_), Step::VaultKubernetesAuth(_)]));
    }

    #[test]
    fn a_task_is_found_by_the_last_part_of_its_name_and_a_whole_by_its_runbook() {
        let library = Library::open(Path::new("/nonexistent")).unwrap();
        let settings = settings(|_| ());
        let one = library.named(&["helmfile".into()], &settings).unwrap();
        assert_eq!(one[0].name, "k8s:bootstrap:helmfile");
        let whole = library.named(&["k8s:bootstrap:init".into()], &settings).unwrap();
        assert_eq!(whole.len(), library.runbook("flux-vault").unwrap().tasks.len());
    }

    #[test]
    fn an_unknown_task_names_its_nearest() {
        let library = Library::open(Path::new("/nonexistent")).unwrap();
        let Err(Error::Unknown { known, .. }) =
            library.named(&["create-namespace".into()], &settings(|_| ()))
        else {
            panic!("an unknown task")
        };
        assert_eq!(known[0], "k8s:bootstrap:create-namespaces");
    }

    #[test]
    fn an_own_task_replaces_the_embedded_one_and_a_circle_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let tasks = folder.path().join(".sealstrap/tasks");
        std::fs::create_dir_all(&tasks).unwrap();
        std::fs::write(tasks.join("a.yaml"), "summary: a\nneeds: [b]\n").unwrap();
        std::fs::write(tasks.join("b.yaml"), "summary: b\nneeds: [a]\n").unwrap();
        let library = Library::open(folder.path()).unwrap();
        assert!(library.tasks().iter().any(|task| task.name == "a" && task.own));
        let Err(Error::Circle(way)) = library.named(&["a".into()], &settings(|_| ())) else {
            panic!("a circle")
        };
        assert_eq!(way, ["a", "b", "a"]);
    }

    #[test]
    fn a_wrong_field_in_a_step_is_shown_at_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let tasks = folder.path().join(".sealstrap/tasks");
        std::fs::create_dir_all(&tasks).unwrap();
        let text =
            "summary: a\nensure:\n  - namespace:\n      name: \"{{ cluster.name }}\"\n      lables: {}\n";
        std::fs::write(tasks.join("a.yaml"), text).unwrap();
        let library = Library::open(folder.path()).unwrap();
        let Err(Error::Yaml(error)) = library.named(&["a".into()], &settings(|_| ())) else {
            panic!("an error")
        };
        assert_eq!(error.place, Some((5, 7)), "{error}");
        assert!(error.hint.as_deref().unwrap_or_default().contains("labels"), "{error:?}");
    }

    #[test]
    fn an_expression_that_names_nothing_is_shown_at_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let tasks = folder.path().join(".sealstrap/tasks");
        std::fs::create_dir_all(&tasks).unwrap();
        std::fs::write(
            tasks.join("a.yaml"),
            "summary: a\nensure:\n  - namespace: {name: \"{{ cluster.nam }}\"}\n",
        )
        .unwrap();
        let library = Library::open(folder.path()).unwrap();
        let Err(Error::Yaml(error)) = library.named(&["a".into()], &settings(|_| ())) else {
            panic!("an error")
        };
        assert_eq!(error.place.map(|(line, _)| line), Some(3));
    }
}
