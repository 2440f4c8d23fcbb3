package com.example.shop;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Orders 1 to 100, the odd ones Alice's and the even ones Bob's, as long as the process lives. */
@RestController
class Orders {
    private static final List<String> USERS = List.of("bob", "alice");

    private final Map<Integer, Order> orders = IntStream.rangeClosed(1, 100)
            .mapToObj(number -> new Order(number, USERS.get(number % 2), "paid"))
            .collect(Collectors.toMap(Order::order, order -> order, (one, other) -> one, ConcurrentHashMap::new));
    private final Hub hub;

    Orders(Hub hub) {
        this.hub = hub;
    }

    record Order(int order, String user, String state) {
        Order shipped() {
            return new Order(order, user, "shipped");
        }
    }

    /** What the user is told. It has no time of its own: told again, it has to be the same. */
    record Shipped(int order, String text) {}

    @PostMapping("/orders/{number}/ship")
    Order ship(@PathVariable int number) {
        Order shipped = orders.computeIfPresent(number, (key, order) -> order.shipped());
        if (shipped == null) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, "there is no order " + number);
        }
        // The key says what happened, not when it was tried: whoever ships again publishes nothing new.
        hub.publish("users/" + shipped.user() + "/notifications", new Shipped(number, "Order " + number + " is on its way."),
                "order-" + number + "-shipped");
        return shipped;
    }
}
