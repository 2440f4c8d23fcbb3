package dev.hark.app.access;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jwt.proc.BadJWTException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.math.BigDecimal;
import java.util.List;

/**
 * The parts of a token, that can be read in one way only. The library takes the last of two members of an object within the claims, where
 * others take the first, passes over bytes that are no UTF-8, and has large times start anew from 0. Stateless.
 */
final class StrictClaims {
    private static final JsonMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder()
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .disable(JsonFactory.Feature.CHARSET_DETECTION)
                            .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** NumericDate (RFC 7519, section 2). */
    private static final List<String> TIMES = List.of("exp", "nbf", "iat");

    /** The end of the year 9999. */
    private static final BigDecimal LATEST = BigDecimal.valueOf(253_402_300_799L);

    private StrictClaims() {}

    /** @throws BadJWTException if one of them says two things at once, or {@code payload} has a time that is none */
    static void require(byte[] header, byte[] payload) throws BadJWTException {
        read("header is", header);
        JsonNode claims = read("claims are", payload);
        for (String name : TIMES) {
            JsonNode time = claims.path(name);
            // Compared, and never written out: 1e999999999 has a billion digits.
            if (time.isNumber() && (time.decimalValue().signum() < 0 || time.decimalValue().compareTo(LATEST) > 0)) {
                throw new BadJWTException(name + " is no time, in seconds since 1970");
            }
        }
    }

    private static JsonNode read(String part, byte[] json) throws BadJWTException {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
            return MAPPER.readTree(json);
        } catch (IOException | NumberFormatException e) {
            // Also where an exponent has more digits than any. Not what the message quotes of it.
            throw new BadJWTException("its " + part + " no JSON that can be read in one way only");
        }
    }
}
