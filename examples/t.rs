fn main(){ let p=std::env::args().nth(1).unwrap(); if p=="md" {print!("{}",gonogo::scenario::markdown());return;} if p=="schema" {println!("{}",serde_json::to_string_pretty(&gonogo::scenario::json_schema()).unwrap());return;}
 match gonogo::scenario::Scenario::load(std::path::Path::new(&p)) { Ok(s)=>println!("{s:#?}"), Err(e)=>print!("{}", gonogo::reading::render(&e,false)) } }
