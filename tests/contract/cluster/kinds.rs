//! Definitions of new kinds: establishment, discovery, schemas.

use std::sync::Arc;

use sealstrap::remote::Cause;
use serde_json::{Value, json};

use super::{APPLY, JSON, OURS, Side, Statement, reference, sentences};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

pub(super) fn statements() -> Vec<Statement<Side>> {
    sentences![
        "A kind is known, and its objects are taken, once its definition is established" => a_kind_is_known,
        "An established definition has accepted names, stored versions and two conditions" => established,
        "Discovery lists a new kind with its plural, verbs and status" => discovery,
        "An object that its kind's schema does not admit is refused, with the field" => a_schema,
        "A definition that is wrong is refused, with the field" => a_wrong_definition,
        "A kind goes with its definition" => a_kind_goes,
    ]
}

fn definition(plural: &str, kind: &str, schema: &Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.test.sealstrap.dev")},
        "spec": {
            "group": "test.sealstrap.dev", "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
            "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}}, "schema": {
                "openAPIV3Schema": schema}}],
        },
    })
}

fn anything() -> Value {
    json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

fn object(kind: &str, spec: &Value) -> Value {
    json!({"apiVersion": "test.sealstrap.dev/v1", "kind": kind, "metadata": {"name": "one", "namespace": "default"}, "spec": spec})
}

fn is_established(object: &Value) -> bool {
    let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    conditions.any(|condition| condition["type"] == "Established" && condition["status"] == "True")
}

impl Side {
    /// Applies a definition and waits until objects of it are taken.
    async fn define(&self, definition: &Value, plural: &str) {
        self.admin.apply(definition, OURS).await.unwrap();
        while !is_established(&self.admin.get(&reference(definition)).await.unwrap().unwrap()) {}
        let path = format!("/apis/test.sealstrap.dev/v1/namespaces/default/{plural}");
        while self.quietly("admintoken", "GET", &path, JSON, &Value::Null).await.status != 200 {}
        while !self.lists(plural).await {}
    }

    /// Whether discovery names it.
    async fn lists(&self, plural: &str) -> bool {
        let told = self.quietly("admintoken", "GET", "/apis/test.sealstrap.dev/v1", JSON, &Value::Null).await;
        told.body["resources"].as_array().into_iter().flatten().any(|one| one["name"] == *plural)
    }
}

async fn a_kind_is_known(side: Arc<Side>) {
    let cluster = &side.admin;
    let definition = definition("seals", "Seal", &anything());
    let seal = object("Seal", &json!({"list": ["a", "b"]}));
    assert!(!cluster.knows("test.sealstrap.dev/v1", "Seal").await.unwrap());
    assert_eq!(cluster.get(&reference(&seal)).await.unwrap(), None);
    assert!(matches!(cluster.apply(&seal, OURS).await.unwrap_err().cause, Cause::NotFound(_)));
    cluster.apply(&definition, OURS).await.unwrap();
    while cluster.is_namespaced("test.sealstrap.dev/v1", "Seal").await.unwrap() != Some(true) {}
    while !is_established(&cluster.get(&reference(&definition)).await.unwrap().unwrap()) {}
    let first = loop {
        // A definition is served a moment after it is established.
        match cluster.apply(&seal, OURS).await {
            Ok(object) => break object,
            Err(error) => assert!(matches!(error.cause, Cause::NotFound(_)), "{error:?}"),
        }
    };
    assert_eq!(first["metadata"]["generation"], 1);
    let mut changed = seal.clone();
    changed["spec"]["list"] = json!(["c"]);
    changed["status"] = json!({"dropped": true});
    let second = cluster.apply(&changed, OURS).await.unwrap();
    assert_eq!((&second["metadata"]["generation"], &second["spec"]["list"]), (&json!(2), &json!(["c"])));
    assert_eq!(second.get("status"), None);
    side.read("/apis/test.sealstrap.dev/v1/namespaces/default/seals/one").await;
    side.read("/apis/test.sealstrap.dev/v1/namespaces/default/seals/two").await;
    cluster.delete(&reference(&definition)).await.unwrap();
}

async fn established(side: Arc<Side>) {
    let definition = definition("signets", "Signet", &anything());
    side.define(&definition, "signets").await;
    let told = side.read(&format!("{DEFINITIONS}/signets.test.sealstrap.dev")).await;
    assert_eq!(told.body["status"]["storedVersions"], json!(["v1"]));
    side.admin.delete(&reference(&definition)).await.unwrap();
}

async fn discovery(side: Arc<Side>) {
    let definition = definition("stamps", "Stamp", &anything());
    side.define(&definition, "stamps").await;
    let told = side.quietly("admintoken", "GET", "/apis/test.sealstrap.dev/v1", JSON, &Value::Null).await;
    let mut resources = told.body["resources"].as_array().unwrap().clone();
    resources.retain(|one| one["kind"] == "Stamp");
    for one in &mut resources {
        one.as_object_mut().unwrap().shift_remove("storageVersionHash");
        let verbs = one["verbs"].as_array_mut().unwrap();
        verbs.sort_by_key(ToString::to_string);
    }
    assert_eq!(resources.len(), 2);
    side.seen.note(json!({"asked": "GET /apis/test.sealstrap.dev/v1", "resources": resources}));
    side.admin.delete(&reference(&definition)).await.unwrap();
}

async fn a_schema(side: Arc<Side>) {
    let schema = json!({"type": "object", "properties": {"spec": {
        "type": "object", "required": ["size"], "properties": {
            "size": {"type": "integer", "minimum": 1}, "mode": {"type": "string", "enum": ["wax", "lead"]},
            "name": {"type": "string", "maxLength": 5},
            "tags": {"type": "array", "items": {"type": "string"}}}}}});
    let definition = definition("bullas", "Bulla", &schema);
    side.define(&definition, "bullas").await;
    let all = "/apis/test.sealstrap.dev/v1/namespaces/default/bullas";
    let good = object("Bulla", &json!({"size": 1, "mode": "wax", "tags": ["a"]}));
    side.admin.apply(&good, OURS).await.unwrap();
    side.admin.delete(&reference(&good)).await.unwrap();
    for spec in [
        json!({"mode": "wax"}),
        json!({"size": "large"}),
        json!({"size": 0}),
        json!({"size": 1, "mode": "clay"}),
        json!({"size": 1, "name": "longer"}),
        json!({"size": 1, "tags": [1]}),
        json!({"size": 1, "colour": "red"}),
    ] {
        let wrong = object("Bulla", &spec);
        let path = format!("{all}/one?fieldManager=sealstrap");
        let told = side.ask("PATCH", &path, APPLY, &wrong).await;
        assert!(told.status >= 400, "{spec}: {}", told.body);
        let error = side.admin.apply(&wrong, OURS).await.unwrap_err();
        side.note_error(&error);
    }
    let created = object("Bulla", &json!({"size": 1, "colour": "red"}));
    let told = side.ask("POST", &format!("{all}?fieldManager=sealstrap"), JSON, &created).await;
    assert_eq!(told.body["spec"], json!({"size": 1}), "unknown fields are pruned");
    let told = side
        .ask("POST", &format!("{all}?fieldManager=sealstrap"), JSON, &object("Bulla", &json!({"size": "x"})))
        .await;
    assert_eq!(told.status, 422);
    side.admin.delete(&reference(&definition)).await.unwrap();
}

async fn a_wrong_definition(side: Arc<Side>) {
    let mut misnamed = definition("seals", "Seal", &anything());
    misnamed["metadata"]["name"] = "other.test.sealstrap.dev".into();
    let path = format!("{DEFINITIONS}/other.test.sealstrap.dev?fieldManager=sealstrap");
    assert_eq!(side.ask("PATCH", &path, APPLY, &misnamed).await.status, 422);
}

async fn a_kind_goes(side: Arc<Side>) {
    let definition = definition("bezels", "Bezel", &anything());
    side.define(&definition, "bezels").await;
    side.admin.apply(&object("Bezel", &json!({})), OURS).await.unwrap();
    side.admin.delete(&reference(&definition)).await.unwrap();
    while side.admin.get(&reference(&definition)).await.unwrap().is_some() {}
    while side.lists("bezels").await {}
    let path = "/apis/test.sealstrap.dev/v1/namespaces/default/bezels/one";
    while side.quietly("admintoken", "GET", path, JSON, &Value::Null).await.status != 404 {}
    side.read(path).await;
}
