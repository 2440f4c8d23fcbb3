//! eventsource-client against a hub: eventsource-client URL writes a line of JSON for each event, until it is ended.

use std::{env, time::Duration};

use eventsource_client::{Client, ClientBuilder, ReconnectOptions, SSE};
use futures::StreamExt;
use launchdarkly_sdk_transport::HyperTransport;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = env::args().nth(1).ok_or("no URL")?;
    let transport = HyperTransport::builder().connect_timeout(Duration::from_secs(5)).build_http()?;
    let reconnect = ReconnectOptions::reconnect(true)
        .delay(Duration::from_millis(500))
        .delay_max(Duration::from_secs(2))
        .build();
    let client = ClientBuilder::for_url(&url)?.reconnect(reconnect).build_with_transport(transport);
    let mut stream = client.stream();
    while let Some(item) = stream.next().await {
        match item {
            Ok(SSE::Event(event)) => println!(
                "{}",
                serde_json::json!({"kind": "event", "type": event.event_type, "data": event.data, "id": event.id.unwrap_or_default()})
            ),
            Ok(_) => {}
            // No end: it goes on by itself.
            Err(error) => eprintln!("{error:?}"),
        }
    }
    Ok(())
}
