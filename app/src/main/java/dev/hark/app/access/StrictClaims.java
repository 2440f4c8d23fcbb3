package dev.hark.app.access;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jwt.proc.BadJWTException;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.List;

/**
 * Claims that can be read in one way only. The library takes the last of two members of an object within the claims, where others take the
 * first, and has large times start anew from 0. Stateless.
 */
final class StrictClaims {
    private static final JsonMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** NumericDate (RFC 7519, section 2). */
    private static final List<String> TIMES = List.of("exp", "nbf", "iat");

    /** The end of the year 9999. */
    private static final BigDecimal LATEST = BigDecimal.valueOf(253_402_300_799L);

    private StrictClaims() {}

    /** @throws BadJWTException if {@code payload} says two things at once, or has a time that is none */
    static void require(byte[] payload) throws BadJWTException {
        JsonNode claims;
        try {
            claims = MAPPER.readTree(payload);
        } catch (IOException e) {
            // Not what the message quotes of it.
            throw new BadJWTException("its claims are no JSON that can be read in one way only");
        }
        for (String name : TIMES) {
            JsonNode time = claims.path(name);
            // Compared, and never written out: 1e999999999 has a billion digits.
            if (time.isNumber() && (time.decimalValue().signum() < 0 || time.decimalValue().compareTo(LATEST) > 0)) {
                throw new BadJWTException(name + " is no time, in seconds since 1970");
            }
        }
    }
}
