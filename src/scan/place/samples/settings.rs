//! Files of settings with leaks, by their places.

use super::super::Place;
use super::{Sample, file};

/// Files that programs and Terraform read, and the place of the leaks.
pub(super) const LEAKS: &[(Place, Sample)] = &[
    (
        Place::EnvLiteral,
        file(
            "variables of Compose as words",
            "docker-compose.yaml",
            "services:\n  db:\n    image: postgres\n    environment:\n    - POSTGRES_USER=app\n    - POSTGRES_PASSWORD=Tr0ub4dor·-Kx9vQ7z\n    - \"API_TOKEN=k3J9d·8Xq2LmN0p\"\n",
            &[6, 7],
        ),
    ),
    (
        Place::Variable,
        file(
            "quotes of a shell: escapes, several lines, parts side by side",
            "app.env",
            "DB_PASSWORD=\"hunt\\\"er·2\"\nAPI_PASSWORD=\"correct\nhorse·-battery\"\nexport MAIL_PASSWORD='hunt'\"'\"'er·3'\n",
            &[1, 2, 4],
        ),
    ),
    (
        Place::Variable,
        file("behind a mark of the order of bytes", "app.env", "\u{feff}DB_PASSWORD=hunter·2\n", &[1]),
    ),
    (
        Place::Variable,
        file(
            "properties that go on in the next line",
            "app.properties",
            "server.port=8080\ndb.password=correct-\\\n    horse·-battery\n",
            &[2],
        ),
    ),
    (
        Place::Variable,
        file(
            "TOML: texts over several lines, tables in a line, escapes",
            "app.toml",
            "[a]\npassword = \"\"\"\nhunter·2\n\"\"\"\nsecret_key = \'\'\'c0rrect·-horse\'\'\'\ndb = { user = \"app\", password = \"hunter·3\" }\nmail = { password = \"hunt\\\"er·4\" }\n",
            &[3, 5, 6, 7],
        ),
    ),
    (
        Place::Variable,
        file(
            "Terraform: fields, defaults of variables, what a name stands beside",
            "main.tf",
            "variable \"db_password\" {\n  description = \"of the database\"\n  type = string\n  default = \"hunter·2\"\n}\n\nresource \"helm_release\" \"app\" {\n  name = \"app\"\n  set {\n    name = \"auth.password\"\n    value = \"hunter·3\"\n  }\n}\n\nresource \"aws_db_instance\" \"db\" {\n  password = \"hunter·4\"\n}\n\nresource \"x\" \"vm\" {\n  user_data = <<-EOF\n    export DB_PASSWORD=hunter·5\n  EOF\n}\n",
            &[4, 11, 16, 21],
        ),
    ),
    (
        Place::Variable,
        file(
            "variables of Terraform",
            "prod.tfvars",
            "db = { user = \"app\", password = \"hunter·2\" }\ndb_password = \"hunter·3\"\n",
            &[1, 2],
        ),
    ),
    (
        Place::Field,
        file(
            "JSON with comments",
            "settings.jsonc",
            "// of the tests: {\n{\n  // see https://example.org, \"or\" ask\n  \"url\": \"http://x\", /* {it's} */\n  /* the\n     password: */ \"password\": \"hunter·2\", // {\n  \"dbPassword\": // ours\n    \"hunter·4\",\n  \"b\": /* {x} */ \"v\", \"adminPassword\": \"hunter·5\",\n  \"list\": [\n    // c, d\n    {\"apiKey\": \"k3J9d·8Xq2LmN0p\"},\n  ],\n}\n",
            &[6, 8, 9, 12],
        ),
    ),
];
