//! What people write is read as they meant it, or refused with its place and a way out.

mod bad_input;
mod scenario_reading;
mod scenario_schema;
mod shipped;
