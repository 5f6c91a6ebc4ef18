//! The answer to `--probe`.

use serde_json::json;

/// Whether a tracer can work here, and what would make it.
#[derive(Clone, Debug, Default)]
pub struct Availability {
    pub usable: bool,
    pub reason: Option<String>,
    pub hint: Option<String>,
}

impl Availability {
    /// The JSON object that `--probe` prints; `extra` is shown as the tracer's mode.
    pub fn to_json(&self, version: &str, mode: Option<&str>) -> String {
        json!({
            "report": 1, "version": version, "usable": self.usable, "reason": self.reason, "hint": self.hint, "mode": mode,
        })
        .to_string()
    }
}
