//! reqwest-eventsource against a hub: reqwest-eventsource URL writes a line of JSON for each event, until it is ended.

use std::{env, time::Duration};

use futures::StreamExt;
use reqwest_eventsource::{retry::ExponentialBackoff, Event, EventSource};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = env::args().nth(1).ok_or("no URL")?;
    let mut source = EventSource::get(url);
    let pause = Duration::from_millis(500);
    source.set_retry_policy(Box::new(ExponentialBackoff::new(pause, 2., Some(Duration::from_secs(2)), None)));
    while let Some(item) = source.next().await {
        match item {
            Ok(Event::Message(message)) => println!(
                "{}",
                serde_json::json!({"kind": "event", "type": message.event, "data": message.data, "id": message.id})
            ),
            Ok(Event::Open) => {}
            // No end: it goes on by itself, unless it is closed here.
            Err(error) => eprintln!("{error:?}"),
        }
    }
    Ok(())
}
