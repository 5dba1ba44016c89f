//! Gitea with one repository, its own SSH server and an access log.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::port::free_port;
use super::process::Process;

/// A real Gitea.
pub(crate) struct Git {
    /// Its API's base address.
    pub(crate) address: String,
    /// A token that may do everything.
    pub(crate) token: String,
    /// `owner/name`.
    pub(crate) repository: String,
    /// `host:port` of its SSH server.
    pub(crate) ssh: String,
    /// The host's public keys as `known_hosts` lines.
    pub(crate) known_hosts: PathBuf,
    /// The server.
    pub(crate) process: Process,
    dir: PathBuf,
}

impl Git {
    /// Starts it, makes a user, a token and a repository.
    pub(crate) async fn start(dir: PathBuf) -> Self {
        std::fs::create_dir_all(&dir).expect("a folder");
        let (http, ssh) = (free_port(), free_port());
        let ini = dir.join("app.ini");
        std::fs::write(&ini, configuration(&dir, http, ssh)).expect("written");
        let mut command = gitea(&dir);
        command.arg("web");
        let mut process = Process::start("gitea", command, &dir);
        let address = format!("http://127.0.0.1:{http}");
        process.wait_for(&version(&address)).await;
        let token = make_user(&dir);
        let known_hosts = known_hosts(&dir, ssh);
        let git = Self {
            address,
            token,
            repository: "ops/gitops".into(),
            ssh: format!("127.0.0.1:{ssh}"),
            known_hosts,
            process,
            dir,
        };
        let wish = json!({"name": "gitops", "auto_init": true, "default_branch": "main"});
        git.request("POST", "user/repos", Some(wish)).await;
        git
    }

    /// Kills the server.
    pub(crate) fn stop(&mut self) {
        self.process.kill();
    }

    /// Starts it again on the same ports with the same data, and waits until it answers.
    pub(crate) async fn start_again(&mut self) {
        self.process.start_again();
        self.process.wait_for(&version(&self.address)).await;
    }

    /// Any API request with the admin's token, as another tool would make it.
    pub(crate) async fn request(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let url = format!("{}/api/v1/{path}", self.address);
        let mut request = super::http()
            .request(method, url)
            .header("authorization", format!("token {}", self.token))
            .header("user-agent", "another-tool");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let text = request.send().await.expect("an answer").text().await.expect("text");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Requests to the API that changed something, from the access log. What Gitea asks itself, as at each fetch over
    /// SSH, is not among them.
    pub(crate) fn writes(&self) -> usize {
        let verbs = ["\"POST /api/v1/", "\"PUT /api/v1/", "\"PATCH /api/v1/", "\"DELETE /api/v1/"];
        self.count(|line| verbs.iter().any(|verb| line.contains(verb)))
    }

    /// All requests to the API.
    pub(crate) fn requests(&self) -> usize {
        self.count(|line| line.contains(" /api/v1/"))
    }

    fn count(&self, wanted: impl Fn(&str) -> bool) -> usize {
        let log = std::fs::read_to_string(self.dir.join("log/access.log")).unwrap_or_default();
        log.lines().filter(|line| wanted(line)).count()
    }
}

fn version(address: &str) -> String {
    format!("{address}/api/v1/version")
}

fn gitea(dir: &Path) -> Command {
    let mut command = Process::command("gitea");
    command.env("HOME", dir).env("GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT", "true");
    command.env("I_AM_BEING_UNSAFE_RUNNING_AS_ROOT", "true").arg("--config").arg(dir.join("app.ini"));
    command
}

/// Makes the user `ops`, who administers, and gives a token of theirs.
fn make_user(dir: &Path) -> String {
    let user = "admin user create --username ops --password of-the-rig-1 --email ops@example.com --admin";
    run(gitea(dir).args(user.split(' ')).arg("--must-change-password=false"));
    let token = "admin user generate-access-token --username ops --scopes all --raw";
    let said = run(gitea(dir).args(token.split(' ')));
    said.lines().last().unwrap_or_default().trim().to_owned()
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("gitea runs");
    assert!(output.status.success(), "gitea: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn known_hosts(dir: &Path, port: u16) -> PathBuf {
    let mut lines = String::new();
    for entry in std::fs::read_dir(dir.join("data/ssh")).expect("host keys").flatten() {
        if entry.path().extension().is_some_and(|end| end == "pub") {
            let key = std::fs::read_to_string(entry.path()).expect("a public key");
            let key: Vec<&str> = key.split_whitespace().take(2).collect();
            lines.extend(["[127.0.0.1]:", &port.to_string(), " ", &key.join(" "), "\n"]);
        }
    }
    assert!(!lines.is_empty(), "gitea made no host key with a public half");
    let file = dir.join("known_hosts");
    std::fs::write(&file, lines).expect("written");
    file
}

fn configuration(dir: &Path, http: u16, ssh: u16) -> String {
    let (dir, assets) = (dir.display(), super::module("gitea", "code.gitea.io/gitea"));
    let user = std::env::var("USER").unwrap_or_else(|_| "root".into());
    format!(
        "RUN_MODE = prod\nRUN_USER = {user}\nWORK_PATH = {dir}\n\
         [server]\nHTTP_ADDR = 127.0.0.1\nHTTP_PORT = {http}\nROOT_URL = http://127.0.0.1:{http}/\n\
         START_SSH_SERVER = true\nSSH_LISTEN_HOST = 127.0.0.1\nSSH_LISTEN_PORT = {ssh}\nSSH_PORT = {ssh}\nSSH_DOMAIN = 127.0.0.1\n\
         BUILTIN_SSH_SERVER_USER = git\nSTATIC_ROOT_PATH = {}\nOFFLINE_MODE = true\n\
         [database]\nDB_TYPE = sqlite3\nPATH = {dir}/gitea.db\n\
         [security]\nINSTALL_LOCK = true\nSECRET_KEY = only-for-the-rig-only-for-the-rig\n\
         [repository]\nROOT = {dir}/repos\n[webhook]\nALLOWED_HOST_LIST = *\n\
         [log]\nLEVEL = warn\nMODE = console\nROOT_PATH = {dir}/log\nlogger.access.MODE = access\n\
         [log.access]\nMODE = file\nLEVEL = info\nFILE_NAME = access.log\n",
        assets.display()
    )
}
