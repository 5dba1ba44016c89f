//! Which task needs which, drawn as text, for Graphviz, or for Mermaid.

/// A task and the tasks that must have run before it.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    /// Its full name.
    pub name: &'a str,
    /// Full names.
    pub needs: &'a [String],
}

/// A way to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Each task with its needs, one a line.
    Text,
    /// The language of Graphviz.
    Dot,
    /// The language of Mermaid, which Git hosts show.
    Mermaid,
}

/// Draws the tasks in the order given; needs outside of it are drawn by name.
#[must_use]
pub fn draw(nodes: &[Node<'_>], form: Form) -> String {
    match form {
        Form::Text => text(nodes),
        Form::Dot => dot(nodes),
        Form::Mermaid => mermaid(nodes),
    }
}

fn text(nodes: &[Node<'_>]) -> String {
    let width = nodes.iter().map(|node| node.name.chars().count()).max().unwrap_or(0);
    let line = |node: &Node<'_>| match node.needs {
        [] => format!("{}\n", node.name),
        needs => format!("{:width$}  needs {}\n", node.name, needs.join(", ")),
    };
    nodes.iter().map(line).collect()
}

fn dot(nodes: &[Node<'_>]) -> String {
    let mut drawn = String::from("digraph tasks {\n  rankdir = LR;\n  node [shape = box];\n");
    for node in nodes {
        line(&mut drawn, &format!("  {};", quoted(node.name)));
        for need in node.needs {
            line(&mut drawn, &format!("  {} -> {};", quoted(need), quoted(node.name)));
        }
    }
    drawn + "}\n"
}

fn mermaid(nodes: &[Node<'_>]) -> String {
    let mut names: Vec<&str> = nodes.iter().map(|node| node.name).collect();
    let outside: Vec<&str> = nodes.iter().flat_map(|node| node.needs).map(String::as_str).collect();
    for name in outside {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let id = |name: &str| names.iter().position(|other| *other == name).unwrap_or_default();
    let mut drawn = String::from("flowchart LR\n");
    for name in &names {
        line(&mut drawn, &format!("  t{}[{}]", id(name), quoted(name)));
    }
    for node in nodes {
        for need in node.needs {
            line(&mut drawn, &format!("  t{} --> t{}", id(need), id(node.name)));
        }
    }
    drawn
}

fn line(drawn: &mut String, text: &str) {
    drawn.push_str(text);
    drawn.push('\n');
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "'"))
}

#[cfg(test)]
#[expect(clippy::needless_raw_string_hashes, reason = "snapbox writes them")]
mod tests {
    use super::*;
    use snapbox::{assert_data_eq, str};

    fn drawn(form: Form) -> String {
        let needs = ["k8s:init".to_owned(), "net:up".to_owned()];
        draw(&[Node { name: "k8s:init", needs: &[] }, Node { name: "k8s:flux", needs: &needs }], form)
    }

    #[test]
    fn text_names_the_needs_after_the_task() {
        assert_data_eq!(
            drawn(Form::Text),
            str![[r#"
k8s:init
k8s:flux  needs k8s:init, net:up

"#]]
        );
    }

    #[test]
    fn dot_points_from_the_need_to_the_task() {
        assert_data_eq!(
            drawn(Form::Dot),
            str![[r#"
digraph tasks {
  rankdir = LR;
  node [shape = box];
  "k8s:init";
  "k8s:flux";
  "k8s:init" -> "k8s:flux";
  "net:up" -> "k8s:flux";
}

"#]]
        );
    }

    #[test]
    fn mermaid_names_also_what_is_outside() {
        assert_data_eq!(
            drawn(Form::Mermaid),
            str![[r#"
flowchart LR
  t0["k8s:init"]
  t1["k8s:flux"]
  t2["net:up"]
  t0 --> t1
  t2 --> t1

"#]]
        );
    }
}
