pub struct Law;
