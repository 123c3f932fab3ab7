//! What people write is read as they meant it, or refused with its place and a way out.

mod bad_input;
mod json_schema;
mod review_schema;
mod scenario_reading;
mod scenario_schema;
mod shipped;
