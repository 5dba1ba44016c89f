//! The repository, its owner and the App's installation in the form that GitHub publishes for them.

use serde_json::{Value, json};

const API: &str = "https://api.github.com";

/// Links of a repository: the name without `_url`, and what follows its address.
const LINKS: &[(&str, &str)] = &[
    ("archive", "/{archive_format}{/ref}"),
    ("assignees", "/assignees{/user}"),
    ("blobs", "/git/blobs{/sha}"),
    ("branches", "/branches{/branch}"),
    ("collaborators", "/collaborators{/collaborator}"),
    ("comments", "/comments{/number}"),
    ("commits", "/commits{/sha}"),
    ("compare", "/compare/{base}...{head}"),
    ("contents", "/contents/{+path}"),
    ("contributors", "/contributors"),
    ("deployments", "/deployments"),
    ("downloads", "/downloads"),
    ("events", "/events"),
    ("forks", "/forks"),
    ("git_commits", "/git/commits{/sha}"),
    ("git_refs", "/git/refs{/sha}"),
    ("git_tags", "/git/tags{/sha}"),
    ("hooks", "/hooks"),
    ("issue_comment", "/issues/comments{/number}"),
    ("issue_events", "/issues/events{/number}"),
    ("issues", "/issues{/number}"),
    ("keys", "/keys{/key_id}"),
    ("labels", "/labels{/name}"),
    ("languages", "/languages"),
    ("merges", "/merges"),
    ("milestones", "/milestones{/number}"),
    ("notifications", "/notifications{?since,all,participating}"),
    ("pulls", "/pulls{/number}"),
    ("releases", "/releases{/id}"),
    ("stargazers", "/stargazers"),
    ("statuses", "/statuses/{sha}"),
    ("subscribers", "/subscribers"),
    ("subscription", "/subscription"),
    ("tags", "/tags"),
    ("teams", "/teams"),
    ("trees", "/git/trees{/sha}"),
];

const OWNER_LINKS: &[(&str, &str)] = &[
    ("events", "/events{/privacy}"),
    ("followers", "/followers"),
    ("following", "/following{/other_user}"),
    ("gists", "/gists{/gist_id}"),
    ("organizations", "/orgs"),
    ("received_events", "/received_events"),
    ("repos", "/repos"),
    ("starred", "/starred{/owner}{/repo}"),
    ("subscriptions", "/subscriptions"),
];

const NONE: &[&str] = &["description", "homepage", "language", "license", "mirror_url"];
const COUNTS: &[&str] = &[
    "forks",
    "forks_count",
    "stargazers_count",
    "watchers",
    "watchers_count",
    "size",
    "open_issues",
    "open_issues_count",
    "network_count",
    "subscribers_count",
];
const OFF: &[&str] = &["fork", "disabled", "has_pages", "has_discussions"];
const ON: &[&str] = &["has_issues", "has_projects", "has_wiki"];

fn link(object: &mut Value, base: &str, links: &[(&str, &str)]) {
    for (name, rest) in links {
        object[format!("{name}_url")] = format!("{base}{rest}").into();
    }
}

fn owner(login: &str) -> Value {
    let mut owner = json!({
        "login": login, "id": 1, "node_id": "MDEyOk9yZ2FuaXphdGlvbjE=", "gravatar_id": "", "type": "Organization",
        "site_admin": false, "url": format!("{API}/users/{login}"), "html_url": format!("https://github.com/{login}"),
        "avatar_url": "https://avatars.githubusercontent.com/u/1?v=4",
    });
    link(&mut owner, &format!("{API}/users/{login}"), OWNER_LINKS);
    owner
}

/// A private repository `owner/name` as somebody sees it who administers it or does not.
pub(super) fn repository(full_name: &str, admin: bool, archived: bool) -> Value {
    let (login, name) = full_name.split_once('/').unwrap_or((full_name, full_name));
    let made = "2026-01-01T00:00:00Z";
    let mut shown = json!({
        "id": 1, "node_id": "MDEwOlJlcG9zaXRvcnkx", "name": name, "full_name": full_name, "private": true,
        "owner": owner(login), "archived": archived, "default_branch": "main",
        "permissions": {"admin": admin, "maintain": admin, "push": admin, "triage": admin, "pull": true},
        "pushed_at": made, "created_at": made, "updated_at": made, "url": format!("{API}/repos/{full_name}"),
        "git_url": format!("git://github.com/{full_name}.git"), "ssh_url": format!("git@github.com:{full_name}.git"),
        "clone_url": format!("https://github.com/{full_name}.git"), "svn_url": format!("https://github.com/{full_name}"),
        "html_url": format!("https://github.com/{full_name}"),
    });
    for (names, value) in [(NONE, Value::Null), (COUNTS, json!(0)), (OFF, json!(false)), (ON, json!(true))] {
        for name in names {
            shown[*name] = value.clone();
        }
    }
    link(&mut shown, &format!("{API}/repos/{full_name}"), LINKS);
    shown
}

/// The installation of an App on the repository.
pub(super) fn installation(full_name: &str, permissions: &Value) -> Value {
    let login = full_name.split('/').next().unwrap_or_default();
    json!({
        "id": 7, "app_id": 5, "app_slug": "sandbox", "client_id": "Iv1.0000000000000000", "account": owner(login),
        "target_id": 1, "target_type": "Organization", "repository_selection": "selected", "permissions": permissions,
        "access_tokens_url": format!("{API}/app/installations/7/access_tokens"),
        "repositories_url": format!("{API}/installation/repositories"),
        "html_url": format!("https://github.com/organizations/{login}/settings/installations/7"),
        "events": [], "single_file_name": null, "suspended_by": null, "suspended_at": null,
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    })
}
