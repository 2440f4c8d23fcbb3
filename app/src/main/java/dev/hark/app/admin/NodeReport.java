package dev.hark.app.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hark.log.replicated.Checksum;
import java.io.IOException;
import java.util.Optional;

/**
 * What a node says of itself to operators, and to the other nodes.
 *
 * @param name          the machine and the port of its data listener
 * @param node          what tells its groups from those of others; another one after a restart
 * @param version       of Hark
 * @param started       when, as ISO-8601
 * @param rules         what its rules of topics come to; empty where a version does not say
 * @param epoch         of the log
 * @param position      of the last group that it has applied
 * @param lagGroups     how many groups it has not applied
 * @param lagSeconds    how far it is behind
 * @param checksum      what its replica came to
 * @param streams       how many it serves
 * @param notReady      why it should get no traffic; empty where it should
 * @param notPublishing why nothing can be published there; empty where that works
 * @param server        to which it is connected; empty where it is to none
 * @param serverVersion that server's
 */
record NodeReport(
        String name,
        String node,
        String version,
        String started,
        String rules,
        String epoch,
        long position,
        long lagGroups,
        double lagSeconds,
        Checksum checksum,
        long streams,
        String notReady,
        String notPublishing,
        String server,
        String serverVersion) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As it is sent and shown. */
    ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode()
                .put("name", name)
                .put("node", node)
                .put("version", version)
                .put("started", started)
                .put("rules", rules)
                .put("epoch", epoch)
                .put("position", position)
                .put("lagGroups", lagGroups)
                .put("lagSeconds", lagSeconds);
        json.putObject("checksum").put("position", checksum.position()).put("value", checksum.value());
        return json.put("streams", streams)
                .put("notReady", notReady)
                .put("notPublishing", notPublishing)
                .put("server", server)
                .put("serverVersion", serverVersion);
    }

    /** What {@link #toJson} has written; none where it is something else. */
    static Optional<NodeReport> read(byte[] bytes) {
        try {
            JsonNode json = JSON.readTree(bytes);
            if (!json.path("node").isTextual() || !json.path("name").isTextual()) {
                return Optional.empty();
            }
            JsonNode sum = json.path("checksum");
            return Optional.of(new NodeReport(json.path("name").asText(), json.path("node").asText(), json.path("version").asText(),
                    json.path("started").asText(), json.path("rules").asText(), json.path("epoch").asText(),
                    json.path("position").asLong(), json.path("lagGroups").asLong(), json.path("lagSeconds").asDouble(),
                    new Checksum(sum.path("position").asLong(), sum.path("value").asLong()), json.path("streams").asLong(),
                    json.path("notReady").asText(), json.path("notPublishing").asText(), json.path("server").asText(),
                    json.path("serverVersion").asText()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
