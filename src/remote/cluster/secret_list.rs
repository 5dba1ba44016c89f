//! Secrets by their labels, page by page.

use http::Method;
use serde::Deserialize;

use super::object::{PAGE, PageMeta, check_names};
use super::secret::Wire;
use super::wire::{Ask, Deed};
use super::{Cluster, Error, Secret};

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMeta,
    items: Vec<Wire>,
}

impl Cluster {
    /// The Secrets of a namespace that a label selector fits, by name, values included.
    ///
    /// # Errors
    /// A refusal, or an API server that cannot be reached.
    pub async fn secrets(&self, namespace: &str, selector: &str) -> Result<Vec<(String, Secret)>, Error> {
        let action = format!("list Secrets with `{selector}` in `{namespace}`");
        let deed = Deed::new(action, "list", "secrets", Some(namespace));
        check_names(Some(namespace), "any", &deed)?;
        let path = format!("/api/v1/namespaces/{namespace}/secrets");
        let (mut all, mut next) = (Vec::new(), String::new());
        loop {
            let mut query = vec![("labelSelector", selector), ("limit", PAGE)];
            query.extend((!next.is_empty()).then_some(("continue", next.as_str())));
            let page: Page = self.json(Ask::new(Method::GET, &path).query(&query), &deed).await?;
            all.extend(page.items.into_iter().map(Wire::named));
            match page.metadata.next.filter(|next| !next.is_empty()) {
                Some(more) => next = more,
                None => break,
            }
        }
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(all)
    }
}
