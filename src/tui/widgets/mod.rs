//! Parts that draw: each takes a frame or a buffer, a rectangle and values, and changes nothing else. All of them accept
//! any rectangle, down to none.

pub mod bar;
pub mod bars;
pub mod bill;
pub mod curve;
pub mod density;
pub mod form;
pub mod heat;
pub mod markdown;
pub mod page;
pub mod plot;
pub mod popup;
pub mod table;
pub mod text;
pub mod timeline;
pub mod volumes;
