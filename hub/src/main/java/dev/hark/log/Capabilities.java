package dev.hark.log;

import java.time.Duration;
import java.util.Set;

/**
 * What an engine declares of itself.
 *
 * @param durability what an acknowledgement means, in the word that publishers are told: {@code fsync}, {@code write}, {@code memory}
 * @param has        what it can do beyond what every engine promises
 * @param behind     by how much time this node may be behind another one that gave a client its id: so long is such an id waited for.
 *                   Zero where there is one node
 */
public record Capabilities(String durability, Set<Capability> has, Duration behind) {
    public Capabilities {
        has = Set.copyOf(has);
    }

    /** Of an engine that no other node shares. */
    public static Capabilities of(String durability, Capability... has) {
        return new Capabilities(durability, Set.of(has), Duration.ZERO);
    }

    public boolean has(Capability capability) {
        return has.contains(capability);
    }
}
