package com.example.shop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpClientErrorException.TooManyRequests;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.server.ResponseStatusException;

/** Publishes at the hub. Thread-safe. */
@Component
class Hub {
    private final RestClient client;

    /** What may pass: no answer, 5xx and 429. Any other refusal is a mistake of ours. */
    private final RetryTemplate retry = new RetryTemplate(RetryPolicy.builder()
            .includes(ResourceAccessException.class, HttpServerErrorException.class, TooManyRequests.class)
            .maxRetries(7).delay(Duration.ofMillis(200)).multiplier(2).jitter(Duration.ofMillis(50)).build());

    Hub(RestClient.Builder builder, @Value("${hub.url}") String url, @Value("${hub.key-file}") Path keyFile) throws IOException {
        String key = Files.readAllLines(keyFile).get(0);
        client = builder.baseUrl(url).defaultHeaders(headers -> headers.setBearerAuth(key)).build();
    }

    /**
     * Publishes exactly once, however often it has to ask: what the hub has already under {@code idempotencyKey}, it does not store again.
     *
     * @param data an object, sent as JSON
     * @throws ResponseStatusException 502, where the hub refuses or stays away
     */
    void publish(String topic, Object data, String idempotencyKey) {
        try {
            retry.execute(() -> client.post().uri("/topics/" + topic)
                    .header("Idempotency-Key", idempotencyKey).contentType(MediaType.APPLICATION_JSON).body(data)
                    .retrieve().toBodilessEntity());
        } catch (RetryException e) {
            throw new ResponseStatusException(HttpStatus.BAD_GATEWAY, "the hub has not taken it", e.getCause());
        }
    }
}
