import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/** What a client was given, as a line of JSON. */
final class Say {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Say() {}

    static void event(String type, String data, String id) throws JsonProcessingException {
        System.out.println(JSON.writeValueAsString(Map.of("kind", "event", "type", type, "data", data, "id", id)));
    }
}
