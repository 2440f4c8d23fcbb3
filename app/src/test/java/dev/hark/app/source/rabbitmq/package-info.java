/** Queues in brokers of the tests' own. */
@NullMarked
package dev.hark.app.source.rabbitmq;

import org.jspecify.annotations.NullMarked;
